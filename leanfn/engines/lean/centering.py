"""Rows of a kernel, centered as those it was fitted with."""

from __future__ import annotations

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _center(node: Node) -> Step:
    rows = node["rows"]
    (all_,) = node["all"]
    count = len(rows)

    def center(vector: list[float]) -> list[float]:
        total = 0.0
        for x in vector:
            total += x
        mean = total / count
        return [x - row - mean + all_ for x, row in zip(vector, rows)]

    return center


def _check_center(node: Node) -> None:
    node.expect(node.sizes["n"] > 0, "a column")


OPERATIONS = {
    # less the mean of each training row, less the row's own, and back the mean of all
    "center/1": Operation(
        _center,
        ("vector",),
        "vector",
        "n",
        arrays={"rows": "F64 n", "all": "F64 1"},
        check=_check_center,
        nan=True,
        infinite=True,
    ),
}
