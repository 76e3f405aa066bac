"""Scalers, encoders and functions of sklearn.preprocessing, held against scikit-learn row by row."""

import itertools
import warnings

import numpy as np
import pandas as pd
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    FunctionTransformer,
    KernelCenterer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)

from leanfn.engines.lean import operations
from leanfn.errors import CertificateError, Refusal
from leanfn.exporters.lean import functions
from tests.parity import lean_answers, prove_lean

ROWS = 40
rng = np.random.default_rng(0)
X = rng.normal(size=(ROWS, 3)) * [1, 100, 0.01] + [0, 1000, 0]
MISSING = np.where(rng.random(X.shape) < 0.1, np.nan, X)
CONSTANT = np.column_stack([X, np.full(ROWS, 7.0)])
LABELS = (X[:, 0] > 0).astype(int)
THREE = np.repeat([0, 1, 2], ROWS)[rng.permutation(ROWS * 3)[:ROWS]]


def fitted(model, rows, y=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(rows, y) if y is not None else model.fit(rows)


def prove(model, rows, y=None):
    return prove_lean(fitted(model, rows, y), rows)


def words(*choices, missing=None, every=9):
    """A column of these values in turn, and every so often a missing one."""
    values = list(itertools.islice(itertools.cycle(choices), ROWS))
    if missing is not None:
        values[::every] = [missing() for _ in values[::every]]
    return pd.Series(values, dtype=object)


NAN, NONE = lambda: np.nan, lambda: None
TABLE = pd.DataFrame(
    {
        "city": words("oslo", "rome", "lima", "oslo", "oslo", "rome", "bern"),
        "with_nan": words("a", "b", "b", "c", missing=NAN),
        "with_none": words("p", "q", missing=NONE),
        "code": rng.integers(0, 5, ROWS),
        "measure": np.where(rng.random(ROWS) < 0.2, np.nan, rng.integers(0, 3, ROWS) / 2),
        "flag": rng.random(ROWS) < 0.4,
        "pandas_text": pd.Series(list(words("x", "y", "z", missing=NAN, every=11)), dtype="str"),
        "kind": pd.Categorical(list(words("small", "large", "small"))),
    }
)
MIXED = TABLE[["city", "with_nan", "code", "flag"]].to_numpy(dtype=object)


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
        StandardScaler(with_mean=False, with_std=False),
        MinMaxScaler(),
        MinMaxScaler(feature_range=(-2, 5), clip=True),
        MaxAbsScaler(),
        RobustScaler(),
        RobustScaler(with_centering=False, quantile_range=(10, 90)),
        RobustScaler(with_scaling=False),
        RobustScaler(unit_variance=True),
    ],
)
@pytest.mark.parametrize("rows", [X, MISSING, CONSTANT, X.astype(np.float32), (X * 10).astype(int)])
def test_scalers_answer_bit_for_bit(scaler, rows):
    certificate = prove(scaler, rows)
    assert certificate.largest == 0.0


def test_a_constant_column_is_divided_by_one():
    assert fitted(StandardScaler(), CONSTANT).scale_[3] == 1.0
    prove(StandardScaler(), CONSTANT)


def test_max_abs_scaler_clips_where_this_version_can():
    if "clip" not in MaxAbsScaler().get_params():
        pytest.skip("MaxAbsScaler clips from scikit-learn 1.9 on")
    prove(MaxAbsScaler(clip=True), MISSING)


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize(
    "scaler", [StandardScaler(with_mean=False), MaxAbsScaler(), RobustScaler(with_centering=False)]
)
def test_a_sparse_row_stays_sparse_through_scalers(scaler, sparse):
    prove(
        make_pipeline(OneHotEncoder(sparse_output=sparse, handle_unknown="ignore"), scaler), TABLE[["city"]]
    )


def test_dense_one_hot_columns_are_centred():
    prove(make_pipeline(OneHotEncoder(sparse_output=False), StandardScaler()), TABLE[["city", "flag"]])


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalizer_leaves_rows_of_zeros_and_nearly_zeros(norm):
    rows = np.vstack([X, np.zeros(3), np.full(3, 1e-17)])
    assert prove(Normalizer(norm), rows).largest < 1e-14


