import math

import pytest

from leanfn.errors import ArtifactError
from tests.nodes import step

# column 1 at 0.5: left (half of the weight) holds 0, right asks column 0 at 2: left 4, right 8, of 3 and 1 parts
TREE = {
    "feature": [1, -1, 0, -1, -1],
    "threshold": [0.5, 0.0, 2.0, 0.0, 0.0],
    "right": [2, 0, 4, 1, 2],
    "missing_left": None,
    "roots": [0],
    "categorical": None,
    "sets": None,
    "values": [[0.0], [4.0], [8.0]],
    "group": None,
    "base": [1.0],
    "divide": None,
    "cover": [4, 3, 1],
    "field": [2, 0],
    "fields": 3,
}


def paths(wire=("vector", 2), **changes):
    return step("paths/1", wire, **{**TREE, **changes})


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        ([0.0, 0.0], [3.5, -2.5, 0.0, 0.0]),
        ([2.0, 1.0], [3.5, 2.5, 0.0, -1.0]),
        ([3.0, 1.0], [3.5, 2.5, 0.0, 3.0]),
    ],
)
def test_a_step_adds_the_difference_of_the_means_to_the_field_that_the_split_asks(row, parts):
    assert paths()(row) == [parts]


def test_the_sum_is_over_the_divisor_as_that_of_the_trees_is():
    assert paths(divide=[4.0])([3.0, 1.0]) == [[0.875, 0.625, 0.0, 0.75]]


def test_two_columns_of_a_field_add_up():
    assert paths(field=[0, 0], fields=1)([3.0, 1.0]) == [[3.5, 5.5]]


def test_a_tree_with_a_group_adds_to_its_output_alone():
    two = {
        name: TREE[name] + [x + 5 * (name == "right" and i in (0, 2)) for i, x in enumerate(TREE[name])]
        for name in ("feature", "threshold", "right", "cover")
    }
    run = paths(**two, roots=[0, 5], group=[0, 1], base=[0.0, 10.0])
    assert run([3.0, 1.0]) == [[2.5, 2.5, 0.0, 3.0], [12.5, 2.5, 0.0, 3.0]]


def test_leaves_may_hold_a_number_per_output():
    run = paths(values=[[0.0, 1.0], [4.0, 1.0], [8.0, 1.0]], base=[0.0, 0.0])
    assert run([3.0, 1.0]) == [[2.5, 2.5, 0.0, 3.0], [1.0, 0.0, 0.0, 0.0]]


def test_a_missing_number_goes_where_its_bit_says():
    wire = ("vector", 2, True)
    assert paths(wire, missing_left=[0b1])([math.nan, math.nan])[0][1] == -2.5
    assert paths(wire, missing_left=[0b100])([math.nan, math.nan]) == [[3.5, 2.5, 0.0, -1.0]]


def test_a_lone_leaf_adds_nothing_to_the_base():
    leaf = {"feature": [-1], "threshold": [0.0], "right": [2], "cover": [7]}
    assert paths(**leaf)([0.0, 0.0]) == [[9.0, 0.0, 0.0, 0.0]]


@pytest.mark.parametrize(
    "damaged",
    [
        {"cover": [4, 3]},
        {"cover": [4, 3, 0]},
        {"cover": [4, 3, 1, 1]},
        {"field": [3, 0]},
        {"field": [2, -1]},
        {"field": [2]},
        {"fields": 0},
        {"fields": 1 << 40},
        {"right": [0, 0, 4, 1, 2]},
        {"right": [2, 0, 4, 1, 3]},
        {"feature": [2, -1, 0, -1, -1]},
    ],
    ids=str,
)
def test_a_damaged_node_is_refused(damaged):
    with pytest.raises(ArtifactError, match="paths/1 wants"):
        paths(**damaged)


def test_a_cover_that_is_no_number_is_refused():
    from tests.nodes import tensor

    for weight in (math.nan, math.inf, -1.0, 1e308):
        with pytest.raises(ArtifactError, match="cover"):
            paths(cover=tensor("F64", [weight, 1e308, 1.0]))


def test_means_of_huge_values_do_not_overflow():
    run = paths(values=[[-4e307], [4e307], [4e307]], cover=[1, 1, 1])
    (base, first, second, third), (wanted,) = run([3.0, 1.0])[0], [4e307]
    assert base + first + second + third == pytest.approx(wanted, rel=1e-12)
