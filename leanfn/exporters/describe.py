"""From a model and its sample to the signature that callers see; what the model accepts is tried, not guessed."""

from collections.abc import Sequence
from typing import Any

from leanfn.signature import Field, Signature

from .original import REFUSED, Column, Original
from .rows import Notes, unseen

CATEGORIES_LIMIT = 1_000  # categories of one field that a signature lists
TRIES = 3  # sample rows that a null or an unseen category is tried on


def describe(original: Original, notes: Notes) -> Signature:
    """The signature of the rows that the model takes."""
    if original.kind == "record":
        return Signature("record", [])
    fields = [_field(column, notes) for column in original.columns]
    rows = [row for row in original.rows if None not in row][:TRIES] or original.rows[:TRIES]
    for i, field in enumerate(fields):
        field.nullable = _answers(original, rows, i, None)
        field.closed = field.categories is not None and not _answers(original, rows, i, unseen(field))
    return Signature(original.kind, fields)


def _answers(original: Original, rows: Sequence[Any], place: int, value: Any) -> bool:
    """Whether the original answers for rows with this value in this place."""
    method = original.methods[0]
    planted = [[*row[:place], value, *row[place + 1 :]] for row in rows]
    return all(answer is not REFUSED for row in planted for answer in original.ask(method, [row]))


def _field(column: Column, notes: Notes) -> Field:
    present = [value for value in column.values if value is not None]
    field = Field(column.name, column.type)
    if column.name in notes.categories and column.type != "boolean":
        fills = [fill for fill in notes.fills.get(column.name, ()) if fill not in present]
        categories = [value for value in notes.categories[column.name] if value not in fills]
        if len(categories) <= CATEGORIES_LIMIT:
            field.categories = categories
    elif column.type == "number" and present:
        field.low, field.high = min(present), max(present)
    return field
