"""Distances: scipy's values, huge rows, and refusals of a damaged node."""

import math

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from leanfn.engines.lean import metrics
from leanfn.errors import ArtifactError
from tests.nodes import step, tensor

POINTS = np.random.default_rng(0).normal(size=(6, 3))
NAMES = {"manhattan": "cityblock"}
PLAIN = ("euclidean", "manhattan", "chebyshev", "cosine", "canberra", "hamming")


def distances(**values):
    return step(
        "distances/1",
        ("vector", 3),
        **{"metric": "euclidean", "products": True, "p": None, "points": POINTS, **values},
    )


@pytest.mark.parametrize("metric", PLAIN)
def test_distances_are_scipys(metric):
    row = POINTS[0] + 0.5
    found = distances(metric=metric)(row.tolist())
    assert found == pytest.approx(cdist([row], POINTS, NAMES.get(metric, metric))[0].tolist(), rel=1e-13)


@pytest.mark.parametrize("p", [0.5, 1.0, 3.0])
def test_powers_of_minkowski_are_scipys(p):
    found = distances(metric="minkowski", p=[p])([0.0, 1.0, 2.0])
    assert found == pytest.approx(cdist([[0.0, 1.0, 2.0]], POINTS, "minkowski", p=p)[0].tolist(), rel=1e-13)


@pytest.mark.parametrize("metric", metrics.METRICS)
def test_no_metric_raises_for_a_huge_row(metric):
    points = POINTS[:, :2]
    step("distances/1", ("vector", 2), metric=metric, products=True, p=None, points=points)([1e308, -1e308])
    step("distances/1", ("vector", 2), metric="minkowski", products=True, p=[3.0], points=points)(
        [1e308, -1e308]
    )


def test_the_euclidean_distance_of_a_huge_row_is_infinite_as_in_matrix_products():
    assert distances()([1e200, 0.0, 0.0]) == [math.inf] * 6
    assert any(map(math.isnan, distances(points=10.0 * POINTS)([-1e308, 0.0, 0.0])))
    assert distances(points=10.0 * POINTS, products=False)([-1e308, 0.0, 0.0]) == [math.inf] * 6


def test_rows_within_a_radius_include_those_just_at_it():
    at = {"metric": "euclidean", "p": None, "products": False, "points": [[0.0], [3.0], [3.0000001]]}
    within = step("within/1", ("vector", 1), radius=[3.0], **at)
    assert within([0.0]) == [(0.0, 0), (3.0, 1)]
    assert within([100.0]) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"p": [2.0]},
        {"metric": "minkowski"},
        {"metric": "minkowski", "p": [0.0]},
        {"metric": "haversine"},
        {"metric": "mahalanobis"},
        {"points": POINTS[:, :2]},
        {"points": POINTS[:0]},
        {"points": tensor("F32", POINTS)},
    ],
)
def test_damaged_distances_are_refused(damage):
    with pytest.raises(ArtifactError, match="operation distances/1"):
        distances(**damage)
