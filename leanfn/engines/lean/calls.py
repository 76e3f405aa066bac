"""Calls of the user's own functions, from the artifact's functions.py."""

from __future__ import annotations

from leanfn.errors import HookError, RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .operations import Node, Step


def _call(node: Node) -> Step:
    name, width = node["function"], node["width"]
    function: Any = node.functions().get(name)
    node.expect(callable(function), f"a function {name} in functions.py")

    def call(vector: list[float]) -> list[float]:
        try:
            result = [float(x) for x in function(vector[:])]  # a copy: other nodes read the vector too
        except (ValueError, ArithmeticError) as error:  # what Python says of numbers that have no answer
            raise RowError(f"the model has no answer for this row: the function {name} has none") from error
        except (Exception, SystemExit) as error:
            raise HookError(f"the function {name} raised {type(error).__name__}", name) from error
        if len(result) != width:
            raise HookError(f"the function {name} returned {len(result)} numbers, not {width}", name)
        return result

    return call


OPERATIONS = {
    # what the function of this name in functions.py returns for the row: `width` numbers
    "call/1": Operation(
        _call,
        ("vector",),
        "vector",
        "width",
        {"function": "str", "width": "int"},
        nan=True,
        infinite=True,
    ),
}
