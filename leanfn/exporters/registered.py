"""What users and libraries add of their own: functions for FunctionTransformer, and lowerings of their estimators.

It holds what they said and imports nothing heavy: a module that registers something must stay cheap to import.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal, TypeVar

from leanfn.errors import ExportError, Refusal

GROUP = "leanfn.exporters"  # entry points of this group are modules that register lowerings when they are imported

RowFunction = Callable[[list[float]], list[float]]
Row = TypeVar("Row", bound=RowFunction)
Lower = TypeVar("Lower", bound=Callable[..., Any])
Does = Literal["transform", "predict"]


@dataclass(frozen=True, slots=True)
class Registered:
    """A function of one row's numbers, and how many it gives (None: as many as it takes)."""

    function: RowFunction
    width: int | None


_functions: dict[Any, Registered] = {}
_lowerings: dict[tuple[type, str], tuple[Callable[..., Any], str]] = {}


def register(function: Callable[..., Any], *, width: int | None = None) -> Callable[[Row], Row]:
    """Pair a FunctionTransformer's function with the same for one row, in pure Python.

        @leanfn.register(ratios, width=1)
        def ratio(row):
            return [row[0] / row[1]]

    Args:
        function: what the FunctionTransformer calls with a table of rows.
        width: how many numbers the decorated function returns; by default as many as it is given.

    The decorated function takes a row as a list of floats (NaN where a value is missing). Its source ships with the
    artifact as `functions.py`, with the standard library's modules, the constants and the functions that it uses.
    """
    if not callable(function):
        raise ExportError(f"{function!r} is no function\n  wanted: what a FunctionTransformer calls")

    def decorate(row_function: Row) -> Row:
        _functions[function] = Registered(row_function, width)
        return row_function

    return decorate


def registered(function: Any) -> Registered | None:
    """What was registered for a FunctionTransformer's function."""
    try:
        return _functions.get(function)
    except TypeError:  # an object that has no hash
        return None


def lowering(kind: type, *, parameters: str = "", does: Does | None = None) -> Callable[[Lower], Lower]:
    """Say how the lean engine carries an estimator of one's own: exactly this class, no subclass of it.

        @leanfn.lowering(Halver)
        def halver(graph, estimator, wire):
            return graph.add("scale/1", vector(graph, estimator, wire), ...)

    Args:
        kind: the estimator's class.
        parameters: the constructor parameters that the lowering has in mind, separated by spaces; an estimator that
            has another one away from its default is refused.
        does: "transform" for a function that returns the wire behind a transformer, "predict" for one that returns
            a wire per method; by default "predict" where the class has such a method.
    """
    if not isinstance(kind, type):
        raise ExportError(f"{kind!r} is no class\n  wanted: the class of an estimator")
    key = (kind, does or ("predict" if hasattr(kind, "predict") else "transform"))

    def decorate(function: Lower) -> Lower:
        _lowerings[key] = (function, parameters)
        return function

    return decorate


def lowering_of(kind: type, does: str) -> tuple[Callable[..., Any], str] | None:
    """What was said of a class, here or by an installed library: the function and its parameters."""
    if (kind, does) not in _lowerings:
        _load_libraries()
    return _lowerings.get((kind, does))


@cache
def _load_libraries() -> None:
    """Import what installed libraries name as their lowerings; once."""
    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            source = entry.dist.name if entry.dist is not None else entry.value
            raise Refusal(
                f"the lowerings of {source} cannot be imported: {type(error).__name__}: {error}\n"
                f"  entry point: {GROUP}: {entry.name} = {entry.value}\nTry: python -c 'import {entry.module}'"
            ) from error
