"""The way back from a transformed target, held against inverse_transform and TransformedTargetRegressor."""

import json

import numpy as np
import pytest
import scipy.special
from sklearn.compose import TransformedTargetRegressor
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from leanfn.certificate import difference
from leanfn.engines.lean import program
from leanfn.errors import Refusal, RowError
from leanfn.exporters.lean.graph import Graph
from leanfn.exporters.lean.inverse import inverse
from leanfn.exporters.lean.lowering import vector
from tests.parity import prove_lean

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2))
TARGETS = np.column_stack([np.exp(X[:, 0]) + 0.1, X[:, 1] * 10, rng.uniform(0.01, 0.99, 60)])
POSITIVE = np.abs(TARGETS) + 0.1
EDGES = [0.0, 1.0, -1.0, 0.5, 1e-7, 1 - 1e-7, 1.0000001, -5.0, 5.0, 40.0, -40.0, 1e30, -1e30]


def back(transformer):
    """The lean engine's inverse_transform of one row."""
    graph = Graph("table", ["a", "b", "c"], ["number"] * 3)
    out = inverse(graph, transformer, vector(graph, transformer, graph.row))
    graph.outputs = {"predict": out.number}
    return program.read(json.dumps(graph.document()).encode(), graph.tensors).compile("predict")


SHARES = FunctionTransformer(scipy.special.logit, scipy.special.expit, validate=True, check_inverse=False)
LOGARITHMS = FunctionTransformer(np.log1p, np.expm1, validate=True)


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore:Some values in column")
@pytest.mark.parametrize(
    ("transformer", "targets"),
    [
        (StandardScaler(), TARGETS),
        (StandardScaler(with_mean=False), TARGETS),
        (StandardScaler(with_std=False), TARGETS),
        (MinMaxScaler((-1, 3)), TARGETS),
        (MinMaxScaler(clip=True), TARGETS),
        (MaxAbsScaler(), TARGETS),
        (RobustScaler(), TARGETS),
        (RobustScaler(with_centering=False), TARGETS),
        (RobustScaler(with_scaling=False), TARGETS),
        (PowerTransformer(), TARGETS),
        (PowerTransformer(standardize=False), TARGETS),
        (PowerTransformer("box-cox"), POSITIVE),
        (PowerTransformer("box-cox", standardize=False), POSITIVE),
        (QuantileTransformer(n_quantiles=20), TARGETS),
        (QuantileTransformer(n_quantiles=20, output_distribution="normal"), TARGETS),
        (LOGARITHMS, POSITIVE),
        (SHARES, POSITIVE / 100),
        (FunctionTransformer(), TARGETS),
        (make_pipeline(LOGARITHMS, StandardScaler(), "passthrough"), POSITIVE),
    ],
)
def test_every_inverse_goes_back_as_scikit_learn_does(transformer, targets):
    transformer.fit(targets)
    run = back(transformer)
    forward = transformer.transform(targets)
    rows = [*forward.tolist(), *[[edge, 0.5, 0.5] for edge in EDGES], *[[0.5, 0.5, edge] for edge in EDGES]]
    for row in rows:
        wanted = transformer.inverse_transform(np.array([row]))[0].tolist()
        assert difference(run(row), wanted) < 1e-12, (row, run(row), wanted)


def test_a_prediction_that_is_no_number_is_refused_where_the_function_validates():
    run = back(LOGARITHMS.fit(POSITIVE))
    with pytest.raises(RowError):
        run([None, 1.0, 1.0])


@pytest.mark.parametrize(
    "transformer",
    [
        PCA(),
        FunctionTransformer(np.log1p, lambda rows: np.exp(rows) - 1),
        make_pipeline(StandardScaler(), PCA()),
    ],
)
def test_what_has_no_way_back_here_is_refused(transformer):
    with pytest.raises(Refusal, match=r"no lowering of .*inverse_transform|parameter inverse_func"):
        back(transformer.fit(POSITIVE))


@pytest.mark.parametrize(
    "transformed",
    [
        TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1),
        TransformedTargetRegressor(LinearRegression(), transformer=PowerTransformer()),
        TransformedTargetRegressor(
            LinearRegression(), transformer=QuantileTransformer(n_quantiles=30, output_distribution="normal")
        ),
    ],
)
def test_regressors_of_a_transformed_target(transformed):
    prove_lean(transformed.fit(X, TARGETS[:, 0]), X)
