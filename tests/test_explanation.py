"""What users read: explanations of loaded artifacts."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

import leanfn
from leanfn.errors import ArtifactError, InvalidRows, MethodError
from tests.samples import multiclass, patients, prepared, regression


def total(explanation):
    return explanation["base"] + sum(explanation["contributions"].values())


@pytest.fixture
def export(tmp_path):
    def export(model, X, **options):
        return leanfn.export(model, X, name="m", out=tmp_path, **options)

    return export


def test_an_explanation_of_two_classes_is_about_the_second_by_its_label(heart_folder, patient, hearts):
    artifact = leanfn.load(heart_folder)
    for row in (patient, {**patient, "ca": 3, "thal": 3, "cp": 0, "exang": 1}):
        answer = artifact.predict(row, explain=True)
        told = answer["explanation"]
        assert list(answer) == ["diagnosis", "explanation"]
        assert list(told) == ["of", "method", "base", "contributions"]
        assert (told["of"], told["method"]) == ("heart-disease", "decision_function")
        assert list(told["contributions"]) == list(hearts[1])
        assert total(told) == pytest.approx(artifact.call("decision_function", [row])[0], rel=1e-9)
        assert answer["diagnosis"] == ("heart-disease" if total(told) > 0 else "clear")


def test_every_row_of_a_list_is_explained(heart_folder, patient):
    answers = leanfn.load(heart_folder).predict([patient, {**patient, "age": 40}], explain=True)
    first, second = (answer["explanation"]["contributions"] for answer in answers)
    assert {name for name in first if first[name] != second[name]} == {"age"}


def test_nothing_is_explained_unless_it_is_asked_for(heart_folder, patient):
    assert "explanation" not in leanfn.load(heart_folder).predict(patient, probabilities=True)


def test_of_several_classes_the_predicted_one_is_explained(export):
    X, y = multiclass()
    model = RandomForestClassifier(5, random_state=0).fit(X, y)
    artifact = export(model, X)
    answers = artifact.predict(X.tolist(), probabilities=True, explain=True)
    assert {answer["prediction"] for answer in answers} == set(y)
    for answer in answers:
        told = answer["explanation"]
        assert (told["of"], told["method"]) == (answer["prediction"], "predict_proba")
        assert total(told) == pytest.approx(answer["probabilities"][told["of"]], rel=1e-9)


def test_a_class_is_named_as_the_answer_names_it(export):
    X, y = patients()
    labels = {0: "well", 1: "ill", 2: "very ill"}
    artifact = export(prepared(LogisticRegression()).fit(X, y), X, labels=labels)
    row = X.astype(object).where(X.notna(), None).iloc[1].to_dict()
    answer = artifact.predict(row, explain=True)
    assert answer["explanation"]["of"] == answer["prediction"] in labels.values()


def test_a_prediction_that_is_a_number_is_about_no_class(export):
    X, y = regression()
    answer = export(LinearRegression().fit(X, y), X).answer(X[0].tolist(), explain=True)
    assert list(answer["explanation"]) == ["method", "base", "contributions"]
    assert list(answer["explanation"]["contributions"]) == ["x0", "x1", "x2", "x3"]
    assert total(answer["explanation"]) == pytest.approx(answer["prediction"], rel=1e-9)


def test_the_link_between_the_parts_and_the_answer_is_told(export):
    from sklearn.linear_model import PoissonRegressor

    X, y = regression()
    answer = export(PoissonRegressor().fit(X, y), X).answer(X[0].tolist(), explain=True)
    assert answer["explanation"]["link"] == "log"
    assert math.exp(total(answer["explanation"])) == pytest.approx(answer["prediction"], rel=1e-9)


def test_several_outputs_are_explained_in_a_list(export):
    X, y = regression()
    model = LinearRegression().fit(X, np.c_[y, -y])
    for output in ("both", ["first", "second"]):
        answer = export(model, X, output=output).answer(X[0].tolist(), explain=True)
        first, second = answer["explanation"]
        assert total(first) == pytest.approx(-total(second), rel=1e-9)


def test_a_number_that_json_has_no_word_for_is_null_and_told(export):
    X, y = regression()
    model = LinearRegression().fit(X, y)
    model.coef_ = np.array([1e10, 1.0, 1.0, 1.0])
    answer = export(model, X).answer([1e308, 0.0, 0.0, 0.0], explain=True)
    assert answer["prediction"] is None and answer["explanation"]["contributions"]["x0"] is None
    assert [warning["detail"] for warning in answer["warnings"]].count(leanfn.artifact.NOT_FINITE) == 1
    json.dumps(answer, allow_nan=False)


def test_a_model_without_explanations_says_so(export):
    X, y = multiclass()
    artifact = export(KNeighborsClassifier(3).fit(X, y), X)
    assert artifact.manifest.explains is None
    assert not {"explain.json", "explain.safetensors"} & artifact.manifest.members.keys()
    with pytest.raises(MethodError, match="m has no explanations; linear models and trees have them"):
        artifact.answer(X[0].tolist(), explain=True)
    with pytest.raises(MethodError, match="m has no explain; it has predict"):
        artifact.call("explain", [X[0].tolist()])


def test_another_engine_has_no_explanations(export):
    X, y = regression()
    assert export(LinearRegression().fit(X, y), X, engine="sklearn").manifest.explains is None


def test_a_row_that_is_wrong_is_told_so_before_anything_is_explained(heart_folder, patient):
    with pytest.raises(InvalidRows):
        leanfn.load(heart_folder).predict({**patient, "age": "old"}, explain=True)


def test_with_a_preprocess_hook_the_models_fields_are_explained(hearts, tmp_path, patient):
    source = """
def preprocess(record):
    return {**record, "age": 2026 - record.pop("born")}

def postprocess(answer, record):
    return {**answer, "born": record["born"]}
"""
    (tmp_path / "hooks.py").write_text(source)
    raw = hearts[1].rename(columns={"age": "born"})
    raw["born"] = 2026 - raw["born"]
    artifact = leanfn.export(hearts[0], raw, name="hooked", out=tmp_path, hooks=tmp_path / "hooks.py")
    born = {**patient, "born": 2026 - patient["age"]}
    del born["age"]
    answer = artifact.predict(born, explain=True)
    assert list(answer["explanation"]["contributions"]) == list(hearts[1]) and answer["born"] == 1963
    assert "explanations add up" in artifact.verify().summary()


def test_an_explanation_of_other_fields_than_the_signatures_is_refused(export):
    X, y = regression()
    artifact = export(LinearRegression().fit(X, y), X)
    artifact.manifest.signature["fields"].append(artifact.manifest.signature["fields"][0])
    with pytest.raises(ArtifactError, match="other fields than the signature's"):
        artifact.answer(X[0].tolist(), explain=True)


def test_a_frame_is_explained_row_by_row(export):
    X, y = regression()
    frame = pd.DataFrame(X, columns=list("abcd"))
    artifact = export(LinearRegression().fit(frame, y), frame)
    told = [answer["explanation"] for answer in artifact.predict(frame, explain=True)]
    assert np.mean([each["contributions"]["a"] for each in told]) == pytest.approx(0, abs=1e-9)
    assert told[0]["base"] == pytest.approx(y.mean(), rel=1e-9)
