"""Logarithms of normal densities, and sums of probabilities that stand as logarithms."""

from __future__ import annotations

from math import exp, inf, log, log1p, nan
from operator import add, sub

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def pairwise_sum(terms: Vector) -> float:
    """The sum in numpy's order, to the last bit: eight sums side by side, longer stretches in halves.

    A column that hardly varies makes terms of 1e9, whose last bits a probability still feels.
    """
    n = len(terms)
    if n > 128:
        half = n // 2 - n // 2 % 8
        return pairwise_sum(terms[:half]) + pairwise_sum(terms[half:])
    total = 0.0
    whole = n - n % 8
    if whole:
        sums = terms[:8]
        for start in range(8, whole, 8):
            sums = list(map(add, sums, terms[start : start + 8]))
        a, b, c, d, e, f, g, h = sums
        total = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for x in terms[whole:]:
        total += x
    return total


def _ratio(x: float, variance: float) -> float:
    """As numpy divides."""
    return x / variance if variance else nan if x == 0.0 or x != x else inf


def _gaussians(node: Node) -> Step:
    components = list(zip(node["mean"], node["variance"], node["constant"], node["prior"]))

    def gaussians(vector: Vector) -> Vector:
        scores = []
        for mean, variance, constant, prior in components:
            away = list(map(sub, vector, mean))
            try:
                terms = [x * x / v for x, v in zip(away, variance)]
            except ZeroDivisionError:
                terms = [_ratio(x * x, v) for x, v in zip(away, variance)]
            scores.append(prior + (constant - 0.5 * pairwise_sum(terms)))
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


def _spheres(node: Node) -> Step:
    components = list(zip(node["mean"], node["factor"], node["precision"], node["square"], node["constant"]))

    def spheres(vector: Vector) -> Vector:
        own = dot(vector, vector)
        return [
            constant - 0.5 * (square - 2.0 * (dot(vector, mean) * factor) + own * precision)
            for mean, factor, precision, square, constant in components
        ]

    return spheres


def _log_sum(vector: Vector) -> float:
    """As scipy's logsumexp, in its order: the largest apart from the others."""
    largest = max(vector)
    if not -inf < largest < inf:
        # NaN with any NaN, else the infinity that is the largest
        return nan if any([x != x for x in vector]) else largest
    others, most = 0.0, 0
    for x in vector:
        if x == largest:
            most += 1
        else:
            others += exp(x - largest)
    return log1p(others / most) + log(most) + largest


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
    # prior + (constant - sum of (x - mean)^2 / variance / 2), per component
    "gaussians/1": Operation(
        _gaussians,
        ("vector",),
        "vector",
        "k",
        arrays={"mean": "F64 k n", "variance": "F64 k n", "constant": "F64 k", "prior": "F64 k"},
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
    # constant - (square - 2 mean x factor + x^2 precision) / 2, per component
    "spheres/1": Operation(
        _spheres,
        ("vector",),
        "vector",
        "k",
        arrays={
            "mean": "F64 k n",
            "factor": "F64 k",
            "precision": "F64 k",
            "square": "F64 k",
            "constant": "F64 k",
        },
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
