"""Which engine is taken, and that an engine that answers otherwise never is."""

import functools
import io
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn import tensors
from leanfn.engines.lean import engine as lean_engine
from leanfn.errors import CertificateError, ExportError, Refusal
from leanfn.exporters import describe, ladder
from leanfn.exporters.installed import installed_bytes
from leanfn.exporters.ladder import ROW_LIMIT, Climb, Rung, climb
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import Original
from leanfn.exporters.report import show
from leanfn.platforms import AWS
from tests import samples

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, 1.0, 3.0, 2.0]})


def classifier():
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, [0, 1, 0, 1])


def climbed(model, X, asked="auto", **options):
    return climbed_from(Original(model, X), asked, **options)


def climbed_from(original, asked="auto", **options):
    notes = lean.notes(original)
    return climb(original, describe.describe(original, notes), notes, asked, **options)


def refusing(reason):
    def build(original, signature):
        raise Refusal(reason)

    return build


def carrying(**changes):
    """An engine that carries the model as the lean one does, with a change."""

    def build(original, signature):
        yield replace(lean.build(original), **changes)

    return build


def test_the_first_that_proves_itself_is_taken_and_the_rest_not_tried():
    found = climbed(classifier(), ROWS)
    assert (found.taken.engine, found.candidate.engine) == ("lean", "lean")
    assert [rung.tried for rung in found.rungs] == [True, False, False]
    assert found.taken.installed_bytes == 0
    assert found.taken.row_us < 1_000 and found.taken.load_ms < 1_000
    assert found.taken.artifact_bytes == sum(map(len, found.candidate.members.values()))


def test_all_are_compared_when_asked_for():
    found = climbed(classifier(), ROWS, compare=True)
    assert [(rung.engine, rung.carried) for rung in found.rungs] == [
        ("lean", True),
        ("onnx", True),
        ("sklearn", True),
    ]
    lean_, onnx, sklearn = found.rungs
    assert lean_.installed_bytes < onnx.installed_bytes < sklearn.installed_bytes
    assert lean_.row_us < onnx.row_us < sklearn.row_us


def test_what_one_engine_refuses_the_next_carries():
    builds = {"lean": refusing("no lowering of it"), "sklearn": carrying()}
    found = climbed(classifier(), ROWS, builds=builds)
    assert [(rung.engine, rung.reason) for rung in found.rungs[:1]] == [("lean", "no lowering of it")]
    assert found.taken is found.rungs[1]


def measured(**figures):
    """A rung's figures as if they had been measured."""
    return Rung("lean", certificate=object(), **figures)


@pytest.mark.parametrize(
    "figures, drawbacks",
    [
        ({"row_us": ROW_LIMIT}, []),
        ({"row_us": ROW_LIMIT * 2.0}, ["a row takes 10.0 ms, more than 5"]),
        ({"row_us": 1.0, "too_large_for": ("aws",)}, ["too large for aws"]),
    ],
)
def test_a_rung_says_what_speaks_against_it(figures, drawbacks):
    assert measured(**figures).drawbacks == drawbacks


def test_a_slow_engine_is_passed_over_for_a_quick_one():
    rung = Rung("lean", certificate=object(), row_us=9_000.0)
    quick = Rung("onnx", certificate=object(), row_us=20.0)
    assert taken([rung, quick]) is quick


def test_what_is_slow_is_not_even_proved_where_another_is_good():
    builds = {name: ladder.BUILDS[name] for name in ("sklearn", "lean")}
    found = climbed(classifier(), ROWS, builds=builds, row_limit=60.0)
    slow, quick = found.rungs
    assert slow.certificate is None and re.fullmatch(
        r"a row takes .* ms, more than 0.06: not proved", slow.reason
    )
    assert found.taken is quick and quick.engine == "lean"
    stream = io.StringIO()
    show(found, stream)
    assert f"sklearn: {slow.reason}" in stream.getvalue()


