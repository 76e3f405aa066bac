"""The number of the bin that each number falls into."""

from __future__ import annotations

from bisect import bisect_right

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _bins(node: Node) -> Step:
    edges, counts = node["edges"], node["counts"]
    columns = []
    start = 0
    for count in counts:
        columns.append(edges[start : start + count])
        start += count
    return lambda vector: list(map(float, map(bisect_right, columns, vector)))


def _check_bins(node: Node) -> None:
    counts = node["counts"]
    node.expect(
        all(count >= 0 for count in counts) and sum(counts) == node.sizes["m"],
        "counts that add up to its edges",
    )


OPERATIONS = {
    # how many of its column's edges (counts: how many there are, column by column) are not above each number
    "bins/1": Operation(
        _bins,
        ("vector",),
        "vector",
        "n",
        arrays={"edges": "F64 m", "counts": "I32 n"},
        check=_check_bins,
        nan=False,
        infinite=False,
    ),
}
