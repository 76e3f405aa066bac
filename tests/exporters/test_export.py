import json
import shutil

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import leanfn
from leanfn.errors import ExportError, Refusal

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, 1.0, 3.0, 2.0]})


def classifier(y=(0, 1, 0, 1)):
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, list(y))


def export(model, tmp_path, X=ROWS, **options):
    return leanfn.export(model, X, **{"name": "m", "out": tmp_path, **options})


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_model_and_sample_give_the_same_bytes(hearts, heart_folder, tmp_path):
    model, rows = hearts
    again = leanfn.export(
        model,
        rows,
        name="hearts",
        out=tmp_path,
        output="diagnosis",
        labels={1: "heart-disease", 0: "clear"},
        metrics={"accuracy": 0.875},
    )
    assert contents(again.path) == contents(heart_folder)


def test_a_small_artifact_is_small_enough_for_git(heart_folder):
    assert sum(len(data) for data in contents(heart_folder).values()) < 64_000


def test_no_row_of_the_sample_ships_unless_asked_for(hearts, tmp_path):
    model, rows = hearts
    real = {json.dumps(row) for row in rows.astype(object).where(rows.notna(), None).to_dict("records")}
    shipped = leanfn.export(model, rows, name="shuffled", out=tmp_path)
    examples = json.loads((shipped.path / "examples.json").read_text())["rows"][:50]
    assert not {json.dumps({name: row[name] for name in rows}) for row in examples} & real
    shipped = leanfn.export(model, rows, name="real", out=tmp_path, real_examples=True)
    examples = json.loads((shipped.path / "examples.json").read_text())["rows"][:50]
    assert {json.dumps({name: row[name] for name in rows}) for row in examples} <= real


def test_the_signature_says_what_was_tried(hearts, heart_folder):
    fields = {field.name: field for field in leanfn.load(heart_folder).signature.fields}
    assert (fields["age"].low, fields["age"].high, fields["age"].nullable) == (
        hearts[1]["age"].min(),
        hearts[1]["age"].max(),
        True,
    )
    assert fields["cp"].categories == [0, 1, 2, 3] and not fields["cp"].closed


def test_a_field_that_the_model_needs_is_not_nullable(tmp_path):
    fields = export(classifier(), tmp_path).signature.fields
    assert not any(field.nullable for field in fields)


def test_a_regressor_answers_with_numbers_and_takes_no_labels(tmp_path):
    model = LinearRegression().fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, tmp_path, output="price")
    assert artifact.predict({"a": 1.0, "b": 4.0}) == {"price": pytest.approx(1.0)}
    with pytest.raises(ExportError, match="labels are for the classes of one output"):
        export(model, tmp_path, labels={0: "x"})


def test_several_outputs_have_a_name_each(tmp_path):
    model = LinearRegression().fit(ROWS, ROWS * 2)
    artifact = export(model, tmp_path, output=["double a", "double b"])
    assert artifact.predict({"a": 1.0, "b": 4.0}) == {
        "double a": pytest.approx(2.0),
        "double b": pytest.approx(8.0),
    }


def test_an_estimator_without_predict_answers_with_what_it_transforms(tmp_path):
    artifact = export(StandardScaler().fit(ROWS), tmp_path, output="scaled")
    assert artifact.methods == ["transform"]
    assert artifact.predict({"a": 2.5, "b": 2.5}) == {"scaled": [0.0, 0.0]}


@pytest.mark.parametrize(
    ("classes", "told", "names"),
    [
        (["yes", "no"], '"yes"', ["no", "yes"]),
        ([True, False], "true", ["false", "true"]),
        (np.array([7, -3], dtype=np.int32), "7", ["-3", "7"]),
        ([2.0, -1.0], "2", ["-1", "2"]),
    ],
)
def test_classes_of_numpy_become_json_values_in_their_order(classes, told, names, tmp_path):
    upper, lower = classes
    artifact = export(classifier(np.array([lower, upper, lower, upper])), tmp_path)
    answer = artifact.predict({"a": 4.0, "b": 1.0}, probabilities=True)
    assert json.dumps(answer["prediction"]) == told
    assert list(answer["probabilities"]) == names