def test_where_all_are_slow_they_are_proved_after_all():
    builds = {name: ladder.BUILDS[name] for name in ("lean", "sklearn")}
    found = climbed(classifier(), ROWS, builds=builds, row_limit=0.0)
    assert [rung.carried for rung in found.rungs] == [True, True]
    assert found.taken is found.rungs[0] and not found.errors


def test_what_fits_every_cloud_is_preferred():
    large = Rung("onnx", certificate=object(), row_us=20.0, too_large_for=("aws",))
    fits = Rung("sklearn", certificate=object(), row_us=2_000.0)
    assert taken([large, fits]) is fits


def test_where_all_have_a_drawback_the_first_that_carries_it_is_taken():
    slow = Rung("lean", certificate=object(), row_us=9_000.0)
    large = Rung("sklearn", certificate=object(), row_us=2_000.0, too_large_for=("aws",))
    assert taken([slow, large]) is slow
    assert taken([]) is None


def taken(rungs):
    return ladder.choose([(rung, None) for rung in rungs])[0]


def test_an_engine_that_was_refused_names_the_next():
    for asked, words in (
        ("lean", "The next engine is onnx: leanfn export --engine=onnx"),
        ("onnx", "sklearn"),
    ):
        builds = {**ladder.BUILDS, asked: refusing("not this one")}
        with pytest.raises(Refusal, match=f"not this one\n.*{words}"):
            climbed(classifier(), ROWS, asked, builds=builds).winner()


def test_what_no_engine_carries_is_told_with_every_reason():
    builds = {
        "lean": refusing("too odd"),
        "onnx": refusing("not installed"),
        "sklearn": refusing("a script's class"),
    }
    found = climbed(classifier(), ROWS, builds=builds)
    with pytest.raises(
        ExportError, match="no engine carries the model\n- too odd\n- not installed\n- a script"
    ):
        found.winner()


def test_an_engine_that_is_not_there_is_named():
    with pytest.raises(ExportError, match="no engine 'tensorrt'\n  wanted: auto, lean, onnx, sklearn"):
        climbed(classifier(), ROWS, "tensorrt")


def test_installed_bytes_are_of_a_distribution_and_all_it_needs():
    numpy = installed_bytes(["numpy==9.9"])
    assert numpy > 20_000_000
    assert installed_bytes(["scipy", "numpy"]) > installed_bytes(["scipy"]) - numpy > 40_000_000
    assert installed_bytes([]) == 0 == installed_bytes(["nowhere-to-be-found"])


def test_a_rung_knows_the_clouds_it_is_too_large_for():
    whole = {"requirements": ["scikit-learn", "pandas", "mypy", "onnxruntime", "lightgbm", "hypothesis"]}
    (rung,) = climbed(classifier(), ROWS, builds={"lean": carrying(**whole)}).rungs
    assert (rung.too_large_for == ("aws",)) == (rung.installed_bytes > AWS.unpacked - 2_000_000)
    assert "google" not in rung.too_large_for


