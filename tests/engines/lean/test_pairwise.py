"""Scores of pairs of classes: votes, ranks, coupled probabilities, and refusals of a damaged node."""

import math

import pytest

from leanfn.errors import ArtifactError
from tests.nodes import step, tensor

MACHINES = {"coef": [[1.0, -1.0, 2.0], [3.0, 0.5, 4.0]], "counts": [1, 1, 1], "intercept": [0.1, 0.2, 0.3]}


def test_each_pair_of_classes_sums_its_own_support_vectors():
    scores = step("machines/1", ("vector", 3), **MACHINES)([10.0, 20.0, 30.0])
    # pair (0, 1): coef[0] of class 0, coef[0] of class 1; (0, 2): coef[1], coef[0]; (1, 2): coef[1], coef[1]
    assert scores == pytest.approx([10 - 20 + 0.1, 30 + 60 + 0.2, 10 + 120 + 0.3])


def test_a_score_of_zero_is_a_vote_for_the_second_class_of_libsvm_and_for_the_first_when_ranked():
    assert step("votes/1", ("vector", 1))([0.0]) == [0.0, 1.0]
    assert step("rank/1", ("vector", 1))([0.0]) == [1.0, 0.0]


def test_a_nan_score_is_a_vote_for_the_second_class():
    assert step("votes/1", ("vector", 1))([math.nan]) == [0.0, 1.0]


def test_coupled_probabilities_add_up_and_take_scores_of_any_size():
    couple = step("couple/1", ("vector", 3), a=[-1.0, -2.0, 1.0], b=[0.0, 0.5, 0.0])
    for scores in ([0.3, -0.2, 4.0], [math.inf, -math.inf, 1e9], [-1e300, 1e300, 0.0], [math.nan, 1.0, 1.0]):
        assert math.fsum(couple(scores)) == pytest.approx(1.0)


@pytest.mark.parametrize("op", ["votes/1", "rank/1"])
@pytest.mark.parametrize("width", [0, 2, 4, 5])
def test_a_width_that_is_no_number_of_pairs_is_refused(op, width):
    with pytest.raises(ArtifactError, match="one score per pair"):
        step(op, ("vector", width))


@pytest.mark.parametrize(
    "damage",
    [
        {"counts": [1, 1, 2]},
        {"counts": [2, 2, -1]},
        {"counts": [1, 2]},
        {"intercept": [0.1]},
        {"coef": [[1.0, -1.0, 2.0]]},
        {"coef": tensor("F32", MACHINES["coef"])},
    ],
)
def test_damaged_machines_are_refused(damage):
    with pytest.raises(ArtifactError, match="operation machines/1"):
        step("machines/1", ("vector", 3), **{**MACHINES, **damage})


def test_a_damaged_machine_is_refused():
    with pytest.raises(ArtifactError, match="operation machine/1"):
        step("machine/1", ("vector", 3), coef=[[1.0, 2.0]], intercept=[0.0])
    with pytest.raises(ArtifactError, match="operation couple/1"):
        step("couple/1", ("vector", 3), a=[1.0], b=[1.0, 2.0, 3.0])
