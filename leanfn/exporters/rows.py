"""The rows that a certificate is made of: real ones, and the edges where scorers go wrong.

All choices are seeded: the same model and sample give the same rows.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from leanfn.signature import Field

from .original import Original, Values

ROWS_LIMIT = 5_000
SAMPLE_LIMIT = 2_000
SHUFFLED_LIMIT = 1_000
THRESHOLDS_PER_FIELD = 64
BASES = 5  # sample rows that an edge is tried on
UNSEEN = "‹never seen›"
EXTREMES = (0.0, -0.0, 1.0, -1.0, 5e-324, 1e-30, -1e-30, 1e30, -1e30, 3.4e38, 1e200, -1e308)

Row = tuple[str, Values]  # the kind of row, its values


@dataclass(frozen=True)
class Notes:
    """What a lowering learned of the source columns: categories, imputed values and split points by column name."""

    categories: dict[str, list[Any]] = field(default_factory=dict)
    fills: dict[str, list[Any]] = field(default_factory=dict)
    thresholds: dict[str, list[float]] = field(default_factory=dict)


def unseen(column: Field) -> Any:
    """A value of the field's type that is none of its categories."""
    if column.type == "string" or column.type == "any":
        return UNSEEN
    numbers = [value for value in column.categories or [] if isinstance(value, (int, float))]
    return max(numbers, default=0) + 1


def _beside_categories(column: Field) -> list[float]:
    """Numbers between and below categories: who makes whole numbers of them takes 1.5 for 1."""
    numbers = sorted(value for value in column.categories or [] if type(value) in (int, float))
    if column.type != "number" or not numbers:
        return []
    near = [numbers[0] - 0.5, numbers[0] + 0.5, numbers[-1] + 0.5]
    return [value for value in near if value not in numbers]


def shuffled(original: Original, count: int, seed: int = 0) -> list[Values]:
    """Rows drawn column by column, each column shuffled on its own: plausible, and no row of the sample.

    Texts are dealt anew word by word, lists item by item, records key by key.
    """
    dealer = random.Random(seed)
    if original.kind == "record":
        return _shuffled_records(original.records, count, dealer)
    columns = []
    for column in original.columns:
        if column.type == "list":
            values = _shuffled_items(column.values, dealer)
        else:
            values = _shuffled_words(column.values, dealer) if _is_one_text(original) else list(column.values)
        dealer.shuffle(values)
        columns.append([values[i % len(values)] for i in range(min(count, len(values)))])
    return [list(row) for row in zip(*columns)]


def _is_one_text(original: Original) -> bool:
    return len(original.columns) == 1 and original.columns[0].type == "string"


def _shuffled_words(texts: Sequence[str | None], dealer: random.Random) -> list[str | None]:
    words = [word for text in texts if text for word in text.split(" ")]
    dealer.shuffle(words)
    deal = iter(words)
    return [text if not text else " ".join(next(deal) for _ in text.split(" ")) for text in texts]


def _shuffled_items(lists: Sequence[Sequence[Any]], dealer: random.Random) -> list[Any]:
    items = [item for listed in lists for item in listed]
    dealer.shuffle(items)
    deal = iter(items)
    return [[next(deal) for _ in listed] for listed in lists]


def _shuffled_records(records: Sequence[Any], count: int, dealer: random.Random) -> list[Values]:
    pool: dict[str, list[Any]] = {}
    for record in records:
        for name, value in record.items():
            pool.setdefault(name, []).append(value)
    for values in pool.values():
        dealer.shuffle(values)
    dealt = [{name: pool[name].pop() for name in record} for record in records]
    return dealt[:count]  # type: ignore[return-value]


def proof_rows(original: Original, fields: Sequence[Field], notes: Notes) -> list[Row]:
    """At most ROWS_LIMIT rows, each with its kind; kinds that a certificate cannot do without come first."""
    chooser = random.Random(1)
    rows = original.rows
    sample = (
        rows
        if len(rows) <= SAMPLE_LIMIT
        else [rows[i] for i in sorted(chooser.sample(range(len(rows)), SAMPLE_LIMIT))]
    )
    made: list[Row] = [("shuffled", row) for row in shuffled(original, SHUFFLED_LIMIT)]
    if original.kind == "record":
        made += [("empty", {})]  # type: ignore[list-item]
    else:
        bases = [list(rows[i]) for i in chooser.sample(range(len(rows)), min(BASES, len(rows)))]
        for kind, edges in _edges(fields, notes, _is_one_text(original)).items():
            room = ROWS_LIMIT - len(made) - min(len(sample), SAMPLE_LIMIT)
            planted = [(kind, row) for row in _plant(bases, edges)]
            made += planted if len(planted) <= room else chooser.sample(planted, max(room, 0))
    return [("sample", row) for row in sample] + made


def _plant(bases: list[list[Any]], edges: list[tuple[int, Any]]) -> Iterator[Values]:
    """Each edge in one sample row (null and unseen in all of them would hide one another), taking turns."""
    for number, (place, value) in enumerate(edges):
        row = list(bases[number % len(bases)])
        row[place] = value
        yield row


def _edges(fields: Sequence[Field], notes: Notes, text: bool) -> dict[str, list[tuple[int, Any]]]:
    """Kind of row -> (column, value) to plant."""
    edges: dict[str, list[tuple[int, Any]]] = {
        "null": [(i, None) for i in range(len(fields)) for _ in range(BASES)],
        "category": [],
        "unseen category": [],
        "threshold": [],
        "extreme": [],
        "text": [],
    }
    for i, column in enumerate(fields):
        if column.categories is not None:
            edges["category"] += [(i, value) for value in column.categories]
            edges["unseen category"] += [(i, unseen(column))] * BASES
            edges["unseen category"] += [(i, value) for value in _beside_categories(column)]
        elif column.type == "number":
            edges["extreme"] += [(i, value) for value in EXTREMES]
            points = [
                *notes.thresholds.get(column.name, ()),
                *(b for b in (column.low, column.high) if b is not None),
            ]
            edges["threshold"] += [(i, value) for value in _beside(points)]
        elif column.type == "boolean":
            edges["category"] += [(i, True), (i, False)]
        elif column.type == "list":
            edges["unseen category"] += [(i, []), (i, [UNSEEN])]
        elif text:
            edges["text"] += [(i, value) for value in TEXTS]
        else:
            edges["unseen category"] += [(i, UNSEEN)]
    return {kind: places for kind, places in edges.items() if places}


TEXTS = (
    "",
    " ",
    "a",
    "…",
    "Ünïcödé ÇA ß ﬁ",
    "日本語 テキスト",
    "a\tb\nc",
    "12 3.5 __ x_y",
    "I İ ı i",
    "é e\u0301",
    "👩‍👩‍👧 ok",
)


def _beside(points: Sequence[float]) -> list[float]:
    """Split points with their neighbours in float64 and float32: where a rounded comparison changes its mind."""
    distinct = np.unique(np.asarray(points, dtype=np.float64))
    if len(distinct) > THRESHOLDS_PER_FIELD:
        distinct = distinct[np.linspace(0, len(distinct) - 1, THRESHOLDS_PER_FIELD).astype(int)]
    with np.errstate(over="ignore"):
        single = distinct.astype(np.float32)
        near = [
            distinct,
            np.nextafter(distinct, -np.inf),
            np.nextafter(distinct, np.inf),
            single.astype(np.float64),
        ]
        near += [np.nextafter(single, np.float32(side)).astype(np.float64) for side in (-np.inf, np.inf)]
    values = np.unique(np.concatenate(near))
    return [float(value) for value in values[np.isfinite(values)]]
