"""The source that ships of a registered function: its own, and that of what it uses.

Around it stand only modules and names of the standard library, plain constants, and functions of the same kind.
"""

import ast
import dis
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from leanfn.errors import Refusal

HOW = "A function for a row is plain Python: the standard library, constants, and functions that are the same"


def definitions(function: Callable[..., Any]) -> dict[str, str]:
    """From each name that the function needs, itself the last, to the lines that define it; Refusal where one can't ship."""
    found: dict[str, str] = {}
    _define(function, found, ())
    return found


def module(functions: Iterable[dict[str, str]]) -> bytes:
    """The functions.py of several functions' definitions."""
    found: dict[str, str] = {}
    for function in functions:
        for name, definition in function.items():
            _add(found, name, definition)
    return ("from __future__ import annotations\n\n" + "\n\n".join(found.values()) + "\n").encode()


def _define(function: Any, found: dict[str, str], above: tuple[Any, ...]) -> None:
    if not isinstance(function, FunctionType) or not function.__name__.isidentifier():
        raise _refused(repr(function), "it is not written as a function (def)")
    if hasattr(function, "__wrapped__"):
        raise _refused(function.__name__, "it is decorated")
    if function in above:
        return
    name = function.__name__
    definition = _source(function)
    if function.__code__.co_freevars:
        raise _refused(name, f"it uses variables around it: {', '.join(function.__code__.co_freevars)}")
    for used in sorted({*_globals(function.__code__), *_in_defaults(definition)}):
        if used not in function.__globals__:  # one of Python's own, or a name that does not exist
            continue
        value = function.__globals__[used]
        if isinstance(value, FunctionType) and not _is_standard(value.__module__):
            if value.__name__ != used:
                raise _refused(name, f"it calls {value.__name__} by another name, {used}")
            _define(value, found, (*above, function))
        else:
            _add(found, used, _line(name, used, value))
    _add(found, name, ast.get_source_segment(*definition) or "")


def _add(found: dict[str, str], name: str, definition: str) -> None:
    if found.setdefault(name, definition) != definition:
        raise _refused(name, "two things of this name are used")


def _source(function: FunctionType) -> tuple[str, ast.FunctionDef]:
    """The source that a function stands in, without what surrounds it, and its definition there."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        (definition,) = ast.parse(source).body
    except (OSError, SyntaxError, ValueError):
        raise _refused(function.__name__, "its source cannot be read; write it into a file") from None
    if not isinstance(definition, ast.FunctionDef):
        raise _refused(function.__name__, "it is not written as a function (def)")
    return source, definition


def _globals(code: CodeType) -> Iterator[str]:
    """The names that code looks up outside of itself."""
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield instruction.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals(constant)


def _in_defaults(definition: tuple[str, ast.FunctionDef]) -> Iterator[str]:
    arguments = definition[1].args
    for default in (*arguments.defaults, *arguments.kw_defaults):
        if default is not None:
            yield from (node.id for node in ast.walk(default) if isinstance(node, ast.Name))


def _line(name: str, used: str, value: Any) -> str:
    """The line that gives a name its value again."""
    if isinstance(value, ModuleType):
        if _is_standard(value.__name__):
            return f"import {value.__name__} as {used}"
        raise _refused(name, f"it uses the module {value.__name__}")
    if _is_plain(value):
        return f"{used} = {value!r}"
    module, own = getattr(value, "__module__", None), getattr(value, "__name__", used)
    if module and _is_standard(module) and getattr(sys.modules.get(module), own, None) is value:
        return f"from {module} import {own} as {used}"
    raise _refused(name, f"it uses {used}, which is no constant: {type(value).__name__}")


def _is_standard(module: str) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top != "__main__"


def _is_plain(value: Any) -> bool:
    """Whether a value is a constant whose text says all of it."""
    if isinstance(value, (tuple, list, set, frozenset)):
        return type(value) in (tuple, list) and all(map(_is_plain, value))
    if type(value) is dict:
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    return type(value) in (str, int, bool, type(None)) or (type(value) is float and math.isfinite(value))


def _refused(name: str, problem: str) -> Refusal:
    return Refusal(f"the function {name} cannot ship: {problem}\n{HOW}")
