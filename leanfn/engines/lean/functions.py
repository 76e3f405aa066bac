"""Functions of one number, with numpy's answers where Python's own would raise."""

from __future__ import annotations

import math
from math import inf, nan

from .arithmetic import expit
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step


def _exp(x: float) -> float:
    try:
        return math.exp(x)
    except OverflowError:
        return inf


def _logarithm(function: Callable[[float], float], pole: float) -> Callable[[float], float]:
    """The function where it is defined; -inf at its pole, NaN below."""
    return lambda x: function(x) if x > pole else -inf if x == pole else nan


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "exp": _exp,
    "expit": expit,
    "log": _logarithm(math.log, 0.0),
    "log1p": _logarithm(math.log1p, -1.0),
}


def _map(node: Node) -> Step:
    function = FUNCTIONS[node["function"]]
    return lambda vector: list(map(function, vector))


OPERATIONS = {
    # one function of each number
    "map/1": Operation(
        _map, ("vector",), "vector", "n", {"function": tuple(FUNCTIONS)}, nan=True, infinite=True
    ),
}
