"""Codes of a row in a dictionary: few atoms by orthogonal matching pursuit, or products made smaller."""

from __future__ import annotations

from math import sqrt

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]

LEAST = 2.0**-52  # no atom is taken whose product, or whose part that is new, has a smaller square


def forward(lower: list[Vector], wanted: Vector) -> Vector:
    """x of lower · x = wanted."""
    found: Vector = []
    for row, value in zip(lower, wanted):
        found.append((value - dot(row[: len(found)], found)) / row[len(found)])
    return found


def _backward(lower: list[Vector], wanted: Vector) -> Vector:
    """x of lower' · x = wanted."""
    found = list(wanted)
    for place in range(len(lower) - 1, -1, -1):
        x = found[place] = found[place] / lower[place][place]
        for other, factor in enumerate(lower[place][:place]):
            found[other] -= factor * x
    return found


def _pursue(node: Node) -> Step:
    atoms = node["atoms"]
    gram = [[dot(one, other) for other in atoms] for one in atoms]
    count = node["count"]

    def pursue(vector: Vector) -> Vector:
        products = [dot(atom, vector) for atom in atoms]
        left, order = products, list(range(len(atoms)))
        lower: list[Vector] = []
        weights: Vector = []
        while len(lower) < count:
            taken = len(lower)
            place = _largest(left)
            if place < taken or left[place] * left[place] < LEAST:
                break
            atom = order[place]
            row = forward(lower, [gram[atom][other] for other in order[:taken]])
            rest = gram[atom][atom] - dot(row, row)
            if taken and rest <= LEAST:
                break
            lower.append([*row, sqrt(rest)])
            order[taken], order[place] = atom, order[taken]
            weights = _backward(lower, forward(lower, [products[other] for other in order[: taken + 1]]))
            chosen = order[: taken + 1]
            left = [products[i] - dot([gram[i][other] for other in chosen], weights) for i in order]
        code = [0.0] * len(atoms)
        for atom, weight in zip(order, weights):
            code[atom] = weight
        return code

    return pursue


def _largest(numbers: Vector) -> int:
    """The place of the first of the largest in size, or of the first NaN."""
    sizes = list(map(abs, numbers))
    for place, size in enumerate(sizes):
        if size != size:
            return place
    return sizes.index(max(sizes))


def _check_pursue(node: Node) -> None:
    node.expect(0 < node["count"] <= node.sizes["k"], "as many atoms as the dictionary has, or fewer")


def _shrink(node: Node) -> Step:
    (by,) = node["by"]

    def shrink(vector: Vector) -> Vector:
        return [((x > 0.0) - (x < 0.0)) * max(abs(x) - by, 0.0) if x == x else x for x in vector]

    return shrink


def _sides(node: Node) -> Step:
    return lambda vector: [max(x, 0.0) for x in vector] + [-min(x, 0.0) for x in vector]


OPERATIONS = {
    # the weights of at most `count` atoms that come near the row
    "pursue/1": Operation(
        _pursue,
        ("vector",),
        "vector",
        "k",
        {"count": "int"},
        {"atoms": "F64 k n"},
        check=_check_pursue,
        nan=True,
        infinite=True,
    ),
    # each number nearer to zero, at most to it
    "shrink/1": Operation(_shrink, ("vector",), "vector", "n", arrays={"by": "F64 1"}),
    # what is above zero, then what is below it, as numbers above it
    "sides/1": Operation(_sides, ("vector",), "vector", lambda node: 2 * node.sizes["n"]),
}
