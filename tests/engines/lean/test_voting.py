"""Votes, averages and medians as plain arithmetic, and refusals of a damaged node."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn.errors import ArtifactError
from tests.nodes import step, tensor

numbers = st.floats(-1e6, 1e6)


def test_a_class_stands_for_its_row():
    assert step("take/1", ("index", 2), rows=[[1.0, 2.0], [3.0, 4.0]])(1) == [3.0, 4.0]


def test_members_are_added_in_their_order_and_divided_at_the_end():
    inputs = [("vector", 2)] * 3
    mean = step("average/1", *inputs, weights=None, divide=[3.0])
    assert mean([0.1, 1.0], [0.2, 1.0], [0.3, 1.0]) == [(0.1 + 0.2 + 0.3) / 3.0, 1.0]
    weighted = step("average/1", *inputs, weights=[1.0, 2.0, 3.0], divide=None)
    assert weighted([1.0, 0.0], [1.0, 0.0], [1.0, -1.0]) == [6.0, -3.0]
    assert step("average/1", ("vector", 1), weights=None, divide=None)([5.0]) == [5.0]


def test_the_median_is_where_half_of_the_weight_is_reached():
    median = step("median/1", ("vector", 3), weights=[1.0, 1.0, 2.0])
    assert median([10.0, 20.0, 30.0]) == [20.0]
    assert median([30.0, 20.0, 10.0]) == [10.0]
    assert step("median/1", ("vector", 2), weights=[math.nan, 1.0])([2.0, 1.0]) == [1.0]


def test_predictions_that_are_nan_come_last():
    median = step("median/1", ("vector", 3, True), weights=[1.0, 1.0, 1.0])
    assert median([math.nan, 2.0, 1.0]) == [2.0]
    assert median([2.0, math.nan, 1.0]) == [2.0]
    assert math.isnan(median([math.nan, 2.0, math.nan])[0])


@given(st.lists(numbers, min_size=1, max_size=9))
def test_with_equal_weights_it_is_the_lower_median(values):
    (found,) = step("median/1", ("vector", len(values)), weights=[1.0] * len(values))(values)
    assert found == sorted(values)[(len(values) - 1) // 2]


@pytest.mark.parametrize(
    ("op", "inputs", "values"),
    [
        ("take/1", [("index", 3)], {"rows": [[1.0], [2.0]]}),
        ("take/1", [("index", 2)], {"rows": tensor("F32", [[1.0], [2.0]])}),
        ("take/1", [("vector", 2)], {"rows": [[1.0], [2.0]]}),
        ("average/1", [], {"weights": None, "divide": None}),
        ("average/1", [("vector", 2), ("vector", 3)], {"weights": None, "divide": None}),
        ("average/1", [("vector", 2)] * 2, {"weights": [1.0], "divide": None}),
        ("average/1", [("vector", 2)] * 2, {"weights": None, "divide": [0.0]}),
        ("average/1", [("vector", 2)] * 2, {"weights": None, "divide": [1.0, 2.0]}),
        ("median/1", [("vector", 2)], {"weights": [1.0]}),
        ("median/1", [("vector", 0)], {"weights": []}),
    ],
)
def test_a_damaged_node_is_refused(op, inputs, values):
    with pytest.raises(ArtifactError, match=f"operation {op}"):
        step(op, *inputs, **values)
