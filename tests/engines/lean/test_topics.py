"""The digamma function of the topics, to scikit-learn's own bits: a better one gives other topics."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import psi
from sklearn.decomposition._online_lda_fast import _dirichlet_expectation_2d

from leanfn.engines.lean.topics import digamma

positive = st.floats(1e-9, 1e9)


@given(positive, positive)
def test_differences_of_digamma_are_scikit_learns(x, y):
    found = [digamma(x) - digamma(x + y), digamma(y) - digamma(x + y)]
    assert np.allclose(found, _dirichlet_expectation_2d(np.array([[x, y]]))[0], rtol=1e-13, atol=1e-13)


def test_three_terms_are_less_exact_than_scipy_is():
    assert 1e-10 < abs(digamma(6.0) - psi(6.0)) < 1e-7
