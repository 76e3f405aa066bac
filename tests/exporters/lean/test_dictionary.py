import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_iris
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import Refusal
from tests.parity import prove_lean

random = np.random.default_rng(0)
X = load_iris().data[::3] + random.normal(0, 0.01, (50, 4))
ATOMS = random.normal(size=(6, 4))
ATOMS /= np.linalg.norm(ATOMS, axis=1, keepdims=True)


@pytest.mark.parametrize("count", [None, 1, 2, 4])
@pytest.mark.parametrize("split", [True, False])
def test_matching_pursuit(count, split):
    coder = SparseCoder(ATOMS, transform_algorithm="omp", transform_n_nonzero_coefs=count, split_sign=split)
    prove_lean(coder.fit(X), X)


@pytest.mark.parametrize("alpha", [None, 0.0, 0.7])
@pytest.mark.parametrize("positive", [True, False])
def test_products_made_smaller(alpha, positive):
    coder = SparseCoder(
        ATOMS, transform_algorithm="threshold", transform_alpha=alpha, positive_code=positive, split_sign=True
    )
    prove_lean(coder.fit(X), X)


@pytest.mark.parametrize("kind", [DictionaryLearning, MiniBatchDictionaryLearning])
@pytest.mark.parametrize("algorithm", ["omp", "threshold"])
def test_learned_dictionaries(kind, algorithm):
    model = kind(3, max_iter=5, transform_algorithm=algorithm, random_state=0)
    prove_lean(make_pipeline(StandardScaler(), model).fit(X), X)


@pytest.mark.parametrize("algorithm", ["lars", "lasso_lars", "lasso_cd"])
def test_other_algorithms_are_refused_by_name(algorithm):
    with pytest.raises(Refusal, match=f"transform_algorithm='{algorithm}'"):
        prove_lean(SparseCoder(ATOMS, transform_algorithm=algorithm).fit(X), X)


@settings(max_examples=10, deadline=None, derandomize=True)
@given(seed=st.integers(0, 99), atoms=st.integers(2, 4), count=st.integers(1, 2))
def test_any_dictionary_of_atoms_that_are_far_apart(seed, atoms, count):
    """Of atoms that are nearly alike, rounding chooses, there as here."""
    far_apart = np.linalg.qr(np.random.default_rng(seed).normal(size=(4, 4)))[0][:atoms] + 0.05
    coder = SparseCoder(far_apart, transform_algorithm="omp", transform_n_nonzero_coefs=count)
    prove_lean(coder.fit(X[:20]), X[:20])
