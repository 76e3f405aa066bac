"""Gradient boosting: raw scores to the bit, probabilities to the last place, categories as the booster encodes them."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes, load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from leanfn.engines.lean import program
from leanfn.errors import Refusal, RowError
from leanfn.exporters.lean import lowering
from leanfn.exporters.lean.graph import Graph
from tests.parity import lean_answers, prove_lean


@pytest.fixture(scope="module")
def binary():
    return make_classification(200, 6, n_informative=4, random_state=0)


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


@pytest.fixture(scope="module")
def mixed():
    """Categories of text and of numbers, with gaps, between columns of numbers."""
    chooser = np.random.default_rng(0)
    table = pd.DataFrame(
        {
            "age": chooser.normal(50, 10, 300),
            "colour": pd.Categorical(chooser.choice(["red", "green", "blue", "grey", "pink"], 300)),
            "dose": chooser.normal(0, 1, 300),
            "ward": pd.Categorical(chooser.choice([10, 20, 30, 40], 300)),
        }
    )
    table.loc[chooser.random(300) < 0.1, "colour"] = None
    table.loc[chooser.random(300) < 0.1, "age"] = np.nan
    score = 2.0 * table["colour"].isin(["red", "blue"]) + table["ward"].isin([10, 30]) + table["dose"]
    return table, score + chooser.normal(0, 0.1, 300)


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"loss": "exponential"},
        {"init": "zero"},
        {"init": DecisionTreeClassifier(max_depth=2)},
        {"init": RandomForestClassifier(5, max_depth=3), "loss": "exponential"},
        {"init": DummyClassifier(strategy="uniform"), "subsample": 0.7, "max_leaf_nodes": 6},
    ],
)
def test_two_classes_agree(parameters, binary):
    X, y = binary
    model = GradientBoostingClassifier(n_estimators=15, random_state=0, **parameters).fit(X, y)
    certificate = prove_lean(model, X)
    assert certificate.largest < 1e-12
    if not hasattr(parameters.get("init"), "max_depth"):
        assert certificate.methods["decision_function"]["largest_difference"] == 0.0


@pytest.mark.parametrize("initial", [None, "zero", DecisionTreeClassifier(max_depth=2)])
def test_many_classes_agree(initial, iris):
    X, y = iris
    model = GradientBoostingClassifier(n_estimators=8, init=initial, random_state=0).fit(X, y)
    assert prove_lean(model, X).largest < 1e-12


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "huber", "quantile"])
def test_regressions_are_the_same_bits(loss, diabetes):
    X, y = diabetes
    model = GradientBoostingRegressor(n_estimators=15, loss=loss, random_state=0).fit(X, y)
    assert prove_lean(model, X[:100]).largest == 0.0


def test_an_initial_regressor_reads_what_float32_leaves_of_the_row(diabetes):
    X, y = diabetes
    model = GradientBoostingRegressor(n_estimators=5, init=DecisionTreeRegressor(max_depth=3)).fit(X, y)
    assert prove_lean(model, X[:100]).largest == 0.0


def test_a_random_initial_estimator_is_refused(binary):
    X, y = binary
    model = GradientBoostingClassifier(n_estimators=2, init=DummyClassifier(strategy="stratified")).fit(X, y)
    with pytest.raises(Refusal, match="at random"):
        prove_lean(model, X)


def test_an_initial_estimator_that_is_not_carried_is_named_with_its_step(binary):
    X, y = binary

    class Own(LogisticRegression):
        pass

    model = GradientBoostingClassifier(n_estimators=2, init=Own()).fit(X, y)
    with pytest.raises(Refusal, match=r"Own \(step init\)"):
        prove_lean(model, X)


def test_gradient_boosting_has_no_answer_for_a_missing_number(iris):
    X, y = iris
    model = GradientBoostingClassifier(n_estimators=2).fit(X, y)
    graph = Graph("table", ["a", "b", "c", "d"], ["number"] * 4)
    graph.outputs = {"predict": lowering.predict(graph, model, graph.row)["predict"].number}
    run = program.read(json.dumps(graph.document()).encode(), graph.tensors).compile("predict")
    assert run(X[0].tolist()) == model.predict(X[:1])[0]
    with pytest.raises(RowError, match="missing"):
        run([None, 1.0, 1.0, 1.0])


def test_histogram_classes_agree(binary, iris):
    for X, y in (binary, iris):
        model = HistGradientBoostingClassifier(max_iter=10).fit(X, y)
        certificate = prove_lean(model, X)
        assert certificate.largest < 1e-12
        assert certificate.methods["decision_function"]["largest_difference"] == 0.0


@pytest.mark.parametrize(
    ("model", "label"),
    [
        (GradientBoostingClassifier(n_estimators=2, init="zero"), "yes"),
        (HistGradientBoostingClassifier(max_iter=2), "no"),
    ],
)
def test_a_raw_score_of_zero_is_the_second_class_or_in_histograms_the_first(model, label):
    X = np.zeros((40, 1))
    model.fit(X, ["no", "yes"] * 20)
    assert model.decision_function(X[:1]) == 0.0
    assert lean_answers(model, X[:1], "predict") == ([label], [label])


def test_histogram_boosting_sends_missing_numbers_where_it_learnt(binary):
    X, y = binary
    X = np.where(np.random.default_rng(1).random(X.shape) < 0.2, np.nan, X)
    model = HistGradientBoostingClassifier(max_iter=20, learning_rate=0.3).fit(X, y)
    ours, theirs = lean_answers(model, X, "decision_function")
    assert np.ravel(ours).tolist() == np.ravel(theirs).tolist()
    assert prove_lean(model, X).largest < 1e-12


@pytest.mark.parametrize("loss", ["squared_error", "absolute_error", "quantile", "poisson", "gamma"])
def test_histogram_regressions_agree_behind_their_link(loss, diabetes):
    X, y = diabetes
    quantile = 0.3 if loss == "quantile" else None
    model = HistGradientBoostingRegressor(max_iter=15, loss=loss, quantile=quantile).fit(X, y)
    assert prove_lean(model, X[:100]).largest <= (1e-15 if loss in ("poisson", "gamma") else 0.0)


@pytest.mark.parametrize("chosen", ["from_dtype", ["colour", "ward"], [1], [False, True, False, True]])
def test_categories_known_unknown_and_missing_agree(chosen, mixed):
    X, y = mixed
    if chosen == [1]:
        X = X.drop(columns="ward")
    model = HistGradientBoostingRegressor(max_iter=15, categorical_features=chosen).fit(X, y)
    certificate = prove_lean(model, X)
    assert certificate.largest == 0.0
    assert certificate.kinds["unseen category"]["rows"]


def test_nothing_but_categories_agrees(mixed):
    X, y = mixed
    model = HistGradientBoostingClassifier(max_iter=10).fit(X[["colour", "ward"]], y > 1)
    assert prove_lean(model, X[["colour", "ward"]]).largest < 1e-12


def test_categories_may_be_numbers_of_an_array(mixed):
    table, y = mixed
    X = np.c_[table["dose"], table["colour"].cat.codes, table["ward"].astype(float)]
    model = HistGradientBoostingRegressor(max_iter=10, categorical_features=[1, 2]).fit(X, y)
    assert prove_lean(model, X).largest == 0.0


def test_categories_of_many_kinds_are_walked_or_masked_alike():
    chooser = np.random.default_rng(0)
    X = chooser.integers(0, 200, size=(2000, 2)).astype(float)
    y = np.isin(X[:, 0], chooser.permutation(200)[:90]) + X[:, 1] % 7
    model = HistGradientBoostingRegressor(max_iter=20, categorical_features=[0, 1]).fit(X, y)
    assert prove_lean(model, X[:300]).largest == 0.0


def test_infinite_numbers_of_a_step_before_are_compared_as_they_are(binary):
    X, y = binary
    X = X.copy()
    X[::5, 0] = 0.0
    logarithm = FunctionTransformer(np.log)
    with np.errstate(all="ignore"):
        model = make_pipeline(logarithm, HistGradientBoostingClassifier(max_iter=30)).fit(X, y)
        ours, theirs = lean_answers(model, X, "predict_proba")
    assert np.abs(np.subtract(ours, theirs)).max() < 1e-12
