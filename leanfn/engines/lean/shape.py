"""Operations that choose, join and reshape wires, and compute nothing."""

from __future__ import annotations

from operator import itemgetter

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .operations import Node, Step


def _select(node: Node) -> Step:
    columns = node["columns"]
    if node.inputs[0].kind == "sparse":
        places: dict[int, list[int]] = {}
        for place, column in enumerate(columns):
            places.setdefault(column, []).append(place)
        get = places.get
        return lambda row: {place: x for i, x in row.items() for place in get(i, ())}
    if len(columns) > 1:
        pick = itemgetter(*columns)
        return lambda vector: list(pick(vector))
    return lambda vector: [vector[i] for i in columns]


def _check_select(node: Node) -> None:
    node.expect(all(0 <= i < node.sizes["n"] for i in node["columns"]), "columns of its input")


def _total_width(node: Node) -> int:
    return sum([wire.width for wire in node.inputs])


def _concat(node: Node) -> Step:
    if len(node.inputs) == 2:
        return lambda first, second: [*first, *second]

    def concat(*parts: list[Any]) -> list[Any]:
        row: list[Any] = []
        for part in parts:
            row += part
        return row

    return concat


def _check_concat(node: Node) -> None:
    node.expect(len({wire.kind for wire in node.inputs}) == 1, "inputs of one kind")


def _stack(node: Node) -> Step:
    """Vectors and sparse rows side by side as one sparse row."""
    plan = []
    offset = 0
    for wire in node.inputs:
        plan.append((offset, wire.kind == "sparse"))
        offset += wire.width

    def stack(*parts: Any) -> dict[int, float]:
        row: dict[int, float] = {}
        for part, (offset, sparse) in zip(parts, plan):
            if not sparse:
                row.update(zip(range(offset, offset + len(part)), part))
            elif offset:
                row.update([(i + offset, x) for i, x in part.items()])
            else:
                row.update(part)
        return row

    return stack


def _dense(node: Node) -> Step:
    zeros = [0.0] * node.sizes["n"]

    def dense(row: dict[int, float]) -> list[float]:
        vector = zeros.copy()
        for i, x in row.items():
            vector[i] = x
        return vector

    return dense


def _sparse(node: Node) -> Step:
    return lambda vector: {i: x for i, x in enumerate(vector) if x}


def _constant(node: Node) -> Step:
    values = node["values"]
    return lambda row: values.copy()


def _item(node: Node) -> Step:
    return lambda vector: vector[0]


def _check_item(node: Node) -> None:
    node.expect(node.sizes["n"] == 1, "an input of one column")


def _many(node: Node) -> Step:
    return lambda *answers: list(answers)


ANYTHING = "values|record|vector|sparse|tokens|neighbours|index|label|many"

OPERATIONS = {
    # the columns with these numbers, in this order, again and again if asked
    "select/1": Operation(
        _select,
        ("vector|sparse",),
        "same",
        lambda node: len(node["columns"]),
        {"columns": "ints"},
        check=_check_select,
    ),
    # rows of one kind side by side
    "concat/1": Operation(_concat, ("vector|values*",), "same", _total_width, check=_check_concat),
    # vectors and sparse rows side by side, as one sparse row
    "stack/1": Operation(_stack, ("vector|sparse*",), "sparse", _total_width),
    # every column of a sparse row, zeros too
    "dense/1": Operation(_dense, ("sparse",), "vector", "n"),
    # the numbers that are not zero
    "sparse/1": Operation(_sparse, ("vector",), "sparse", "n"),
    # the same values for every row
    "constant/1": Operation(
        _constant, (ANYTHING,), "vector", "k", arrays={"values": "F64 k"}, nan=True, infinite=True
    ),
    # the one number of a row of one column
    "item/1": Operation(_item, ("vector",), "label", 1, check=_check_item),
    # a list of answers, one per output
    "many/1": Operation(_many, ("vector|sparse|index|label|many*",), "many", lambda node: len(node.inputs)),
}
