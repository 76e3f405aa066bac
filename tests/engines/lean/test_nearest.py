"""The search for neighbours: a tree's own order among equals, and refusals of a damaged node."""

import math

import numpy as np
import pytest
from sklearn.neighbors import BallTree, KDTree

from leanfn.errors import ArtifactError
from tests.nodes import step, tensor

NOWHERE = dict.fromkeys(("p", "rows", "starts", "ends", "low", "high", "centre", "radius"))
POINTS = np.random.default_rng(0).integers(0, 4, (30, 2)).astype(float)


def tree_node(kind, leaf_size=3, **values):
    _, rows, nodes, bounds = map(np.asarray, kind(POINTS, leaf_size=leaf_size).get_arrays())
    arrays = {"rows": rows, "starts": nodes["idx_start"], "ends": nodes["idx_end"], "points": POINTS[rows]}
    if kind is KDTree:
        arrays |= {"low": bounds[0], "high": bounds[1], "tree": "kd"}
    else:
        arrays |= {"centre": bounds[0], "radius": nodes["radius"], "tree": "ball"}
    return {"metric": "euclidean", "k": 4, **NOWHERE, **arrays, **values}


def search(**values):
    return step("neighbours/1", ("vector", 2), **values)


@pytest.mark.parametrize("kind", [KDTree, BallTree])
def test_among_equals_the_tree_finds_what_scikit_learns_finds(kind):
    neighbours = search(**tree_node(kind))
    for query in [*POINTS, *np.random.default_rng(1).uniform(-1, 5, (40, 2))]:
        distances, rows = kind(POINTS, leaf_size=3).query([query], 4)
        found = neighbours(query.tolist())
        assert [d for d, _ in found] == distances[0].tolist()
        assert sorted(row for _, row in found) == sorted(rows[0].tolist())


def test_an_exhaustive_search_takes_the_first_of_equals():
    neighbours = search(
        **{**NOWHERE, "metric": "euclidean", "k": 2, "tree": "none", "points": [[1.0, 0.0]] * 5}
    )
    assert neighbours([1.0, 0.0]) == [(0.0, 0), (0.0, 1)]


def test_a_row_that_is_infinitely_far_finds_the_first_row_again_and_again():
    assert search(**tree_node(KDTree))([1e200, 0.0]) == [(math.inf, 0)] * 4


@pytest.mark.parametrize(
    "damage",
    [
        {"k": 0},
        {"k": 31},
        {"metric": "cosine"},
        {"metric": "minkowski"},
        {"p": [3.0]},
        {"tree": "ball"},
        {"tree": "none"},
        {"rows": None},
        {"rows": np.full(30, 30)},
        {"starts": np.full(15, -1)},
        {"ends": np.full(15, 31)},
        {"ends": np.full(15, 0)},
        {"starts": [0, 0], "ends": [30, 15], "low": [[0.0, 0.0]] * 2, "high": [[4.0, 4.0]] * 2},
        {"low": tensor("F32", np.zeros((15, 2)))},
        {"points": POINTS[:, :1]},
    ],
    ids=" ".join,
)
def test_a_damaged_search_is_refused(damage):
    with pytest.raises(ArtifactError, match="operation neighbours/1"):
        search(**tree_node(KDTree, **damage))
