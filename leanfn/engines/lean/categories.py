"""Scores of categories that are written as whole numbers."""

from __future__ import annotations

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step


def _category_scores(node: Node) -> Step:
    scores, constant = node["scores"], node["constant"]
    tables = []
    position = 0
    for size in node["sizes"]:
        tables.append(scores[position : position + size])
        position += size
    zeros = [0.0] * len(constant)

    def category_scores(vector: list[float]) -> list[float]:
        sums = zeros
        for x, table in zip(vector, tables):
            category = int(x)  # towards zero, as numpy casts
            if not 0 <= category < len(table):
                raise RowError(f"the model has no answer for this row: {x!r} is no category that it knows")
            sums = [total + score for total, score in zip(sums, table[category])]
        return [total + prior for total, prior in zip(sums, constant)]

    return category_scores


def _check_category_scores(node: Node) -> None:
    sizes = node["sizes"]
    node.expect(min(sizes, default=0) >= 0 and sum(sizes) == node.sizes["m"], "scores for every category")
    (wire,) = node.inputs
    node.expect(not wire.nan and not wire.infinite, "a row of finite numbers")


OPERATIONS = {
    # constant + the sum of each column's row of scores for its category
    "category_scores/1": Operation(
        _category_scores,
        ("vector",),
        "vector",
        "k",
        arrays={"sizes": "I32 n", "scores": "F64 m k", "constant": "F64 k"},
        check=_check_category_scores,
        nan=True,
        infinite=True,
    ),
}
