"""Power transformations of each column, and their inverses."""

from __future__ import annotations

from math import copysign, exp, expm1, inf, log, log1p, nan, pow

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

EPSILON = 2.0**-52
LARGEST_EXPONENT = 709.78  # where scipy's boxcox changes its form, because exp overflows soon after
LARGEST = 1.79e308


def _exp(x: float) -> float:
    try:
        return exp(x)
    except OverflowError:
        return inf


def _expm1(x: float) -> float:
    try:
        return expm1(x)
    except OverflowError:
        return inf


def _power(x: float, y: float) -> float:
    """x ** y as C has it: NaN for a fractional power of a negative number, infinite where it overflows."""
    try:
        return pow(x, y)
    except ValueError:
        return nan if x else inf
    except OverflowError:
        return copysign(inf, x) if y % 2.0 == 1.0 else inf


def _box_cox(x: float, power: float, rest: float) -> float:
    if x <= 0.0:
        raise RowError(
            "the model has no answer for this row: the Box-Cox transformation takes positive numbers"
        )
    if abs(power) < 1e-19 or x != x:
        return log(x)
    exponent = power * log(x)
    if exponent < LARGEST_EXPONENT:
        return expm1(exponent) / power
    return copysign(1.0, power) * _exp(exponent - log(abs(power))) - 1.0 / power


def _box_cox_inverse(x: float, power: float, rest: float) -> float:
    if power == 0.0 or x != x:
        return _exp(x)
    product = power * x
    if product >= LARGEST:
        return _exp((log(copysign(1.0, power) * (x + 1.0 / power)) + log(abs(power))) / power)
    if product > -1.0:
        return _exp(log1p(product) / power)
    return nan if product < -1.0 else _power(0.0, 1.0 / power)


def _yeo_johnson(x: float, power: float, rest: float) -> float:
    if x >= 0.0:
        return log1p(x) if abs(power) < EPSILON else _expm1(power * log1p(x)) / power
    if x != x:
        return x
    return -_expm1(rest * log1p(-x)) / rest if abs(rest) > EPSILON else -log1p(-x)


def _yeo_johnson_by_power(x: float, power: float, rest: float) -> float:
    """The form of scikit-learn before 1.9, which loses digits near zero."""
    if x >= 0.0:
        return log1p(x) if abs(power) < EPSILON else (_power(x + 1.0, power) - 1.0) / power
    if x != x:
        return x
    return -(_power(1.0 - x, rest) - 1.0) / rest if abs(rest) > EPSILON else -log1p(-x)


def _yeo_johnson_inverse(x: float, power: float, rest: float) -> float:
    if x >= 0.0:
        return _exp(x) - 1.0 if abs(power) < EPSILON else _power(x * power + 1.0, 1.0 / power) - 1.0
    if x != x:
        return x
    return 1.0 - _power(-rest * x + 1.0, 1.0 / rest) if abs(rest) > EPSILON else 1.0 - _exp(-x)


METHODS: dict[str, Callable[[float, float, float], float]] = {
    "box-cox": _box_cox,
    "box-cox inverse": _box_cox_inverse,
    "yeo-johnson": _yeo_johnson,
    "yeo-johnson by power": _yeo_johnson_by_power,
    "yeo-johnson inverse": _yeo_johnson_inverse,
}


def _power_columns(node: Node) -> Step:
    method, powers, rests = METHODS[node["method"]], node["powers"], node["rests"]
    return lambda vector: list(map(method, vector, powers, rests))


OPERATIONS = {
    # each number through the method, with its column's power (lambda) and what is left of 2
    "power/1": Operation(
        _power_columns,
        ("vector",),
        "vector",
        "n",
        {"method": tuple(METHODS)},
        {"powers": "F64 n", "rests": "F64 n"},
        nan=True,
        infinite=True,
    ),
}
