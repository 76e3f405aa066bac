"""Raw column values: chosen, converted, filled and encoded; damaged nodes are refused."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step, tensor

THREE = ("values", 3)


def test_values_are_picked_in_any_order_and_twice():
    assert step("pick/1", THREE, columns=[2, 0, 2])(["a", None, 1]) == [1, "a", 1]


def test_numbers_and_booleans_become_floats_and_null_is_nan():
    numbers = step("numbers/1", THREE)
    assert numbers([1, True, 2.5]) == [1.0, 1.0, 2.5]
    assert math.isnan(numbers([1, None, 2.5])[1])


def test_numbers_become_values_and_nan_is_null():
    assert step("values/1", ("vector", 2, True))([1.0, math.nan]) == [1.0, None]
    assert step("values/1", ("vector", 2))([1.0, 2.0]) == [1.0, 2.0]


def test_a_required_value_that_is_missing_refuses_the_row():
    required = step("required/1", THREE, columns=[0, 2])
    assert required(["a", None, 1]) == ["a", None, 1]
    with pytest.raises(RowError, match="a value is missing"):
        required(["a", "b", None])


def test_what_is_absent_is_one():
    absent = step("absent/1", THREE, columns=[2, 0], missing=None, refuse=False)
    assert absent(["a", None, None]) == [1.0, 0.0]
    marked = step("absent/1", THREE, columns=[0], missing="?", refuse=True)
    assert marked(["?", None, "a"]) == [1.0]
    with pytest.raises(RowError, match="where none was before"):
        marked(["a", "?", "a"])


def test_missing_values_are_filled_column_by_column():
    assert step("fill/1", THREE, missing=None, fill=["x", 0, None])([None, None, None]) == ["x", 0, None]
    assert step("fill/1", THREE, missing="?", fill=["x", 0, 1])(["?", None, 5]) == ["x", None, 5]


ONEHOT = {
    "width": 3,
    "keys": [["a", None], [1, 2]],
    "to": [0, 1, -1, 2],
    "otherwise": [-1, -2],
}


def test_a_category_sets_its_column_or_none_and_an_unknown_one_may_refuse_the_row():
    onehot = step("onehot/1", ("values", 2), **ONEHOT)
    assert onehot(["a", 2]) == {0: 1.0, 2: 1.0}
    assert onehot([None, True]) == {1: 1.0}  # 1 == True, and it sets no column
    assert onehot(["other", 2.0]) == {2: 1.0}
    with pytest.raises(RowError, match="unknown category 7"):
        onehot(["a", 7])


def test_a_nan_of_computed_numbers_is_the_null_category():
    onehot = step("onehot/1", ("vector", 2, True), **ONEHOT | {"keys": [[1, None], [1, 2]]})
    assert onehot([math.nan, 2.0]) == {1: 1.0, 2: 1.0}


def test_a_table_gives_as_many_numbers_per_value_as_it_has_columns():
    table = {"keys": [["a", "b"], [True]], "to": [[1, 2], [3, 4], [5, 6]]}
    lookup = step("lookup/1", ("values", 2), **table, otherwise=[[0, 0], [9, 9]])
    assert lookup(["b", 1]) == [3.0, 4.0, 5.0, 6.0]
    assert lookup(["c", "c"]) == [0.0, 0.0, 9.0, 9.0]
    with pytest.raises(RowError, match="unknown category 'c'"):
        step("lookup/1", ("values", 2), **table, otherwise=None)(["c", 1])


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("pick/1", {"columns": [3]}),
        ("pick/1", {"columns": [-1]}),
        ("pick/1", {"columns": ["0"]}),
        ("required/1", {"columns": [3]}),
        ("absent/1", {"columns": [3], "missing": None, "refuse": False}),
        ("absent/1", {"columns": [0], "missing": [1], "refuse": False}),
        ("fill/1", {"missing": None, "fill": [1, 2]}),
        ("fill/1", {"missing": None, "fill": [1, 2, {}]}),
    ],
)
def test_a_damaged_node_is_refused(op, values):
    with pytest.raises(ArtifactError, match="wants"):
        step(op, THREE, **values)


@pytest.mark.parametrize(
    "damage",
    [
        {"width": 2},
        {"to": [0, 1, -1, 3]},
        {"to": [0, 1, -3, 2]},
        {"to": [0, 1, -1]},
        {"otherwise": [-1]},
        {"otherwise": [-1, 3]},
        {"keys": [["a", None]]},
        {"keys": [["a"], [1, 2]]},
        {"keys": [["a", ["b"]], [1, 2]]},
        {"to": tensor("F64", [0, 1, -1, 2])},
        {"width": 1 << 40},
    ],
)
def test_a_damaged_table_is_refused(damage):
    with pytest.raises(ArtifactError, match="onehot/1 wants"):
        step("onehot/1", ("values", 2), **ONEHOT | damage)
