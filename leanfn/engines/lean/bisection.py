"""A descent through clusters that were split in two, again and again."""

from __future__ import annotations

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _bisect(node: Node) -> Step:
    left, right, cluster = node["left"], node["right"], node["cluster"]

    def bisect(scores: list[float]) -> int:
        place = 0
        while left[place]:
            one, other = left[place], right[place]
            place = other if scores[other] > scores[one] else one
        return cluster[place]  # type: ignore[no-any-return]

    return bisect


def _check_bisect(node: Node) -> None:
    nodes = node.sizes["n"]
    node.expect(nodes > 0, "a root")
    for place, (one, other) in enumerate(zip(node["left"], node["right"])):
        node.expect(
            one == other == 0 or (place < one < nodes and place < other < nodes),
            "children behind their parent",
        )
    node.expect(
        all(0 <= number < node["clusters"] for number in node["cluster"]), "clusters below their count"
    )


OPERATIONS = {
    # from the root, node 0, to the child with the higher score (of equals the left one); left, right: its children, zero
    # for a leaf; cluster: a leaf's
    "bisect/1": Operation(
        _bisect,
        ("vector",),
        "index",
        "clusters",
        {"clusters": "int"},
        {"left": "I32 n", "right": "I32 n", "cluster": "I32 n"},
        check=_check_bisect,
        nan=False,
        infinite=False,
    ),
}
