"""Linear maps of a row."""

from __future__ import annotations

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _linear(node: Node) -> Step:
    coef, intercept = node["coef"], node["intercept"]
    sparse = node.inputs[0].kind == "sparse"
    if len(coef) == 1:
        return _one_output(coef[0], intercept[0], sparse)
    if sparse:
        return _sparse_outputs(list(zip(*coef)), intercept)
    pairs = list(zip(coef, intercept))
    return lambda vector: [dot(weights, vector) + constant for weights, constant in pairs]


def _one_output(weights: list[float], constant: float, sparse: bool) -> Step:
    if sparse:
        pick = weights.__getitem__
        return lambda row: [dot(list(map(pick, row)), list(row.values())) + constant]
    return lambda vector: [dot(weights, vector) + constant]


def _sparse_outputs(columns: list[tuple[float, ...]], intercept: list[float]) -> Step:
    zeros = [0.0] * len(intercept)

    def linear(row: dict[int, float]) -> list[float]:
        sums = zeros
        for i, x in row.items():
            sums = [total + x * weight for total, weight in zip(sums, columns[i])]
        return [total + constant for total, constant in zip(sums, intercept)]

    return linear


OPERATIONS = {
    # coef · x + intercept
    "linear/1": Operation(
        _linear,
        ("vector|sparse",),
        "vector",
        "k",
        arrays={"coef": "F64 k n", "intercept": "F64 k"},
        nan=True,
        infinite=True,
    ),
}
