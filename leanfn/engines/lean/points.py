"""Distances of a row to points."""

from __future__ import annotations

from itertools import repeat
from math import dist, sqrt

from .arithmetic import dot
from .metrics import NAMES, SLACK, check_metric, metric_of, overflows, products, squares
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .operations import Node, Step

    Point = Sequence[float]
    Found = list[tuple[float, int]]  # (distance, number of the training row)


def _distances(node: Node) -> Step:
    metric = metric_of(node)
    points = list(map(metric.prepare, node["points"]))
    if node["metric"] != "euclidean":
        prepare, reduced, finish = metric.prepare, metric.reduced, metric.finish

        def distances(vector: Point) -> list[float]:
            vector = prepare(vector)
            return [finish(reduced(vector, point)) for point in points]

        return distances

    by_products = node["products"]

    def euclidean(vector: Point) -> list[float]:
        vector = tuple(vector)
        if not overflows(vector):
            return list(map(dist, repeat(vector), points))
        if not by_products:
            return [sqrt(squares(vector, point)) for point in points]
        square = dot(vector, vector)
        found = [square - 2.0 * dot(vector, point) + dot(point, point) for point in points]
        return [sqrt(max(x, 0.0)) for x in found]  # a NaN stays

    return euclidean


def _within(node: Node) -> Step:
    metric = metric_of(node)
    prepare, reduced, finish = metric.prepare, metric.reduced, metric.finish
    points = list(map(prepare, node["points"]))
    (radius,) = node["radius"]
    limit = metric.reduce(radius)
    by_products = node["products"]

    def within(vector: Point) -> Found:
        vector = prepare(vector)
        values = [reduced(vector, point) for point in points]
        return [(finish(value), row) for row, value in enumerate(values) if value <= limit]

    def within_euclidean(vector: Point) -> Found:
        vector = tuple(vector)
        if by_products and overflows(vector):
            values = [(products(vector, point), row) for row, point in enumerate(points)]
        else:
            near = radius * SLACK
            apart = map(dist, repeat(vector), points)
            values = [(squares(vector, points[row]), row) for row, d in enumerate(apart) if d <= near]
        return [(sqrt(value), row) for value, row in values if value <= limit]

    return within_euclidean if node["metric"] == "euclidean" else within


OPERATIONS = {
    # the distance to each point; products: the euclidean one of huge numbers is what matrix products make of it
    "distances/1": Operation(
        _distances,
        ("vector",),
        "vector",
        "m",
        {"metric": NAMES, "products": "bool"},
        {"points": "F64 m n", "p": "F64? 1"},
        check=check_metric,
        nan=True,
        infinite=True,
    ),
    # the points that are not farther than radius; products: by the matrix products' distance where numbers are huge
    "within/1": Operation(
        _within,
        ("vector",),
        "neighbours",
        "m",
        {"metric": NAMES, "products": "bool"},
        {"points": "F64 m n", "p": "F64? 1", "radius": "F64 1"},
        check=check_metric,
        nan=False,
        infinite=True,
    ),
}
