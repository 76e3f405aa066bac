"""Operations that treat each number of a row by itself."""

from __future__ import annotations

from math import inf, isfinite, nan

from leanfn.errors import RowError

from .arithmetic import on_row
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .arithmetic import Weigh
    from .operations import Node, Step

    Vector = list[float]

# the smallest float64 that a cast to float32 turns into infinity: the middle between its largest and 2**128
FLOAT32_OVERFLOW = (2.0 - 2.0**-24) * 2.0**127


def _impute(node: Node) -> Step:
    fill, missing = node["fill"], node["missing"]
    if missing is None:
        return lambda vector: [other if x != x else x for x, other in zip(vector, fill)]
    (missing,) = missing
    return lambda vector: [other if x == missing else x for x, other in zip(vector, fill)]


def _nan_stays(node: Node) -> bool:
    return any(x != x for x in node["fill"]) or (node.arrays["missing"] is not None and node.inputs[0].nan)


def _indicate(node: Node) -> Step:
    columns, missing = node["columns"], node["missing"]
    others = [i for i in range(node.sizes["n"]) if i not in columns] if node["refuse"] else []
    if missing is not None:
        (missing,) = missing

    def indicate(vector: Vector) -> Vector:
        for i in others:
            if vector[i] != vector[i] if missing is None else vector[i] == missing:
                raise RowError(
                    "the model has no answer for this row: a number is missing where none was before"
                )
        if missing is None:
            return [1.0 if vector[i] != vector[i] else 0.0 for i in columns]
        return [1.0 if vector[i] == missing else 0.0 for i in columns]

    return indicate


def _check_columns(node: Node) -> None:
    node.expect(all(0 <= i < node.sizes["n"] for i in node["columns"]), "columns of its input")


def _subtract(vector: Vector, by: Vector) -> Vector:
    return [x - y for x, y in zip(vector, by)]


def _divide(vector: Vector, by: Vector) -> Vector:
    return [x / y for x, y in zip(vector, by)]


def _multiply(vector: Vector, by: Vector) -> Vector:
    return [x * y for x, y in zip(vector, by)]


def _add(vector: Vector, by: Vector) -> Vector:
    return [x + y for x, y in zip(vector, by)]


STEPS = {"subtract": _subtract, "divide": _divide, "multiply": _multiply, "add": _add}


def _scale(node: Node) -> Step:
    if node.inputs[0].kind == "sparse":
        return on_row(weigh_by_column(node))
    steps = node["steps"]
    arrays = [node[name] for name in steps]
    if steps == ["subtract", "divide"]:
        pairs = list(zip(*arrays))
        return lambda vector: [(x - a) / b for x, (a, b) in zip(vector, pairs)]
    if steps == ["multiply", "add"]:
        pairs = list(zip(*arrays))
        return lambda vector: [x * a + b for x, (a, b) in zip(vector, pairs)]
    plan = [(STEPS[name], array) for name, array in zip(steps, arrays)]

    def scale(vector: Vector) -> Vector:
        for step, array in plan:
            vector = step(vector, array)
        return vector

    return scale


def weigh_by_column(node: Node) -> Weigh:
    """A sparse row is only multiplied or divided."""
    steps = [(step == "multiply", node[step]) for step in node["steps"]]

    def weigh(columns: Sequence[int], numbers: Sequence[float]) -> Sequence[float]:
        for multiplies, by in steps:
            if multiplies:
                numbers = [x * by[i] for x, i in zip(numbers, columns)]
            else:
                numbers = [x / by[i] for x, i in zip(numbers, columns)]
        return numbers

    return weigh


def _check_scale(node: Node) -> None:
    steps = node["steps"]
    named = [name for name in STEPS if node.arrays[name] is not None]
    node.expect(sorted(steps) == sorted(named), "each of its steps once, with its array")
    if node.inputs[0].kind == "sparse":
        node.expect({"subtract", "add"}.isdisjoint(steps), "a sparse row only to be multiplied or divided")
    if "divide" in steps:
        node.expect(all(node.arrays["divide"].flat), "no division by zero")  # type: ignore[union-attr]


