import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.manifold import Isomap, LocallyLinearEmbedding
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import Refusal
from tests.parity import prove_lean

random = np.random.default_rng(0)
X = load_iris().data[::3] + random.normal(0, 0.05, (50, 4))


@pytest.mark.parametrize("neighbors", [3, 7])
@pytest.mark.parametrize("reg", [1e-3, 0.1])
def test_rows_between_their_neighbours(neighbors, reg):
    model = LocallyLinearEmbedding(n_neighbors=neighbors, reg=reg, eigen_solver="dense").fit(X)
    assert prove_lean(model, X).largest < 1e-9


@pytest.mark.parametrize("method", ["modified", "ltsa", "hessian"])
def test_however_the_training_rows_were_laid_out(method):
    model = LocallyLinearEmbedding(n_neighbors=8, method=method, eigen_solver="dense").fit(X)
    prove_lean(make_pipeline(StandardScaler(), model).fit(X), X)


def test_isomap_is_refused_for_far_rows_are_what_rounding_leaves():
    with pytest.raises(Refusal, match="what rounding leaves of squares"):
        prove_lean(Isomap(n_neighbors=40).fit(X), X)
