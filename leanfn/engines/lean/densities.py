"""Logarithms of normal densities, and sums of probabilities that stand as logarithms."""

from __future__ import annotations

from math import exp, inf, log, nan
from operator import mul

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def _gaussians(node: Node) -> Step:
    components = list(zip(node["mean"], node["precision"], node["constant"]))

    def gaussians(vector: Vector) -> Vector:
        scores = []
        for mean, precision, constant in components:
            away = [x - m for x, m in zip(vector, mean)]
            scores.append(constant - 0.5 * dot(list(map(mul, away, away)), precision))
        return scores

    return gaussians


def _ellipsoids(node: Node) -> Step:
    components = list(zip(node["mean"], node["root"], node["constant"]))

    def ellipsoids(vector: Vector) -> Vector:
        scores = []
        for mean, root, constant in components:
            away = [x - m for x, m in zip(vector, mean)]
            turned = [dot(axis, away) for axis in root]
            scores.append(constant - 0.5 * dot(turned, turned))
        return scores

    return ellipsoids


def _log_sum(vector: Vector) -> float:
    largest = max(vector)
    if -inf < largest < inf:
        total = 0.0
        for x in vector:
            total += exp(x - largest)
        return largest + log(total)
    # scipy's logsumexp: NaN with any NaN, else the infinity that is the largest
    return nan if any([x != x for x in vector]) else largest


def _lognormalize(node: Node) -> Step:
    def lognormalize(vector: Vector) -> Vector:
        total = _log_sum(vector)
        return [x - total for x in vector]

    return lognormalize


def _logsumexp(node: Node) -> Step:
    return lambda vector: [_log_sum(vector)]


def _check_some(node: Node) -> None:
    node.expect(node.sizes["n"] > 0, "a row of one column or more")


OPERATIONS = {
    # constant - sum of precision (x - mean)^2 / 2, per component
    "gaussians/1": Operation(
        _gaussians,
        ("vector",),
        "vector",
        "k",
        arrays={"mean": "F64 k n", "precision": "F64 k n", "constant": "F64 k"},
        nan=True,
        infinite=True,
    ),
    # constant - |root (x - mean)|^2 / 2, per component
    "ellipsoids/1": Operation(
        _ellipsoids,
        ("vector",),
        "vector",
        "k",
        arrays={"mean": "F64 k n", "root": "F64 k m n", "constant": "F64 k"},
        nan=True,
        infinite=True,
    ),
    # each logarithm less the logarithm of their sum
    "lognormalize/1": Operation(
        _lognormalize, ("vector",), "vector", "n", check=_check_some, nan=True, infinite=True
    ),
    # the logarithm of the sum
    "logsumexp/1": Operation(
        _logsumexp, ("vector",), "vector", 1, check=_check_some, nan=True, infinite=True
    ),
}
