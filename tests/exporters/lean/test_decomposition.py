"""Linear projections: decompositions and random projections, held against scikit-learn row by row."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import (
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchSparsePCA,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from leanfn.errors import Refusal
from tests.parity import prove_lean

rng = np.random.default_rng(0)
X = rng.normal(size=(40, 5)) * [1, 10, 100, 0.1, 1] + [0, 5, 300, 0, 0]
CODES = rng.integers(0, 3, (40, 3))
LABELS = (X[:, 0] > 0).astype(int)

PROJECTIONS = [
    PCA(),
    PCA(2),
    PCA(3, whiten=True),
    PCA(2, svd_solver="randomized", random_state=0),
    IncrementalPCA(3),
    IncrementalPCA(2, whiten=True),
    TruncatedSVD(3, random_state=0),
    FactorAnalysis(2),
    FactorAnalysis(2, rotation="varimax"),
    FastICA(3, random_state=0),
    FastICA(whiten="arbitrary-variance", random_state=0),
    SparsePCA(2, random_state=0),
    MiniBatchSparsePCA(2, random_state=0),
    GaussianRandomProjection(4, random_state=0),
    SparseRandomProjection(3, random_state=0),
]


@pytest.mark.filterwarnings("ignore:FastICA did not converge")
@pytest.mark.parametrize("projection", PROJECTIONS)
def test_projections_of_numbers(projection):
    prove_lean(projection.fit(X), X, ["transform"])
    prove_lean(make_pipeline(StandardScaler(), projection).fit(X), X, ["transform"])


@pytest.mark.filterwarnings("ignore:FastICA did not converge")
def test_independent_components_without_whitening():
    prove_lean(FastICA(whiten=False, max_iter=5, random_state=0).fit(X), X)


@pytest.mark.parametrize(
    "projection", [PCA(2, svd_solver="arpack"), IncrementalPCA(2), TruncatedSVD(2), PROJECTIONS[-1]]
)
def test_projections_of_sparse_rows(projection):
    prove_lean(
        make_pipeline(OneHotEncoder(handle_unknown="ignore"), projection).fit(CODES), CODES, ["transform"]
    )


def test_whitening_takes_a_variance_of_nearly_nothing_for_the_smallest():
    flat = X.copy()
    flat[:, 4] = flat[:, 0]  # rank 4: the last component has no variance but rounding
    fitted = PCA(4, whiten=True).fit(flat)
    prove_lean(fitted, flat, ["transform"])


@pytest.mark.parametrize("classifier", [LogisticRegression(), RandomForestClassifier(5, random_state=0)])
def test_projections_in_front_of_a_classifier(classifier):
    prove_lean(make_pipeline(StandardScaler(), PCA(3), classifier).fit(X, LABELS), X)


def test_components_fitted_to_float32_are_read_as_they_are():
    prove_lean(PCA(2).fit(X.astype(np.float32)), X, ["transform"])


@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 1000),
    columns=st.integers(1, 6),
    components=st.integers(1, 6),
    whiten=st.booleans(),
    centre=st.sampled_from([0.0, 1.0, 1000.0]),
)
def test_any_principal_components(seed, columns, components, whiten, centre):
    rows = np.random.default_rng(seed).normal(size=(20, columns)) + centre
    prove_lean(PCA(min(components, columns), whiten=whiten).fit(rows), rows, ["transform"])


@pytest.mark.parametrize("model", [PCA(), PCA(2), PCA(2, whiten=True), FactorAnalysis(2), FactorAnalysis(1)])
def test_scores_of_rows_by_the_covariance_that_was_found(model):
    even = X / X.std(axis=0)
    assert set(prove_lean(model.fit(even), even).methods) == {"score_samples", "transform"}
    assert "score_samples" in prove_lean(make_pipeline(StandardScaler(), model).fit(X), X).methods


def test_scores_by_a_nearly_singular_covariance_are_left_out():
    flat = np.column_stack([X, X[:, 0] + 1e-9 * X[:, 1]])
    assert list(prove_lean(PCA().fit(flat), flat, ["transform"]).methods) == ["transform"]


def test_one_sparse_component_is_refused_for_a_row_alone_has_another_form():
    with pytest.raises(Refusal, match="n_components=1"):
        prove_lean(SparsePCA(1, random_state=0).fit(X), X)
