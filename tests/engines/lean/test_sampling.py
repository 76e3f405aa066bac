"""Feature maps of kernels, densities and squared distances by a matrix, and refusals of damaged nodes."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step


def test_a_number_that_is_not_above_its_bound_is_refused():
    above = step("above/1", ("vector", 2), equal=False, low=[0.0])
    assert above([1.0, 2.0]) == [1.0, 2.0]
    with pytest.raises(RowError, match=r"not above 0\.0"):
        above([0.0, 2.0])
    with pytest.raises(RowError, match=r"below 0\.0"):
        step("above/1", ("vector", 2), equal=True, low=[0.0])([-1.0, 2.0])


def test_zero_has_no_angle():
    features = step("additive_chi2/1", ("vector", 2), steps=2, interval=[0.5])([0.0, 2.0])
    factor = math.sqrt(2.0 / math.cosh(math.pi * 0.5))
    angle = 0.5 * math.log(2.0)
    assert features == pytest.approx([0, 1, 0, factor * math.cos(angle), 0, factor * math.sin(angle)])


def test_a_squared_distance_by_a_matrix():
    node = {"mean": [1.0, 1.0], "precision": [[2.0, 0.5], [0.5, 1.0]]}
    assert step("mahalanobis/1", ("vector", 2), **node)([2.0, 3.0]) == [2.0 + 2 * 0.5 * 2.0 + 4.0]
    assert step("mahalanobis/1", ("vector", 2), **node)([1e200, 0.0]) == [math.inf]


def test_a_density_of_nothing_is_minus_infinity():
    node = {"kernel": "exponential", "bandwidth": [1.0], "weights": None, "norm": [0.5]}
    density = step("density/1", ("vector", 2), **node)
    assert density([0.5, math.inf]) == [0.0]
    assert density([math.inf, math.inf]) == [-math.inf]


@pytest.mark.parametrize(
    ("op", "values"),
    [
        ("additive_chi2/1", {"steps": 0, "interval": [0.5]}),
        ("additive_chi2/1", {"steps": 65, "interval": [0.5]}),
        ("additive_chi2/1", {"steps": 2, "interval": [0.0]}),
        ("above/1", {"equal": True, "low": [0.0, 1.0]}),
        ("mahalanobis/1", {"mean": [1.0], "precision": [[1.0]]}),
        ("mahalanobis/1", {"mean": [1.0, 1.0], "precision": [[1.0, 2.0]]}),
        ("density/1", {"kernel": "gaussian", "bandwidth": [0.0], "weights": None, "norm": [0.0]}),
        ("density/1", {"kernel": "gaussian", "bandwidth": [1.0], "weights": [1.0], "norm": [0.0]}),
        ("density/1", {"kernel": "linear", "bandwidth": [1.0], "weights": None, "norm": [0.0]}),
    ],
)
def test_a_damaged_node_is_refused(op, values):
    with pytest.raises(ArtifactError, match=f"operation {op}"):
        step(op, ("vector", 2), **values)
