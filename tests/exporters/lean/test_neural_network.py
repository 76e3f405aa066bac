"""Networks: every activation, one class or several labels, sparse rows."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_multilabel_classification
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests import samples
from tests.parity import lean_answers, prove_lean

pytestmark = pytest.mark.filterwarnings("ignore:Stochastic Optimizer")
ACTIVATIONS = pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
SHORT = {"max_iter": 20, "random_state": 0}


@ACTIVATIONS
@pytest.mark.parametrize("data", [samples.binary, samples.multiclass])
def test_classifiers(activation, data):
    X, y = data()
    model = make_pipeline(StandardScaler(), MLPClassifier((6, 4), activation=activation, **SHORT))
    prove_lean(model.fit(X, y), X)


@ACTIVATIONS
def test_regressors(activation):
    X, y = samples.regression()
    prove_lean(MLPRegressor(hidden_layer_sizes=(5,), activation=activation, **SHORT).fit(X, y), X)


def test_several_targets_and_several_labels():
    X, y = samples.regression()
    prove_lean(MLPRegressor(hidden_layer_sizes=(5,), **SHORT).fit(X, np.column_stack([y, -y])), X)
    X, Y = make_multilabel_classification(50, 4, n_classes=3, random_state=0)
    prove_lean(MLPClassifier((5,), **SHORT).fit(X, Y), X)


def test_a_share_of_just_a_half_is_the_first_class():
    X, y = samples.binary()
    model = MLPClassifier((3,), **SHORT).fit(X, y)
    for weights in (*model.coefs_, *model.intercepts_):
        weights[:] = 0.0
    assert lean_answers(model, X[:2], "predict") == ([0, 0], [0, 0])


def test_counts_by_the_loss_of_poisson():
    pytest.importorskip("sklearn", minversion="1.7")
    X, y = samples.regression()
    X = StandardScaler().fit_transform(X)
    prove_lean(MLPRegressor(loss="poisson", hidden_layer_sizes=(5,), **SHORT).fit(X, y), X)


def test_words_stay_sparse():
    texts = [f"word{i % 7} word{i % 5} w{i}" for i in range(40)]
    model = make_pipeline(TfidfVectorizer(), MLPClassifier((4,), **SHORT))
    prove_lean(model.fit(texts, [i % 3 for i in range(40)]), texts)


def test_of_mixed_columns_inside_a_search():
    X, y = samples.patients()
    model = samples.prepared(MLPClassifier((4,), **SHORT))
    prove_lean(GridSearchCV(model, {"mlpclassifier__alpha": [0.01]}, cv=2).fit(X, y), X)


@settings(max_examples=10, deadline=None)
@given(
    st.sampled_from(["identity", "logistic", "tanh", "relu"]),
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.integers(2, 4),
    st.integers(0, 2**16),
)
def test_any_layers(activation, layers, classes, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(30, 3))
    model = MLPClassifier(layers, activation=activation, max_iter=3, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, np.arange(30) % classes)
    found, wanted = lean_answers(model, X * 100, "predict_proba")
    assert np.allclose(found, wanted, rtol=1e-9, atol=1e-12)