def test_an_answer_that_is_not_finite_is_null_with_a_warning(tmp_path):
    model = LinearRegression().fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    model.coef_ = np.array([1e308, 1e308])
    answer = export(model, tmp_path).predict({"a": 4.0, "b": 4.0})
    assert answer["prediction"] is None and "not a finite number" in answer["warnings"][0]["detail"]


def test_unnamed_arrays_have_fields_by_their_place(tmp_path):
    model = LinearRegression().fit(ROWS.to_numpy(), [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, tmp_path, ROWS.to_numpy())
    assert artifact.predict([[1.0, 4.0]]) == [artifact.predict({"x0": 1.0, "x1": 4.0})]


def test_the_lean_engine_refuses_by_name_and_step_and_nothing_is_written(tmp_path):
    model = make_pipeline(StandardScaler(), GaussianProcessClassifier(kernel=None)).fit(ROWS, [0, 1, 0, 1])
    model.steps[-1] = ("guess", Unknown().fit(ROWS, [0, 1, 0, 1]))
    with pytest.raises(Refusal, match=r"does not carry Unknown \(step guess\)"):
        export(model, tmp_path, engine="lean")
    assert not list(tmp_path.iterdir())


class Unknown(LogisticRegression):
    """A class that no engine knows: a subclass may answer otherwise."""


def test_a_parameter_that_the_lowering_does_not_know_is_refused_by_name(tmp_path):
    model = LinearRegression().fit(ROWS, [1.0, 2.0, 3.0, 4.0])

    class Later(LinearRegression):
        __module__ = LinearRegression.__module__

        def __init__(self, *, sideways=False):
            super().__init__()
            self.sideways = sideways

    Later.__name__ = "LinearRegression"
    later = Later(sideways=True)
    later.__dict__.update(model.__dict__)
    with pytest.raises(Refusal, match="parameter sideways=True"):
        export(later, tmp_path, engine="lean")


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../x", "/x", "a/b", "a\\b", "-x", "x" * 64, "a\0b", "ä", "a b"]
)
def test_a_name_that_could_be_a_path_is_refused(tmp_path, name):
    with pytest.raises(ExportError, match="is no name for an artifact"):
        export(classifier(), tmp_path, name=name)


@pytest.mark.parametrize("output", ["probabilities", "warnings", "explanation", "", ["a", "a"], []])
def test_a_reserved_or_doubled_output_is_refused(tmp_path, output):
    with pytest.raises(ExportError, match="is no name for the answer"):
        export(classifier(), tmp_path, output=output)


@pytest.mark.parametrize("labels", [{0: "a"}, {0: "a", 1: "a"}, {0: "a", 1: "b", 2: "c"}])
def test_labels_name_the_classes_one_to_one(tmp_path, labels):
    with pytest.raises(ExportError, match="one to one"):
        export(classifier(), tmp_path, labels=labels)


def test_an_artifact_is_replaced_whole_and_a_folder_of_something_else_is_not(tmp_path):
    first = export(classifier(), tmp_path)
    second = export(classifier((1, 0, 1, 0)), tmp_path)
    assert second.path == first.path and second.version != first.version
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    shutil.rmtree(first.path)
    first.path.mkdir()
    (first.path / "thesis.txt").write_text("years of work")
    with pytest.raises(ExportError, match="is no artifact and not empty"):
        export(classifier(), tmp_path)
    assert (first.path / "thesis.txt").read_text() == "years of work"


def test_a_score_is_kept_when_the_true_answers_are_given(tmp_path):
    model = RandomForestRegressor(5, random_state=0).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, tmp_path, y=[1.0, 2.0, 3.0, 4.0])
    assert artifact.manifest.metrics["score"] == pytest.approx(model.score(ROWS, [1.0, 2.0, 3.0, 4.0]))


def test_a_reader_that_meets_the_gap_of_a_replacement_tries_once_more(heart_folder, tmp_path):
    import threading

    folder = tmp_path / "late"
    timer = threading.Timer(0.02, lambda: shutil.copytree(heart_folder, tmp_path / "new").rename(folder))
    timer.start()
    assert leanfn.load(folder).name == "hearts"
    timer.join()
