"""A target that was transformed before a regressor learned it comes back by the transformer's inverse."""

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)

from leanfn.errors import Refusal
from tests import samples
from tests.parity import prove_lean

FUNCTIONS = [(None, None), (np.log, np.exp), (np.log1p, np.expm1), (np.sqrt, np.square)]
TRANSFORMERS = [
    StandardScaler(),
    MinMaxScaler(),
    PowerTransformer(),
    QuantileTransformer(n_quantiles=20, output_distribution="normal"),
    make_pipeline(StandardScaler(), MinMaxScaler()),
]


@pytest.mark.filterwarnings("ignore:The provided functions are not strictly inverse")
@pytest.mark.parametrize(("function", "inverse"), FUNCTIONS)
def test_a_target_behind_a_function(function, inverse):
    X, y = samples.regression()
    model = TransformedTargetRegressor(Ridge(), func=function, inverse_func=inverse)
    prove_lean(model.fit(X, y), X)


@pytest.mark.parametrize("transformer", TRANSFORMERS, ids=lambda transformer: str(transformer)[:9])
def test_a_target_behind_a_transformer(transformer):
    X, y = samples.regression()
    forest = RandomForestRegressor(3, random_state=0)
    prove_lean(TransformedTargetRegressor(forest, transformer=transformer).fit(X, y), X)


def test_several_targets():
    X, y = samples.regression()
    model = TransformedTargetRegressor(Ridge(), transformer=StandardScaler())
    prove_lean(model.fit(X, np.column_stack([y, X[:, 0]])), X)


def test_a_target_of_mixed_columns_inside_a_search():
    X, y = samples.patients()
    model = TransformedTargetRegressor(samples.prepared(Ridge()), func=np.log1p, inverse_func=np.expm1)
    prove_lean(GridSearchCV(model, {"regressor__ridge__alpha": [1.0, 2.0]}, cv=2).fit(X, y), X)


def test_a_function_of_ones_own_is_refused_by_its_parameter():
    X, y = samples.regression()
    model = TransformedTargetRegressor(Ridge(), func=lambda y: y + 1, inverse_func=lambda y: y - 1)
    with pytest.raises(Refusal, match=r"FunctionTransformer \(step transformer\): parameter inverse_func="):
        prove_lean(model.fit(X, y), X)


def test_a_transformer_without_a_way_back_is_refused():
    X, y = samples.regression()
    model = TransformedTargetRegressor(Ridge()).fit(X, y)
    model.transformer_ = PolynomialFeatures()
    with pytest.raises(Refusal, match=r"PolynomialFeatures\.inverse_transform"):
        prove_lean(model, X)