def test_the_table_says_what_was_taken_and_why_the_others_were_not():
    builds = {
        "lean": refusing("no lowering of it (step pca)\n  wanted: a\n  found:  b"),
        "sklearn": carrying(),
    }
    stream = io.StringIO()
    show(climbed(classifier(), ROWS, builds=builds), stream)
    head, first, second, *notes = stream.getvalue().splitlines()
    assert head.split("  ")[0] == "engine" and "µs/row" in head
    assert first.split()[:2] == ["lean", "no"] and second.split()[:3] == ["lean", "yes,", "taken"]
    assert notes == ["lean: no lowering of it (step pca)", "  wanted: a", "  found:  b"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_the_same_table():
    stream = Terminal()
    show(climbed(classifier(), ROWS), stream)
    for word in ("engine", "yes, taken", "not tried"):  # in eighty columns
        assert word in stream.getvalue()


def test_nothing_carried_is_a_table_of_noes():
    stream = io.StringIO()
    show(Climb((Rung("lean", reason="no"),), None, None, {"lean": Refusal("no")}), stream)
    assert stream.getvalue().splitlines()[1].split()[:2] == ["lean", "no"]


# Five engines that are broken, one lowering each. The proof must refuse every one of them.


def tampered(change):
    """The lean engine with a change to what was lowered: change(nodes, arrays)."""

    def build(original, signature):
        made = lean.build(original)
        document = json.loads(made.members["model.json"])
        stored = tensors.load(made.members["model.safetensors"])
        arrays = {name: np.array(each.flat).reshape(each.shape) for name, each in stored.items()}
        change(document["nodes"], arrays)
        members = {
            **made.members,
            "model.json": json.dumps(document).encode(),
            "model.safetensors": tensors.dump(
                {
                    name: tensors.Tensor(each.dtype, each.shape, memoryview(arrays[name].ravel()))
                    for name, each in stored.items()
                }
            ),
        }
        yield replace(made, members=members, compile=lean_engine.load(members.__getitem__))

    return build


def node(nodes, op):
    (found,) = [each for each in nodes if each["op"].startswith(op)]
    return found


def a_wrong_link(nodes, arrays):
    """Twice the score goes into the link, as a public converter does with two classes."""
    coef = node(nodes, "linear")["arrays"]
    for name in (coef["coef"], coef["intercept"]):
        arrays[name] = arrays[name] * 2


def a_shifted_one_hot(nodes, arrays):
    slots = node(nodes, "onehot")["arrays"]["to"]
    arrays[slots] = np.roll(arrays[slots], 1)


def a_float32_threshold(nodes, arrays):
    threshold = node(nodes, "trees")["arrays"]["threshold"]
    arrays[threshold] = arrays[threshold].astype(np.float32).astype(np.float64)


def a_swapped_class_order(nodes, arrays):
    node(nodes, "label")["params"]["labels"].reverse()


def a_dropped_imputer(nodes, arrays):
    (imputer,) = [i for i, each in enumerate(nodes) if each["op"].startswith("impute")]
    for each in nodes:
        each["in"] = [nodes[imputer]["in"][0] if i == imputer else i for i in each["in"]]


class Remembering(Original):
    """An original that answers the same question once: every climb of a test of faults asks what the last one did."""

    def __init__(self, model, X):
        super().__init__(model, X)
        self._told = {}

    def ask(self, method, rows):
        key = method, str(rows)
        if key not in self._told:
            self._told[key] = super().ask(method, rows)
        return self._told[key]


@functools.cache
def imputed_and_encoded():
    frame, y = samples.patients()
    return Remembering(samples.prepared(LogisticRegression()).fit(frame, y), frame)


@functools.cache
def forest():
    X, y = samples.binary()
    return Remembering(RandomForestClassifier(10, random_state=0).fit(X, y), X)


@pytest.mark.parametrize(
    "fault, original",
    [
        (a_wrong_link, imputed_and_encoded),
        (a_shifted_one_hot, imputed_and_encoded),
        (a_float32_threshold, forest),
        (a_swapped_class_order, imputed_and_encoded),
        (a_dropped_imputer, imputed_and_encoded),
    ],
)
def test_a_broken_engine_is_refused_at_export(fault, original):
    sound = climbed_from(original(), "lean", builds={"lean": tampered(lambda nodes, arrays: None)})
    assert sound.taken is not None
    broken = climbed_from(original(), "lean", builds={"lean": tampered(fault)})
    assert broken.taken is None
    with pytest.raises(CertificateError, match=r"the lean engine's .* differs from the original's"):
        broken.winner()


def test_a_broken_engine_leaves_the_model_to_the_next():
    builds = {**ladder.BUILDS, "lean": tampered(a_swapped_class_order)}
    found = climbed_from(imputed_and_encoded(), builds=builds)
    assert found.taken.engine == "onnx"
    assert "differs from the original's" in found.rungs[0].reason
