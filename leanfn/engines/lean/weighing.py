"""What a text's tokens weigh together: from counts to a linear map with lists of columns and numbers in between."""

from __future__ import annotations

from math import log

from leanfn.errors import RowError

from .arithmetic import dot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .operations import Node, Step

    Numbers = Sequence[float]
    # from a row's columns and their numbers to other numbers for them
    Weigh = Callable[[list[int], Numbers], Numbers]

# the operation that counts -> the module that has its COUNTERS
COUNTED = {"count/1": "text", "hash/1": "hashing"}


def weighed(chain: list[Node], rows: Sequence[Sequence[float]]) -> Step | None:
    """A row's tokens, their counts, [sublinear], [scale], [normalize], [select], linear; None for another chain.

    rows: the linear map's weights for each output.
    """
    at = next((i for i, node in enumerate(chain) if node.op in COUNTED), None)
    if at is None:
        return None
    weighing = chain[at + 1 : -1]
    weights: Sequence[Sequence[float] | dict[int, float]] = rows
    if weighing and weighing[-1].op == "select/1":
        columns = weighing.pop()["columns"]
        weights = [_Selected(zip(columns, row)) for row in rows]
        if len(weights[0]) < len(columns):  # one is taken twice
            return None
    if any(node.op not in WEIGHS for node in weighing):
        return None
    counter = __import__(f"{__package__}.{COUNTED[chain[at].op]}", fromlist=["counter"]).counter
    count: Callable[[Any], dict[int, float]] = counter(chain[: at + 1])
    weighs = [WEIGHS[node.op](node) for node in weighing]
    pairs = list(zip(weights, chain[-1]["intercept"]))

    def linear(row: Any) -> list[float]:
        found = count(row)
        columns = list(found)
        numbers: Numbers = list(found.values())
        for weigh in weighs:
            numbers = weigh(columns, numbers)
        return [dot([of[i] for i in columns], numbers) + constant for of, constant in pairs]

    return linear


class _Selected(dict):  # type: ignore[type-arg]
    """The weights of those columns that were selected; others weigh nothing."""

    __slots__ = ()

    def __missing__(self, _: int) -> float:
        return 0.0


def _sublinear(_: Node) -> Weigh:
    def sublinear(_: list[int], numbers: Numbers) -> Numbers:
        try:
            return [log(x) + 1.0 for x in numbers]
        except ValueError:
            raise RowError("the model has no answer for this row: a count is not above zero") from None

    return sublinear


def _scale(node: Node) -> Weigh:
    steps = [(step == "multiply", node[step]) for step in node["steps"]]

    def scale(columns: list[int], numbers: Numbers) -> Numbers:
        for multiplies, by in steps:
            if multiplies:
                numbers = [x * by[i] for x, i in zip(numbers, columns)]
            else:
                numbers = [x / by[i] for x, i in zip(numbers, columns)]
        return numbers

    return scale


def _normalize(node: Node) -> Weigh:
    from .norms import NORMS

    norm = NORMS[node["norm"]]
    (least,) = node["least"]

    def normalize(_: list[int], numbers: Numbers) -> Numbers:
        length = norm(numbers)
        return [x / length for x in numbers] if length >= least else numbers

    return normalize


WEIGHS: dict[str, Callable[[Node], Weigh]] = {
    "sublinear/1": _sublinear,
    "scale/1": _scale,
    "normalize/1": _normalize,
}
