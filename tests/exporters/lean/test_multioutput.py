"""Several targets: one member each, side by side or in a chain."""

from inspect import signature

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeRegressor

from tests import samples
from tests.parity import lean_answers, prove_lean

logistic = LogisticRegression(max_iter=500)
forest = RandomForestClassifier(3, max_depth=3, random_state=0)
CHOOSES = "chain_method" in signature(ClassifierChain).parameters  # since scikit-learn 1.5
RESPONSES = ["predict", "predict_proba", "predict_log_proba", "decision_function"] if CHOOSES else ["predict"]


def chain(passed_on, **parameters):
    chosen = {"chain_method": passed_on} if CHOOSES else {}
    return ClassifierChain(logistic, **chosen, **parameters)


def two_targets():
    X, y = samples.multiclass()
    return X, np.column_stack([y, np.where(X[:, 0] > np.median(X[:, 0]), "long", "short")])


def labels():
    return make_multilabel_classification(40, 4, n_classes=3, random_state=0)


def measures():
    X, y = samples.regression()
    return X, np.column_stack([y, X[:, 0] * y, y**2])


@pytest.mark.parametrize("base", [logistic, forest, Perceptron()], ids=lambda base: str(base)[:9])
@pytest.mark.parametrize("data", [two_targets, labels])
def test_a_classifier_per_target(base, data):
    X, Y = data()
    prove_lean(MultiOutputClassifier(base).fit(X, Y), X)


def test_answers_are_lists_by_row_then_target_then_class():
    X, Y = two_targets()
    model = MultiOutputClassifier(logistic).fit(X, Y)
    labels, _ = lean_answers(model, X, "predict")
    shares, _ = lean_answers(model, X, "predict_proba")
    assert labels[0] == model.predict(X[:1])[0].tolist()
    assert [len(target) for target in shares[0]] == [3, 2]
    assert np.allclose(shares[0][1], model.predict_proba(X[:1])[1][0])


def test_numbers_beside_texts_become_texts_as_numpy_makes_them():
    X, Y = two_targets()
    mixed = np.empty(Y.shape, dtype=object)
    mixed[:, 0] = np.unique(Y[:, 0], return_inverse=True)[1]
    mixed[:, 1] = Y[:, 1]
    model = MultiOutputClassifier(logistic)
    model.fit(X, Y)
    # members fitted on a number and on a text
    model.estimators_[0] = LogisticRegression(max_iter=500).fit(X, mixed[:, 0].astype(int))
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted
    assert {row[0] for row in found} == {"0", "1", "2"}


@pytest.mark.parametrize(
    "base", [Ridge(), RandomForestRegressor(3, random_state=0)], ids=lambda base: str(base)[:9]
)
def test_a_regressor_per_target(base):
    X, Y = measures()
    prove_lean(MultiOutputRegressor(base).fit(X, Y), X)


@pytest.mark.parametrize("passed_on", RESPONSES)
def test_a_chain_passes_on_what_it_was_told_to(passed_on):
    X, Y = labels()
    model = chain(passed_on, cv=2, order=[2, 0, 1])
    prove_lean(model.fit(X, Y), X)


@pytest.mark.parametrize("base", [forest, Perceptron()], ids=lambda base: str(base)[:9])
def test_a_chain_of_any_classifier(base):
    X, Y = labels()
    prove_lean(ClassifierChain(base, order="random", random_state=1).fit(X, Y), X)


def test_a_chain_of_three_classes_predicts_and_has_no_probabilities():
    X, Y = two_targets()
    places = np.column_stack([np.unique(column, return_inverse=True)[1] for column in Y.T])
    model = ClassifierChain(logistic).fit(X, places)
    assert set(prove_lean(model, X, ["predict"]).methods) == {"predict"}


@pytest.mark.parametrize("base", [Ridge(), DecisionTreeRegressor(max_depth=3)])
@pytest.mark.parametrize("cv", [None, 2])
def test_a_chain_of_regressors(base, cv):
    X, Y = measures()
    prove_lean(RegressorChain(base, order=[1, 2, 0], cv=cv).fit(X, Y), X)


def test_a_chain_behind_many_categories_stays_sparse():
    X = np.array([[str(i)] for i in range(270)])
    Y = np.column_stack([np.arange(270) % 2, np.arange(270) % 3 > 0]).astype(int)
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), ClassifierChain(logistic))
    prove_lean(model.fit(X, Y), X[:20])


def test_of_mixed_columns_inside_a_search():
    X, y = samples.patients()
    Y = np.column_stack([y > 0, y > 1]).astype(int)
    for kind in (MultiOutputClassifier, ClassifierChain):
        model = samples.prepared(kind(logistic))
        prove_lean(GridSearchCV(model, {}, cv=2).fit(X, Y), X, ["predict"])


@settings(max_examples=6, deadline=None)
@given(st.permutations([0, 1, 2]), st.sampled_from(RESPONSES), st.integers(0, 2**16))
def test_any_order(order, passed_on, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(40, 3))
    Y = (X @ draw.normal(size=(3, 3)) > 0).astype(int)
    Y[0], Y[1] = 0, 1
    model = chain(passed_on, order=order).fit(X, Y)
    for method in ("predict", "predict_proba", "decision_function"):
        found, wanted = lean_answers(model, X, method)
        assert np.allclose(found, wanted, rtol=1e-9)
