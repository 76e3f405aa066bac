"""KNNImputer: the nearest rows that have a value, over the columns that both have."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import KNNImputer
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import CertificateError, Refusal, RowError
from leanfn.exporters import describe, prove
from leanfn.exporters.lean import build
from leanfn.exporters.original import Original
from leanfn.exporters.rows import proof_rows
from tests.parity import lean_answers, prove_lean


def with_gaps(rows=60, columns=4, share=0.15, seed=0):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(rows, columns))
    X[draw.random(X.shape) < share] = np.nan
    return X


def agree(model, X):
    """Over the rows alone: what numpy's partition makes of a huge row's equal distances depends on the processor."""
    found, wanted = lean_answers(model, X, "transform")
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5, 100])
def test_a_gap_is_the_mean_of_the_nearest_rows_that_have_the_column(k):
    X = with_gaps()
    agree(KNNImputer(n_neighbors=k).fit(X), X)


def test_gaps_may_be_marked_by_a_number_and_then_nulls_are_refused():
    X = np.nan_to_num(with_gaps(), nan=-1.0)
    model = KNNImputer(missing_values=-1).fit(X)
    agree(model, X)
    run = build.build(Original(model, X)).compile("transform")
    with pytest.raises(RowError, match="missing"):
        run([None, 1.0, 2.0, 3.0])


@pytest.mark.parametrize("kept", [True, False])
def test_a_column_without_values_is_left_out_or_zero(kept):
    X = with_gaps()
    X[:, 1] = np.nan
    agree(KNNImputer(keep_empty_features=kept).fit(X), X)


def test_the_indicator_stands_behind():
    X = with_gaps()
    agree(KNNImputer(add_indicator=True).fit(X), X)


def test_a_row_that_shares_no_column_gets_the_means():
    X = with_gaps(columns=2, share=0.4)
    agree(KNNImputer().fit(X), X)


def test_rows_without_gaps_pass_and_a_planted_one_is_filled_in_a_whole_proof():
    X = pd.DataFrame(with_gaps(share=0.0), columns=["a", "b", "c", "d"])
    model = make_pipeline(StandardScaler(), KNNImputer(), GaussianNB())
    prove_lean(model.fit(X, np.arange(len(X)) % 2), X)


def test_far_rows_whose_donors_rounding_chooses_are_carried_and_told_apart():
    X = with_gaps(share=0.4)
    model = KNNImputer().fit(X)
    prove_lean(model, X)
    original = Original(model, X)
    candidate = build.build(original)
    assert candidate.is_undecided([1e30, None, 0.0, 0.0])
    assert not candidate.is_undecided([1e30, 1.0, 0.0, 0.0])  # nothing is missing
    rows = proof_rows(original, describe.describe(original, candidate.notes).fields, candidate.notes)
    assert {kind for kind, row in rows if candidate.is_undecided(row)} == {"extreme"}


def test_the_proof_of_far_rows_still_finds_what_is_wrong_with_near_ones():
    X = with_gaps()
    model = KNNImputer(n_neighbors=3).fit(X)
    original = Original(model, X)
    candidate = build.build(Original(KNNImputer(n_neighbors=4).fit(X), X))
    signature = describe.describe(original, candidate.notes)
    with pytest.raises(CertificateError, match=r"transform differs from the original's \(sample row\)"):
        prove.prove(candidate, original, signature, proof_rows(original, signature.fields, candidate.notes))


def test_equally_near_donors_of_other_values_are_counted_and_refused():
    X = np.round(with_gaps(share=0.3))
    with pytest.raises(Refusal, match=r"\d+ of \d+ missing values of its training rows depend on which"):
        prove_lean(KNNImputer().fit(X), X)


def test_a_donor_at_no_distance_is_weighed_by_rounding_and_refused():
    X = with_gaps(columns=8)
    with pytest.raises(Refusal, match=r"weights='distance': \d+ of \d+ missing values"):
        prove_lean(KNNImputer(weights="distance").fit(X), X)


def test_weights_by_distance_are_carried_where_products_are_exact():
    X = np.random.default_rng(0).integers(0, 10_000, (30, 3)).astype(float)
    X[::7, 1] = np.nan
    agree(KNNImputer(n_neighbors=3, weights="distance").fit(X), X)


@pytest.mark.parametrize(
    ("model", "named"),
    [(KNNImputer(weights=lambda d: d), "weights="), (KNNImputer(metric=lambda a, b, **_: 1.0), "metric=")],
)
def test_what_cannot_be_carried_is_refused_by_its_parameter(model, named):
    X = with_gaps()
    with pytest.raises(Refusal, match=named):
        prove_lean(model.fit(X), X)


@settings(deadline=None, max_examples=10)
@given(
    seed=st.integers(0, 1000),
    share=st.floats(0.05, 0.5),
    k=st.integers(1, 8),
    columns=st.integers(2, 6),
    indicator=st.booleans(),
)
def test_any_pattern_of_gaps_is_filled(seed, share, k, columns, indicator):
    X = with_gaps(50, columns, share, seed)
    agree(KNNImputer(n_neighbors=k, add_indicator=indicator).fit(X), X)
