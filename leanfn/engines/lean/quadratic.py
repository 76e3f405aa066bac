"""Squared distances by a matrix."""

from __future__ import annotations

from math import nan

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _mahalanobis(node: Node) -> Step:
    mean, precision = node["mean"], node["precision"]

    def mahalanobis(vector: list[float]) -> list[float]:
        away = [x - m for x, m in zip(vector, mean)]
        square = dot(away, [dot(row, away) for row in precision])
        return [square if square >= 0.0 else nan]  # scikit-learn's goes through the square root

    return mahalanobis


OPERATIONS = {
    # (x - mean) · precision · (x - mean)
    "mahalanobis/1": Operation(
        _mahalanobis,
        ("vector",),
        "vector",
        1,
        arrays={"mean": "F64 n", "precision": "F64 n n"},
        nan=True,
        infinite=True,
    ),
}
