"""Operations that choose: from scores to the position of a class, from there to its label."""

from __future__ import annotations

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _argmax(node: Node) -> Step:
    def argmax(vector: list[float]) -> int:
        # numpy's argmax: the first NaN, else the first of the largest
        for i, x in enumerate(vector):
            if x != x:
                return i
        return vector.index(max(vector))

    if node.inputs[0].nan or node.inputs[0].infinite:
        return argmax
    return lambda vector: vector.index(max(vector))


def _exceeds(node: Node) -> Step:
    (at,) = node["at"]
    column = node["column"]
    if node["equal"]:
        return lambda vector: 1 if vector[column] >= at else 0
    return lambda vector: 1 if vector[column] > at else 0


def _check_exceeds(node: Node) -> None:
    node.expect(0 <= node["column"] < node.sizes["n"], "a column of its input")


def _label(node: Node) -> Step:
    return node["labels"].__getitem__  # type: ignore[no-any-return]


def _check_label(node: Node) -> None:
    node.expect(len(node["labels"]) == node.sizes["n"], "one label per class")


OPERATIONS = {
    # the position of the largest number; of several, the first
    "argmax/1": Operation(_argmax, ("vector",), "index", "n"),
    # 1 where the number in `column` is above `at` (equal: or equals it), else 0
    "exceeds/1": Operation(
        _exceeds,
        ("vector",),
        "index",
        2,
        {"column": "int", "equal": "bool"},
        {"at": "F64 1"},
        check=_check_exceeds,
        nan=False,
        infinite=False,
    ),
    # the label at a position
    "label/1": Operation(
        _label, ("index",), "label", 1, {"labels": "scalars"}, check=_check_label, nan=False
    ),
}
