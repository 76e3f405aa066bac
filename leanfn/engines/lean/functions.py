"""Functions of one number, with numpy's answers (scipy's, for those that are its own) where Python's would raise."""

from __future__ import annotations

import math
from math import copysign, inf, isfinite, nan

from .arithmetic import expit
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Function = Callable[[float], float]


def _total(function: Function) -> Function:
    """NaN where the function is not defined, infinite where its value is too large."""

    def total(x: float) -> float:
        try:
            return function(x)
        except ValueError:
            return nan
        except OverflowError:
            return copysign(inf, x)

    return total


def _logarithm(function: Function, pole: float = 0.0) -> Function:
    return lambda x: function(x) if x > pole else -inf if x == pole else x if x != x else nan


def _whole(function: Callable[[float], int]) -> Function:
    """A rounding; Python's own loses the sign of zero and refuses what is not finite."""
    return lambda x: copysign(function(x), x) if isfinite(x) else x


def _test(function: Callable[[float], bool]) -> Function:
    return lambda x: 1.0 if function(x) else 0.0


def _arctanh(x: float) -> float:
    return math.atanh(x) if -1.0 < x < 1.0 else copysign(inf, x) if x in (-1.0, 1.0) else nan


def _even(function: Function) -> Function:
    return lambda x: function(abs(x))


def _log_expit(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x >= 0 else x - math.log1p(math.exp(x))


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p)) if 0.0 < p < 1.0 else inf if p == 1.0 else -inf if p == 0.0 else nan


def ndtr(x: float) -> float:
    """The normal distribution's share below x."""
    return 0.5 * math.erfc(-x * math.sqrt(0.5))


def _reciprocal(x: float) -> float:
    return 1.0 / x if x else copysign(inf, x)


def _sign(x: float) -> float:
    return x if x != x else float((x > 0) - (x < 0))


def _sqrt(x: float) -> float:
    return math.sqrt(x) if x >= 0 else nan


# by the name that numpy, or else scipy.special, gives it
FUNCTIONS: dict[str, Function] = {
    "absolute": abs,
    "arccos": _total(math.acos),
    "arccosh": _total(math.acosh),
    "arcsin": _total(math.asin),
    "arcsinh": math.asinh,
    "arctan": math.atan,
    "arctanh": _arctanh,
    "cbrt": math.cbrt,
    "ceil": _whole(math.ceil),
    "cos": _total(math.cos),
    "cosh": _even(_total(math.cosh)),
    "deg2rad": math.radians,
    "erf": math.erf,
    "erfc": math.erfc,
    "exp": _total(math.exp),
    "exp10": _total(lambda x: math.pow(10.0, x)),
    "exp2": _total(math.exp2),
    "expit": expit,
    "expm1": _total(math.expm1),
    "floor": _whole(math.floor),
    "isfinite": _test(isfinite),
    "isinf": _test(math.isinf),
    "isnan": _test(math.isnan),
    "log": _logarithm(math.log),
    "log10": _logarithm(math.log10),
    "log1p": _logarithm(math.log1p, -1.0),
    "log2": _logarithm(math.log2),
    "log_expit": _log_expit,
    "logit": _logit,
    "ndtr": ndtr,
    "negative": lambda x: -x,
    "rad2deg": math.degrees,
    "reciprocal": _reciprocal,
    "rint": _whole(round),
    "sign": _sign,
    "sin": _total(math.sin),
    "sinh": _total(math.sinh),
    "sqrt": _sqrt,
    "square": lambda x: x * x,
    "tan": _total(math.tan),
    "tanh": math.tanh,
    "trunc": _whole(math.trunc),
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
