"""The arithmetic that several families share: every sum of products goes through `dot`, every sigmoid through `expit`."""

from __future__ import annotations

import sys
from math import exp
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # from a sparse row's columns and their numbers to other numbers for them
    Weigh = Callable[[Sequence[int], Sequence[float]], Sequence[float]]

__all__ = ["dot", "expit", "on_row"]

if sys.version_info >= (3, 12):
    from math import sumprod as dot
else:

    def dot(p: Sequence[float], q: Sequence[float], /) -> float:
        """The sum of products; builtin sum is a plain loop in 3.11."""
        return sum(map(mul, p, q), 0.0)


def expit(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    if x >= 0:
        return 1.0 / (1.0 + exp(-x))
    if x < 0:
        power = exp(x)
        return power / (1.0 + power)
    return x  # NaN


def on_row(weigh: Weigh) -> Callable[[dict[int, float]], dict[int, float]]:
    """What weighs columns and numbers, for a sparse row."""
    return lambda row: dict(zip(row, weigh(list(row), list(row.values()))))
