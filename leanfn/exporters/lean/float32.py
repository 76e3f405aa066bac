"""Decide in float64 exactly as scikit-learn decides after its cast to float32: each threshold is moved once, at export."""

from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]


def round_thresholds(thresholds: Floats) -> Floats:
    """The largest float64 t' for each t such that x <= t' exactly when float32(x) <= t.

    With a the largest float32 that is not above t, that is the last float64 that the cast rounds to a: the middle
    between a and its successor, or the number before where the tie goes to the successor, whose last bit is zero.
    """
    largest = np.finfo(np.float32).max
    finite = np.clip(thresholds, -largest, largest)
    nearest = finite.astype(np.float32)
    with np.errstate(over="ignore"):
        below = np.where(nearest > finite, np.nextafter(nearest, np.float32(-np.inf)), nearest)
        above = np.nextafter(below, np.float32(np.inf)).astype(np.float64)
    above[np.isinf(above)] = 2.0**128  # where the cast overflows, it rounds as if this were the next number
    middle = below + (above - below) / 2
    odd = (below.view(np.uint32) & 1).astype(bool)
    moved = np.where(odd, np.nextafter(middle, -np.inf), middle)
    moved[thresholds < -largest] = -(2.0 - 2.0**-24) * 2.0**127  # only what the cast turns into -inf
    moved[np.isposinf(thresholds)] = np.inf
    return moved
