"""Powers, quantiles, bins, polynomials and splines of sklearn.preprocessing, held against scikit-learn row by row."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    OneHotEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    SplineTransformer,
)

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 3)) * [1, 100, 0.01]
X[:, 1] = np.round(X[:, 1], -2)  # many times the same
HOLES = np.where(rng.random(X.shape) < 0.15, np.nan, X)
POSITIVE = np.abs(X) + 0.001
LABELS = (X[:, 0] > 0).astype(int)


def fitted(model, rows, y=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(rows, y) if y is not None else model.fit(rows)


def prove(model, rows, y=None):
    return prove_lean(fitted(model, rows, y), rows)


@pytest.mark.parametrize("standardize", [True, False])
@pytest.mark.parametrize(
    ("method", "rows"), [("yeo-johnson", X), ("yeo-johnson", HOLES), ("box-cox", POSITIVE)]
)
def test_powers(method, rows, standardize):
    prove(PowerTransformer(method, standardize=standardize), rows)
    prove(PowerTransformer(method, standardize=standardize), rows.astype(np.float32))


@pytest.mark.parametrize("power", [0.0, 1e-20, 1e-9, 0.5, 2.0, 2.0 + 2.0**-51, 2.0 - 1e-9, -3.0, 7.0])
def test_powers_near_zero_and_two(power):
    transformer = fitted(PowerTransformer(standardize=False), X)
    if hasattr(transformer, "_yeo_johnson_transform") and 0 < min(abs(power), abs(power - 2)) < 1e-6:
        pytest.skip("this version of scikit-learn itself loses all digits there")
    transformer.lambdas_ = np.full(3, power)
    prove_lean(transformer, X)
    transformer = fitted(PowerTransformer("box-cox", standardize=False), POSITIVE)
    transformer.lambdas_ = np.full(3, power)
    prove_lean(transformer, POSITIVE)


def test_box_cox_refuses_what_is_not_positive():
    certificate = prove(PowerTransformer("box-cox"), POSITIVE)
    assert certificate.kinds["extreme"]["refused"] > 0
    assert certificate.kinds["null"]["refused"] == 0


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
@pytest.mark.parametrize("count", [2, 5, 40])
def test_quantiles_are_the_middle_of_two_interpolations(distribution, count):
    transformer = QuantileTransformer(n_quantiles=count, output_distribution=distribution)
    for rows in (X, HOLES, X.astype(np.float32)):
        prove(transformer, rows)


@pytest.mark.parametrize("distribution", ["uniform", "normal"])
def test_quantiles_at_and_beside_every_quantile(distribution):
    transformer = fitted(QuantileTransformer(n_quantiles=10, output_distribution=distribution), X)
    edges = transformer.quantiles_
    beside = [np.nextafter(edges, end) for end in (-np.inf, np.inf)]
    prove_lean(transformer, np.vstack([edges, *beside, edges - 1e-7, edges + 1e-7, edges - 1, edges + 1]))


def test_a_constant_column_has_a_quantile_too():
    prove(QuantileTransformer(n_quantiles=5), np.column_stack([X, np.full(40, 3.0)]))


@pytest.mark.parametrize("encode", ["onehot", "onehot-dense", "ordinal"])
@pytest.mark.parametrize("strategy", ["uniform", "quantile", "kmeans"])
@pytest.mark.parametrize("dtype", [None, np.float64, np.float32])
def test_bins(encode, strategy, dtype):
    prove(KBinsDiscretizer([3, 2, 5], encode=encode, strategy=strategy, dtype=dtype), X)


@pytest.mark.parametrize("dtype", [None, np.float32])
def test_bins_at_and_beside_every_edge_and_outside(dtype):
    bins = fitted(KBinsDiscretizer(4, encode="ordinal", strategy="uniform", dtype=dtype), X)
    edges = np.array(list(bins.bin_edges_)).T.astype(float)
    single = edges.astype(np.float32)
    beside = [np.nextafter(edges, end) for end in (-np.inf, np.inf)]
    near = [np.nextafter(single, np.float32(end)).astype(float) for end in (-np.inf, np.inf)]
    middles = [(single + point) / 2 for point in near]
    prove_lean(bins, np.vstack([edges, *beside, *near, *middles, edges - 1, edges + 1]))


def test_the_numbers_of_bins_are_no_categories_of_the_request():
    model = make_pipeline(KBinsDiscretizer(3, encode="ordinal", strategy="uniform"), OneHotEncoder())
    assert prove(model, X).kinds["sample"]["refused"] == 0


@pytest.mark.parametrize("degree", [0, 1, 2, 3, 4, (0, 2), (2, 3), (3, 3), (0, 0)])
@pytest.mark.parametrize("interaction_only", [False, True])
@pytest.mark.parametrize("include_bias", [False, True])
def test_polynomials(degree, interaction_only, include_bias):
    if not include_bias and degree in (0, (0, 0)):
        return
    features = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=include_bias)
    assert prove(features, X).largest == 0.0


def test_terms_stand_in_scikit_learns_order():
    for options in ({}, {"interaction_only": True}, {"include_bias": False}):
        found, wanted = lean_answers(fitted(PolynomialFeatures(3, **options), X), X, "transform")
        assert found == wanted


def test_polynomials_of_one_hot_columns():
    codes = rng.integers(0, 3, (40, 2))
    for sparse in (True, False):
        encoder = OneHotEncoder(sparse_output=sparse, handle_unknown="ignore")
        prove(make_pipeline(encoder, PolynomialFeatures(2)), codes)


@pytest.mark.parametrize("extrapolation", ["error", "constant", "linear", "continue", "periodic"])
@pytest.mark.parametrize("degree", [1, 2, 3])
@pytest.mark.parametrize("include_bias", [False, True])
def test_splines_beyond_their_knots(extrapolation, degree, include_bias):
    knots = "quantile" if degree == 2 else "uniform"
    prove(
        SplineTransformer(5, degree, knots=knots, extrapolation=extrapolation, include_bias=include_bias), X
    )


@pytest.mark.parametrize("extrapolation", ["error", "constant", "linear", "continue", "periodic"])
def test_splines_that_come_as_sparse_rows(extrapolation):
    prove(SplineTransformer(sparse_output=True, extrapolation=extrapolation), X)


@pytest.mark.parametrize("degree", [0, 1])
def test_lines_of_a_low_degree_end_where_scikit_learn_ends_them(degree):
    """It raises the degree while it walks over the columns: all but the first end at another knot."""
    prove(SplineTransformer(6, degree, extrapolation="linear"), X)


@pytest.mark.parametrize("extrapolation", ["error", "linear", "continue"])
def test_steps_are_splines_of_degree_zero(extrapolation):
    prove(SplineTransformer(6, 0, extrapolation=extrapolation), X)


def test_steps_that_scikit_learn_cannot_continue_are_refused_by_name():
    with pytest.raises(Refusal, match="SplineTransformer: parameter degree=0 with extrapolation='constant'"):
        prove(SplineTransformer(4, 0), X)
    with pytest.raises(Refusal, match="SplineTransformer: parameter degree=0 with extrapolation='linear'"):
        prove(SplineTransformer(4, 0, extrapolation="linear"), X)


def test_knots_of_the_users_own_and_knots_that_are_the_same():
    prove(SplineTransformer(knots=np.array([[-1, -50, 0], [0, 0, 0.001], [2, 90, 0.01]])), X)
    repeated = np.column_stack([np.repeat([0.0, 1.0, 2.0], [30, 5, 5]), np.full(40, 4.0)])
    prove(SplineTransformer(4, knots="quantile"), repeated)
    prove(SplineTransformer(3, 2, extrapolation="periodic"), repeated[:, :1])


def test_missing_numbers_become_zeros_where_this_version_can():
    if "handle_missing" not in SplineTransformer().get_params():
        pytest.skip("SplineTransformer takes missing numbers from scikit-learn 1.8 on")
    for extrapolation in ("constant", "linear", "continue", "periodic", "error"):
        prove(SplineTransformer(handle_missing="zeros", extrapolation=extrapolation), HOLES)


@pytest.mark.parametrize(
    "curves",
    [
        PowerTransformer(),
        QuantileTransformer(n_quantiles=10),
        KBinsDiscretizer(3, strategy="uniform"),
        PolynomialFeatures(),
        SplineTransformer(),
    ],
)
def test_curves_in_front_of_models(curves):
    prove(make_pipeline(SimpleImputer(), curves, LogisticRegression()), HOLES, LABELS)
    prove(make_pipeline(curves, Ridge()), X, X @ [1.0, 0.1, 5.0])


def test_curves_inside_a_search():
    model = make_pipeline(PolynomialFeatures(), Ridge())
    prove(GridSearchCV(model, {"polynomialfeatures__degree": [1, 2]}, cv=2), X, X[:, 0])


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1000),
    knots=st.integers(2, 7),
    degree=st.integers(1, 4),
    placed=st.sampled_from(["uniform", "quantile"]),
    extrapolation=st.sampled_from(["error", "constant", "linear", "continue", "periodic"]),
    include_bias=st.booleans(),
    digits=st.integers(0, 3),
)
def test_any_splines(seed, knots, degree, placed, extrapolation, include_bias, digits):
    if extrapolation == "periodic" and knots <= degree:
        return
    if extrapolation == "linear" and degree == 1 and knots < 4:
        return  # refused: the second column's ends change places
    rows = np.round(np.random.default_rng(seed).normal(size=(20, 2)), digits)
    prove(
        SplineTransformer(
            knots, degree, knots=placed, extrapolation=extrapolation, include_bias=include_bias
        ),
        rows,
    )
