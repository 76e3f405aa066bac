"""Searches answer as their best estimators do."""

import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import ExportError, Refusal
from tests import samples
from tests.parity import prove_lean

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
