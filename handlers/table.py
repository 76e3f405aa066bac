"""Rows as text/csv: a line with the fields' names, then a line for each row. The answers come as JSON.

An empty cell is null. A number is what JSON would take for one: Python's float() would read 1_000, nan and ٣ as well.
"""

from __future__ import annotations

from leanfn.http import Refused
from leanfn.platforms import ROWS_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.signature import Field, Signature

    ReadCell = Callable[[str], Any]

DIGITS = "0123456789+-.eE"
WORDS = {"true": True, "false": False}


def read_csv(data: bytes, signature: Signature) -> list[Any]:
    """The rows as objects by field name, at most one more than is allowed."""
    import csv
    from io import StringIO

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(f"byte {error.start} is not UTF-8") from None
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        names = next(lines, [])
        if not names or len(set(names)) != len(names):
            raise _refused("line 1: the names of the fields, each one once")
        fields = {field.name: field for field in signature.fields}
        if fields and fields.keys().isdisjoint(names):
            raise _refused(f"line 1 names none of the fields, which are {', '.join(fields)}")
        readers = [_reader(fields.get(name)) for name in names]
        rows = []
        for cells in lines:
            if len(cells) != len(names) and cells:
                raise _refused(
                    f"line {lines.line_num} has {len(cells)} values, line 1 has {len(names)} names"
                )
            if cells:
                rows.append({name: read(cell) for name, read, cell in zip(names, readers, cells)})
            if len(rows) > ROWS_LIMIT:
                break
    except csv.Error as error:
        raise _refused(f"line {lines.line_num} has a quote out of place, or a cell without end") from error
    if signature.kind == "record":
        return [{name: value for name, value in row.items() if value is not None} for row in rows]
    return rows


def _reader(field: Field | None) -> ReadCell:
    """How a column's cells are read."""
    if field is None or field.type == "any":
        return _as_any(field)
    if field.type == "string":
        return (lambda cell: cell or None) if field.nullable else str
    return CELLS.get(field.type, str)


def _as_number(cell: str) -> Any:
    cell = cell.strip(" ")
    if not cell:
        return None
    try:
        return (
            cell
            if cell.strip(DIGITS)
            else int(cell)
            if len(cell) < 18 and cell.removeprefix("-").isdigit()
            else float(cell)
        )
    except ValueError:
        return cell  # the signature will say what is wrong with it


def _as_boolean(cell: str) -> Any:
    return WORDS.get(cell.strip(" ").lower(), cell) if cell else None


def _as_any(field: Field | None) -> ReadCell:
    """By the categories, where they are known: a 1 among strings is the string."""
    known = {str(category): category for category in (field and field.categories) or ()}
    return lambda cell: known[cell] if cell in known else _as_number(cell)


CELLS: dict[str, ReadCell] = {"number": _as_number, "boolean": _as_boolean}


def _refused(detail: str) -> Refused:
    return Refused(400, "the body is not CSV", detail)
