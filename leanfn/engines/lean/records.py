"""Open objects as columns: each member's number, or a one for its word."""

from __future__ import annotations

from math import nan

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .operations import Node, Step


def _dictionary(node: Node) -> Step:
    names, separator = node["names"], node["separator"]
    get = dict(zip(names, range(len(names)))).get

    def dictionary(record: dict[str, Any]) -> dict[int, float]:
        row: dict[int, float] = {}
        for name, value in record.items():
            if value.__class__ is list:
                for word in value:
                    if word.__class__ is not str:
                        raise RowError(f"the model has no answer for a list with {word!r}", name)
                    add(row, get(name + separator + word), 1.0)
            elif value.__class__ is str:
                add(row, get(name + separator + value), 1.0)
            elif value.__class__ is dict:
                raise RowError("the model has no answer for an object in an object", name)
            else:
                add(row, get(name), nan if value is None else _number(name, value))
        return row

    def add(row: dict[int, float], column: int | None, x: float) -> None:
        if column is not None:
            row[column] = row.get(column, 0.0) + x

    return dictionary


def _number(name: str, value: Any) -> float:
    try:
        return float(value)
    except OverflowError:
        raise RowError("a number too large for 64-bit floats", name) from None


OPERATIONS = {
    # the columns called "name" for a number, "name<separator>word" for a string or each of a list of them
    "dictionary/1": Operation(
        _dictionary,
        ("record",),
        "sparse",
        lambda node: len(node["names"]),
        {"names": "strings", "separator": "str"},
        nan=True,
        infinite=True,
    ),
}
