"""Calibrated classifiers: every calibrator, on decisions and on probabilities, in one fit or the mean of several."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import calibration
from sklearn.calibration import CalibratedClassifierCV
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.tree import DecisionTreeClassifier

from tests import samples
from tests.parity import lean_answers, prove_lean

METHODS = ["sigmoid", "isotonic"]
if hasattr(calibration, "_TemperatureScaling"):  # since scikit-learn 1.8
    METHODS.append("temperature")
BASES = {
    "decision": Perceptron(),
    "both": LogisticRegression(max_iter=500),
    "probabilities": DecisionTreeClassifier(max_depth=3),
}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ensemble", [True, False])
@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("data", [samples.binary, samples.multiclass])
def test_every_calibrator_of_every_kind_of_score(method, ensemble, base, data):
    X, y = data()
    model = CalibratedClassifierCV(BASES[base], method=method, ensemble=ensemble, cv=2)
    prove_lean(model.fit(X, y), X)


@pytest.mark.parametrize("method", METHODS)
def test_one_that_was_fitted_before(method):
    frozen = pytest.importorskip("sklearn.frozen")
    X, y = samples.multiclass()
    fitted = frozen.FrozenEstimator(
        RandomForestClassifier(4, max_depth=3, random_state=0).fit(X[:40], y[:40])
    )
    prove_lean(CalibratedClassifierCV(fitted, method=method, cv=2).fit(X[40:], y[40:]), X)


def test_behind_imputing_scaling_and_one_hot_inside_a_search():
    X, y = samples.patients()
    calibrated = CalibratedClassifierCV(samples.prepared(LogisticRegression()), cv=2)
    search = GridSearchCV(calibrated, {"method": ["sigmoid", "isotonic"]}, cv=2)
    prove_lean(search.fit(X, y), X)


def test_the_mean_of_the_folds_is_the_mean_of_their_calibrated_probabilities():
    X, y = samples.binary()
    model = CalibratedClassifierCV(LogisticRegression(max_iter=500), cv=3).fit(X, y)
    folds = [fold.predict_proba(X) for fold in model.calibrated_classifiers_]
    found, _ = lean_answers(model, X, "predict_proba")
    assert np.allclose(found, np.mean(folds, axis=0), rtol=1e-12)


def test_a_fold_that_never_saw_a_class_gives_it_nothing():
    X, y = samples.multiclass()
    model = CalibratedClassifierCV(LogisticRegression(max_iter=500), cv=2).fit(X, y)
    seen = np.isin(y, ["setosa", "virginica"])
    narrow = CalibratedClassifierCV(LogisticRegression(max_iter=500), cv=2).fit(X[seen], y[seen])
    fold = model.calibrated_classifiers_[0]
    fold.estimator = narrow.calibrated_classifiers_[0].estimator
    prove_lean(model, X)


def test_no_calibrator_says_anything_so_all_classes_are_alike():
    X, y = samples.multiclass()
    model = CalibratedClassifierCV(LogisticRegression(max_iter=500), method="isotonic", cv=2).fit(X, y)
    for fold in model.calibrated_classifiers_:
        for calibrator in fold.calibrators:
            calibrator.y_thresholds_ = np.zeros_like(calibrator.y_thresholds_)
            calibrator._build_f(calibrator.X_thresholds_, calibrator.y_thresholds_)
    found, _ = lean_answers(model, X, "predict_proba")
    assert found == [[1 / 3] * 3] * len(X)
    prove_lean(model, X)


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(METHODS),
    st.booleans(),
    st.sampled_from(sorted(BASES)),
    st.integers(2, 4),
    st.integers(0, 2**16),
)
def test_whatever_the_data(method, ensemble, base, classes, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(60, 3))
    y = np.arange(60) % classes
    X[:, 0] += y * draw.random()
    model = CalibratedClassifierCV(BASES[base], method=method, ensemble=ensemble, cv=2).fit(X, y)
    for name in ("predict_proba", "predict"):
        found, wanted = lean_answers(model, X, name)
        assert found == wanted if name == "predict" else np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
