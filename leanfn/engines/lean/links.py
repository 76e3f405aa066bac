"""Operations that turn scores into probabilities, none of which overflows."""

from __future__ import annotations

from math import exp, nan

from .arithmetic import expit
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _sigmoid_pair(node: Node) -> Step:
    def sigmoid_pair(vector: list[float]) -> list[float]:
        p = expit(vector[0])
        return [1.0 - p, p]

    return sigmoid_pair


def _check_one_column(node: Node) -> None:
    node.expect(node.sizes["n"] == 1, "an input of one column")


def _pair(node: Node) -> Step:
    return lambda vector: [1.0 - vector[0], vector[0]]


def _softmax(node: Node) -> Step:
    def softmax(vector: list[float]) -> list[float]:
        largest = max(vector)
        powers = [exp(x - largest) for x in vector]
        total = 0.0
        for power in powers:
            total += power
        return [power / total for power in powers]

    return softmax


def _share(node: Node) -> Step:
    n = node.sizes["n"]
    instead = {"keep": None, "even": [1.0 / n] * n, "nan": [nan] * n}[node["zero"]]

    def share(vector: list[float]) -> list[float]:
        total = 0.0
        for x in vector:
            total += x
        if total == 0.0:
            return vector if instead is None else instead.copy()
        return [x / total for x in vector]

    return share


OPERATIONS = {
    # [1 - expit(x), expit(x)]
    "sigmoid_pair/1": Operation(
        _sigmoid_pair, ("vector",), "vector", 2, check=_check_one_column, infinite=False
    ),
    # [1 - p, p]
    "pair/1": Operation(_pair, ("vector",), "vector", 2, check=_check_one_column),
    # exp of each score over the sum of all
    "softmax/1": Operation(_softmax, ("vector",), "vector", "n", infinite=False),
    # each number over their sum; when that is zero: as they are ("keep"), all alike ("even"), or NaN ("nan")
    "share/1": Operation(
        _share,
        ("vector",),
        "vector",
        "n",
        {"zero": ("keep", "even", "nan")},
        nan=lambda node: node["zero"] == "nan" or node.inputs[0].nan or node.inputs[0].infinite,
    ),
}
