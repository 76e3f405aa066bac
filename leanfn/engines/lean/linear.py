"""Linear maps of a row."""

from __future__ import annotations

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .operations import Node, Step


# A wider sparse row picks its few weights from the file's bytes: a list of a million floats costs 50 ms and 32 MB.
WIDE = 1 << 15


def _linear(node: Node) -> Step:
    intercept = node["intercept"]
    if node.inputs[0].kind == "sparse":
        return _of_sparse_row(rows_of(node), intercept)
    coef = node["coef"]
    if len(coef) == 1:
        (weights,), (constant,) = coef, intercept
        return lambda vector: [dot(weights, vector) + constant]
    pairs = list(zip(coef, intercept))
    return lambda vector: [dot(weights, vector) + constant for weights, constant in pairs]


def rows_of(node: Node) -> Sequence[Sequence[float]]:
    """The weights of each output."""
    outputs, width = len(node["intercept"]), node.sizes["n"]
    if width <= WIDE:
        return node["coef"]  # type: ignore[no-any-return]
    flat = node.arrays["coef"].flat  # type: ignore[union-attr]
    return [flat[i * width : (i + 1) * width] for i in range(outputs)]


def _of_sparse_row(coef: Sequence[Sequence[float]], intercept: list[float]) -> Step:
    pairs = [(weights.__getitem__, constant) for weights, constant in zip(coef, intercept)]

    def linear(row: dict[int, float]) -> list[float]:
        numbers = list(row.values())
        return [dot(list(map(pick, row)), numbers) + constant for pick, constant in pairs]

    return linear


def weighed_counts(chain: list[Node]) -> Step | None:
    """What counts the tokens of a text, what weighs them, linear: without a row of columns in between."""
    if chain[-1].inputs[0].kind != "sparse":
        return None
    from .weighing import weighed

    return weighed(chain)


FOLDS = {"linear/1": weighed_counts}

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
