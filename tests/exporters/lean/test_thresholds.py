"""A threshold moves labels and leaves the scores alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import model_selection
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.metrics import f1_score, make_scorer

from tests import samples
from tests.parity import lean_answers, prove_lean

pytest.importorskip("sklearn", minversion="1.5")
FixedThresholdClassifier = model_selection.FixedThresholdClassifier
TunedThresholdClassifierCV = model_selection.TunedThresholdClassifierCV
logistic = LogisticRegression(max_iter=500)


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


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
@pytest.mark.parametrize("positive", [0, 1])
def test_a_score_of_just_the_threshold_is_the_positive_class(method, positive):
    X, y = np.zeros((4, 1)), [0, 1, 0, 1]
    threshold = 0.5 if method == "predict_proba" else 0.0
    model = FixedThresholdClassifier(
        LogisticRegression(fit_intercept=False),
        threshold=threshold,
        response_method=method,
        pos_label=positive,
    ).fit(X, y)
    assert lean_answers(model, X[:1], "predict") == ([positive], [positive])


def test_of_a_classifier_without_probabilities_the_decision_is_taken():
    X, y = samples.binary()
    prove_lean(FixedThresholdClassifier(Perceptron(), threshold=-5.0).fit(X, y), X)


def test_labels_that_are_texts_keep_their_places():
    X, y = samples.binary()
    texts = np.array(["ill", "well"])[y]
    for positive in ("ill", "well"):
        model = FixedThresholdClassifier(logistic, threshold=0.3, pos_label=positive)
        prove_lean(model.fit(X, texts), X)


@pytest.mark.parametrize("method", ["predict_proba", "decision_function"])
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


def test_a_tuned_threshold_of_mixed_columns():
    X, y = samples.patients()
    model = TunedThresholdClassifierCV(samples.prepared(logistic), cv=2)
    prove_lean(model.fit(X, y > 0), X)
