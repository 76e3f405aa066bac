"""The arithmetic that several families share: every sum of products goes through `dot`, every sigmoid through `expit`."""

from __future__ import annotations

import sys
from math import exp
from operator import mul

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["dot", "expit"]

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
