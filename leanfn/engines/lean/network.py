"""The activation that networks use most, without a call per number."""

from __future__ import annotations

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _relu(node: Node) -> Step:
    # NaN is not below zero, and stays
    return lambda vector: [0.0 if x < 0.0 else x for x in vector]  # noqa: FURB136 (max is a call per number)


OPERATIONS = {
    # zero in place of what is below
    "relu/1": Operation(_relu, ("vector",), "vector", "n"),
}
