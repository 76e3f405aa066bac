import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import NMF, LatentDirichletAllocation, MiniBatchNMF
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler

from leanfn.errors import Refusal
from tests.parity import prove_lean

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
random = np.random.default_rng(0)
X = np.abs(load_iris().data[::3] + random.normal(0, 0.01, (50, 4))) + 0.01
GAPS = np.where(random.random(X.shape) < 0.2, 0.0, X)
COUNTS = random.poisson(2, (50, 6)).astype(float)
TEXTS = [
    f"{a} and {b} of {c}"
    for a, b, c in zip(["red", "blue"] * 20, ["fox", "dog", "cow", "hen"] * 10, "xyz" * 14)
]


@pytest.mark.parametrize("penalty", [(0.0, 0.0), (0.1, 0.0), (0.1, 0.5), (0.01, 1.0)])
@pytest.mark.parametrize("components", [1, 3])
def test_coordinate_descent(components, penalty):
    alpha, ratio = penalty
    model = NMF(components, alpha_W=alpha, l1_ratio=ratio, max_iter=500, random_state=0)
    prove_lean(model.fit(GAPS), GAPS)


@pytest.mark.parametrize("loss", ["frobenius", "kullback-leibler", 0.5, 1.5, 2.5])
@pytest.mark.parametrize("penalty", [(0.0, 0.0), (0.05, 0.5)])
def test_multiplicative_updates(loss, penalty):
    alpha, ratio = penalty
    model = NMF(2, solver="mu", beta_loss=loss, alpha_W=alpha, l1_ratio=ratio, random_state=0, init="random")
    prove_lean(model.fit(GAPS), GAPS)


def test_itakura_saito_refuses_a_row_with_a_zero():
    model = NMF(2, solver="mu", beta_loss="itakura-saito", random_state=0, init="random").fit(X)
    assert prove_lean(model, X).kinds["extreme"]["refused"]


@pytest.mark.parametrize("loss", ["frobenius", "kullback-leibler", "itakura-saito", 1.5])
def test_mini_batches(loss):
    prove_lean(MiniBatchNMF(2, beta_loss=loss, batch_size=20, alpha_W=0.01, random_state=0).fit(X), X)


def test_behind_a_scaler_that_goes_below_zero():
    prove_lean(make_pipeline(MinMaxScaler(), NMF(2, random_state=0)).fit(X), X)


def test_a_shuffled_descent_is_refused_by_name():
    with pytest.raises(Refusal, match="shuffle=True"):
        prove_lean(NMF(2, shuffle=True, random_state=0).fit(X), X)


@pytest.mark.parametrize("topics", [2, 4])
@pytest.mark.parametrize("prior", [None, 0.01])
def test_topics_of_counts(topics, prior):
    model = LatentDirichletAllocation(topics, doc_topic_prior=prior, max_iter=3, random_state=0)
    assert prove_lean(model.fit(COUNTS), COUNTS).largest < 1e-10


def test_topics_of_texts():
    model = make_pipeline(CountVectorizer(), LatentDirichletAllocation(3, max_iter=3, random_state=0))
    prove_lean(model.fit(TEXTS), TEXTS)
