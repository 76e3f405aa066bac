"""The search for a row's neighbours among the training rows.

It follows scikit-learn's own: the same trees, the same sums in the same order and the same heap. Equal distances are
common (duplicates, whole numbers), and which of them is found depends on nothing else.
"""

from __future__ import annotations

from itertools import repeat
from math import dist, inf, sqrt

from .metrics import NAMES, SLACK, Metric, check_metric, metric_of, overflows, products
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .operations import Node, Step

    Point = Sequence[float]
    Leaf = tuple[Sequence[Point], Sequence[int]]  # points, and their numbers as training rows
    Bound = Callable[[Point, int], float]  # the least reduced distance of a row to a node of a tree
    Visit = Callable[[Point, list[float], list[int]], None]  # fills a heap: reduced distances and rows
    Scan = Callable[[Leaf, Point, list[float], list[int]], None]
    Found = list[tuple[float, int]]  # (distance, number of the training row), the nearest first

LARGEST = (
    1.7976931348623157e308  # what an exhaustive search starts from; a search in a tree starts from infinity
)
BLOCK = 64  # points of an exhaustive search that are looked at together


def _push(values: list[float], rows: list[int], value: float, row: int) -> None:
    """Put a nearer point in the place of the farthest one; the heap's own order decides among equals."""
    place = 0
    size = len(values)
    while True:
        child = 2 * place + 1
        if child >= size:
            break
        if child + 1 < size and values[child] < values[child + 1]:
            child += 1
        if values[child] <= value:
            break
        values[place], rows[place] = values[child], rows[child]
        place = child
    values[place], rows[place] = value, row


def _scanner(metric: Metric, euclidean: bool) -> Scan:
    """A function that puts a leaf's points on the heap, in their order."""
    reduced = metric.reduced

    def scan(leaf: Leaf, vector: Point, values: list[float], rows: list[int]) -> None:
        for point, row in zip(*leaf):
            value = reduced(vector, point)
            if value < values[0]:
                _push(values, rows, value, row)

    def scan_euclidean(leaf: Leaf, vector: Point, values: list[float], rows: list[int]) -> None:
        points, numbers = leaf
        apart = list(map(dist, repeat(vector), points))
        limit = sqrt(values[0]) * SLACK
        if min(apart) > limit:
            return
        for distance, point, row in zip(apart, points, numbers):
            if distance <= limit:
                value = reduced(vector, point)
                if value < values[0]:
                    _push(values, rows, value, row)
                    limit = sqrt(values[0]) * SLACK

    return scan_euclidean if euclidean else scan


def _neighbours(node: Node) -> Step:
    metric = metric_of(node)
    prepare, finish = metric.prepare, metric.finish
    visit = _visit_all(node, metric) if node["tree"] == "none" else _visit_tree(node, metric)
    first = LARGEST if node["tree"] == "none" else inf
    count = node["k"]

    def neighbours(vector: Point) -> Found:
        vector = prepare(vector)
        values, rows = [first] * count, [0] * count
        visit(vector, values, rows)
        return sorted(zip(map(finish, values), rows))

    return neighbours


def _visit_all(node: Node, metric: Metric) -> Visit:
    points = list(map(metric.prepare, node["points"]))
    blocks = [
        (points[start : start + BLOCK], range(start, len(points))) for start in range(0, len(points), BLOCK)
    ]
    euclidean = node["metric"] == "euclidean"
    scan = _scanner(metric, euclidean)
    scan_huge = _scanner(Metric(products), False)

    def visit(vector: Point, values: list[float], rows: list[int]) -> None:
        chosen = scan_huge if euclidean and overflows(vector) else scan
        for block in blocks:
            chosen(block, vector, values, rows)

    return visit


def _visit_tree(node: Node, metric: Metric) -> Visit:
    """Depth first, the nearer child first; a node is passed by when nothing in it can be near enough."""
    points, rows = list(map(tuple, node["points"])), node["rows"]
    leaves = [(points[start:end], rows[start:end]) for start, end in zip(node["starts"], node["ends"])]
    inner = len(leaves) // 2
    bound = _box_bound(node, metric) if node["tree"] == "kd" else _ball_bound(node, metric)
    scan = _scanner(metric, node["metric"] == "euclidean")

    def visit(vector: Point, values: list[float], found: list[int]) -> None:
        waiting = [(0.0, 0)]
        while waiting:
            least, number = waiting.pop()
            if least > values[0]:
                continue
            if number >= inner:
                scan(leaves[number], vector, values, found)
                continue
            left = 2 * number + 1
            one, other = (bound(vector, left), left), (bound(vector, left + 1), left + 1)
            waiting += (other, one) if one[0] <= other[0] else (one, other)

    return visit


def _box_bound(node: Node, metric: Metric) -> Bound:
    reduced = metric.reduced
    boxes = [list(zip(low, high)) for low, high in zip(node["low"], node["high"])]

    def bound(vector: Point, number: int) -> float:
        nearest = [low if x < low else min(x, high) for x, (low, high) in zip(vector, boxes[number])]
        return reduced(vector, nearest)

    return bound


def _ball_bound(node: Node, metric: Metric) -> Bound:
    reduced, finish, reduce = metric.reduced, metric.finish, metric.reduce
    centres, radius = node["centre"], node["radius"]
    return lambda vector, number: reduce(max(0.0, finish(reduced(vector, centres[number])) - radius[number]))


def _check_neighbours(node: Node) -> None:
    check_metric(node)
    points = node.sizes["m"]
    node.expect(0 < node["k"] <= points, "as many neighbours as points, or fewer")
    given = {name for name, array in node.arrays.items() if array is not None} - {"points", "p"}
    node.expect(given == TREES[node["tree"]], f"the arrays of a {node['tree']} tree")
    if node["tree"] == "none":
        return
    node.expect(node["metric"] != "cosine", "a metric that trees know")
    starts, ends, nodes = node["starts"], node["ends"], node.sizes["t"]
    node.expect(nodes & (nodes + 1) == 0 and nodes > 0, "a full binary tree")
    node.expect(
        all(0 <= start <= end <= points for start, end in zip(starts, ends)), "nodes that hold points"
    )
    inner = nodes // 2
    node.expect(all(start < end for start, end in zip(starts[inner:], ends[inner:])), "a point in every leaf")
    node.expect(all(0 <= row < points for row in node["rows"]), "rows that are points")


NODES = {"rows", "starts", "ends"}
TREES = {"none": set(), "kd": NODES | {"low", "high"}, "ball": NODES | {"centre", "radius"}}

OPERATIONS = {
    # the k nearest points, by their numbers as training rows. tree: how they lie and are searched: "none" in order;
    # "kd" and "ball" as the leaves of a full binary tree (node i has 2 i + 1 and 2 i + 2 below it) that holds the points
    # from starts to ends, in a box from low to high or in a ball; rows: the points' numbers
    "neighbours/1": Operation(
        _neighbours,
        ("vector",),
        "neighbours",
        "m",
        {"metric": NAMES, "k": "int", "tree": tuple(TREES)},
        {
            "points": "F64 m n",
            "p": "F64? 1",
            "rows": "I32? m",
            "starts": "I32? t",
            "ends": "I32? t",
            "low": "F64? t n",
            "high": "F64? t n",
            "centre": "F64? t n",
            "radius": "F64? t",
        },
        check=_check_neighbours,
        nan=False,
        infinite=True,
    ),
}