@pytest.mark.parametrize("norm", ["l1", "l2", "max"])
def test_normalizer_brings_any_sparse_row_to_length_one(norm):
    tiny = FunctionTransformer(accept_sparse=True)
    encoder = OneHotEncoder(handle_unknown="ignore")
    prove(make_pipeline(encoder, tiny, Normalizer(norm)), TABLE[["city", "code"]])


@pytest.mark.parametrize("threshold", [0.0, 0.5, -0.5])
@pytest.mark.parametrize("rows", [X, (X * 10).astype(int)])
def test_binarizer_is_strictly_above(threshold, rows):
    planted = rows.copy()
    planted[:5] = threshold
    prove(Binarizer(threshold=threshold), planted)


def test_binarizer_of_one_hot_columns():
    for sparse, threshold in ((True, 0.5), (False, -0.5)):
        encoder = OneHotEncoder(sparse_output=sparse, handle_unknown="ignore")
        prove(make_pipeline(encoder, Binarizer(threshold=threshold)), TABLE[["city"]])


def test_kernel_centerer_takes_off_the_means_of_the_training_rows():
    kernel = X[:8] @ X[:8].T
    prove(KernelCenterer(), kernel)


@pytest.mark.parametrize(
    "step",
    [
        StandardScaler(with_mean=False),
        MaxAbsScaler(),
        RobustScaler(with_centering=False),
        Normalizer("l1"),
        Binarizer(),
        FunctionTransformer(np.log1p, accept_sparse=True),
    ],
)
def test_the_words_of_a_text_are_scaled_where_they_stand(step):
    texts = [" ".join(rng.choice(["red", "green", "blue", "grey"], 4)) for _ in range(ROWS)]
    prove(make_pipeline(CountVectorizer(), step), texts)


# encoders

UNKNOWN = [
    "error",
    "ignore",
    "infrequent_if_exist",
    *(["warn"] if hasattr(OneHotEncoder, "set_output") else []),
]
GROUPS = [{}, {"min_frequency": 8}, {"max_categories": 2}, {"min_frequency": 0.2, "max_categories": 3}]


@pytest.mark.parametrize("unknown", UNKNOWN)
@pytest.mark.parametrize("drop", [None, "first", "if_binary"])
@pytest.mark.parametrize("groups", GROUPS)
def test_one_hot_with_any_drop_any_grouping_and_any_unknown(unknown, drop, groups):
    encoder = OneHotEncoder(drop=drop, handle_unknown=unknown, sparse_output=drop is None, **groups)
    try:
        encoder = fitted(encoder, MIXED)
    except ValueError as error:  # a parameter of later versions
        pytest.skip(str(error))
    prove_lean(encoder, MIXED)


def test_offsets_of_three_columns_do_not_run_into_one_another():
    """A public tool writes the third column's categories into the second's slots."""
    encoder = fitted(OneHotEncoder(drop="first"), TABLE[["city", "code", "kind"]])
    found, wanted = lean_answers(encoder, TABLE[["city", "code", "kind"]], "transform")
    assert [list(row) for row in found] == wanted
    assert len(found[0]) == 3 + 4 + 1


def test_named_categories_are_dropped():
    rows = TABLE[["city", "with_nan", "code"]]
    prove(OneHotEncoder(drop=["rome", np.nan, 3], handle_unknown="ignore"), rows)
    prove(OneHotEncoder(drop=["rome", "a", 3], handle_unknown="infrequent_if_exist", min_frequency=8), rows)


def test_categories_are_the_users_in_the_users_order():
    rows = TABLE[["city", "code"]]
    categories = [["rome", "oslo", "lima", "bern", "pisa"], [0, 1, 2, 3, 4, 9]]
    prove(OneHotEncoder(categories=categories), rows)
    prove(OrdinalEncoder(categories=categories), rows)


@pytest.mark.parametrize("column", list(TABLE))
@pytest.mark.parametrize(
    "encoder",
    [
        OneHotEncoder(handle_unknown="ignore"),
        OneHotEncoder(),
        OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        OrdinalEncoder(),
        OrdinalEncoder(encoded_missing_value=-7, handle_unknown="use_encoded_value", unknown_value=np.nan),
        OrdinalEncoder(min_frequency=9, handle_unknown="use_encoded_value", unknown_value=99),
        OrdinalEncoder(max_categories=2, encoded_missing_value=55),
        TargetEncoder(random_state=0),
    ],
)
def test_every_type_of_column_through_every_encoder(column, encoder):
    prove(encoder, TABLE[[column]], LABELS)


