import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import DBSCAN
from sklearn.covariance import EmpiricalCovariance
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.manifold import TSNE
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import LocalOutlierFactor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import ExportError
from leanfn.exporters.original import REFUSED, Original

FRAME = pd.DataFrame({"a": [1, 2, 3, 4], "b": [0.5, np.nan, 1.5, 2.5], "c": ["x", "y", None, "x"]})


class Echo(BaseEstimator):
    """Answers with what it was given, as a model sees it."""

    def predict(self, rows):
        self.seen = rows
        return np.zeros(len(rows))


class Batchy(BaseEstimator):
    """Answers that depend on the batch, as NMF's do."""

    def predict(self, rows):
        return np.full(len(rows), rows.to_numpy().mean())


def test_columns_have_the_types_of_their_values():
    frame = FRAME.assign(d=[True, False, True, True], e=pd.Series([1, "x", None, 2], dtype=object))
    assert [(column.name, column.type) for column in Original(Echo(), frame).columns] == [
        ("a", "number"),
        ("b", "number"),
        ("c", "string"),
        ("d", "boolean"),
        ("e", "any"),
    ]


def test_rows_are_json_values_with_null_for_what_is_missing():
    assert Original(Echo(), FRAME).rows[1:3] == [[2, None, "y"], [3, 1.5, None]]


def test_the_model_sees_rows_in_the_samples_own_form():
    original = Original(Echo(), FRAME)
    seen = original.input([[1, None, None], [2, 3.0, "new"]])
    assert seen.dtypes.astype(str).tolist()[:2] == ["int64", "float64"]
    assert seen["c"].isna().tolist() == [True, False] and seen["c"].dtype == FRAME["c"].dtype


def test_an_integer_column_with_a_null_is_a_column_of_floats():
    assert str(Original(Echo(), FRAME).input([[None, 1.0, "x"]])["a"].dtype) == "float64"


def test_a_new_category_is_no_missing_value():
    frame = pd.DataFrame({"c": pd.Categorical(["x", "y"])})
    seen = Original(Echo(), frame).input([["z"], [None]])
    assert seen["c"].tolist()[0] == "z" and seen["c"].isna().tolist() == [False, True]


def test_a_null_is_none_where_the_sample_writes_none():
    frame = pd.DataFrame({"c": pd.Series(["x", None, "y"], dtype=object)})
    assert Original(Echo(), frame).input([[None]])["c"].tolist() == [None]


@pytest.mark.parametrize(
    ("sample", "kind", "rows"),
    [
        (["ab", "cd"], "bare", [["ab"], ["cd"]]),
        (pd.Series(["ab", "cd"], name="review"), "bare", [["ab"], ["cd"]]),
        ([{"a": 1}, {"b": "x"}], "record", [{"a": 1}, {"b": "x"}]),
        (np.array([[1.0, np.nan]]), "table", [[1.0, None]]),
        ([[1, 2]], "table", [[1, 2]]),
    ],
    ids=["texts", "a series", "objects", "an array", "lists"],
)
def test_a_sample_may_have_any_of_the_usual_forms(sample, kind, rows):
    original = Original(Echo(), sample)
    assert (original.kind, original.rows) == (kind, rows)


def test_arrays_get_the_names_that_the_model_was_fitted_with():
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0]})
    fitted = LinearRegression().fit(frame, [0, 1])
    assert [column.name for column in Original(fitted, frame.to_numpy()).columns] == ["a", "b"]
    assert [column.name for column in Original(Echo(), frame.to_numpy()).columns] == ["x0", "x1"]


def test_columns_that_are_named_by_numbers_are_named_by_their_digits():
    frame = pd.DataFrame([[1.0, 2.0], [3.0, 5.0]])
    original = Original(LinearRegression().fit(frame, [0, 1]), frame)
    assert [column.name for column in original.columns] == ["0", "1"]
    assert original.answers("predict", original.rows) == pytest.approx([0.0, 1.0])


def test_columns_beyond_the_models_own_are_left_out_and_missing_ones_named():
    fitted = LinearRegression().fit(FRAME[["a"]], [0, 1, 2, 3])
    assert [column.name for column in Original(fitted, FRAME).columns] == ["a"]
    with pytest.raises(ExportError, match="wanted: a"):
        Original(fitted, FRAME[["c"]])


def test_a_row_that_the_model_raises_for_is_refused_and_the_others_answered():
    fitted = LinearRegression().fit(FRAME[["a"]], [0, 1, 2, 3])
    answers = Original(fitted, FRAME[["a"]]).answers("predict", [[1], [None], [3]])
    assert answers == [pytest.approx(0.0), REFUSED, pytest.approx(2.0)]


def test_a_model_whose_answers_depend_on_the_batch_is_asked_row_by_row():
    original = Original(Batchy(), pd.DataFrame({"a": [1.0, 3.0]}))
    assert original.answers("predict", original.rows) == [1.0, 3.0]


def test_it_is_asked_in_one_thread_and_the_users_model_is_left_alone():
    forest = RandomForestClassifier(5, n_jobs=2).fit([[0.0], [1.0]], [0, 1])
    original = Original(forest, [[0.0]])
    assert (forest.n_jobs, original.model.n_jobs) == (2, 1)


def test_several_outputs_are_row_output_class():
    forest = RandomForestClassifier(3, random_state=0).fit([[0.0], [1.0]], [[0, 1], [1, 0]])
    answers = Original(forest, [[0.0], [1.0]]).answers("predict_proba", [[0.0], [1.0]])
    assert np.shape(answers) == (2, 2, 2)


def test_sparse_answers_come_dense():
    from sklearn.preprocessing import OneHotEncoder

    encoder = OneHotEncoder().fit([["a"], ["b"]])
    assert Original(encoder, np.array([["a"]], dtype=object)).answers("transform", [["b"]]) == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        (pd.DataFrame({"a": []}), "no row"),
        ([], "no row"),
        (np.zeros((2, 2, 2)), "not a table"),
        (pd.DataFrame({"a": pd.to_datetime(["2020-01-01"])}), "column 'a' holds what JSON has no word for"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "columns of the same name: a"),
    ],
)
def test_a_sample_that_is_none_is_refused(sample, said):
    with pytest.raises(ExportError, match=said):
        Original(Echo(), sample)


@pytest.mark.parametrize(
    ("model", "said"),
    [
        (DBSCAN(), r"^DBSCAN .*groups of the rows of its fit(.|\n)*KMeans"),
        (make_pipeline(StandardScaler(), TSNE(perplexity=1)), r"^TSNE .*learns no map(.|\n)*PCA"),
        (LocalOutlierFactor(n_neighbors=1), r"novelty=True(.|\n)*Fit LocalOutlierFactor\(novelty=True\)"),
        (EmpiricalCovariance(), "covariance"),
        (GridSearchCV(Ridge(), {}, cv=2, refit=False), "^GridSearchCV .*no method"),
    ],
)
def test_what_answers_for_no_new_row_is_refused_with_the_reason_and_what_does(model, said):
    X = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [5.0, 7.0]]
    with pytest.raises(ExportError, match=said):
        Original(model.fit(X, [0.0, 1.0, 2.0, 3.0]), X)


def test_a_sample_of_the_wrong_form_is_told_what_the_model_said():
    fitted = LogisticRegression().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    with pytest.raises(ExportError, match="it said: ValueError"):
        Original(fitted, [[0.0]]).check()
    Original(StandardScaler().fit([[0.0], [1.0]]), [[0.0]]).check()
