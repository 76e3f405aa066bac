"""Missing numbers estimated from one another, in rounds."""

from __future__ import annotations

from math import isfinite

from leanfn.errors import RowError

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def _rounds(node: Node) -> Step:
    width, ignored = node.sizes["n"], set(node["ignored"])
    columns = [i for i in range(width) if i not in ignored]
    plan = list(zip(node["targets"], node["coef"], node["intercept"], node["low"], node["high"]))
    missing = node["missing"]
    if missing is not None:
        (missing,) = missing

    def rounds(original: Vector, filled: Vector) -> Vector:
        holes = [
            i for i in columns if (original[i] != original[i] if missing is None else original[i] == missing)
        ]
        if not holes or len(holes) == width:
            return filled
        row = filled.copy()
        for target, weights, constant, low, high in plan:
            if target not in holes:
                continue
            if not all([isfinite(row[i]) for i in holes if i != target]):
                raise RowError(
                    "the model has no answer for this row: the estimate of a missing number is infinite"
                )
            row[target] = 0.0  # its weight is zero, and zero times infinity would not be
            x = dot(weights, row) + constant
            row[target] = low if x < low else min(x, high)
        return row

    return rounds


def _check_rounds(node: Node) -> None:
    width = node.sizes["n"]
    node.expect(node.inputs[1].width == width, "two rows of one width")
    targets = node.arrays["targets"].flat  # type: ignore[union-attr]
    node.expect(all(0 <= i < width for i in (*targets, *node["ignored"])), "columns of its input")


OPERATIONS = {
    # the second row, in which the numbers that the first one lacks (NaN, or `missing`) are estimated one after the
    # other: coef · row + intercept, kept between low and high; a row that lacks all of them stays as it was filled.
    # ignored: columns that lack nothing, whatever they hold
    "rounds/1": Operation(
        _rounds,
        ("vector", "vector"),
        "vector",
        "n",
        {"ignored": "ints"},
        {
            "missing": "F64? 1",
            "targets": "I32 r",
            "coef": "F64 r n",
            "intercept": "F64 r",
            "low": "F64 r",
            "high": "F64 r",
        },
        check=_check_rounds,
        nan=lambda node: node.inputs[1].nan,
        infinite=True,
    ),
}
