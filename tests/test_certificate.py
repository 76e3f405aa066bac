import json
import math
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import leanfn
from leanfn import certificate, tensors
from leanfn.certificate import difference, shortfall
from leanfn.digests import sha256_hex
from leanfn.errors import CertificateError


@pytest.mark.parametrize(
    ("found", "wanted", "apart"),
    [
        (1.0, 1.0, 0.0),
        (math.nan, math.nan, 0.0),
        (math.inf, math.inf, 0.0),
        (1.0 + 1e-9, 1.0, 1e-9),
        (1e-15, 0.0, 1e-12),
        ("a", "a", 0.0),
        (1, True, 0.0),
        ([1.0, 2.0], [1.0, 2.0 + 2e-9], 1e-9),
    ],
)
def test_a_difference_is_relative_and_absolute_for_small_numbers(found, wanted, apart):
    assert difference(found, wanted) == pytest.approx(apart, rel=1e-3)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [("a", "b"), (1.0, "1"), (None, 1.0), (math.inf, 1.0), (math.nan, 1.0), ([1.0], [1.0, 1.0])],
)
def test_answers_of_another_kind_are_infinitely_far_apart(found, wanted):
    assert difference(found, wanted) == difference(wanted, found) == math.inf


@given(
    st.recursive(st.floats() | st.text(max_size=3), lambda items: st.lists(items, max_size=3), max_leaves=6)
)
def test_every_answer_is_no_distance_from_itself_even_through_json(answer):
    again = json.loads(json.dumps(certificate.plain(answer), allow_nan=False))
    assert difference(certificate._named(again), certificate._named(certificate.plain(answer))) == 0.0
    assert difference(answer, answer) == 0.0


@pytest.mark.parametrize(
    ("parts", "answer", "link", "apart"),
    [
        ([[1.0, 2.0, 3.0]], 6.0, "identity", 0.0),
        ([[1.0, 2.0], [3.0, -3.0]], [3.0, 0.0], "identity", 0.0),
        ([[1.0, 2.0]], 3.0 * (1 + 1e-9), "identity", 1e-9),
        ([[1e6, -1e6, 1e-3]], 2e-3, "identity", 1e-9),  # a sum is not more exact than its parts
        ([[0.0]], 1e-12, "identity", 1e-9),  # a thousandth counts as one
        ([[0.0, 1.0]], math.e * (1 + 1e-9), "log", 1e-9),
        ([[-1e3]], 0.0, "log", 0.0),
        ([[1e3]], math.inf, "log", 0.0),
        ([[math.inf, 1.0]], math.inf, "identity", 0.0),
        ([[math.inf, -math.inf]], math.nan, "identity", 0.0),
        ([[math.inf]], 1.0, "identity", math.inf),
        ([[1.0]], math.inf, "identity", math.inf),
        ([[1.0]], math.nan, "identity", math.inf),
        ([[1.0], [1.0]], 1.0, "identity", math.inf),
    ],
)
def test_how_far_parts_are_from_adding_up(parts, answer, link, apart):
    assert shortfall(parts, answer, link) == pytest.approx(apart, rel=1e-3)


def test_verify_replays_the_examples_from_the_artifact_alone(heart_folder):
    replayed = leanfn.load(heart_folder).verify()
    assert replayed.rows >= 80 and replayed.largest <= 1e-9
    assert "label flips" in replayed.summary() and "certificate" in repr(replayed)


def test_the_certificate_says_what_was_compared(heart_folder):
    proof = certificate.read(leanfn.load(heart_folder))
    assert set(proof.kinds) >= {
        "sample",
        "shuffled",
        "null",
        "category",
        "unseen category",
        "threshold",
        "extreme",
    }
    assert proof.rows == sum(kind["rows"] for kind in proof.kinds.values())
    assert proof.bound == {"relative": 1e-9, "absolute": 1e-12}


def rewritten(folder, member, change):
    """A member after a change, as the manifest says it is."""
    document = json.loads((folder / member).read_text())
    change(document)
    data = json.dumps(document).encode()
    (folder / member).write_bytes(data)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["members"][member] = {"sha256": sha256_hex(data), "size": len(data)}
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_explanations_are_replayed_too(heart_folder):
    replayed = leanfn.load(heart_folder).verify()
    assert replayed.methods["explain"]["largest_difference"] <= 1e-9
    assert "explanations add up" in replayed.summary()


def test_an_explanation_that_does_not_add_up_is_shown(heart_folder, tmp_path):
    folder = shutil.copytree(heart_folder, tmp_path / "hearts")

    def reach_for_other_arrays(document):
        arrays = document["nodes"][-1]["arrays"]
        arrays["intercept"] = next(
            name
            for name, tensor in tensors.load((folder / "model.safetensors").read_bytes()).items()
            if tensor.shape == (1,) and tensor.dtype == "F64" and name != arrays["intercept"]
        )

    rewritten(folder, "explain.json", reach_for_other_arrays)
    with pytest.raises(
        CertificateError, match="explain differs from the original's decision_function at example 0"
    ):
        leanfn.load(folder).verify()


def test_an_example_that_is_answered_otherwise_is_shown(heart_folder, tmp_path):
    folder = shutil.copytree(heart_folder, tmp_path / "hearts")
    rewritten(
        folder,
        "examples.json",
        lambda document: document["answers"]["predict_proba"].__setitem__(3, [0.25, 0.75]),
    )
    with pytest.raises(
        CertificateError, match=r"predict_proba differs(.|\n)*example 3(.|\n)*wanted: \[0.25, 0.75\]"
    ):
        leanfn.load(folder).verify()
