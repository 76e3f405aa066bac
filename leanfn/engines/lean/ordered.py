"""Categories found among sorted ones, as XGBoost finds them: one that it does not know counts as the next one."""

from __future__ import annotations

from bisect import bisect_left
from math import nan

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .operations import Node, Step

SIGNED = bytes([(i + 128) % 256 for i in range(256)])  # bytes in the order of signed ones
LARGEST = 1 << 63


def _text(x: Any) -> bytes | None:
    """A text as it is compared: of its bytes the library keeps as many as there are characters."""
    return x.encode("utf-8", "surrogatepass")[: len(x)].translate(SIGNED) if type(x) is str else None


def _whole(x: Any) -> int | None:
    return x if type(x) is int and -LARGEST <= x < LARGEST else None


def _column(keys: list[Any], to: list[float]) -> Callable[[Any], float]:
    known: dict[Any, float] = dict(zip(keys, to))
    comparable = _text if type(keys[0]) is str else _whole
    ordered: list[Any] = [comparable(key) for key in keys]

    def place(x: Any) -> float:
        if x is None:
            return nan
        if x in known:
            return known[x]
        compared = comparable(x)
        number = len(to) if compared is None else bisect_left(ordered, compared)
        if number == len(to):
            raise RowError(f"unknown category {x!r}")
        return to[number]

    return place


def _ordered(node: Node) -> Step:
    keys, to = node["keys"], iter(node["to"])
    columns = [_column(own, [next(to) for _ in own]) for own in keys]
    return lambda values: [column(x) for column, x in zip(columns, values)]


def _check(node: Node) -> None:
    keys = node["keys"]
    node.expect(len(keys) == node.sizes["n"], "keys for each column of its input")
    node.expect(sum(map(len, keys)) == node.sizes["m"], "a number for each key")
    for own in keys:
        node.expect(len(set(map(type, own))) == 1, "keys of one type in a column")
        compared: list[Any] = [_text(key) if type(key) is str else _whole(key) for key in own]
        node.expect(
            None not in compared and compared == sorted(set(compared)),
            "texts or whole numbers as keys, in ascending order",
        )


OPERATIONS = {
    # the number of the first of a column's sorted keys that is not below the value; one above them all is refused, a
    # missing one is NaN. Texts are compared as signed bytes, as many of them as there are characters
    "ordered/1": Operation(
        _ordered,
        ("values",),
        "vector",
        "n",
        {"keys": "lists of scalars"},
        {"to": "F64 m"},
        check=_check,
        nan=True,
        infinite=False,
    ),
}
