"""Missing values filled from the nearest rows that have them."""

from __future__ import annotations

from math import inf, nan, sqrt

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Vector = list[float]


def _donors(node: Node) -> Step:
    points, means, columns, count = node["points"], node["means"], node["columns"], node["k"]
    width = node.sizes["n"]
    by_distance = node["weights"] == "distance"
    unreached = node["unreached"]
    # per column the rows that have it, and their values
    donors = [[(i, point[j]) for i, point in enumerate(points) if point[j] == point[j]] for j in range(width)]

    def fill(distances: Vector, column: int) -> float:
        near = [(distances[i], i, x) for i, x in donors[column] if distances[i] == distances[i]]
        if not near:
            return means[column]  # type: ignore[no-any-return]
        near.sort()
        if unreached and len(near) < count:
            near += [(inf, i, x) for i, x in donors[column] if distances[i] != distances[i]]
        near = near[:count]
        if by_distance:
            here = near[0][0] == 0.0
            weights = (
                [1.0 if d == 0.0 else 0.0 for d, _, _ in near] if here else [1.0 / d for d, _, _ in near]
            )
        else:
            weights = [1.0] * len(near)
        total = weight_of_all = 0.0
        for weight, (_, _, x) in zip(weights, near):
            total += x * weight
            weight_of_all += weight
        return total / weight_of_all

    measure = _distances(points)

    def impute(vector: Vector) -> Vector:
        gaps = [j for j in columns if vector[j] != vector[j]]
        if not gaps:
            return [vector[j] for j in columns]
        distances = measure(vector)
        filled = vector.copy()
        for j in gaps:
            filled[j] = fill(distances, j)
        return [filled[j] for j in columns]

    return impute


def _distances(points: list[Vector]) -> Callable[[Vector], Vector]:
    """Over the columns that both have, scaled up to all of them; NaN where they have none in common.

    By the matrix products of nan_euclidean_distances: far rows round as its do.
    """
    plan = []
    for point in points:
        known = [x if x == x else 0.0 for x in point]
        squares = [x * x for x in known]
        lacks = [j for j, x in enumerate(point) if x != x]
        plan.append((known, squares, dot(known, known), lacks, _mask(point)))

    def distances(vector: Vector) -> Vector:
        known = [x if x == x else 0.0 for x in vector]
        norm = dot(known, known)
        if norm == inf:
            return [nan] * len(points)  # scikit-learn takes infinity times zero off
        width = len(vector)
        gaps = [j for j, x in enumerate(vector) if x != x]
        own = _mask(vector)
        found = []
        for other, squares, norm_of_other, lacks, mask in plan:
            square = max(-2.0 * dot(known, other) + norm + norm_of_other, 0.0)
            for j in lacks:
                square -= known[j] * known[j]
            for j in gaps:
                square -= squares[j]
            shared = (own & mask).bit_count()
            found.append(sqrt(max(square, 0.0) / shared * width) if shared else nan)
        return found

    return distances


def _mask(vector: Vector) -> int:
    """A bit per column that the row has."""
    return sum([1 << j for j, x in enumerate(vector) if x == x])


def _check_donors(node: Node) -> None:
    node.expect(node["k"] > 0, "a neighbour")
    node.expect(all(0 <= j < node.sizes["n"] for j in node["columns"]), "columns of its input")


OPERATIONS = {
    # `columns` with each NaN filled by the mean of the k nearest points that have the column; means: where no point
    # shares a column with the row; unreached: points that share none count where there are no k others
    "donors/1": Operation(
        _donors,
        ("vector",),
        "vector",
        lambda node: len(node["columns"]),
        {"columns": "ints", "k": "int", "weights": ("uniform", "distance"), "unreached": "bool"},
        {"points": "F64 m n", "means": "F64 n"},
        check=_check_donors,
        nan=False,
    ),
}
