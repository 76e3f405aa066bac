import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from leanfn.errors import Refusal
from tests.parity import prove_lean

X, y = (array[::3] for array in load_iris(return_X_y=True))


@pytest.mark.parametrize("init", ["pca", "identity", "lda"])
def test_neighborhood_components(init):
    model = NeighborhoodComponentsAnalysis(2, init=init, max_iter=5, random_state=0)
    prove_lean(model.fit(X, y), X)


@pytest.mark.parametrize("components", [1, 5])
def test_hidden_units_without_their_random_score(components):
    model = make_pipeline(MinMaxScaler(), BernoulliRBM(components, n_iter=3, random_state=0)).fit(X)
    assert list(prove_lean(model, X, ["transform"]).methods) == ["transform"]


def test_units_fitted_to_single_precision_are_refused():
    model = BernoulliRBM(2, n_iter=2, random_state=0).fit((X / 8).astype(np.float32))
    with pytest.raises(Refusal, match="float32"):
        prove_lean(model, X / 8)
