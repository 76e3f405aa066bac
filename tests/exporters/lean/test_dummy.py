"""The same answer to every row, whatever it holds."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.model_selection import GridSearchCV

from leanfn.errors import Refusal
from tests import samples
from tests.parity import prove_lean


@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "constant"])
@pytest.mark.parametrize("data", [samples.binary, samples.multiclass, samples.patients])
def test_classifiers_that_do_not_look(strategy, data):
    X, y = data()
    constant = y[0] if strategy == "constant" else None
    certificate = prove_lean(DummyClassifier(strategy=strategy, constant=constant).fit(X, y), X)
    assert all(kind["refused"] == 0 for kind in certificate.kinds.values())


@pytest.mark.parametrize("strategy", ["prior", "most_frequent", "constant"])
def test_several_targets(strategy):
    X, y = samples.multiclass()
    Y = np.column_stack([y, np.roll(y, 1) == "setosa"])
    constant = Y[0] if strategy == "constant" else None
    prove_lean(DummyClassifier(strategy=strategy, constant=constant).fit(X, Y), X)


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_what_draws_at_random_is_refused_by_name(strategy):
    X, y = samples.binary()
    with pytest.raises(Refusal, match=f"parameter strategy='{strategy}'"):
        prove_lean(DummyClassifier(strategy=strategy).fit(X, y), X)


@pytest.mark.parametrize(
    "parameters",
    [
        {"strategy": "mean"},
        {"strategy": "median"},
        {"strategy": "quantile", "quantile": 0.3},
        {"strategy": "constant", "constant": 7},
    ],
    ids=lambda parameters: parameters["strategy"],
)
def test_regressors_that_do_not_look(parameters):
    X, y = samples.regression()
    prove_lean(DummyRegressor(**parameters).fit(X, y), X)
    if parameters["strategy"] != "constant":
        prove_lean(DummyRegressor(**parameters).fit(X, np.column_stack([y, -y])), X)


def test_behind_preparation_and_inside_a_search():
    X, y = samples.patients()
    search = GridSearchCV(samples.prepared(DummyClassifier()), {"dummyclassifier__strategy": ["prior"]}, cv=2)
    prove_lean(search.fit(X, y), X)
