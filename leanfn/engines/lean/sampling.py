"""Feature maps of kernels for rows of numbers that are not negative."""

from __future__ import annotations

from math import cos, cosh, log, pi, sin, sqrt

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]

STEPS_LIMIT = 64  # the factors shrink exponentially: no more are worth a column


def _above(node: Node) -> Step:
    (low,) = node["low"]
    equal = node["equal"]

    def above(vector: Vector) -> Vector:
        least = min(vector, default=low)
        if least > low or (equal and least == low) or not vector:
            return vector
        raise RowError(
            f"the model has no answer for this row: a number is {'' if equal else 'not above '}"
            f"{'below ' if equal else ''}{low!r}"
        )

    return above


def _additive_chi2(node: Node) -> Step:
    (interval,) = node["interval"]
    harmonics = [(float(j), cosh(pi * j * interval)) for j in range(1, node["steps"])]

    def additive_chi2(vector: Vector) -> Vector:
        row = [sqrt(x * interval) for x in vector]
        if not harmonics:
            return row
        angles = [interval * log(x) if x else 0.0 for x in vector]
        steps = [2.0 * x * interval for x in vector]
        for j, divisor in harmonics:
            factors = [sqrt(x / divisor) for x in steps]
            row += [factor * cos(j * angle) for factor, angle in zip(factors, angles)]
            row += [factor * sin(j * angle) for factor, angle in zip(factors, angles)]
        return row

    return additive_chi2


def _check_additive_chi2(node: Node) -> None:
    node.expect(0 < node["steps"] <= STEPS_LIMIT, f"1 to {STEPS_LIMIT} steps")
    node.expect(0.0 < node["interval"][0] < 4.0, "an interval between 0 and 4")


OPERATIONS = {
    # the row itself, refused if a number is not above `low` (equal: is below it)
    "above/1": Operation(_above, ("vector",), "vector", "n", {"equal": "bool"}, {"low": "F64 1"}),
    # all columns' square roots, then per step their cosines and their sines: for numbers of zero or more
    "additive_chi2/1": Operation(
        _additive_chi2,
        ("vector",),
        "vector",
        lambda node: node.sizes["n"] * (2 * node["steps"] - 1),
        {"steps": "int"},
        {"interval": "F64 1"},
        check=_check_additive_chi2,
        nan=False,
        infinite=True,
    ),
}
