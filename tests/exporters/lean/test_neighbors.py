"""Neighbours: trees followed to the letter, exhaustive searches that are refused where rounding decides."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.impute import SimpleImputer
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

METRICS = ["euclidean", "manhattan", "chebyshev", "canberra", "braycurtis", "hamming"]


def grid(rows=60, columns=3, seed=0):
    """Whole numbers: every distance is many rows' distance."""
    draw = np.random.default_rng(seed)
    return draw.integers(0, 4, (rows, columns)).astype(float), draw.integers(0, 3, rows)


def cloud(rows=60, columns=3, seed=0):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(rows, columns)), draw.integers(0, 3, rows)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("algorithm", ["auto", "ball_tree"])
@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_a_tree_is_followed_to_the_letter_where_most_distances_are_tied(metric, algorithm, weights):
    X, y = grid()
    model = KNeighborsClassifier(4, metric=metric, algorithm=algorithm, weights=weights, leaf_size=4)
    assert prove_lean(model.fit(X, y), X).largest == 0.0


@pytest.mark.parametrize("p", [1, 1.5, 3, np.inf])
@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_any_power_of_minkowski_is_carried(p, algorithm):
    X, y = cloud()
    model = KNeighborsRegressor(3, p=p, algorithm=algorithm, weights="distance")
    prove_lean(model.fit(X, y + 0.5), X)


@pytest.mark.parametrize("algorithm", ["auto", "brute"])
def test_great_circles_are_carried(algorithm):
    X = np.radians(np.random.default_rng(0).uniform([-80, -180], [80, 180], (50, 2)))
    model = KNeighborsRegressor(3, metric="haversine", algorithm=algorithm)
    prove_lean(model.fit(X, X[:, 0]), X)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan"])
def test_an_exhaustive_search_without_ties_is_carried(metric):
    X, y = cloud(columns=18)
    prove_lean(KNeighborsClassifier(5, algorithm="brute", metric=metric).fit(X, y), X)


def test_angles_are_carried():
    # over the rows alone: a huge row has no direction, and its equal distances are partitioned by the processor
    X, y = cloud(columns=18)
    model = KNeighborsClassifier(5, metric="cosine", weights="distance").fit(X, y)
    found, wanted = lean_answers(model, X, "predict_proba")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


def test_many_columns_make_the_search_exhaustive_and_it_is_carried():
    X, y = cloud(columns=16)
    model = KNeighborsClassifier().fit(X, y)
    assert model._fit_method == "brute"
    prove_lean(model, X)


@pytest.mark.parametrize("model", [KNeighborsClassifier(4), KNeighborsRegressor(4)])
def test_an_exhaustive_search_is_refused_by_the_number_of_ties_that_matter(model):
    X, y = grid()
    with pytest.raises(Refusal, match=r"\d+ of 60 answers .* depend on which of equally near rows are taken"):
        prove_lean(model.set_params(algorithm="brute").fit(X, y), X)
    assert prove_lean(model.set_params(algorithm="kd_tree").fit(X, y), X)


def test_ties_between_rows_of_the_same_answer_do_not_matter():
    X = np.repeat(cloud(20)[0], 3, axis=0)
    y = np.repeat(np.arange(20) % 3, 3)
    prove_lean(KNeighborsClassifier(2, algorithm="brute").fit(X, y), X)


@pytest.mark.parametrize(
    "model",
    [KNeighborsClassifier(3, weights="distance"), KNeighborsTransformer(n_neighbors=3, mode="distance")],
)
def test_inverse_distances_of_an_exhaustive_search_are_refused_for_its_rounding(model):
    X, y = cloud(columns=18)
    with pytest.raises(Refusal, match=r"='distance': .* training rows not quite at themselves"):
        prove_lean(model.set_params(algorithm="brute").fit(X + 100.0, y), X + 100.0)


@pytest.mark.parametrize("weights", ["uniform", "distance"])
def test_several_outputs_are_carried(weights):
    X, y = grid()
    prove_lean(KNeighborsClassifier(4, weights=weights).fit(X, np.c_[y, y > 1]), X)
    prove_lean(KNeighborsRegressor(4, weights=weights).fit(X, np.c_[y, -2.5 * y]), X)


def test_the_label_is_the_largest_vote_before_it_becomes_a_share():
    X, y = cloud(40)
    model = KNeighborsClassifier(9, weights="distance").fit(X, np.array(["a", "b", "c"])[y])
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted


def test_neighbours_behind_an_imputer_a_scaler_and_categories_are_carried():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": draw.integers(30, 80, 60),
            "chol": np.where(draw.random(60) < 0.1, np.nan, draw.normal(240, 40, 60).round()),
            "pain": draw.choice(["typical", "atypical", "none"], 60),
        }
    )
    preparation = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "chol"]),
        (OneHotEncoder(handle_unknown="ignore"), ["pain"]),
    )
    prove_lean(make_pipeline(preparation, KNeighborsClassifier()).fit(frame, frame["age"] > 55), frame)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_sparse_training_rows_meet_sparse_rows(metric):
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({f"c{i}": draw.integers(0, 40 + i, 50).astype(str) for i in range(9)})
    scaled = make_pipeline(OneHotEncoder(handle_unknown="ignore"), StandardScaler(with_mean=False))
    model = make_pipeline(*[step for _, step in scaled.steps], KNeighborsRegressor(1, metric=metric))
    assert sparse.issparse(model.fit(frame, np.ones(50))[-1]._fit_X)
    prove_lean(model, frame)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine"])
