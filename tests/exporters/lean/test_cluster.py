"""Clusters: the nearest centre, distances to the centres, the tree of bisections."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    BisectingKMeans,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.datasets import load_iris, make_blobs
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

BLOBS, GROUPS = make_blobs(70, 4, centers=4, cluster_std=2.0, random_state=0)
IRIS = load_iris().data[::3]
DATA = pytest.mark.parametrize("X", [BLOBS, IRIS, BLOBS[:, :1]], ids=["blobs", "iris", "one column"])


@DATA
@pytest.mark.parametrize(
    "model",
    [
        KMeans(4, n_init=2, random_state=0),
        MiniBatchKMeans(4, n_init=2, random_state=0),
        BisectingKMeans(5, random_state=0),
        BisectingKMeans(4, bisecting_strategy="largest_cluster", random_state=1),
        MeanShift(),
        AffinityPropagation(random_state=0),
    ],
)
def test_rows_fall_to_the_same_cluster_at_the_same_distances(model, X):
    prove_lean(model.fit(X), X)


@DATA
@pytest.mark.parametrize("model", [Birch(threshold=1.0), Birch(n_clusters=None, threshold=1.5)])
def test_rows_fall_to_the_subcluster_that_birch_finds(model, X):
    prove_lean(model.fit(X), X, ["predict"])


def test_distances_to_subclusters_of_several_rows_are_carried():
    prove_lean(Birch(threshold=8.0, n_clusters=None).fit(BLOBS), BLOBS)


def test_a_subcluster_of_one_row_that_is_not_quite_at_itself_is_no_column():
    birch = Birch(threshold=0.01, n_clusters=None).fit(BLOBS)
    assert set(prove_lean(birch, BLOBS, ["predict"]).methods) == {"predict"}
    with pytest.raises(Refusal, match="not quite at themselves"):
        prove_lean(make_pipeline(birch, GaussianNB()).fit(BLOBS, GROUPS), BLOBS)


def test_distances_to_centres_may_be_another_models_columns():
    model = make_pipeline(StandardScaler(), KMeans(4, n_init=2, random_state=0), GaussianNB())
    prove_lean(model.fit(BLOBS, GROUPS), BLOBS)


def test_features_are_pooled_by_their_mean():
    prove_lean(FeatureAgglomeration(2).fit(BLOBS), BLOBS)
    with pytest.raises(Refusal, match="pooling_func="):
        prove_lean(FeatureAgglomeration(2, pooling_func=np.max).fit(BLOBS), BLOBS)


def test_centres_that_are_rows_are_named_as_training_rows():
    from leanfn.exporters.lean import build
    from leanfn.exporters.original import Original

    for model, rows in ((KMeans(3, n_init=1), []), (AffinityPropagation(), ["AffinityPropagation"])):
        assert build.build(Original(model.fit(BLOBS), BLOBS)).training_rows == rows


def test_an_affinity_without_centres_is_refused():
    affinity = -np.square(BLOBS[:, None] - BLOBS[None]).sum(axis=2)
    with pytest.raises(Refusal, match="affinity='precomputed'"):
        prove_lean(AffinityPropagation(affinity="precomputed", random_state=0).fit(affinity), affinity)


@pytest.mark.filterwarnings("ignore:.*did not converge")
def test_an_affinity_that_did_not_converge_labels_all_minus_one():
    model = AffinityPropagation(max_iter=1, random_state=0).fit(BLOBS)
    found, wanted = lean_answers(model, BLOBS, "predict")
    assert found == wanted


@settings(deadline=None, max_examples=10)
@given(seed=st.integers(0, 100), clusters=st.integers(2, 9), columns=st.integers(1, 6))
def test_any_number_of_clusters_is_carried(seed, clusters, columns):
    X, _ = make_blobs(50, columns, random_state=seed)
    for model in (
        KMeans(clusters, n_init=1, random_state=seed),
        BisectingKMeans(clusters, random_state=seed),
    ):
        found, wanted = lean_answers(model.fit(X), X, "predict")
        assert found == wanted
