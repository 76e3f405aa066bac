"""Naive Bayes: joint log likelihoods, classes and probabilities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from leanfn.exporters.lean import lowering
from tests.parity import prove_lean

DICE = np.random.default_rng(0)
CLASSES = np.array([0, 1, 2] * 20)
MEASURED = DICE.normal(size=(60, 4)) + CLASSES[:, None] * [1.0, 0.5, 0.0, 2.0]
COUNTS = DICE.poisson(2 + CLASSES[:, None], (60, 5))
LABELS = {
    "three": CLASSES,
    "two": CLASSES > 0,
    "words": np.array(["low", "middle", "high"])[CLASSES],
    "one": np.zeros(60, dtype=int),
}


@pytest.mark.parametrize("labels", ["three", "two", "words"])
@pytest.mark.parametrize(
    "model",
    [GaussianNB(), GaussianNB(priors=[0.2, 0.3, 0.5]), GaussianNB(var_smoothing=1e-2)],
)
def test_gaussian(model, labels):
    if labels == "two" and model.priors is not None:
        model = GaussianNB(priors=[0.4, 0.6])
    prove_lean(model.fit(MEASURED, LABELS[labels]), MEASURED)


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize(
    "model",
    [
        MultinomialNB(),
        MultinomialNB(alpha=0.01, fit_prior=False),
        MultinomialNB(alpha=0.0, force_alpha=True),
        ComplementNB(),
        ComplementNB(norm=True, alpha=0.5),
        BernoulliNB(),
        BernoulliNB(binarize=2.5),
        BernoulliNB(binarize=None),
    ],
)
def test_counts(model, labels):
    counts = np.minimum(COUNTS, 1) if getattr(model, "binarize", 0) is None else COUNTS
    with np.errstate(all="ignore"):
        prove_lean(model.fit(counts, LABELS[labels]), counts)


@pytest.mark.parametrize("labels", ["three", "two", "words"])
@pytest.mark.parametrize("model", [CategoricalNB(), CategoricalNB(alpha=0.1, min_categories=14)])
def test_categories(model, labels):
    certificate = prove_lean(model.fit(COUNTS, LABELS[labels]), COUNTS)
    assert certificate.kinds["extreme"]["refused"]  # a category that no table has


@pytest.mark.parametrize("values", [[[-0.9], [0.9], [1.0]], [[2.9], [-0.0], [0.4]]])
def test_categories_are_cut_to_whole_numbers_as_numpy_cuts_them(values):
    model = CategoricalNB(min_categories=3).fit([[0], [1], [2]], [0, 1, 1])
    prove_lean(model, values)


def test_priors_of_a_classifier_that_learned_in_parts():
    model = GaussianNB()
    for start in range(0, 60, 20):
        model.partial_fit(MEASURED[start : start + 20], CLASSES[start : start + 20], classes=[0, 1, 2, 3])
    with np.errstate(all="ignore"):
        prove_lean(model, MEASURED)


def test_a_column_without_variance():
    rows = np.column_stack([MEASURED, np.ones(60)])
    with np.errstate(all="ignore"):
        prove_lean(GaussianNB(var_smoothing=0.0).fit(rows, CLASSES), rows)
    prove_lean(GaussianNB().fit(rows, CLASSES), rows)


@pytest.mark.parametrize("last", [GaussianNB(), BernoulliNB()])
def test_behind_imputer_scaler_and_one_hot(last, hearts):
    _, table = hearts
    table = table[["age", "chol", "cp", "thal"]].iloc[:60].astype(float)
    table.iloc[3, 0] = np.nan
    columns = ColumnTransformer(
        [
            ("measured", make_pipeline(SimpleImputer(), StandardScaler()), ["age", "chol"]),
            ("codes", OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["cp", "thal"]),
        ]
    )
    prove_lean(make_pipeline(columns, last).fit(table, CLASSES), table)


def test_behind_what_makes_its_input_whole():
    words = np.array([["a", "x"], ["b", "y"], ["c", "x"]] * 20, dtype=object)
    prove_lean(make_pipeline(OrdinalEncoder(), CategoricalNB()).fit(words, CLASSES), words)
    prove_lean(make_pipeline(OneHotEncoder(), MultinomialNB()).fit(words, CLASSES), words)
    prove_lean(make_pipeline(MinMaxScaler(), ComplementNB()).fit(MEASURED, CLASSES), MEASURED)


@pytest.mark.parametrize(
    "model",
    [
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9, 1e-3]}, cv=2),
        CalibratedClassifierCV(GaussianNB(), cv=2),
        CalibratedClassifierCV(MultinomialNB(), cv=2, method="isotonic"),
    ],
)
def test_inside_a_search_or_a_calibration(model):
    if type(model).__name__ not in lowering.carried():
        pytest.skip(f"no lowering of {type(model).__name__}")
    prove_lean(model.fit(COUNTS, CLASSES), COUNTS)


@settings(max_examples=12, deadline=None)
@given(
    kind=st.sampled_from([MultinomialNB, ComplementNB, BernoulliNB]),
    alpha=st.floats(1e-9, 10),
    prior=st.booleans(),
    classes=st.integers(2, 4),
    seed=st.integers(0, 99),
)
def test_any_smoothing(kind, alpha, prior, classes, seed):
    dice = np.random.default_rng(seed)
    rows = dice.poisson(1.0, (40, 3)) * dice.choice([1, 1000], 3)
    prove_lean(kind(alpha=alpha, fit_prior=prior).fit(rows, np.arange(40) % classes), rows)