def test_none_and_nan_are_categories_of_their_own():
    """Null in a request is what the sample's nulls are: the other one is a category that no request can name."""
    both = pd.DataFrame({"x": pd.Series(["a", None, "b", np.nan] * 10, dtype=object)})
    for rows in (both, TABLE[["with_none"]], TABLE[["with_nan"]]):
        prove(OneHotEncoder(handle_unknown="ignore"), rows)


def test_ordinal_encoder_takes_nan_for_missing_and_none_for_a_category():
    found, wanted = lean_answers(
        fitted(OrdinalEncoder(), TABLE[["with_none"]]), TABLE[["with_none"]], "transform"
    )
    assert found == wanted
    assert found[0] == [2.0]
    found, wanted = lean_answers(
        fitted(OrdinalEncoder(), TABLE[["with_nan"]]), TABLE[["with_nan"]], "transform"
    )
    assert np.isnan(found[0][0])
    assert np.isnan(wanted[0][0])


def test_an_infrequent_grouping_leaves_nan_alone_in_ordinal_encoder():
    rows = TABLE[["with_nan", "measure", "city"]]
    prove(OrdinalEncoder(min_frequency=11, handle_unknown="use_encoded_value", unknown_value=-1), rows)
    prove(OrdinalEncoder(max_categories=2, encoded_missing_value=-1), rows)


def test_one_and_one_point_zero_and_true_are_one_category():
    mixed = pd.DataFrame({"x": pd.Series([1, 2.0, True, 3] * 10, dtype=object)})
    for encoder in (OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()):
        prove(encoder, mixed)


def test_numbers_as_text_are_not_numbers():
    prove(OneHotEncoder(handle_unknown="ignore"), pd.DataFrame({"x": words("1", "2", "10")}))


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int64])
def test_the_type_of_the_codes_does_not_change_them(dtype):
    prove(
        OrdinalEncoder(dtype=dtype, handle_unknown="use_encoded_value", unknown_value=-1),
        TABLE[["city", "code"]],
    )
    prove(OneHotEncoder(dtype=dtype), TABLE[["city", "code"]])


@pytest.mark.parametrize(
    "rows", [TABLE[["city", "with_nan"]].to_numpy(), TABLE[["city"]].to_numpy(dtype=str)]
)
def test_arrays_of_text_are_encoded(rows):
    for encoder in (OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()):
        prove(encoder, rows)


def test_numbers_that_were_imputed_are_encoded():
    imputed = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore"))
    prove(imputed, TABLE[["code", "measure"]])


def test_encoders_read_what_scalers_computed_without_taking_it_for_a_column_of_the_request():
    rows = TABLE[["code"]].astype(float)
    model = fitted(make_pipeline(MinMaxScaler(), OneHotEncoder(handle_unknown="ignore")), rows)
    certificate = prove_lean(model, rows)
    assert certificate.kinds["sample"]["refused"] == 0


@pytest.mark.parametrize("y", [LABELS, THREE, X[:, 1]], ids=["binary", "multiclass", "continuous"])
@pytest.mark.parametrize("smooth", ["auto", 10.0])
def test_target_encoder_gives_a_number_per_class(y, smooth):
    prove(TargetEncoder(smooth=smooth, random_state=0), MIXED, y)


# functions

KNOWN = operations.find("map/1").params["function"]
NUMBERS = np.array(
    [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -1.5, 1e-17, 700.0, 710.0, -745.0, 1e22, 1e308, -1e308]
)


@pytest.mark.parametrize("name", KNOWN)
def test_a_function_known_by_identity_answers_as_numpy_does(name):
    function = getattr(np, name, None) or getattr(scipy.special, name)
    prove(FunctionTransformer(function), np.column_stack([NUMBERS, np.linspace(-1, 1, len(NUMBERS))]))


@pytest.mark.parametrize("function", [np.fabs, np.round, np.fix, np.radians, scipy.special.log1p, np.abs])
def test_numpys_other_names_are_known_too(function):
    prove(FunctionTransformer(function), np.column_stack([NUMBERS, NUMBERS / 3]))


def test_a_function_of_a_function_meets_infinity():
    logarithms = make_pipeline(
        FunctionTransformer(np.log), FunctionTransformer(np.sinh), FunctionTransformer(np.arctan)
    )
    prove(logarithms, np.abs(X))