def _clip(node: Node) -> Step:
    bounds = list(zip(node["low"], node["high"]))
    # a NaN is neither below nor above, and stays
    return lambda vector: [low if x < low else min(x, high) for x, (low, high) in zip(vector, bounds)]


def _finite(node: Node) -> Step:
    nan_allowed = node["nan"]
    limit = FLOAT32_OVERFLOW if node["dtype"] == "float32" else inf
    sparse = node.inputs[0].kind == "sparse"

    def holds(x: float) -> bool:
        return -limit < x < limit or (nan_allowed and x != x)

    def look(row: Any, numbers: Any) -> Any:
        if all(map(holds, numbers)):
            return row
        raise RowError(
            f"the model has no answer for this row: a number is {'' if nan_allowed else 'missing, '}infinite or too "
            f"large for {node['dtype']} when it reaches the estimator"
        )

    # The sum tells whether a closer look is needed (its value is not used); with no NaN, max and min are exact.
    def finite(row: Any) -> Any:
        numbers = row.values() if sparse else row
        return row if isfinite(sum(numbers)) else look(row, numbers)

    def finite_float32(row: Any) -> Any:
        numbers = row.values() if sparse else row
        if (
            isfinite(sum(numbers))
            and max(numbers, default=0.0) < limit
            and min(numbers, default=0.0) > -limit
        ):
            return row
        return look(row, numbers)

    return finite if limit == inf else finite_float32


def _threshold(node: Node) -> Step:
    (at,) = node["at"]
    if node.inputs[0].kind == "sparse":
        return lambda row: {i: 1.0 for i, x in row.items() if x > at}
    return lambda vector: [1.0 if x > at else 0.0 for x in vector]


def _blank(node: Node) -> Step:
    bounds = [(-at, at) for at in node["at"]]
    return lambda vector: [nan if low <= x <= high else x for x, (low, high) in zip(vector, bounds)]


def _check_threshold(node: Node) -> None:
    if node.inputs[0].kind == "sparse":
        node.expect(node["at"][0] >= 0, "a threshold of zero or more for a sparse row")


OPERATIONS = {
    # another number where one is NaN (missing null) or equals `missing`
    "impute/1": Operation(
        _impute, ("vector",), "vector", "n", arrays={"fill": "F64 n", "missing": "F64? 1"}, nan=_nan_stays
    ),
    # 1.0 for each of `columns` that is NaN (missing null) or equals `missing`, else 0.0; refuse: no other may be
    "indicate/1": Operation(
        _indicate,
        ("vector",),
        "vector",
        lambda node: len(node["columns"]),
        {"columns": "ints", "refuse": "bool"},
        {"missing": "F64? 1"},
        check=_check_columns,
        nan=False,
        infinite=False,
    ),
    # the steps in their order, each with its array
    "scale/1": Operation(
        _scale,
        ("vector|sparse",),
        "same",
        "n",
        {"steps": "strings"},
        {"subtract": "F64? n", "divide": "F64? n", "multiply": "F64? n", "add": "F64? n"},
        check=_check_scale,
        infinite=True,
    ),
    # no number below `low` or above `high`; NaN stays
    "clip/1": Operation(_clip, ("vector",), "vector", "n", arrays={"low": "F64 n", "high": "F64 n"}),
    # the row itself, refused where scikit-learn's own check of finite numbers raises
    "finite/1": Operation(
        _finite,
        ("vector|sparse",),
        "same",
        "n",
        {"dtype": ("float64", "float32"), "nan": "bool"},
        nan=lambda node: bool(node["nan"] and node.inputs[0].nan),
        infinite=False,
    ),
    # NaN in place of each number whose size is at most its column's `at`; a negative `at` blanks none
    "blank/1": Operation(_blank, ("vector",), "vector", "n", arrays={"at": "F64 n"}, nan=True),
    # 1.0 where a number is above, else 0.0
    "threshold/1": Operation(
        _threshold,
        ("vector|sparse",),
        "same",
        "n",
        arrays={"at": "F64 1"},
        check=_check_threshold,
        nan=False,
        infinite=False,
    ),
}
