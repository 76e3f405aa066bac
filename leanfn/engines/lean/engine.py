"""The lean engine: reads a model's two members and compiles its methods."""

from __future__ import annotations

from leanfn import tensors

from . import program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


EXPLAIN = "explain"  # no method of an estimator's: how its answer comes about, from members that are read when asked for


def load(read: Callable[[str], bytes]) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values; ArtifactError for a model it refuses.

    read: a member's bytes by its name.
    """
    arrays = tensors.load(read("model.safetensors"))
    functions = _functions(read)
    model = program.read(read("model.json"), arrays, functions)

    def compile_(method: str) -> Callable[[Any], Any]:
        if method != EXPLAIN:
            return model.compile(method)
        own = tensors.load(read("explain.safetensors"))
        return program.read(read("explain.json"), {**arrays, **own}, functions).compile(method)

    return compile_


def _functions(read: Callable[[str], bytes]) -> Callable[[], dict[str, Any]]:
    """What gives the user's own functions: their source is read and run at the first call, and only where one is made."""
    found: dict[str, Any] = {}

    def functions() -> dict[str, Any]:
        if not found:
            namespace: dict[str, Any] = {"__name__": "leanfn_functions"}
            exec(compile(read("functions.py"), "functions.py", "exec"), namespace)
            found.update(namespace)
        return found

    return functions
