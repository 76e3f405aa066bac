import pandas
import pytest

from leanfn.errors import DataError
from leanfn.exporters.columns import take_features, take_label

NOTHING = float("nan")


def label_of(values):
    return take_label(pandas.DataFrame({"kind": values}), "kind", "rows.csv")


def feature_of(values, numeric=()):
    return take_features(pandas.DataFrame({"x": values}), numeric, {"x"} - set(numeric), "rows.csv")["x"]


@pytest.mark.parametrize(
    ("values", "classes"),
    [([0, 1], [0, 1]), ([0.0, 1.0], [0, 1]), (["a", "b"], ["a", "b"]), ([True, False], [True, False])],
)
def test_a_label_keeps_its_classes_and_whole_floats_become_integers(values, classes):
    taken = label_of(values).tolist()
    assert taken == classes
    assert [type(each) for each in taken] == [type(each) for each in classes]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.0, NOTHING, NOTHING], "'kind' is empty in 2 of 3 rows\n  first:  row 2"),
        ([0.0, 1.5, 2.0], "holds measured numbers.*\n  wanted: classes.*\n  found:  1.5 in row 2"),
        ([1, 1, 1], "cannot be learned\n  wanted: 2 to 100 classes\n  found:  1"),
        (list(range(101)), "cannot be learned\n  wanted: 2 to 100 classes\n  found:  101"),
    ],
)
def test_a_label_that_no_classifier_learns_is_refused(values, said):
    with pytest.raises(DataError, match=f"(?s)rows.csv: the label .*{said}"):
        label_of(values)


def test_a_label_that_is_not_there_is_named_with_the_nearest_column():
    with pytest.raises(
        DataError, match=r"rows.csv has no label 'tarjet'\n  nearest: 'target'\nName it with --label"
    ):
        take_label(pandas.DataFrame({"age": [1], "target": [1]}), "tarjet", "rows.csv")
    with pytest.raises(DataError, match="has no label 'q'\n  found:  age, target\n"):
        take_label(pandas.DataFrame({"age": [1], "target": [1]}), "q", "rows.csv")


@pytest.mark.parametrize("values", [[1, 2], [1.0, 2.0], [True, False], ["1", "2"]])
def test_features_are_floats_or_words_and_nothing_else(values):
    taken = feature_of(values)
    assert taken.dtype == ("object" if isinstance(values[0], str) else "float64")


def test_a_word_that_is_missing_is_nan_whatever_it_was():
    assert [isinstance(each, float) for each in feature_of(["a", None])] == [False, True]
    assert feature_of(pandas.Series(["a", None], dtype="string")).dtype == "object"
    assert feature_of(pandas.Series(["a", "b"], dtype="category")).dtype == "object"


def test_whole_numbers_with_gaps_are_floats_too():
    assert feature_of(pandas.Series([1, None], dtype="Int64")).tolist()[0] == 1.0


def test_features_keep_the_order_of_the_table():
    table = pandas.DataFrame({"b": [1], "a": [2], "c": [3]})
    assert list(take_features(table, ["a"], ["b"], "rows.csv")) == ["b", "a"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([NOTHING, NOTHING], "is empty in every row"),
        ([1.0, float("inf")], "holds a number without end\n  .*\n  found:  inf in row 2"),
        ([1.0, float("-inf")], "found:  -inf in row 2"),
        (
            pandas.to_datetime(["2020-01-01"]),
            "cannot be learned from\n  wanted: numbers or words\n  found:  datetime",
        ),
        ([1, "a"], "wanted: numbers or words\n  found:  mixed"),
        ([[1], [2]], "wanted: numbers or words\n  found:  mixed"),
    ],
)
def test_a_column_that_no_model_learns_from_is_refused(values, said):
    with pytest.raises(DataError, match=f"(?s)rows.csv: the column 'x' .*{said}"):
        feature_of(values)


@pytest.mark.parametrize(
    ("values", "found"),
    [
        (["1", "n/a?", "2", "-"], r"'n/a\?' in row 2, and 1 more"),
        (["1", None, "two"], "'two' in row 3\n"),
        (["1", "2"], "'1' in row 1, and 1 more"),
    ],
)
def test_words_in_a_numeric_column_are_shown_with_their_row(values, found):
    with pytest.raises(
        DataError, match=f"(?s)'x' is not numeric\n  wanted: .*\n  found:  {found}.*Mend the column"
    ):
        feature_of(values, numeric=["x"])