def test_sparse_training_rows_meet_dense_rows(metric):
    X, y = cloud(columns=5)
    X = np.where(np.abs(X) < 0.3, 0.0, X)
    found, wanted = lean_answers(
        KNeighborsClassifier(3, metric=metric).fit(sparse.csr_matrix(X), y), X, "predict"
    )
    assert found == wanted


@pytest.mark.parametrize("weights", ["uniform", "distance"])
@pytest.mark.parametrize("outlier", [None, 2, 7, "most_frequent"])
def test_a_row_without_neighbours_is_an_outlier_or_refused(weights, outlier):
    for X, y in (cloud(), grid()):
        prove_lean(RadiusNeighborsClassifier(1.0, weights=weights, outlier_label=outlier).fit(X, y), X)


@pytest.mark.parametrize("targets", [int, float])
def test_a_regressor_without_neighbours_answers_nan_in_its_targets_dtype(targets):
    X, y = cloud()
    prove_lean(RadiusNeighborsRegressor(0.5).fit(X, y.astype(targets)), X)


def test_a_radius_that_rows_lie_just_at_is_refused_in_an_exhaustive_search():
    X, y = grid()
    prove_lean(RadiusNeighborsRegressor(1.0, algorithm="kd_tree").fit(X, y), X)
    with pytest.raises(Refusal, match=r"radius=1.0: .* have another just at it"):
        prove_lean(RadiusNeighborsRegressor(1.0, algorithm="brute").fit(X, y), X)


@pytest.mark.parametrize("mode", ["connectivity", "distance"])
@pytest.mark.parametrize("rows", [cloud, grid])
def test_graphs_of_neighbours_are_carried(mode, rows):
    X, _ = rows()
    prove_lean(KNeighborsTransformer(mode=mode, n_neighbors=4).fit(X), X)
    prove_lean(RadiusNeighborsTransformer(mode=mode, radius=1.0).fit(X), X)


@pytest.mark.parametrize("contamination", ["auto", 0.1])
def test_novelties_are_told_by_their_local_density(contamination):
    for X, _ in (cloud(), grid()):
        prove_lean(LocalOutlierFactor(5, novelty=True, contamination=contamination).fit(X), X)


def test_a_density_of_just_the_offset_is_no_novelty():
    X = np.repeat(np.eye(3), 5, axis=0)
    model = LocalOutlierFactor(3, novelty=True).fit(X)
    model.offset_ = model.score_samples(X)[0]
    assert lean_answers(model, X, "decision_function")[0] == [0.0] * 15
    assert lean_answers(model, X, "predict") == ([1] * 15, [1] * 15)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (KNeighborsClassifier(weights=lambda d: d), "weights="),
        (KNeighborsClassifier(metric=lambda a, b: abs(a - b).sum()), "metric="),
        (KNeighborsClassifier(metric="precomputed"), "metric='precomputed'"),
        (KNeighborsClassifier(metric="minkowski", metric_params={"w": np.ones(30)}), "metric_params="),
    ],
)
def test_what_cannot_be_carried_is_refused_by_its_parameter(model, named):
    X = np.random.default_rng(0).random((30, 30))
    X = X + X.T - 2 * np.diag(np.diag(X))
    with pytest.raises(Refusal, match=named):
        prove_lean(model.fit(X, np.arange(30) % 2), X)


@settings(deadline=None, max_examples=20)
@given(
    rows=st.integers(12, 70),
    columns=st.integers(1, 6),
    levels=st.integers(2, 9),
    k=st.integers(1, 9),
    leaf_size=st.integers(1, 20),
    algorithm=st.sampled_from(["kd_tree", "ball_tree"]),
    metric=st.sampled_from(["euclidean", "manhattan", "chebyshev"]),
    weights=st.sampled_from(["uniform", "distance"]),
)
def test_any_tree_over_tied_rows_is_followed(rows, columns, levels, k, leaf_size, algorithm, metric, weights):
    draw = np.random.default_rng(rows)
    X = draw.integers(0, levels, (rows, columns)) / 10
    y = draw.integers(0, 3, rows)
    model = KNeighborsClassifier(
        k, leaf_size=leaf_size, algorithm=algorithm, metric=metric, weights=weights
    ).fit(X, y)
    found, wanted = lean_answers(model, X, "predict_proba")
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


def test_a_wide_problem_of_classification_is_carried_whatever_the_rows():
    X, y = make_classification(70, 6, n_informative=4, n_classes=3, random_state=0)
    prove_lean(KNeighborsClassifier(7).fit(X, y), X)
