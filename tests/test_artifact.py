import json
import os
import shutil
import subprocess
import sys

import pytest
from sklearn.linear_model import LogisticRegression

import leanfn
from leanfn.errors import ArtifactError, InvalidRows, MethodError, TrustError
from tests.samples import binary


@pytest.fixture
def copy(heart_folder, tmp_path):
    """A copy of the artifact that a test may damage."""
    return shutil.copytree(heart_folder, tmp_path / "hearts")


def change(folder, **changes):
    path = folder / "manifest.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, **changes}))


def test_an_object_gives_an_object_and_a_list_a_list(heart_folder, hearts, patient):
    artifact = leanfn.load(heart_folder)
    assert artifact.predict(patient) == {"diagnosis": "heart-disease"}
    assert artifact.predict([patient]) == [{"diagnosis": "heart-disease"}]
    assert artifact.predict(hearts[1].iloc[:2])[0].keys() == {"diagnosis"}


def test_probabilities_come_by_label_when_asked_for(heart_folder, hearts, patient):
    import pandas as pd

    answer = leanfn.load(heart_folder).predict(patient, probabilities=True)
    clear, disease = hearts[0].predict_proba(pd.DataFrame([patient]).astype(float))[0]
    assert answer["probabilities"] == pytest.approx({"clear": clear, "heart-disease": disease}, rel=1e-9)


def test_methods_answer_as_the_estimators_own(heart_folder, hearts):
    model, rows = hearts
    artifact = leanfn.load(heart_folder)
    records = rows.astype(object).where(rows.notna(), None).to_dict("records")
    assert artifact.methods == ["predict", "predict_proba", "decision_function"]
    assert artifact.call("predict", records) == model.predict(rows).tolist()
    assert artifact.call("decision_function", records) == pytest.approx(
        model.decision_function(rows).tolist(), rel=1e-9
    )


def test_a_suspicious_row_is_answered_with_warnings(heart_folder, patient):
    answer = leanfn.load(heart_folder).predict({**patient, "chol": 23300, "cp": 9})
    assert {warning["pointer"] for warning in answer["warnings"]} == {"/cp", "/chol"}


def test_rows_that_are_wrong_are_told_so_wherever_they_stand(heart_folder, patient):
    artifact = leanfn.load(heart_folder)
    with pytest.raises(InvalidRows) as caught:
        artifact.predict([patient, {**patient, "age": "old"}])
    assert caught.value.problems[0]["pointer"] == "/1/age"
    with pytest.raises(InvalidRows):
        artifact.call("predict", [7])


def test_a_method_it_does_not_carry_is_named_with_those_it_does(heart_folder):
    with pytest.raises(MethodError, match=r"no transform; it has predict, predict_proba, decision_function"):
        leanfn.load(heart_folder).call("transform", [])


def test_it_says_what_it_is(heart_folder):
    artifact = leanfn.load(heart_folder)
    assert (artifact.name, artifact.engine, len(artifact.version)) == ("hearts", "lean", 16)
    assert artifact.path == heart_folder and artifact.version in repr(artifact)
    assert "certificate" in artifact._repr_html_() and artifact.version in artifact._repr_html_()


def test_no_artifact_is_said_plainly(tmp_path):
    with pytest.raises(ArtifactError, match="no artifact at"):
        leanfn.load(tmp_path / "nothing")


@pytest.mark.parametrize("member", ["model.json", "model.safetensors"])
def test_a_damaged_member_is_named_with_what_was_wanted_and_found(copy, patient, member):
    data = bytearray((copy / member).read_bytes())
    data[-1] ^= 1
    (copy / member).write_bytes(data)
    with pytest.raises(
        ArtifactError, match=rf"{member} is not the file(.|\n)*wanted: sha256(.|\n)*found:  sha256"
    ):
        leanfn.load(copy).predict(patient)


def test_a_truncated_member_is_refused_before_it_is_read(copy, patient):
    (copy / "model.json").write_bytes(b"{}")
    with pytest.raises(ArtifactError, match="found:  2 bytes"):
        leanfn.load(copy).predict(patient)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"format": 99}, "wanted: 1\n  found:  99"),
        ({"typo": 1}, "keys that are missing or not of this version: typo"),
        ({"engine": "steam"}, "wanted: steam"),
        ({"members": {"../evil.py": {"sha256": "", "size": 1}}}, "names a member '../evil.py'"),
        ({"members": {"model.json": {"sha256": "", "size": 1 << 60}}}, "at most"),
        ({"members": {"model.json": {"sha256": "", "size": 1, "path": "/etc"}}}, "nothing else"),
        ({"labels": [[0]]}, "does not hold together"),
        ({"explains": {"method": "transform", "link": "identity"}}, "does not hold together"),
        ({"explains": {"method": "decision_function", "link": "magic"}}, "does not hold together"),
        ({"explains": "decision_function"}, "does not hold together"),
        ({"signature": {"kind": "table", "fields": []}}, "signature"),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str) else next(iter(value)),
)
def test_a_manifest_that_this_version_does_not_know_is_refused_by_name(copy, changes, said):
    change(copy, **changes)
    with pytest.raises(ArtifactError, match=said):
        leanfn.load(copy)


def test_a_manifest_of_garbage_is_refused(copy):
    (copy / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(ArtifactError, match="is not a manifest"):
        leanfn.load(copy)


def test_the_version_changes_with_what_decides_the_answers_and_with_nothing_else(copy):
    before = leanfn.load(copy).version
    change(copy, metrics={"accuracy": 1}, made_with={}, name="other")
    assert leanfn.load(copy).version == before
    change(copy, output="answer")
    assert leanfn.load(copy).version != before
    change(copy, output="diagnosis", explains=None)
    assert leanfn.load(copy).version != before


def test_another_artifact_than_the_pinned_one_is_refused(copy):
    digest = leanfn.load(copy).manifest.digest
    assert leanfn.load(copy, digest=digest).version == digest[:16]
    change(copy, output="answer")
    with pytest.raises(ArtifactError, match="is another artifact"):
        leanfn.load(copy, digest=digest)


def test_code_runs_only_where_its_digest_is_trusted(tmp_path, monkeypatch):
    X, y = binary()
    model = LogisticRegression(max_iter=10_000).fit(X, y)
    made = leanfn.export(model, X, name="pickled", out=tmp_path, engine="sklearn")
    row, answer = (
        {f"x{place}": value for place, value in enumerate(X[0].tolist())},
        {"prediction": model.predict(X[:1])[0]},
    )
    assert made.predict(row) == answer
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another machine"))
    with pytest.raises(TrustError, match="leanfn trust"):
        leanfn.load(made.path)
    assert leanfn.load(made.path, digest=made.manifest.digest).predict(row) == answer


@pytest.mark.skipif(sys.platform == "win32", reason="the runtime set is found by its folder's name")
def test_loading_and_answering_imports_nothing_heavy(heart_folder, patient):
    code = (
        "import sys, json; import leanfn; artifact = leanfn.load(sys.argv[1]);"
        "assert artifact.predict(json.loads(sys.argv[2])); print(*sys.modules)"
    )
    command = [sys.executable, "-c", code, os.fspath(heart_folder), json.dumps(patient)]
    seen = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "numpy",
        "pandas",
        "sklearn",
        "joblib",
        "dataclasses",
        "typing",
        "logging",
        "pathlib",
        "hashlib",
        "inspect",
    }
    startup = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not heavy & ({name.partition(".")[0] for name in seen} - set(startup.stdout.split()))
