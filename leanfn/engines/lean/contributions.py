"""What each field of a row adds to a linear map, beside what it adds on average. Asked for by explanations alone."""

from __future__ import annotations

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .operations import Node, Step

    # from a row to the columns and the numbers of each field that has any
    Part = Callable[[Any], list[tuple[int, list[int], list[float]]]]


def _contributions(node: Node) -> Step:
    part = _of_sparse_row(node) if node.inputs[0].kind == "sparse" else _of_vector(node)
    width = node.sizes["n"]
    coef = node.arrays["coef"].flat  # type: ignore[union-attr]
    means: list[list[float]] = node["mean"]
    outputs = []
    for output, (base, mean) in enumerate(zip(node["intercept"], means)):
        for average in mean:
            base += average
        outputs.append((output * width, [base, *[0.0 - average for average in mean]]))

    def contributions(row: Any) -> list[list[float]]:
        parts = part(row)
        answers = []
        for start, empty in outputs:
            answer = empty.copy()
            for field, columns, numbers in parts:
                answer[field + 1] += dot([coef[start + column] for column in columns], numbers)
            answers.append(answer)
        return answers

    return contributions


def _of_vector(node: Node) -> Part:
    columns_of: dict[int, list[int]] = {}
    for column, field in enumerate(node["field"]):
        if field >= 0:
            columns_of.setdefault(field, []).append(column)
    fields = list(columns_of.items())
    return lambda vector: [
        (field, columns, [vector[column] for column in columns]) for field, columns in fields
    ]


def _of_sparse_row(node: Node) -> Part:
    fields = node.arrays["field"].flat  # type: ignore[union-attr]

    def part(row: dict[int, float]) -> list[tuple[int, list[int], list[float]]]:
        found: dict[int, tuple[int, list[int], list[float]]] = {}
        for column, x in row.items():
            field = fields[column]
            if field >= 0:
                _, columns, numbers = found.setdefault(field, (field, [], []))
                columns.append(column)
                numbers.append(x)
        return list(found.values())

    return part


def _check_fields(node: Node) -> None:
    fields = node.arrays["field"].flat  # type: ignore[union-attr]
    inside = range(-1, node.sizes["fields"])
    node.expect(all([field in inside for field in fields]), "columns of its fields")


OPERATIONS = {
    # per output the base, then what each field adds to it: coef · x over the columns whose `field` it is (-1: of none),
    # less `mean`. The base is the intercept and all means
    "contributions/1": Operation(
        _contributions,
        ("vector|sparse",),
        "many",
        "k",
        arrays={"coef": "F64 k n", "intercept": "F64 k", "field": "I16|I32 n", "mean": "F64 k fields"},
        check=_check_fields,
    ),
}
