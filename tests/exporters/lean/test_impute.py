"""Imputers and indicators of sklearn.impute, held against scikit-learn row by row."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401
from sklearn.impute import IterativeImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import HuberRegressor, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

ROWS = 40
rng = np.random.default_rng(0)
FULL = np.round(rng.normal(size=(ROWS, 3)), 1)
HOLES = np.where(rng.random(FULL.shape) < 0.15, np.nan, FULL)
HOLES[:, 1] = FULL[:, 1]
EMPTY = np.column_stack([HOLES, np.full(ROWS, np.nan)])
CODES = rng.integers(-1, 4, size=(ROWS, 3))
LABELS = (FULL[:, 0] > 0).astype(int)
NAN, NONE, MARK = float("nan"), None, "?"


def words(missing, every=7):
    values = [missing if i % every == 0 else "xyz"[i % 3] for i in range(ROWS)]
    return pd.Series(values, dtype=object)


TEXT = pd.DataFrame({"nan": words(NAN), "none": words(NONE), "mark": words(MARK, 5)})


def fitted(model, rows, y=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(rows, y) if y is not None else model.fit(rows)


def prove(model, rows, y=None):
    return prove_lean(fitted(model, rows, y), rows)


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize("add_indicator", [False, True])
@pytest.mark.parametrize("keep_empty_features", [False, True])
def test_every_strategy(strategy, add_indicator, keep_empty_features):
    imputer = SimpleImputer(
        strategy=strategy, add_indicator=add_indicator, keep_empty_features=keep_empty_features
    )
    assert prove(imputer, HOLES).largest == 0.0
    assert prove(imputer, EMPTY).largest == 0.0


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize("keep_empty_features", [False, True])
def test_a_statistic_of_float32_is_filled_in_as_this_version_rounds_it(strategy, keep_empty_features):
    imputer = SimpleImputer(
        strategy=strategy,
        fill_value=0.1 if strategy == "constant" else None,
        keep_empty_features=keep_empty_features,
    )
    rows = pd.DataFrame(EMPTY.astype(np.float32), columns=list("abcd"))
    rows["b"] = FULL[:, 1] > 0  # a null makes objects of it, which come as float64
    assert prove(imputer, rows).largest == 0.0


def test_a_column_with_nothing_in_it_is_dropped_unless_it_is_kept():
    for keep, width in ((False, 3), (True, 4)):
        found, _ = lean_answers(fitted(SimpleImputer(keep_empty_features=keep), EMPTY), EMPTY, "transform")
        assert len(found[0]) == width


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize(
    ("missing", "rows"), [(-1, CODES), (0, CODES), (0.5, FULL), (-1.0, CODES.astype(float))]
)
def test_another_number_may_stand_for_a_missing_one_and_null_is_refused_then(strategy, missing, rows):
    certificate = prove(SimpleImputer(strategy=strategy, missing_values=missing, add_indicator=True), rows)
    assert certificate.kinds["null"]["refused"] == certificate.kinds["null"]["rows"]


def test_a_statistic_of_the_users_own_is_only_a_number_by_then():
    try:
        imputer = fitted(SimpleImputer(strategy=np.ptp), HOLES)
    except ValueError:
        pytest.skip("a strategy may be a function from scikit-learn 1.5 on")
    prove_lean(imputer, HOLES)


@pytest.mark.parametrize("strategy", ["most_frequent", "constant"])
@pytest.mark.parametrize(
    ("missing", "columns"),
    [(NAN, ["nan", "none"]), (NAN, ["nan", "mark"]), (NONE, ["none", "mark"]), (MARK, ["none", "mark"])],
)
@pytest.mark.parametrize("add_indicator", [False, True])
def test_text_is_filled_where_its_own_missing_value_stands(strategy, missing, columns, add_indicator):
    imputer = SimpleImputer(strategy=strategy, missing_values=missing, add_indicator=add_indicator)
    encoder = OneHotEncoder(handle_unknown="ignore")
    prove(make_pipeline(imputer, encoder), TEXT[columns])
    prove(make_pipeline(imputer, encoder), TEXT[columns].to_numpy())


def test_a_none_is_no_nan_and_stays_for_the_encoder():
    """SimpleImputer() looks for NaN: a None, as databases give, passes through it as a value."""
    model = fitted(make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()), TEXT[["none"]])
    found, wanted = lean_answers(model, TEXT[["none"]], "transform")
    assert found == wanted
    assert found[0] == [3.0]


def test_the_constant_of_text_is_a_word():
    filled = fitted(make_pipeline(SimpleImputer(strategy="constant"), OrdinalEncoder()), TEXT[["nan"]])
    found, wanted = lean_answers(filled, TEXT[["nan"]], "transform")
    assert found == wanted
    prove(
        make_pipeline(SimpleImputer(strategy="constant", fill_value="none"), OrdinalEncoder()), TEXT[["nan"]]
    )


def test_numbers_beside_text_are_filled_too():
    rows = TEXT[["nan"]].assign(number=HOLES[:, 0])
    encoder = OneHotEncoder(handle_unknown="ignore")
    prove(make_pipeline(SimpleImputer(strategy="most_frequent"), encoder), rows)
    prove(SimpleImputer(strategy="constant", fill_value="none"), rows)


def test_missing_values_none_of_numbers_is_refused_by_name():
    rows = pd.DataFrame({"x": pd.Series([1.0, None, 2.0] * 8, dtype=object)})
    with pytest.raises(Refusal, match="SimpleImputer: parameter missing_values=None"):
        prove(SimpleImputer(strategy="most_frequent", missing_values=None), rows)


@pytest.mark.parametrize(
    ("indicator", "rows"),
    [
        (MissingIndicator(), HOLES),
        (MissingIndicator(error_on_new=False), HOLES),
        (MissingIndicator(features="all"), HOLES),
        (MissingIndicator(features="all", sparse=True), HOLES),
        (MissingIndicator(missing_values=-1), CODES),
        (MissingIndicator(missing_values=0, features="all"), CODES),
        (MissingIndicator(), TEXT[["nan"]]),
        (MissingIndicator(error_on_new=False), TEXT[["nan", "mark"]]),
        (MissingIndicator(features="all", missing_values=None), TEXT[["none"]]),
        (MissingIndicator(missing_values="?"), TEXT[["none", "mark"]]),
    ],
)
def test_indicators(indicator, rows):
    prove(indicator, rows)


def test_a_number_missing_where_none_was_before_is_refused_as_the_original_refuses_it():
    certificate = prove(MissingIndicator(), HOLES)
    assert 0 < certificate.kinds["null"]["refused"] < certificate.kinds["null"]["rows"]


def test_a_pipeline_behind_an_indicator():
    prove(
        make_pipeline(SimpleImputer(add_indicator=True), StandardScaler(), LogisticRegression()),
        HOLES,
        LABELS,
    )


RELATED = np.column_stack([HOLES, 2 * FULL[:, 0] + FULL[:, 2], FULL[:, 1]])
RELATED[rng.random(RELATED.shape) < 0.1] = np.nan
RELATED[0] = np.nan
RELATED[1, :4] = np.nan


@pytest.mark.parametrize(
    "imputer",
    [
        IterativeImputer(),
        IterativeImputer(add_indicator=True, max_iter=3),
        IterativeImputer(n_nearest_features=2, imputation_order="random", random_state=0, max_iter=3),
        IterativeImputer(min_value=-0.5, max_value=[1, 1, 1, 2, 3], max_iter=3),
        IterativeImputer(skip_complete=True, initial_strategy="median", max_iter=3),
        IterativeImputer(max_iter=0),
        IterativeImputer(Ridge(), max_iter=3),
        IterativeImputer(LinearRegression(), max_iter=3, initial_strategy="constant", fill_value=1),
        IterativeImputer(HuberRegressor(), max_iter=2, initial_strategy="most_frequent"),
    ],
)
def test_what_a_row_lacks_is_estimated_in_rounds(imputer):
    prove(imputer, RELATED)


def test_rounds_leave_out_columns_with_nothing_in_them():
    rows = np.column_stack([RELATED, np.full(ROWS, np.nan)])
    prove(IterativeImputer(max_iter=2, add_indicator=True), rows)
    if hasattr(fitted(IterativeImputer(max_iter=1), rows), "_is_empty_feature"):
        prove(IterativeImputer(max_iter=2, keep_empty_features=True), rows)
    marked = np.nan_to_num(RELATED, nan=-9)
    prove(IterativeImputer(max_iter=2, missing_values=-9), marked)


@pytest.mark.parametrize(
    ("imputer", "named"),
    [
        (IterativeImputer(sample_posterior=True, max_iter=1), "parameter sample_posterior=True"),
        (IterativeImputer(RandomForestRegressor(2), max_iter=1), "parameter estimator=RandomForestRegressor"),
    ],
)
def test_rounds_that_cannot_be_carried_are_refused_by_name(imputer, named):
    with pytest.raises(Refusal, match=named):
        prove(imputer, RELATED)


@settings(max_examples=20, deadline=None)
@given(
    cells=st.lists(
        st.tuples(*[st.sampled_from([0.0, 1.0, -1.0, 2.5, float("nan")])] * 2), min_size=3, max_size=12
    ),
    strategy=st.sampled_from(["mean", "median", "most_frequent", "constant"]),
    missing=st.sampled_from([float("nan"), 0.0, -1.0]),
    add_indicator=st.booleans(),
    keep=st.booleans(),
)
def test_any_imputer_of_any_numbers(cells, strategy, missing, add_indicator, keep):
    rows = np.array(cells)
    if missing == missing:
        rows = np.nan_to_num(rows, nan=missing)
    imputer = SimpleImputer(
        missing_values=missing, strategy=strategy, add_indicator=add_indicator, keep_empty_features=keep
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a column without a value is said to be skipped
        some = fitted(imputer, rows).transform(rows).shape[1]
    if some:
        prove(imputer, rows)
