"""Selectors: the columns that scikit-learn keeps, and what RFE predicts from them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
    chi2,
    f_regression,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

from tests.parity import prove_lean

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 5))
BINARY = (X[:, 1] + X[:, 3] > 0).astype(int)
THREE = np.digitize(X[:, 1] + X[:, 3], [-0.5, 0.5])
HOLES = X.copy()
HOLES[::6, 0] = np.nan
HOLES[::7, 1] = np.nan


def importances(model):
    return np.arange(5) / 10


SELECTORS = [
    SelectKBest(k=2),
    SelectPercentile(percentile=60),
    SelectFpr(alpha=0.2),
    SelectFdr(alpha=0.2),
    SelectFwe(alpha=0.2),
    GenericUnivariateSelect(mode="k_best", param=3),
    SelectFromModel(LogisticRegression()),
    SelectFromModel(RandomForestClassifier(5, random_state=0), max_features=2),
    VarianceThreshold(0.8),
    RFE(LogisticRegression(), n_features_to_select=2),
    RFECV(LogisticRegression(), cv=2),
    SequentialFeatureSelector(LogisticRegression(), n_features_to_select=2, cv=2),
]


@pytest.mark.parametrize("selector", SELECTORS)
@pytest.mark.parametrize("y", [BINARY, THREE], ids=["binary", "multiclass"])
def test_selectors_keep_the_columns_that_were_chosen(selector, y):
    assert prove_lean(selector.fit(X, y), X, ["transform"]).methods["transform"]["largest_difference"] == 0.0


@pytest.mark.parametrize("selector", SELECTORS[:1] + SELECTORS[6:9])
def test_selectors_in_front_of_a_classifier(selector):
    frame = pd.DataFrame(X, columns=list("abcde"))
    prove_lean(make_pipeline(selector, LogisticRegression()).fit(frame, BINARY), frame)


def test_selectors_in_front_of_a_regressor():
    y = X @ [1, 0, 2, 0, 0.5]
    for selector in (SelectKBest(f_regression, k=3), SelectFromModel(Lasso(alpha=0.1))):
        prove_lean(make_pipeline(selector, LinearRegression()).fit(X, y), X)


@pytest.mark.parametrize("sparse", [True, False])
def test_one_hot_columns_are_chosen_without_laying_out_the_row(sparse):
    codes = rng.integers(0, 4, (40, 3))
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=sparse)
    prove_lean(make_pipeline(encoder, SelectKBest(chi2, k=5), LogisticRegression()).fit(codes, BINARY), codes)


@pytest.mark.parametrize(
    "selector",
    [
        VarianceThreshold(),
        SelectFromModel(
            HistGradientBoostingClassifier(max_iter=5), threshold=0.1, importance_getter=importances
        ),
        RFE(DecisionTreeClassifier(max_depth=3, random_state=0), n_features_to_select=3),
    ],
)
def test_missing_numbers_pass_where_the_estimator_that_chose_takes_them(selector):
    certificate = prove_lean(selector.fit(HOLES, BINARY), HOLES)
    assert certificate.kinds["null"]["refused"] == 0


def test_missing_numbers_are_refused_in_columns_that_are_not_even_kept():
    certificate = prove_lean(SelectKBest(k=1).fit(X, BINARY), X)
    assert certificate.kinds["null"]["refused"] == certificate.kinds["null"]["rows"]


@pytest.mark.parametrize("y", [BINARY, THREE], ids=["binary", "multiclass"])
def test_elimination_predicts_with_the_estimator_of_what_is_left(y):
    for selector in (RFE(LogisticRegression(), n_features_to_select=2), RFECV(LogisticRegression(), cv=2)):
        certificate = prove_lean(selector.fit(X, y), X)
        assert {"predict", "predict_proba", "decision_function", "transform"} <= set(certificate.methods)


def test_a_selector_inside_a_search():
    model = make_pipeline(SelectKBest(), LogisticRegression())
    prove_lean(GridSearchCV(model, {"selectkbest__k": [1, 3]}, cv=2).fit(X, BINARY), X)
