"""Metrics: how far apart two points are, summed as scikit-learn sums it, in the same order."""

from __future__ import annotations

from math import asin, cos, inf, sin, sqrt

from .arithmetic import dot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from .operations import Node

    Point = Sequence[float]
    Reduced = Callable[[Point, Point], float]  # grows as the distance does, and is cheaper

SLACK = (
    1.0 + 1e-12
)  # math.dist rounds otherwise than the sum of squares; what is farther by more need not be summed
SQUARES_OVERFLOW = 1e150  # a row with a larger number has squares that may overflow


def squares(a: Point, b: Point) -> float:
    total = 0.0
    for x, y in zip(a, b):
        apart = x - y
        total += apart * apart
    return total


def products(a: Point, b: Point) -> float:
    """The squared distance as matrix products give it, which for huge numbers is not the sum of squares."""
    return max(0.0, dot(a, a) - 2.0 * dot(a, b) + dot(b, b))


def _absolutes(a: Point, b: Point) -> float:
    total = 0.0
    for x, y in zip(a, b):
        total += abs(x - y)
    return total


def _largest(a: Point, b: Point) -> float:
    return max([abs(x - y) for x, y in zip(a, b)], default=0.0)


def _cosine(a: Point, b: Point) -> float:
    return min(max(1.0 - dot(a, b), 0.0), 2.0)


def _canberra(a: Point, b: Point) -> float:
    total = 0.0
    for x, y in zip(a, b):
        both = abs(x) + abs(y)
        if both > 0.0:
            total += abs(x - y) / both
    return total


def _bray_curtis(a: Point, b: Point) -> float:
    apart = both = 0.0
    for x, y in zip(a, b):
        apart += abs(x - y)
        both += abs(x) + abs(y)
    return apart / both if both > 0.0 else 0.0


def _hamming(a: Point, b: Point) -> float:
    return sum([x != y for x, y in zip(a, b)]) / len(a)


def _haversine(a: Point, b: Point) -> float:
    north, east = sin(0.5 * (a[0] - b[0])), sin(0.5 * (a[1] - b[1]))
    return north * north + cos(a[0]) * cos(b[0]) * east * east


def _raised(x: float, p: float) -> float:
    try:
        power: float = x**p
    except OverflowError:
        return inf
    return power


def _same(x: float) -> float:
    return x


class Metric:
    """A distance: `reduced` of two prepared points, `finish` from there to the distance, `reduce` back."""

    __slots__ = ("finish", "prepare", "reduce", "reduced")

    def __init__(
        self,
        reduced: Reduced,
        finish: Callable[[float], float] = _same,
        reduce: Callable[[float], float] = _same,
        prepare: Callable[[Iterable[float]], Point] = tuple,
    ) -> None:
        self.reduced = reduced
        self.finish = finish
        self.reduce = reduce
        self.prepare = prepare


def _direction(vector: Iterable[float]) -> Point:
    vector = list(vector)
    norm = sqrt(dot(vector, vector)) or 1.0
    return [x / norm for x in vector]


def _minkowski(p: float) -> Metric:
    def reduced(a: Point, b: Point) -> float:
        total = 0.0
        for x, y in zip(a, b):
            total += _raised(abs(x - y), p)
        return total

    return Metric(reduced, lambda x: _raised(x, 1.0 / p), lambda x: _raised(x, p))


METRICS = {
    "euclidean": Metric(squares, sqrt, lambda x: x * x),
    "manhattan": Metric(_absolutes),
    "chebyshev": Metric(_largest),
    "cosine": Metric(_cosine, prepare=_direction),
    "canberra": Metric(_canberra),
    "braycurtis": Metric(_bray_curtis),
    "hamming": Metric(_hamming),
    "haversine": Metric(_haversine, lambda x: 2.0 * asin(sqrt(min(x, 1.0))), lambda x: sin(0.5 * x) ** 2),
}
NAMES = (*METRICS, "minkowski")


def metric_of(node: Node) -> Metric:
    return METRICS[node["metric"]] if node["metric"] != "minkowski" else _minkowski(node["p"][0])


def check_metric(node: Node) -> None:
    given = node.arrays["p"] is not None
    node.expect(given == (node["metric"] == "minkowski"), "p for minkowski, and for no other metric")
    if given:
        node.expect(0.0 < node["p"][0] < inf, "a finite p above zero")
    if node["metric"] == "haversine":
        node.expect(node.sizes["n"] == 2, "latitude and longitude")
    node.expect(node.sizes["n"] > 0 and node.sizes["m"] > 0, "a point and a column")


def overflows(vector: Point) -> bool:
    return max(map(abs, vector)) > SQUARES_OVERFLOW
