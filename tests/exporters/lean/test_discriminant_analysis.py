"""Discriminant analysis: classes, decisions, probabilities, and the axes that part the classes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis, QuadraticDiscriminantAnalysis
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import Refusal
from leanfn.exporters.lean import lowering
from tests.parity import lean_answers, prove_lean

DICE = np.random.default_rng(1)
CLASSES = np.array([0, 1, 2] * 20)
ROWS = DICE.normal(size=(60, 4)) @ DICE.normal(size=(4, 4)) + CLASSES[:, None] * [1.0, 0.5, 0.0, 2.0]
LABELS = {"three": CLASSES, "two": CLASSES > 0, "words": np.array(["low", "middle", "high"])[CLASSES]}
CHOICES = ["predict", "predict_proba", "decision_function"]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(
    "model",
    [
        LinearDiscriminantAnalysis(),
        LinearDiscriminantAnalysis(solver="eigen"),
        LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", n_components=1),
        LinearDiscriminantAnalysis(n_components=1, tol=1e-3),
    ],
)
def test_linear(model, labels):
    prove_lean(model.fit(ROWS, LABELS[labels]), ROWS)


def test_linear_without_axes_answers_without_them():
    prove_lean(LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.2).fit(ROWS, CLASSES), ROWS, CHOICES)


def test_of_two_classes_the_probability_is_the_sigmoid_of_the_decision_once():
    model = LinearDiscriminantAnalysis().fit(ROWS, CLASSES > 0)
    found, _ = lean_answers(model, ROWS, "predict_proba")
    decisions, _ = lean_answers(model, ROWS, "decision_function")
    for (_, p), decision in zip(found, decisions):
        assert p == pytest.approx(1 / (1 + np.exp(-decision)), rel=1e-12)


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(
    "model",
    [
        QuadraticDiscriminantAnalysis(),
        QuadraticDiscriminantAnalysis(reg_param=0.3, store_covariance=True),
    ],
)
def test_quadratic(model, labels):
    prove_lean(model.fit(ROWS, LABELS[labels]), ROWS)


def test_quadratic_with_priors():
    prove_lean(QuadraticDiscriminantAnalysis(priors=[0.2, 0.3, 0.5]).fit(ROWS, CLASSES), ROWS)


def test_behind_imputer_and_scaler():
    rows = ROWS.copy()
    rows[::7, 1] = np.nan
    for last in (LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis()):
        prove_lean(make_pipeline(SimpleImputer(), StandardScaler(), last).fit(rows, CLASSES), rows)


def test_its_axes_before_another_classifier():
    model = make_pipeline(LinearDiscriminantAnalysis(n_components=2), LogisticRegression())
    prove_lean(model.fit(ROWS, CLASSES), ROWS)


def test_axes_that_the_solver_does_not_find_are_refused_by_name():
    model = make_pipeline(LinearDiscriminantAnalysis(), LogisticRegression()).fit(ROWS, CLASSES)
    model.steps[0][1].solver = "lsqr"
    with pytest.raises(Refusal, match="solver='lsqr'"):
        prove_lean(model, ROWS)


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(LinearDiscriminantAnalysis(solver="eigen"), {"shrinkage": [None, 0.5]}, cv=2),
        CalibratedClassifierCV(QuadraticDiscriminantAnalysis(), cv=2),
    ],
    ids=lambda model: type(model).__name__,
)
def test_inside_a_search_or_a_calibration(model):
    if type(model).__name__ not in lowering.carried():
        pytest.skip(f"no lowering of {type(model).__name__}")
    prove_lean(model.fit(ROWS, CLASSES), ROWS)


@settings(max_examples=10, deadline=None)
@given(
    columns=st.integers(1, 5),
    classes=st.integers(2, 4),
    shrinkage=st.sampled_from([None, "auto", 0.1]),
    regular=st.floats(0.0, 0.9),
    seed=st.integers(0, 99),
)
def test_any_shape(columns, classes, shrinkage, regular, seed):
    dice = np.random.default_rng(seed)
    labels = np.arange(60) % classes
    rows = dice.normal(size=(60, columns)) * dice.uniform(0.1, 100, columns) + labels[:, None]
    linear = LinearDiscriminantAnalysis(solver="eigen", shrinkage=shrinkage)
    for model in (linear, QuadraticDiscriminantAnalysis(reg_param=regular)):
        prove_lean(model.fit(rows, labels), rows)
