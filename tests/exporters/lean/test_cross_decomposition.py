import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.datasets import load_diabetes
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.parity import prove_lean

X, y = (array[:50] for array in load_diabetes(return_X_y=True))
Y = np.column_stack([y, np.sqrt(y), -y * y])


@pytest.mark.parametrize("kind", [CCA, PLSCanonical, PLSRegression, PLSSVD])
@pytest.mark.parametrize("scale", [True, False])
def test_each_with_and_without_a_scale(kind, scale):
    prove_lean(kind(n_components=2, scale=scale).fit(X, Y), X)


def test_one_target_is_one_number():
    prove_lean(PLSRegression(n_components=3).fit(X, y), X)
    prove_lean(PLSRegression(n_components=3).fit(X, y[:, None]), X)


def test_behind_a_scaler():
    prove_lean(make_pipeline(StandardScaler(), PLSRegression()).fit(X, y), X)


@settings(max_examples=10, deadline=None)
@given(components=st.integers(1, 3), scale=st.booleans(), size=st.floats(1e-6, 1e6))
def test_any_number_of_components_and_any_size(components, scale, size):
    prove_lean(PLSRegression(components, scale=scale).fit(X * size, Y), X * size)
