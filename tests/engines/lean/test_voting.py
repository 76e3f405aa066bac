"""Votes, averages, medians, duels and codes as plain arithmetic, and refusals of a damaged node."""

import math

import numpy as np
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


@given(st.lists(numbers, min_size=1, max_size=9))
def test_with_equal_weights_it_is_the_lower_median(values):
    (found,) = step("median/1", ("vector", len(values)), weights=[1.0] * len(values))(values)
    assert found == sorted(values)[(len(values) - 1) // 2]


@given(
    st.lists(numbers, min_size=3, max_size=3), st.lists(st.sampled_from([0.0, 1.0]), min_size=3, max_size=3)
)
def test_confidences_decide_between_equal_votes_and_nothing_else(confidences, predictions):
    ranks = step("duel/1", ("vector", 3), ("vector", 3), classes=3)(predictions, confidences)
    # pairs in the order (0, 1), (0, 2), (1, 2)
    votes = [
        (predictions[0] == 0) + (predictions[1] == 0),
        (predictions[0] == 1) + (predictions[2] == 0),
        (predictions[1] == 1) + (predictions[2] == 1),
    ]
    assert all(abs(rank - vote) < 0.34 for rank, vote in zip(ranks, votes))


def test_a_prediction_that_is_neither_class_is_no_vote():
    assert step("duel/1", ("vector", 1), ("vector", 1), classes=2)([0.5], [0.0]) == [0.0, 0.0]


def test_the_nearest_code_wins_and_of_several_the_first():
    code = step("code/1", ("vector", 2), codes=[[0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert [code(scores) for scores in ([0.1, 0.2], [0.9, 0.8], [0.0, 0.7], [0.5, 0.5])] == [0, 1, 2, 0]
    assert code([1e200, 1e200]) == 0  # every square is infinite


def test_of_equal_scores_the_first_or_the_last_is_the_highest():
    scores = [0.0, 3.0, 3.0, -math.inf]
    assert step("highest/1", ("vector", 4), last=False)(scores) == 1
    assert step("highest/1", ("vector", 4), last=True)(scores) == 2
    assert step("highest/1", ("vector", 2), last=False)([math.nan, 1.0]) == 1
    assert step("highest/1", ("vector", 2), last=False)([1.0, math.nan]) == 0


def test_bits_are_integers_and_equal_is_not_above():
    assert step("bits/1", ("vector", 3), at=[0.5])([0.4, 0.5, 0.6]) == [0, 0, 1]


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
        ("duel/1", [("vector", 2)] * 2, {"classes": 3}),
        ("duel/1", [("vector", 3), ("vector", 1)], {"classes": 3}),
        ("duel/1", [("vector", 0)] * 2, {"classes": 1}),
        ("duel/1", [("vector", 0)] * 2, {"classes": -1}),
        ("code/1", [("vector", 2)], {"codes": [[1.0]]}),
        ("code/1", [("vector", 1)], {"codes": np.zeros((0, 1))}),
        ("highest/1", [("vector", 2)], {"last": 1}),
        ("bits/1", [("vector", 2)], {"at": [0.5, 0.5]}),
        ("bits/1", [("sparse", 2)], {"at": [0.5]}),
    ],
)
def test_a_damaged_node_is_refused(op, inputs, values):
    with pytest.raises(ArtifactError, match=f"operation {op}"):
        step(op, *inputs, **values)
