"""Operations that turn the scores of a classifier into better probabilities."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise
from math import inf, log, nan

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]

LEAST = 1e-12  # what scikit-learn adds to a probability before it takes the logarithm
CLOSE = 1e-8 + 1e-5  # how far from one it takes a sum of probabilities to be one (numpy's isclose)


def _interpolate(node: Node) -> Step:
    """numpy.interp, with its order of operations."""
    xs, ys, outside = node["xs"], node["ys"], node["outside"]
    low, high = xs[0], xs[-1]
    slopes = [(b - a) / (right - left) for (a, b), (left, right) in zip(pairwise(ys), pairwise(xs))]

    def interpolate(vector: Vector) -> Vector:
        (x,) = vector
        if not low <= x <= high:
            if outside == "clip" and x == x:
                return [ys[0] if x < low else ys[-1]]
            if outside == "raise" and x == x:
                raise RowError(f"{x!r} is outside the trained range of {low!r} to {high!r}")
            return [nan]
        i = bisect_right(xs, x) - 1
        if xs[i] == x:
            return [ys[i]]
        return [slopes[i] * (x - xs[i]) + ys[i]]

    return interpolate


def _check_interpolate(node: Node) -> None:
    node.expect(node.sizes["n"] == 1, "an input of one column")
    xs, ys = node["xs"], node["ys"]
    node.expect(
        len(xs) > 1 and all([-inf < a < b < inf for a, b in pairwise(xs)]), "two ascending numbers or more"
    )
    node.expect(all([-inf < y < inf for y in ys]), "finite numbers to choose between")


def _logits(node: Node) -> Step:
    def logits(vector: Vector) -> Vector:
        total = 0.0
        for x in vector:
            if not 0.0 <= x <= 1.0:
                return vector
            total += x
        if abs(total - 1.0) > CLOSE:
            return vector
        return [log(x + LEAST) for x in vector]

    return logits


OPERATIONS = {
    # the straight line between the two points around the number; outside of them the nearest point's, NaN or a refusal
    "interpolate/1": Operation(
        _interpolate,
        ("vector",),
        "vector",
        1,
        {"outside": ("clip", "nan", "raise")},
        {"xs": "F64 points", "ys": "F64 points"},
        check=_check_interpolate,
        nan=True,
        infinite=True,
    ),
    # the logarithms of what looks like probabilities; any other row as it is
    "logits/1": Operation(_logits, ("vector",), "vector", "n"),
}
