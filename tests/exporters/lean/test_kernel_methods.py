"""Kernel ridge, kernel principal components, kernel maps and densities, labels spread by kernels."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import KernelPCA
from sklearn.kernel_approximation import AdditiveChi2Sampler, Nystroem, RBFSampler, SkewedChi2Sampler
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import SGDClassifier
from sklearn.neighbors import KernelDensity, NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(50, 4))
POSITIVE = np.abs(X)
TARGET = DRAW.normal(size=50) / 100  # small weights: sums of huge kernels do not overflow in parts
GROUP = DRAW.integers(0, 3, 50)
KERNELS = ["linear", "poly", "polynomial", "rbf", "sigmoid", "cosine", "laplacian", "chi2", "additive_chi2"]


def fit(model, rows, y=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sigmoid kernel may be singular
        return model.fit(rows, y)


def rows_for(kernel):
    return POSITIVE if "chi2" in kernel else X


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("gamma", [None, 0.3])
def test_kernel_ridge_is_a_linear_model_of_kernels(kernel, gamma):
    gamma = 1.0 if kernel == "chi2" and gamma is None else gamma
    rows = rows_for(kernel)
    prove_lean(fit(KernelRidge(kernel=kernel, gamma=gamma), rows, TARGET), rows)


def test_kernel_ridge_has_several_outputs():
    prove_lean(KernelRidge(kernel="rbf").fit(X, np.c_[TARGET, TARGET**2]), X)


@pytest.mark.parametrize("kernel", ["poly", "rbf", "sigmoid", "laplacian", "chi2", "additive_chi2"])
def test_a_nystroem_map_is_carried(kernel):
    rows = rows_for(kernel)
    prove_lean(Nystroem(kernel, n_components=10, random_state=0).fit(rows), rows)


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "cosine"])
def test_kernel_components_are_centered_as_they_were_fitted(kernel):
    prove_lean(KernelPCA(3, kernel=kernel, gamma=0.2).fit(X), X)


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "cosine"])
def test_sparse_training_rows_are_the_same_points(kernel):
    rows = np.where(X < 0, 0.0, X)
    model = KernelRidge(kernel=kernel).fit(sparse.csr_matrix(rows), TARGET)
    found, wanted = lean_answers(model, rows, "predict")
    np.testing.assert_allclose(found, wanted, rtol=1e-9)


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_additive_chi2_features_are_carried_and_negative_numbers_refused(steps):
    rows = np.where(POSITIVE < 0.2, 0.0, POSITIVE)
    certificate = prove_lean(AdditiveChi2Sampler(sample_steps=steps).fit(rows), rows)
    assert certificate.kinds["extreme"]["refused"] > 0
    prove_lean(AdditiveChi2Sampler(sample_steps=5, sample_interval=0.3).fit(rows), rows)


def test_random_cosines_are_carried():
    prove_lean(RBFSampler(n_components=12, random_state=0).fit(X), X)
    prove_lean(SkewedChi2Sampler(skewedness=0.5, n_components=12, random_state=0).fit(POSITIVE), POSITIVE)


def test_a_kernel_map_before_a_linear_model_is_carried():
    model = make_pipeline(RBFSampler(n_components=30, random_state=0), SGDClassifier(random_state=0))
    prove_lean(model.fit(X, GROUP), X)


@pytest.mark.parametrize("contamination", [0.1, 0.3])
def test_outliers_by_covariance_are_told(contamination):
    prove_lean(EllipticEnvelope(contamination=contamination, random_state=0).fit(X), X)


@pytest.mark.parametrize("kernel", ["gaussian", "exponential"])
@pytest.mark.parametrize("bandwidth", [0.5, 2.0, "scott"])
def test_a_kernel_density_is_carried(kernel, bandwidth):
    prove_lean(KernelDensity(kernel=kernel, bandwidth=bandwidth, leaf_size=5).fit(X), X)
    prove_lean(KernelDensity(kernel=kernel, bandwidth=9.0).fit(3 * X), 3 * X)


def test_a_weighted_kernel_density_of_another_metric_is_carried():
    model = KernelDensity(metric="manhattan", algorithm="ball_tree")
    prove_lean(model.fit(X, sample_weight=DRAW.random(50)), X)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
@pytest.mark.parametrize("priors", ["uniform", "empirical"])
@pytest.mark.parametrize("groups", [GROUP, np.where(GROUP > 0, "ill", "well")], ids=["three", "two"])
def test_the_nearest_centroid_is_told_with_its_probabilities(metric, priors, groups):
    model = NearestCentroid(metric=metric)
    if "priors" in model.get_params():  # since 1.6
        model.set_params(priors=priors)
    prove_lean(model.fit(X, groups), X)


@pytest.mark.parametrize("kind", [LabelPropagation, LabelSpreading])
@pytest.mark.parametrize("kernel", ["rbf", "knn"])
def test_spread_labels_are_carried(kind, kernel):
    labels = np.where(DRAW.random(50) < 0.5, -1, GROUP)
    prove_lean(kind(kernel=kernel, gamma=1.0).fit(X, labels), X)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (KernelRidge(kernel=lambda a, b: a @ b), "kernel="),
        (KernelRidge(kernel="precomputed"), "kernel='precomputed'"),
        (KernelDensity(kernel="tophat"), "kernel='tophat'"),
        (KernelDensity(rtol=0.1), "rtol=0.1"),
        (Nystroem(lambda a, b, c: c, kernel_params={"c": 2.0}, n_components=5), "kernel_params="),
    ],
)
def test_what_cannot_be_carried_is_refused_by_its_parameter(model, named):
    rows = X @ X.T + 1e-9 * np.eye(50)
    with pytest.raises(Refusal, match=named):
        prove_lean(fit(model, rows, TARGET), rows)


@settings(deadline=None, max_examples=15)
@given(
    kernel=st.sampled_from(KERNELS),
    gamma=st.floats(0.05, 2.0),
    coef0=st.floats(0.1, 2.0),
    degree=st.integers(1, 4),
    alpha=st.floats(0.1, 10.0),
)
def test_any_parameters_of_a_kernel_are_carried(kernel, gamma, coef0, degree, alpha):
    rows = rows_for(kernel)
    model = KernelRidge(alpha=alpha, kernel=kernel, gamma=gamma, coef0=coef0, degree=degree)
    prove_lean(fit(model, rows, TARGET), rows)


def test_components_that_rounding_leaves_of_a_flat_kernel_are_refused():
    flat = np.random.default_rng(0).normal(8.0, 0.5, (40, 4))
    with pytest.raises(Refusal, match="what rounding leaves of its kernel"):
        prove_lean(KernelPCA(2, kernel="sigmoid", gamma=0.05).fit(flat), flat)
