"""Gaussian processes: covariances with the training rows, Laplace's approximation for classes."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    CompoundKernel,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)

from leanfn.errors import CertificateError, Refusal
from tests.parity import lean_answers, prove_lean

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(40, 3))
TARGET = np.sin(X[:, 0]) + 0.1 * DRAW.normal(size=40)
GROUP = DRAW.integers(0, 3, 40)
NOISE = WhiteKernel(0.1)


def fit(model, rows, y):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the optimizer's bounds
        return model.fit(rows, y)


@pytest.mark.parametrize(
    "kernel",
    [
        None,
        RBF([1.0, 2.0, 0.5]) + NOISE,
        1.5 * Matern(nu=0.5) + NOISE,
        Matern(nu=1.5) + NOISE,
        Matern(nu=2.5) + NOISE,
        Matern(nu=np.inf) + NOISE,
        RationalQuadratic() + NOISE,
        DotProduct() + NOISE,
        RBF() * DotProduct() + NOISE,
        RBF() ** 2 + NOISE,
        PairwiseKernel(metric="laplacian") + NOISE,
        ConstantKernel(2.0) * RBF() + NOISE,
    ],
)
def test_a_regressor_is_a_sum_of_covariances(kernel):
    prove_lean(fit(GaussianProcessRegressor(kernel, normalize_y=True, random_state=0), X, TARGET), X)


def test_a_periodic_covariance_is_carried():
    rows = np.linspace(0, 10, 40)[:, None]
    model = GaussianProcessRegressor(ExpSineSquared() + NOISE, optimizer=None).fit(rows, np.sin(rows.ravel()))
    found, wanted = lean_answers(model, rows, "predict")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_several_targets_are_carried():
    prove_lean(fit(GaussianProcessRegressor(alpha=0.1), X, np.c_[TARGET, TARGET**2]), X)


@pytest.mark.parametrize(
    "kernel", [None, 1.0 * RBF([1.0, 1.0, 1.0]), Matern(), RationalQuadratic(), DotProduct() + RBF()]
)
@pytest.mark.parametrize("groups", [GROUP > 0, np.array(["a", "b", "c"])[GROUP]], ids=["two", "three"])
def test_a_classifiers_probability_needs_the_latent_variance(kernel, groups):
    prove_lean(fit(GaussianProcessClassifier(kernel), X, groups), X)


def test_a_latent_mean_of_zero_is_the_first_class():
    model = fit(GaussianProcessClassifier(optimizer=None), X, GROUP > 0)
    model.base_estimator_.pi_ = model.base_estimator_.y_train_.astype(float)  # nothing is left to explain
    assert lean_answers(model, X[:2], "predict") == ([False, False], [False, False])


def test_pairs_of_classes_have_no_probability():
    model = fit(GaussianProcessClassifier(multi_class="one_vs_one"), X, GROUP)
    assert set(prove_lean(model, X, ["predict"]).methods) == {"predict"}


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (GaussianProcessRegressor(Matern(nu=1.7), optimizer=None, alpha=1.0), "nu=1.7"),
        (GaussianProcessRegressor(RBF() ** 0.5, optimizer=None, alpha=1.0), "exponent=0.5"),
        (
            GaussianProcessRegressor(PairwiseKernel(metric="chi2"), optimizer=None, alpha=9.0),
            "kernel=Pairwise",
        ),
    ],
)
def test_what_cannot_be_carried_is_refused_by_its_parameter(model, named):
    rows = np.abs(X)
    with pytest.raises(Refusal, match=named):
        prove_lean(fit(model, rows, TARGET), rows)


def test_a_process_whose_own_answers_are_rounding_is_refused_by_its_proof():
    """Ten products span forty training rows: with next to no noise, solving for their weights leaves no digit."""
    model = GaussianProcessRegressor(DotProduct() ** 2, optimizer=None).fit(X * 3, TARGET)
    with pytest.raises(CertificateError, match="predict differs"):
        prove_lean(model, X * 3)
    prove_lean(model.set_params(alpha=0.1).fit(X * 3, TARGET), X * 3)


def test_a_compound_kernel_is_refused():
    model = GaussianProcessRegressor(RBF() + NOISE, optimizer=None).fit(X, TARGET)
    model.kernel_ = CompoundKernel([RBF(), RBF()])
    with pytest.raises(Refusal, match="CompoundKernel"):
        prove_lean(model, X)


@settings(deadline=None, max_examples=10)
@given(
    length=st.floats(0.2, 5.0),
    noise=st.floats(0.05, 1.0),
    nu=st.sampled_from([0.5, 1.5, 2.5, np.inf]),
    constant=st.floats(0.1, 5.0),
    normalize=st.booleans(),
)
def test_any_parameters_of_a_process_are_carried(length, noise, nu, constant, normalize):
    kernel = constant * Matern(length, nu=nu) + WhiteKernel(noise)
    model = GaussianProcessRegressor(kernel, optimizer=None, normalize_y=normalize)
    prove_lean(model.fit(X, TARGET), X)
