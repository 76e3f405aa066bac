"""Searches answer as their best estimators do; a threshold moves labels and leaves the scores alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.metrics import f1_score, make_scorer
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import ExportError, Refusal
from tests import samples
from tests.parity import lean_answers, prove_lean

C = {"C": [0.1, 1.0]}
SEARCHES = [
    lambda model, grid: GridSearchCV(model, grid, cv=2),
    lambda model, grid: RandomizedSearchCV(model, grid, n_iter=2, cv=2, random_state=0),
    lambda model, grid: HalvingGridSearchCV(model, grid, cv=2, random_state=0),
    lambda model, grid: HalvingRandomSearchCV(model, grid, n_candidates=2, cv=2, random_state=0),
]
logistic = LogisticRegression(max_iter=500)


@pytest.mark.parametrize("search", SEARCHES)
@pytest.mark.parametrize("data", [samples.binary, samples.multiclass])
def test_a_search_is_its_best_estimator(search, data):
    X, y = data()
    prove_lean(search(logistic, C).fit(X, y), X)


def test_a_search_over_a_whole_pipeline_of_mixed_columns():
    X, y = samples.patients()
    search = GridSearchCV(samples.prepared(logistic), {"logisticregression__C": [0.1, 1.0]}, cv=2)
    prove_lean(search.fit(X, y), X)


def test_a_search_of_a_regressor_scores_and_refits_by_whatever_function():
    X, y = samples.regression()
    search = GridSearchCV(
        Ridge(),
        {"alpha": [0.1, 1.0]},
        cv=2,
        scoring=lambda model, X, y: model.score(X, y),
        refit=lambda results: 1,
    )
    prove_lean(search.fit(X, y), X)


def test_a_search_transforms_too():
    X, y = samples.regression()
    search = GridSearchCV(make_pipeline(StandardScaler()), {"standardscaler__with_mean": [True, False]}, cv=2)
    search.set_params(scoring=lambda model, X, y=None: 0.0)
    prove_lean(search.fit(X, y), X, ["transform"])


def test_a_search_that_refitted_nothing_answers_for_no_row():
    X, y = samples.binary()
    with pytest.raises(ExportError, match="answers for no new row"):
        prove_lean(GridSearchCV(logistic, C, cv=2, refit=False).fit(X, y), X)


def test_a_refusal_inside_a_search_is_the_estimators_own():
    X, y = samples.binary()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), OddClassifier()), {"oddclassifier__C": [1.0]}, cv=2
    ).fit(X, y)
    with pytest.raises(Refusal, match="OddClassifier"):
        prove_lean(search, X)


class OddClassifier(LogisticRegression):
    """A class that scikit-learn does not know."""


@pytest.mark.parametrize("method", ["auto", "predict_proba", "decision_function"])
@pytest.mark.parametrize("positive", [None, 0, 1])
@pytest.mark.parametrize("threshold", ["auto", 0.2, 0.9])
def test_a_fixed_threshold(method, positive, threshold):
    X, y = samples.binary()
    model = FixedThresholdClassifier(
        logistic, response_method=method, pos_label=positive, threshold=threshold
    )
    prove_lean(model.fit(X, y), X)


def test_a_threshold_changes_labels_and_not_probabilities():
    X, y = samples.binary()
    model = FixedThresholdClassifier(logistic, threshold=0.95).fit(X, y)
    labels, _ = lean_answers(model, X, "predict")
    shares, _ = lean_answers(model, X, "predict_proba")
    plain = logistic.fit(X, y)
    assert np.allclose(shares, plain.predict_proba(X))
    assert labels != plain.predict(X).tolist()
    assert labels == [int(share[1] >= 0.95) for share in shares]


def test_of_a_classifier_without_probabilities_the_decision_is_taken():
    X, y = samples.binary()
    prove_lean(FixedThresholdClassifier(Perceptron(), threshold=-5.0).fit(X, y), X)


def test_labels_that_are_texts_keep_their_places():
    X, y = samples.binary()
    texts = np.array(["ill", "well"])[y]
    for positive in ("ill", "well"):
        model = FixedThresholdClassifier(logistic, threshold=0.3, pos_label=positive)
        prove_lean(model.fit(X, texts), X)


@pytest.mark.parametrize("method", ["auto", "predict_proba", "decision_function"])
@pytest.mark.parametrize("scoring", ["balanced_accuracy", "f1", make_scorer(f1_score, pos_label=0)])
def test_a_tuned_threshold_takes_the_positive_class_of_its_score(method, scoring):
    X, y = samples.binary()
    model = TunedThresholdClassifierCV(logistic, response_method=method, scoring=scoring, cv=3)
    prove_lean(model.fit(X, y), X)


@settings(max_examples=15, deadline=None)
@given(
    st.floats(-0.5, 1.5),
    st.sampled_from(["predict_proba", "decision_function"]),
    st.sampled_from([None, 0, 1]),
)
def test_any_threshold_decides_as_scikit_learn_does(threshold, method, positive):
    X, y = samples.binary()
    model = FixedThresholdClassifier(
        logistic, threshold=threshold, response_method=method, pos_label=positive
    )
    found, wanted = lean_answers(model.fit(X, y), X, "predict")
    assert found == wanted
