"""Kernels: the values, answers where Python's own arithmetic would raise, and refusals of a damaged node."""

import math

import pytest

from leanfn.engines.lean.kernels import power
from leanfn.errors import ArtifactError
from tests.nodes import step, tensor

POINTS = [[1.0, 2.0], [0.0, -1.0], [3.0, 0.5]]
SCALARS = {"gamma": [0.5], "coef0": [1.0], "degree": [3.0]}
DENSE = {"kernel": "rbf", "products": False, "points": POINTS, **SCALARS}
# the same points, column by column
SPARSE = {
    "kernel": "rbf",
    "data": [1.0, 3.0, 2.0, -1.0, 0.5],
    "rows": [0, 2, 0, 1, 2],
    "starts": [0, 2, 5],
    "norms": [5.0, 1.0, 9.25],
    **SCALARS,
}


def dense(**values):
    return step("kernel/1", ("vector", 2), **{**DENSE, **values})


def sparse(**values):
    return step("sparse_kernel/1", ("sparse", 2), **{**SPARSE, **values})


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid", "cosine"])
def test_sparse_points_give_the_kernels_of_the_same_dense_ones(kernel):
    row = [0.25, -2.0]
    assert sparse(kernel=kernel)({0: 0.25, 1: -2.0}) == pytest.approx(dense(kernel=kernel)(row), rel=1e-14)
    assert sparse(kernel=kernel)({}) == pytest.approx(dense(kernel=kernel)([0.0, 0.0]), rel=1e-14)


def test_a_huge_row_gives_c_answers_and_raises_nothing():
    assert dense()([1e200, 0.0]) == [0.0, 0.0, 0.0]
    assert dense(kernel="poly")([1e200, 0.0]) == [math.inf, 1.0, math.inf]
    assert dense(kernel="laplacian", gamma=[2.0])([-1e308, 1e308]) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("exponent", [0.0, 1.0, 2.0, 3.0, 7.0, 0.5, -1.0])
def test_powers_are_those_of_c(exponent):
    raised = power(exponent)
    assert raised(1.7) == pytest.approx(1.7**exponent, rel=1e-14)
    if exponent > 1:
        assert raised(1e200) == math.inf


def test_powers_that_python_refuses_are_infinite_or_nan():
    assert power(-1.5)(0.0) == math.inf
    assert power(1e3)(1e300) == math.inf
    assert math.isnan(power(0.5)(-2.0))


@pytest.mark.parametrize(
    "damage",
    [
        {"points": [[1.0], [2.0]]},
        {"points": tensor("F32", POINTS)},
        {"gamma": [-1.0]},
        {"gamma": [1.0, 2.0]},
        {"kernel": "callable"},
    ],
)
def test_a_damaged_kernel_is_refused(damage):
    with pytest.raises(ArtifactError, match=r"operation kernel/1"):
        dense(**damage)


@pytest.mark.parametrize(
    "damage",
    [
        {"starts": [0, 2]},
        {"starts": [0, 6, 5]},
        {"starts": [1, 2, 5]},
        {"starts": [0, 2, 4]},
        {"rows": [0, 2, 0, 1, 3]},
        {"rows": [0, 2, 0, 1, -1]},
        {"norms": tensor("F32", [1.0, 1.0, 1.0])},
    ],
)
def test_a_damaged_sparse_kernel_is_refused(damage):
    with pytest.raises(ArtifactError, match=r"operation sparse_kernel/1"):
        sparse(**damage)
