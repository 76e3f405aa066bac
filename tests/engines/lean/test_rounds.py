"""Missing numbers estimated from one another; damaged nodes are refused."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step, tensor

NAN = math.nan
WIRES = (("vector", 2, True), ("vector", 2))
# the first is twice the second, the second the first plus one
NODE = {
    "ignored": [],
    "missing": None,
    "targets": [0, 1],
    "coef": [[0, 2], [1, 0]],
    "intercept": [0, 1],
    "low": [-math.inf, -math.inf],
    "high": [10, 100],
}


def test_only_what_is_missing_is_estimated():
    rounds = step("rounds/1", *WIRES, **NODE)
    assert rounds([NAN, 3.0], [0.5, 3.0]) == [6.0, 3.0]
    assert rounds([3.0, NAN], [3.0, 0.5]) == [3.0, 4.0]
    assert rounds([3.0, 3.0], [3.0, 3.0]) == [3.0, 3.0]


def test_a_row_that_lacks_everything_stays_as_it_was_filled():
    assert step("rounds/1", *WIRES, **NODE)([NAN, NAN], [0.5, 0.25]) == [0.5, 0.25]
    ignoring = step("rounds/1", *WIRES, **NODE | {"ignored": [1]})
    assert ignoring([NAN, NAN], [0.5, 0.25]) == [0.5, 0.25]


def test_another_number_may_stand_for_a_missing_one():
    assert step("rounds/1", *WIRES, **NODE | {"missing": [-1]})([-1.0, 3.0], [0.5, 3.0]) == [6.0, 3.0]


def test_estimates_stay_between_their_bounds():
    assert step("rounds/1", *WIRES, **NODE)([NAN, 30.0], [0.5, 30.0]) == [10.0, 30.0]
    assert step("rounds/1", *WIRES, **NODE | {"low": [7, 0]})([NAN, 3.0], [0.5, 3.0]) == [7.0, 3.0]


def test_an_infinite_estimate_is_no_number_to_estimate_from():
    three = ("vector", 3, True), ("vector", 3)
    node = NODE | {"coef": [[0, 2, 0], [1, 0, 0]], "high": [math.inf, math.inf]}
    with pytest.raises(RowError, match="infinite"):
        step("rounds/1", *three, **node)([NAN, NAN, 1.0], [0.0, 1e308, 1.0])


@pytest.mark.parametrize(
    "damage",
    [
        {"targets": [0, 2]},
        {"targets": [0, -1]},
        {"targets": [0]},
        {"ignored": [2]},
        {"coef": [[0, 2]]},
        {"coef": [[0], [1]]},
        {"low": [0]},
        {"missing": [1, 2]},
        {"intercept": tensor("F32", [0, 1])},
    ],
)
def test_a_damaged_node_is_refused(damage):
    with pytest.raises(ArtifactError, match="rounds/1 wants"):
        step("rounds/1", *WIRES, **NODE | damage)


def test_rows_of_two_widths_are_refused():
    with pytest.raises(ArtifactError, match="two rows of one width"):
        step("rounds/1", ("vector", 2), ("vector", 3), **NODE)
