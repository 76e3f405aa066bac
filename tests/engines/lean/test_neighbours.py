"""Votes, means, graphs and outliers of neighbours, and refusals of a damaged node."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step

FOUND = [(0.5, 2), (1.0, 0), (2.0, 1)]
TALLY = {"classes": 2, "weights": "uniform", "labels": [0, 1, 1], "empty": None}


def made(op, **values):
    return step(op, ("neighbours", 3), **values)


def test_votes_count_by_one_or_by_the_inverse_distance():
    assert made("tally/1", **TALLY)(FOUND) == [1.0, 2.0]
    assert made("tally/1", **{**TALLY, "weights": "distance"})(FOUND) == [1.0, 2.5]


def test_neighbours_at_no_distance_alone_count():
    found = [(0.0, 2), (0.0, 0), (2.0, 1)]
    assert made("tally/1", **{**TALLY, "weights": "distance"})(found) == [1.0, 1.0]
    assert made("mean/1", weights="distance", targets=[[4.0], [100.0], [8.0]], empty=[0.0])(found) == [6.0]


def test_a_row_without_neighbours_has_a_stated_answer_or_none():
    assert made("tally/1", **{**TALLY, "empty": [0.0, 1.0]})([]) == [0.0, 1.0]
    with pytest.raises(RowError, match="no neighbour"):
        made("tally/1", **TALLY)([])
    assert math.isnan(made("mean/1", weights="uniform", targets=[[1.0]] * 3, empty=[math.nan])([])[0])


def test_neighbours_that_are_infinitely_far_have_no_weight():
    far = [(math.inf, 0), (math.inf, 0)]
    with pytest.raises(RowError, match="infinitely far"):
        made("tally/1", **{**TALLY, "weights": "distance"})(far)
    assert math.isnan(made("mean/1", weights="distance", targets=[[1.0]] * 3, empty=[0.0])(far)[0])


def test_a_graph_adds_up_what_is_found_twice():
    assert made("scatter/1", values="connectivity")([(1.0, 0), (1.0, 0)]) == {0: 2.0}
    assert made("scatter/1", values="distance")(FOUND) == {2: 0.5, 0: 1.0, 1: 2.0}


def test_the_nearest_of_distances_are_the_first_of_equals():
    assert step("nearest/1", ("vector", 4), k=2)([3.0, 1.0, 1.0, 1.0]) == [(1.0, 1), (1.0, 2)]


def test_an_outlier_is_sparser_than_its_neighbours():
    factor = made("outlier_factor/1", reach=[1.0, 1.0, 1.0], density=[1.0, 1.0, 1.0])
    assert factor([(0.1, 0), (0.2, 1)]) == pytest.approx([-1.0])
    assert factor([(9.0, 0), (11.0, 1)]) == pytest.approx([-10.0])


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("tally/1", {**TALLY, "labels": [0, 1, 2]}),
        ("tally/1", {**TALLY, "labels": [0, 1, -1]}),
        ("tally/1", {**TALLY, "labels": [0, 1]}),
        ("tally/1", {**TALLY, "empty": [1.0]}),
        ("tally/1", {**TALLY, "weights": "callable"}),
        ("mean/1", {"weights": "uniform", "targets": [[1.0], [2.0]], "empty": [0.0]}),
        ("mean/1", {"weights": "uniform", "targets": [[1.0]] * 3, "empty": [0.0, 0.0]}),
        ("scatter/1", {"values": "both"}),
        ("outlier_factor/1", {"reach": [1.0], "density": [1.0]}),
    ],
)
def test_a_damaged_node_is_refused(op, values):
    with pytest.raises(ArtifactError, match=f"operation {op}"):
        made(op, **values)


@pytest.mark.parametrize("k", [0, 5])
def test_no_more_neighbours_are_asked_than_there_are(k):
    with pytest.raises(ArtifactError, match="operation nearest/1"):
        step("nearest/1", ("vector", 4), k=k)