@pytest.mark.parametrize(
    ("transformer", "named"),
    [
        (FunctionTransformer(lambda rows: rows), "func=<function"),
        (FunctionTransformer(np.round, kw_args={"decimals": 1}), "kw_args="),
        (FunctionTransformer(np.cumsum), "func=<function cumsum"),
    ],
)
def test_a_function_of_the_users_own_is_refused_by_name(transformer, named):
    with pytest.raises(Refusal, match=r"FunctionTransformer: parameter ") as refusal:
        prove(transformer, X)
    assert named in str(refusal.value)


def test_a_function_is_known_by_identity_not_by_name():
    def log1p(rows):
        return np.log1p(rows)

    assert functions.name_of(log1p) is None
    assert functions.name_of(np.log1p) == functions.name_of(scipy.special.log1p) == "log1p"
    assert functions.name_of([]) is None


def test_no_function_lets_text_through_and_validation_refuses_missing_numbers():
    encode = make_pipeline(FunctionTransformer(), OneHotEncoder(handle_unknown="ignore"))
    prove(encode, TABLE[["city", "code"]])
    prove(FunctionTransformer(), MISSING)
    certificate = prove(FunctionTransformer(np.sqrt, validate=True), np.abs(X))
    assert certificate.kinds["null"]["refused"] == certificate.kinds["null"]["rows"]


def test_whole_numbers_that_numpy_divides_as_integers_are_never_answered_wrong():
    """np.reciprocal(2) is 0 where np.reciprocal(2.0) is 0.5: the proof sees it."""
    with pytest.raises(CertificateError):
        prove(FunctionTransformer(np.reciprocal), rng.integers(2, 9, (ROWS, 2)))


# together


def preparation():
    measures = make_pipeline(SimpleImputer(), StandardScaler())
    return make_column_transformer(
        (measures, ["measure", "code"]),
        (OneHotEncoder(handle_unknown="ignore"), ["city", "flag"]),
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), ["with_none"]),
    )


PREPARED = TABLE[["measure", "code", "city", "flag", "with_none"]]


@pytest.mark.parametrize("y", [LABELS, THREE], ids=["binary", "multiclass"])
def test_a_pipeline_of_all_of_them(y):
    prove(make_pipeline(preparation(), LogisticRegression()), PREPARED, y)


def test_a_pipeline_inside_a_search():
    search = GridSearchCV(
        make_pipeline(preparation(), RobustScaler(), LinearRegression()),
        {"robustscaler__with_centering": [True, False]},
        cv=2,
    )
    prove(search, PREPARED, X[:, 1])


def test_text_beside_computed_numbers_becomes_columns_of_any_value():
    first = ColumnTransformer(
        [("scaled", StandardScaler(), ["measure"]), ("kept", "passthrough", ["city", "with_none", "flag"])]
    )
    second = ColumnTransformer(
        [("codes", OneHotEncoder(handle_unknown="ignore"), [1, 2, 3])], remainder=SimpleImputer()
    )
    prove(make_pipeline(first, second, LogisticRegression()), PREPARED, LABELS)


@settings(max_examples=20, deadline=None)
@given(
    column=st.one_of(
        st.lists(st.sampled_from(["a", "b", "1", "", "é", None]), min_size=4, max_size=12),
        st.lists(st.sampled_from(["a", "b", "c", float("nan")]), min_size=4, max_size=12),
        st.lists(st.sampled_from([0, 1, 2.5, -3, float("nan")]), min_size=4, max_size=12),
    ),
    drop=st.sampled_from([None, "first", "if_binary"]),
    unknown=st.sampled_from(["error", "ignore", "infrequent_if_exist"]),
    min_frequency=st.sampled_from([None, 1, 2, 0.3]),
    max_categories=st.sampled_from([None, 1, 2, 3]),
)
def test_any_one_hot_encoder_of_any_column(column, drop, unknown, min_frequency, max_categories):
    if all(value is None or value != value for value in column):
        return
    rows = np.array([[value] for value in column], dtype=object if str in map(type, column) else float)
    encoder = OneHotEncoder(
        drop=drop, handle_unknown=unknown, min_frequency=min_frequency, max_categories=max_categories
    )
    prove(encoder, rows)
    ordinal = OrdinalEncoder(
        handle_unknown="use_encoded_value",
        unknown_value=-1,
        min_frequency=min_frequency,
        max_categories=max_categories,
    )
    prove(ordinal, rows)
