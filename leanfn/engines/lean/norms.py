"""Rows brought to length one, and what counts are weighed by before."""

from __future__ import annotations

from math import log, sqrt

from leanfn.errors import RowError

from .arithmetic import dot, on_row
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .arithmetic import Weigh
    from .operations import Node, Step


def _l1(numbers: Sequence[float]) -> float:
    total = 0.0
    for x in numbers:
        total += abs(x)
    return total


def _l2(numbers: Sequence[float]) -> float:
    return sqrt(dot(numbers, numbers))


def _max(numbers: Sequence[float]) -> float:
    return max(map(abs, numbers), default=0.0)


NORMS: dict[str, Callable[[Sequence[float]], float]] = {"l1": _l1, "l2": _l2, "max": _max}


def _normalize(node: Node) -> Step:
    weigh = weigh_by_norm(node)
    return on_row(weigh) if node.inputs[0].kind == "sparse" else lambda vector: weigh((), vector)


def weigh_by_norm(node: Node) -> Weigh:
    norm = NORMS[node["norm"]]
    (least,) = node["least"]

    def weigh(_: Sequence[int], numbers: Sequence[float]) -> Sequence[float]:
        length = norm(numbers)
        return [x / length for x in numbers] if length >= least else numbers

    return weigh


def _check_normalize(node: Node) -> None:
    node.expect(node["least"][0] > 0.0, "a smallest length above zero")


def weigh_by_log(_: Node) -> Weigh:
    def weigh(_: Sequence[int], numbers: Sequence[float]) -> Sequence[float]:
        try:
            return [log(x) + 1.0 for x in numbers]
        except ValueError:
            raise RowError("the model has no answer for this row: a count is not above zero") from None

    return weigh


OPERATIONS = {
    # 1 + log(count); a count that is not above zero is refused
    "sublinear/1": Operation(
        lambda node: on_row(weigh_by_log(node)), ("sparse",), "sparse", "n", nan=False, infinite=False
    ),
    # the row over its norm; a row whose norm is less than `least` stays as it is
    "normalize/1": Operation(
        _normalize,
        ("vector|sparse",),
        "same",
        "n",
        {"norm": tuple(NORMS)},
        {"least": "F64 1"},
        check=_check_normalize,
        infinite=False,
    ),
}
