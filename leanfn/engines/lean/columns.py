"""Operations on raw column values: choose, convert, fill, encode. A missing value is None."""

from __future__ import annotations

from math import nan

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .operations import Node, Step

    Values = Sequence[Any]

NOTHING = -1  # a category that sets no column
REFUSED = -2  # a category that scikit-learn would raise for


def _identity(node: Node) -> Step:
    return lambda row: row


def _pick(node: Node) -> Step:
    columns = node["columns"]
    return lambda values: [values[i] for i in columns]


def _check_pick(node: Node) -> None:
    node.expect(all(0 <= i < node.sizes["n"] for i in node["columns"]), "columns of its input")


def _numbers(node: Node) -> Step:
    def numbers(values: Values) -> list[float]:
        try:
            return list(map(float, values))
        except TypeError:  # a missing one among them
            return [nan if x is None else float(x) for x in values]

    return numbers


def _values(node: Node) -> Step:
    if not node.inputs[0].nan:
        return _identity(node)
    return _nan_as_none


def _required(node: Node) -> Step:
    columns = node["columns"]

    def required(values: Values) -> Values:
        for i in columns:
            if values[i] is None:
                raise RowError("the model has no answer for this row: a value is missing")
        return values

    return required


def _absent(node: Node) -> Step:
    columns, missing = node["columns"], node["missing"]
    others = [i for i in range(node.sizes["n"]) if i not in columns] if node["refuse"] else []

    def absent(values: Values) -> list[float]:
        for i in others:
            if values[i] == missing:
                raise RowError(
                    "the model has no answer for this row: a value is missing where none was before"
                )
        return [1.0 if values[i] == missing else 0.0 for i in columns]

    return absent


def _fill(node: Node) -> Step:
    missing, fill = node["missing"], node["fill"]
    return lambda values: [other if x == missing else x for x, other in zip(values, fill)]


def _check_fill(node: Node) -> None:
    node.expect(len(node["fill"]) == node.sizes["n"], "one fill per column")


def tables_of(node: Node, rows: list[Any]) -> list[dict[Any, Any]]:
    """Per column the mapping of its keys to its stretch of the rows; a NaN category's key is None."""
    tables = []
    position = 0
    for keys in node["keys"]:
        tables.append(dict(zip(keys, rows[position : position + len(keys)])))
        position += len(keys)
    return tables


def _check_keys(node: Node) -> None:
    keys = node["keys"]
    node.expect(len(keys) == node.sizes["n"], "one list of keys per column")
    node.expect(sum(map(len, keys)) == node.sizes["m"], "one entry of 'to' per key")
    node.sizes["lookup"] = len(keys) * node.sizes.get("k", 1)


def _check_onehot(node: Node) -> None:
    _check_keys(node)
    width = node["width"]
    for name in ("to", "otherwise"):
        columns = node.arrays[name].flat  # type: ignore[union-attr]
        node.expect(all(REFUSED <= i < width for i in columns), f"{name} inside its {width} columns")


def _nan_as_none(values: Values) -> Values:
    return [None if x != x else x for x in values]


def _onehot(node: Node) -> Step:
    tables = [(table.get, other) for table, other in zip(tables_of(node, node["to"]), node["otherwise"])]

    def onehot(values: Values) -> dict[int, float]:
        row = {}
        for x, (get, other) in zip(values, tables):
            column = get(x, other)
            if column >= 0:
                row[column] = 1.0
            elif column == REFUSED:
                raise RowError(f"unknown category {x!r}")
        return row

    return _with_nan_as_none(node, onehot)


def _lookup(node: Node) -> Step:
    tables = tables_of(node, node["to"])
    otherwise = node["otherwise"]
    pairs = [(table.get, None if otherwise is None else otherwise[i]) for i, table in enumerate(tables)]

    def lookup(values: Values) -> list[float]:
        row: list[float] = []
        for x, (get, other) in zip(values, pairs):
            found = get(x, other)
            if found is None:
                raise RowError(f"unknown category {x!r}")
            row += found
        return row

    return _with_nan_as_none(node, lookup)


def _with_nan_as_none(node: Node, step: Step) -> Step:
    if node.inputs[0].kind == "vector" and node.inputs[0].nan:
        return lambda vector: step(_nan_as_none(vector))
    return step


OPERATIONS = {
    # the row: values of a table's columns in the signature's order, or an open record
    "input/1": Operation(
        _identity,
        (),
        "kind",
        "width",
        {"width": "int", "kind": ("values", "record")},
        nan=True,
        infinite=False,
    ),
    # some columns, in this order
    "pick/1": Operation(
        _pick,
        ("values",),
        "values",
        lambda node: len(node["columns"]),
        {"columns": "ints"},
        check=_check_pick,
    ),
    # numbers and booleans as floats, a missing one as NaN
    "numbers/1": Operation(_numbers, ("values",), "vector", "n", nan=True),
    # numbers as raw values, NaN as a missing one
    "values/1": Operation(_values, ("vector",), "values", "n"),
    # the row, refused where one of `columns` has no value
    "required/1": Operation(_required, ("values",), "values", "n", {"columns": "ints"}, check=_check_pick),
    # 1.0 for each of `columns` that holds `missing` (null: no value), else 0.0; refuse: another column must not
    "absent/1": Operation(
        _absent,
        ("values",),
        "vector",
        lambda node: len(node["columns"]),
        {"columns": "ints", "missing": "scalar", "refuse": "bool"},
        check=_check_pick,
        nan=False,
        infinite=False,
    ),
    # another value where a column holds `missing` (null: a missing value)
    "fill/1": Operation(
        _fill, ("values",), "values", "n", {"missing": "scalar", "fill": "scalars"}, check=_check_fill
    ),
    # 1.0 in the column of each value's category; `otherwise` for a value that is no key; -1 sets none, -2 refuses
    "onehot/1": Operation(
        _onehot,
        ("values|vector",),
        "sparse",
        "width",
        {"width": "int", "keys": "lists of scalars"},
        {"to": "I32 m", "otherwise": "I32 n"},
        check=_check_onehot,
        nan=False,
        infinite=False,
    ),
    # k numbers in place of each value; `otherwise` null refuses a value that is no key
    "lookup/1": Operation(
        _lookup,
        ("values|vector",),
        "vector",
        "lookup",
        {"keys": "lists of scalars"},
        {"to": "F64 m k", "otherwise": "F64? n k"},
        check=_check_keys,
        nan=True,
        infinite=False,
    ),
}
