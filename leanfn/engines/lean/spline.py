"""B-splines of each column."""

from __future__ import annotations

from bisect import bisect_right
from math import isfinite

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Numbers = list[float]
    Splines = Callable[[float, Numbers], Numbers]


def _local(x: float, knots: Numbers, degree: int, place: int) -> Numbers:
    """The degree + 1 splines that are not zero between knots[place] and the next (de Boor's recurrence)."""
    values = [1.0]
    for order in range(1, degree + 1):
        raised = [0.0]
        for i, value in enumerate(values, place + 1):
            left, right = knots[i - order], knots[i]
            share = value / (right - left) if right != left else 0.0
            raised[-1] += share * (right - x)
            raised.append(share * (x - left))
        values = raised
    return values


def _all(degree: int, count: int, spread: bool) -> Splines:
    """The function from a number and its column's knots to all splines' values."""

    def splines(x: float, knots: Numbers) -> Numbers:
        place = bisect_right(knots, x, degree + 1, count) - 1
        first = place - degree
        values = _local(x, knots, degree, place)
        row = [0.0] * count
        row[first : place + 1] = values
        if spread and not all(map(isfinite, values)):  # scipy multiplies them with a matrix of zeros and ones
            total = 0.0
            for value in values:
                total += 0.0 * value
            row = [total + value if first <= i <= place else total for i, value in enumerate(row)]
        return row

    return splines


def _periodic(splines: Splines, degree: int, count: int) -> Splines:
    """One period of the splines: the last ones are the first ones again."""

    def periodic(x: float, knots: Numbers) -> Numbers:
        start, end = knots[degree], knots[count]
        row = splines(start + (x - start) % (end - start) if end > start else 0.0, knots)
        repeated = count - degree
        for i in range(degree):
            row[i] += row[repeated + i]
        return row[:repeated]

    return periodic


def _spline(node: Node) -> Step:
    degree, outside, count = node["degree"], node["outside"], _count(node)
    splines = _all(degree, count, node["spread"])
    if outside == "periodic":
        splines = _periodic(splines, degree, count)
    width = _kept(node)
    zeros = [0.0] * width
    columns = _columns(node)

    def spline(vector: Numbers) -> Numbers:
        row: Numbers = []
        for x, (knots, low, high, below, above) in zip(vector, columns):
            if x != x:
                row += zeros
            elif low <= x <= high:
                row += splines(x, knots)[:width]
            elif outside == "refuse":
                raise RowError(
                    "the model has no answer for this row: a number lies outside the knots of its splines"
                )
            elif outside == "line":
                end, (values, slopes) = (low, below) if x < low else (high, above)
                row += [value + (x - end) * slope for value, slope in zip(values, slopes)][:width]
            else:
                row += splines(x, knots)[:width]
        return row

    return spline


def _columns(
    node: Node,
) -> list[tuple[Numbers, float, float, tuple[Numbers, Numbers], tuple[Numbers, Numbers]]]:
    """Per column the knots, the bounds, and the lines (values and slopes) below and above them."""
    lines = node["lines"]
    count = _count(node)
    columns = []
    for i, (knots, (low, high)) in enumerate(zip(node["knots"], node["bounds"])):
        four = lines[4 * i : 4 * i + 4] if lines else [[0.0] * count] * 4
        columns.append((knots, low, high, (four[0], four[1]), (four[2], four[3])))
    return columns


def _count(node: Node) -> int:
    """How many splines a column's knots make."""
    count: int = node.sizes["m"] - node["degree"] - 1
    return count


def _kept(node: Node) -> int:
    count = _count(node) - (node["degree"] if node["outside"] == "periodic" else 0)
    return count - (not node["bias"])


def _width(node: Node) -> int:
    return node.sizes["n"] * _kept(node)


def _check_spline(node: Node) -> None:
    degree = node["degree"]
    node.expect(degree >= 0 and _count(node) > degree and _kept(node) >= 0, "more splines than their degree")
    lines = node.arrays["lines"]
    node.expect((lines is not None) == (node["outside"] == "line"), "lines where it continues along them")
    if lines is not None:
        node.expect(
            lines.shape == (4 * node.sizes["n"], _count(node)),
            "four rows of lines per column, a number per spline",
        )


OPERATIONS = {
    # the splines' values at each number, zeros at NaN. outside the bounds (low, high): as the curves go on, along
    # straight lines (per column: values and slopes below, values and slopes above), refused, or periodic.
    # bias false leaves out each column's last spline
    "spline/1": Operation(
        _spline,
        ("vector",),
        "vector",
        _width,
        {
            "degree": "int",
            "outside": ("continue", "line", "refuse", "periodic"),
            "bias": "bool",
            "spread": "bool",
        },
        {"knots": "F64 n m", "bounds": "F64 n 2", "lines": "F64? l m2"},
        check=_check_spline,
        nan=True,
        infinite=True,
    ),
}
