"""A FunctionTransformer's function: numpy's and scipy's own, known by identity, or one that the user registered."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from leanfn.engines.lean import operations
from leanfn.errors import Refusal

from ..registered import Registered, registered
from . import shipped
from .graph import Graph, Wire

# numpy's other names for them; round and around only as they are, to whole numbers
ALIASES = {
    "fabs": "absolute",
    "radians": "deg2rad",
    "degrees": "rad2deg",
    "round": "rint",
    "around": "rint",
    "fix": "trunc",
}


def apply(graph: Graph, transformer: Any, wire: Wire, function: str, arguments: str) -> Wire:
    """A FunctionTransformer's function, named by the parameters that hold it and its keyword arguments."""
    func, keywords = getattr(transformer, function), getattr(transformer, arguments)
    if func is None:
        return wire
    name, own = name_of(func), registered(func)
    if name is None and own is None:
        raise graph.refuse(
            transformer,
            f"parameter {function}={func!r}\nGive it a twin for one row: @leanfn.register({_written(func)})",
        )
    if keywords:
        raise graph.refuse(transformer, f"parameter {arguments}={keywords!r}")
    return graph.add("map/1", wire, function=name) if own is None else _call(graph, transformer, wire, own)


def _written(function: Any) -> str:
    name = getattr(function, "__name__", "")
    return name if name.isidentifier() else "function"


def _call(graph: Graph, transformer: Any, wire: Wire, own: Registered) -> Wire:
    """The user's own function, and its source among what ships."""
    name = getattr(own.function, "__name__", "")
    try:
        definitions = shipped.definitions(own.function)
    except Refusal as error:
        raise graph.refuse(transformer, str(error)) from None
    if graph.functions.setdefault(name, definitions) != definitions:
        raise graph.refuse(transformer, f"two functions of the name {name} are registered")
    width = wire.width if own.width is None else own.width
    return graph.add("call/1", wire, function=name, width=width)


def name_of(function: Callable[..., Any]) -> str | None:
    """The name that operation map/1 has for a function, if it has one."""
    try:
        return known().get(function)
    except TypeError:  # an object that has no hash
        return None


@cache
def known() -> dict[Any, str]:
    """The functions of numpy and scipy that operation map/1 has, with the name that it has for each."""
    import scipy.special

    functions = operations.find("map/1").params["function"]
    names = {
        getattr(library, str(name)): str(name)
        for library in (np, scipy.special)
        for name in functions
        if hasattr(library, str(name))
    }
    return names | {getattr(np, alias): name for alias, name in ALIASES.items() if hasattr(np, alias)}
