"""Products of columns: the terms of a polynomial."""

from __future__ import annotations

from operator import itemgetter, mul

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Pick = Callable[[list[float]], tuple[float, ...]]


def _pick(columns: list[int]) -> Pick:
    if len(columns) > 1:
        return itemgetter(*columns)
    (column,) = columns
    return lambda row: (row[column],)


def _products(node: Node) -> Step:
    width = node.sizes["n"]
    # whole levels at once: each holds the products whose factors all stand before it
    levels: list[tuple[Pick, Pick]] = []
    first: list[int] = []
    second: list[int] = []
    for a, b in zip(node["first"], node["second"]):
        if max(a, b) >= width:
            levels.append((_pick(first), _pick(second)))
            width += len(first)
            first, second = [], []
        first.append(a)
        second.append(b)
    if first:
        levels.append((_pick(first), _pick(second)))

    def products(vector: list[float]) -> list[float]:
        row = vector.copy()
        for left, right in levels:
            row += map(mul, left(row), right(row))
        return row

    return products


def _check_products(node: Node) -> None:
    first, second = node.arrays["first"].flat, node.arrays["second"].flat  # type: ignore[union-attr]
    node.expect(
        all(0 <= a < end and 0 <= b < end for end, (a, b) in enumerate(zip(first, second), node.sizes["n"])),
        "factors that stand before their product",
    )


def _width(node: Node) -> int:
    return node.sizes["n"] + node.sizes["m"]


OPERATIONS = {
    # the row, and behind it the product of columns first[i] and second[i], which may be products themselves
    "products/1": Operation(
        _products,
        ("vector",),
        "vector",
        _width,
        arrays={"first": "I32 m", "second": "I32 m"},
        check=_check_products,
        nan=True,
        infinite=True,
    ),
}
