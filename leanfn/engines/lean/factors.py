"""Non-negative weights of components that add up to a row, by coordinate descent: the original's steps, and its stop."""

from __future__ import annotations

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def _descend(node: Node) -> Step:
    components = node["components"]
    (tolerance,), (l1,), (l2,) = node["tolerance"], node["l1"], node["l2"]
    gram = [[dot(one, other) for other in components] for one in components]
    for place, row in enumerate(gram):
        row[place] += l2
    coordinates = [(place, row, row[place]) for place, row in enumerate(gram)]
    steps = range(node["steps"])

    def descend(vector: Vector) -> Vector:
        wanted = [dot(component, vector) - l1 for component in components]
        weights = [0.0] * len(components)
        first = None
        for _ in steps:
            violation = 0.0
            for place, row, curvature in coordinates:
                weight = weights[place]
                gradient = dot(row, weights) - wanted[place]
                violation += abs(gradient if weight != 0.0 else min(0.0, gradient))
                if curvature != 0.0:
                    weights[place] = max(weight - gradient / curvature, 0.0)
            if first is None:
                first = violation
            if first == 0.0 or violation / first <= tolerance:
                break
        return weights

    return descend


def _check_descend(node: Node) -> None:
    node.expect(node["steps"] > 0, "a step or more")


OPERATIONS = {
    # the weights, of zero or more, whose sum of components is near the row
    "descend/1": Operation(
        _descend,
        ("vector",),
        "vector",
        "k",
        {"steps": "int"},
        {"components": "F64 k n", "tolerance": "F64 1", "l1": "F64 1", "l2": "F64 1"},
        check=_check_descend,
        nan=True,
        infinite=True,
    ),
}
