"""Classifiers of several labels, from scikit-learn through an artifact to the service: what each of them answers."""

import json

import numpy as np
import pytest
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.tree import DecisionTreeClassifier

import leanfn
from handlers.service import Service
from leanfn.http import Request
from tests.handlers.fakes import post, told

X, MARKS = make_multilabel_classification(60, 4, n_classes=3, random_state=0)
WORDS = np.column_stack([np.array(["no", "yes"])[MARKS[:, 0]], np.array(["a", "b", "c"])[MARKS.sum(1) % 3]])
LOGISTIC = LogisticRegression(max_iter=500)
FOREST = RandomForestClassifier(5, max_depth=3, random_state=0)
OF_EACH_OUTPUT = {
    "multi-output": (MultiOutputClassifier(LOGISTIC), MARKS),
    "multi-output, words": (MultiOutputClassifier(LOGISTIC), WORDS),
    "chain": (ClassifierChain(LOGISTIC, order=[2, 0, 1]), MARKS),
    "forest": (FOREST, MARKS),
    "forest, words": (FOREST, WORDS),
    "extra trees": (ExtraTreesClassifier(5, max_depth=3, random_state=0), MARKS),
    "tree": (DecisionTreeClassifier(max_depth=3, random_state=0), WORDS),
    "neighbours": (KNeighborsClassifier(3), MARKS),
}
OF_EACH_LABEL = {
    "one against the rest": (OneVsRestClassifier(LOGISTIC), MARKS),
    "network": (MLPClassifier((4,), max_iter=20, random_state=0), MARKS),
}
ROWS = [dict(zip(("x0", "x1", "x2", "x3"), row)) for row in X[:7].tolist()]
PROBABILITIES = {"probabilities": "true"}

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")


def served(model, Y, folder):
    artifact = leanfn.export(model.fit(X, Y), X, name="several", out=folder, engine="lean")
    return Service(lambda: artifact, {})


def shares_of(model):
    """Per row and output the probability of each class."""
    shares = model.predict_proba(X[:7])
    if isinstance(shares, list):
        return [list(row) for row in zip(*[output.tolist() for output in shares])]
    return [[[1 - share, share] for share in row] for row in shares.tolist()]


@pytest.mark.parametrize(("model", "Y"), OF_EACH_OUTPUT.values(), ids=OF_EACH_OUTPUT)
def test_an_answer_is_a_list_of_labels_and_a_list_of_probabilities_by_class(model, Y, tmp_path):
    service = served(model, Y, tmp_path)
    found = told(service(post(ROWS, query=PROBABILITIES)))
    assert [row["prediction"] for row in found] == model.predict(X[:7]).tolist()
    names = [[str(name) for name in np.unique(column)] for column in Y.T]
    for row, wanted in zip(found, shares_of(model)):
        assert [list(output) for output in row["probabilities"]] == names
        for output, share in zip(row["probabilities"], wanted):
            assert list(output.values()) == pytest.approx(share, rel=1e-9, abs=1e-12)
    assert told(service(post(ROWS[0]))) == {"prediction": found[0]["prediction"]}


@pytest.mark.parametrize(("model", "Y"), OF_EACH_LABEL.values(), ids=OF_EACH_LABEL)
def test_an_answer_is_a_mark_per_label_and_the_probability_that_it_holds(model, Y, tmp_path):
    found = told(served(model, Y, tmp_path)(post(ROWS, query=PROBABILITIES)))
    assert [row["prediction"] for row in found] == model.predict(X[:7]).tolist()
    for row, wanted in zip(found, model.predict_proba(X[:7]).tolist()):
        assert list(row["probabilities"]) == ["0", "1", "2"]
        assert list(row["probabilities"].values()) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("Y", "datatype"), [(MARKS, "INT64"), (WORDS, "BYTES")], ids=["marks", "words"])
def test_the_tensors_of_answers_are_of_the_types_that_were_said(Y, datatype, tmp_path):
    service = served(FOREST, Y, tmp_path)
    tensor = {"name": "rows", "shape": [7, 4], "datatype": "FP64", "data": X[:7].tolist()}
    path = "/v2/models/several"
    found = told(service(post({"inputs": [tensor]}, f"{path}/infer", PROBABILITIES)))["outputs"]
    said = {output["name"]: output for output in told(service(Request("GET", path)))["outputs"]}
    assert [(x["name"], x["datatype"]) for x in found] == [
        ("prediction", datatype),
        ("probabilities", "BYTES"),
    ]
    for output in found:
        assert said[output["name"]]["datatype"] == output["datatype"]
        assert len(said[output["name"]]["shape"]) == len(output["shape"]) == 2
    assert found[0]["data"] == FOREST.predict(X[:7]).ravel().tolist()


def test_bits_of_a_label_are_told_as_json_tells_them(tmp_path):
    service = served(MultiOutputClassifier(LOGISTIC), MARKS > 0, tmp_path)
    body = service(post(ROWS[0])).body
    assert (
        json.loads(body)["prediction"]
        == MultiOutputClassifier(LOGISTIC).fit(X, MARKS > 0).predict(X[:1])[0].tolist()
    )
    assert b"true" in body
