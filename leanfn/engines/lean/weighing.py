"""What a text's tokens weigh together: from counts to a linear map with lists of columns and numbers in between."""

from __future__ import annotations

from .arithmetic import dot
from .linear import rows_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from .arithmetic import Weigh
    from .operations import Node, Step

# the operation that counts -> the module whose `counter` counts
COUNTED = {"count/1": "text", "hash/1": "hashing"}
# the operation that weighs -> the module that says how, and the function's name
WEIGHED = {
    "sublinear/1": ("norms", "weigh_by_log"),
    "scale/1": ("elementwise", "weigh_by_column"),
    "normalize/1": ("norms", "weigh_by_norm"),
}


def weighed(chain: list[Node]) -> Step | None:
    """A row's tokens, their counts, [sublinear], [scale], [normalize], [select], linear; None for another chain."""
    at = next((i for i, node in enumerate(chain) if node.op in COUNTED), None)
    if at is None:
        return None
    weighing = chain[at + 1 : -1]
    select = weighing.pop() if weighing and weighing[-1].op == "select/1" else None
    if any(node.op not in WEIGHED for node in weighing):
        return None
    weights: Sequence[Sequence[float] | dict[int, float]] = rows_of(chain[-1])
    if select is not None:
        columns = select["columns"]
        weights = [_Selected(zip(columns, row)) for row in weights]
        if len(weights[0]) < len(columns):  # one is taken twice
            return None
    count: Callable[[Any], dict[int, float]] = _of_module(COUNTED[chain[at].op], "counter")(chain[: at + 1])
    weighs: list[Weigh] = [_of_module(*WEIGHED[node.op])(node) for node in weighing]
    pairs = list(zip(weights, chain[-1]["intercept"]))

    def linear(row: Any) -> list[float]:
        found = count(row)
        columns = list(found)
        numbers: Sequence[float] = list(found.values())
        for weigh in weighs:
            numbers = weigh(columns, numbers)
        return [dot([of[i] for i in columns], numbers) + constant for of, constant in pairs]

    return linear


def _of_module(family: str, name: str) -> Callable[..., Any]:
    """A function of a family that is imported only where a model needs it."""
    found: Callable[..., Any] = getattr(__import__(f"{__package__}.{family}", fromlist=[name]), name)
    return found


class _Selected(dict):  # type: ignore[type-arg]
    """The weights of those columns that were selected; others weigh nothing."""

    __slots__ = ()

    def __missing__(self, _: int) -> float:
        return 0.0
