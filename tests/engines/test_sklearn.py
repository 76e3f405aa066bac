"""The engine alone: what it asks before it unpickles, and how it lays rows out."""

import io
import json

import joblib
import numpy as np
import pytest
from sklearn.dummy import DummyRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier
from sklearn.preprocessing import OneHotEncoder

from leanfn.engines import sklearn
from leanfn.errors import ArtifactError, RowError


def document(**changes):
    column = {"name": "x0", "type": "number", "dtype": "float64", "null": "NaN", "categories": None}
    whole = {
        "columns": [column, {**column, "name": "x1"}],
        "kind": "table",
        "frame": False,
        "requirements": [],
        "module": None,
    }
    return {**whole, **changes}


def load(model, read=None, **changes):
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    members = {"pipeline.joblib": buffer.getvalue(), "model.json": json.dumps(document(**changes)).encode()}
    return sklearn.load(members.__getitem__)


def fitted():
    return LinearRegression().fit(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0]]), [1.0, 2.0, 3.0])


def test_another_version_is_named_beside_the_one_that_is_wanted_before_anything_is_unpickled():
    members = {"model.json": json.dumps(document(requirements=["scikit-learn==0.19.2"])).encode()}
    with pytest.raises(ArtifactError) as raised:
        sklearn.load(members.__getitem__)  # which has no pipeline to unpickle
    first, wanted, found, command = str(raised.value).splitlines()
    assert first == "the pipeline was fitted with another scikit-learn"
    assert wanted == "  wanted: scikit-learn 0.19.2" and found.startswith("  found:  scikit-learn 1.")
    assert command == "Install it: pip install 'scikit-learn==0.19.2'"


def test_what_is_not_installed_is_told():
    with pytest.raises(ArtifactError, match="found:  no-such-library not installed"):
        load(fitted(), requirements=["no-such-library==1.0"])


def test_a_document_of_another_kind_is_refused():
    with pytest.raises(ArtifactError, match=r"model\.json"):
        sklearn.load({"model.json": b'{"nodes": []}'}.__getitem__)


def test_a_row_of_numbers_is_answered_with_plain_python():
    answer = load(fitted())("predict")([1, 2.0])
    assert type(answer) is float and answer == pytest.approx(1.0)


def test_whole_numbers_stay_whole_where_the_sample_has_them():
    column = {"name": "x0", "type": "number", "dtype": "int64", "null": "NaN", "categories": None}
    model = OneHotEncoder(sparse_output=False).fit(np.array([[1], [2]]))
    assert load(model, columns=[column])("transform")([2]) == [0.0, 1.0]


def test_a_sparse_answer_comes_dense():
    column = {"name": "x0", "type": "string", "dtype": "object", "null": None, "categories": None}
    model = OneHotEncoder().fit(np.array([["a"], ["b"]], dtype=object))
    assert load(model, columns=[column])("transform")(["b"]) == [0.0, 1.0]


def test_several_outputs_are_a_list_per_output():
    X = np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [0.0, 1.0]])
    from sklearn.tree import DecisionTreeClassifier

    model = MultiOutputClassifier(DecisionTreeClassifier()).fit(X, [[0, 1], [1, 0], [0, 1], [1, 0]])
    run = load(model)
    assert run("predict")([1.0, 2.0]) == [0, 1]
    assert run("predict_proba")([1.0, 2.0]) == [[1.0, 0.0], [0.0, 1.0]]


def test_what_the_model_raises_is_a_row_without_answer():
    with pytest.raises(RowError, match="no answer for this row"):
        load(Ridge().fit([[1.0, 2.0], [2.0, 3.0]], [1.0, 2.0]))("predict")([None, 1.0])


def test_a_bare_null_is_what_the_sample_had_for_it():
    column = {"name": "value", "type": "string", "dtype": "object", "null": "NaN", "categories": None}
    model = DummyRegressor().fit([[0.0]], [3.0])
    assert load(model, kind="bare", columns=[column])("predict")([None]) == 3.0
