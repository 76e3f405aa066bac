"""Duels, codes and thresholds of classifiers of two as plain arithmetic, and refusals of a damaged node."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn.errors import ArtifactError
from tests.nodes import step

numbers = st.floats(-1e6, 1e6)


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
