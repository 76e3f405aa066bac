"""Labels as numpy reads them when it compares them with a fitted encoder's classes."""

from __future__ import annotations

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .operations import Node, Step

    Values = Sequence[Any]

INT64 = range(-(2**63), 2**63)


def _cut(node: Node) -> Step:
    length = node["length"]

    def cut(values: Values) -> list[str]:
        try:
            return [x[:length].rstrip("\0") for x in values]
        except TypeError:
            raise RowError("the model has no answer for this row: a label is missing") from None

    return cut


def _check_length(node: Node) -> None:
    node.expect(node["length"] > 0, "labels of one character or more")


def _whole(node: Node) -> Step:
    fractions = node["fractions"]

    def whole(values: Values) -> list[int]:
        try:
            numbers = [int(x) for x in values]
        except (TypeError, ValueError, OverflowError):  # missing, NaN, infinite
            raise RowError("the model has no answer for this row: a number is missing or infinite") from None
        for x, number in zip(values, numbers):
            if number not in INT64 or (fractions == "refuse" and number != x):
                raise RowError(f"the model has no answer for this row: {x!r} is no whole number")
        return numbers

    return whole


OPERATIONS = {
    # strings cut to the length of numpy's fixed-width strings
    "cut/1": Operation(
        _cut, ("values",), "values", "n", {"length": "int"}, check=_check_length, nan=False, infinite=False
    ),
    # whole numbers; what is behind the point is cut off, or refused
    "whole/1": Operation(
        _whole, ("values",), "values", "n", {"fractions": ("cut", "refuse")}, nan=False, infinite=False
    ),
}
