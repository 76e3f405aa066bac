"""Mixtures of normal distributions: components, responsibilities, densities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.parity import prove_lean

DICE = np.random.default_rng(2)
ROWS = DICE.normal(size=(60, 3)) + np.repeat([[0.0], [4.0], [-3.0]], 20, axis=0)
COVARIANCES = ["full", "tied", "diag", "spherical"]


@pytest.mark.parametrize("covariance", COVARIANCES)
@pytest.mark.parametrize("components", [1, 3])
@pytest.mark.parametrize("kind", [GaussianMixture, BayesianGaussianMixture], ids=lambda kind: kind.__name__)
def test_components_responsibilities_and_densities(kind, components, covariance):
    model = (
        kind(components, covariance_type=covariance)
        if kind is GaussianMixture
        else kind(n_components=components, covariance_type=covariance, max_iter=500, tol=1e-2)
    )
    prove_lean(model.set_params(random_state=0).fit(ROWS), ROWS)


def test_weights_of_a_finite_mixture():
    model = BayesianGaussianMixture(
        n_components=2, weight_concentration_prior_type="dirichlet_distribution", random_state=0, tol=1e-2
    )
    prove_lean(model.fit(ROWS), ROWS)


@pytest.mark.parametrize("covariance", COVARIANCES)
def test_behind_imputer_and_scaler(covariance):
    rows = ROWS.copy()
    rows[::9, 1] = np.nan
    last = GaussianMixture(2, covariance_type=covariance, random_state=0)
    prove_lean(make_pipeline(SimpleImputer(), StandardScaler(), last).fit(rows), rows)


@settings(max_examples=8, deadline=None)
@given(
    covariance=st.sampled_from(COVARIANCES),
    components=st.integers(1, 4),
    columns=st.integers(1, 4),
    seed=st.integers(0, 99),
)
def test_any_shape(covariance, components, columns, seed):
    dice = np.random.default_rng(seed)
    rows = dice.normal(size=(50, columns)) * dice.uniform(0.5, 5, columns) + dice.integers(0, 3, (50, 1)) * 4
    model = GaussianMixture(components, covariance_type=covariance, random_state=0, tol=1e-2)
    prove_lean(model.fit(rows), rows)
