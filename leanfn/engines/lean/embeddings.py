"""Where a row lies among training rows that were laid out anew: as its neighbours mix."""

from __future__ import annotations

from math import inf, sqrt
from operator import sub

from leanfn.errors import RowError

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]
    Found = list[tuple[float, int]]  # (distance, number of the training row)


def _mix(node: Node) -> Step:
    points, places = node["points"], node["places"]
    (reg,) = node["reg"]
    axes = range(node.sizes["k"])

    def mix(found: Found, vector: Vector) -> Vector:
        rows = [row for _, row in found]
        away = [list(map(sub, points[row], vector)) for row in rows]
        gram = [[dot(one, other) for other in away] for one in away]
        trace = 0.0
        for place, row in enumerate(gram):
            trace += row[place]
        ridge = reg * trace if trace > 0.0 else reg
        for place, row in enumerate(gram):
            row[place] += ridge
        weights = _solve(gram)
        total = 0.0
        for weight in weights:
            total += weight
        shares = [weight / total for weight in weights]
        return [dot(shares, [places[row][axis] for row in rows]) for axis in axes]

    return mix


def _solve(gram: list[Vector]) -> Vector:
    """x of gram · x = 1, by the square root of the matrix."""
    lower: list[Vector] = []
    found: Vector = []
    for row in gram:
        line: Vector = []
        for other in lower:
            line.append((row[len(line)] - dot(other[: len(line)], line)) / other[len(line)])
        square = row[len(line)] - dot(line, line)
        if not 0.0 < square < inf:
            raise RowError(
                "the model has no answer for this row: its neighbours' products are no numbers, or singular"
            )
        root = sqrt(square)
        found.append((1.0 - dot(line, found)) / root)
        lower.append([*line, root])
    for place in range(len(lower) - 1, -1, -1):
        x = found[place] = found[place] / lower[place][place]
        for before, factor in enumerate(lower[place][:place]):
            found[before] -= factor * x
    return found


def _check_mix(node: Node) -> None:
    node.expect(node.inputs[0].width == node.sizes["m"], "neighbours among its points")
    node.expect(node.inputs[1].width == node.sizes["d"], "points of the row's width")


OPERATIONS = {
    # the places of the neighbours, mixed as their points mix to the row
    "mix/1": Operation(
        _mix,
        ("neighbours", "vector"),
        "vector",
        "k",
        arrays={"points": "F64 m d", "places": "F64 m k", "reg": "F64 1"},
        check=_check_mix,
        nan=True,
        infinite=True,
    ),
}
