"""Take a table's columns apart into what a classifier learns from: features as floats or words, and a label.

What cannot be learned is refused here, by column and row, before anything is fitted.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import TYPE_CHECKING

from leanfn.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MOST_CLASSES = 100  # a label with more is a name or a measurement, and no classifier learns those
NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal", "boolean")  # as pandas' infer_dtype says


def nearest(name: str, table: DataFrame) -> str:
    near = difflib.get_close_matches(name, table.columns, 1, 0.5)
    return f"  nearest: {near[0]!r}" if near else f"  found:  {', '.join(table.columns)}"


def take_label(table: DataFrame, label: str, source: str) -> Series:
    """The classes; whole numbers that were read as 0.0 and 1.0 become 0 and 1, as the answers will be."""
    if label not in table:
        raise DataError(
            f"{source} has no label {label!r}\n{nearest(label, table)}\nName it with --label=COLUMN"
        )
    column, here = table[label], f"{source}: the label {label!r}"
    if (empty := column.isna()).any():
        raise DataError(
            f"{here} is empty in {empty.sum()} of {len(column)} rows\n"
            f"  first:  row {_first(empty)}\n"
            f"Take the rows without a label out of the file"
        )
    if column.dtype.kind == "f":
        if (measured := column % 1 != 0).any():
            raise DataError(
                f"{here} holds measured numbers, and this is a classifier\n"
                f"  wanted: classes, as whole numbers or words\n"
                f"  found:  {column[measured].iloc[0]} in row {_first(measured)}"
            )
        column = column.astype("int64")
    if not 2 <= (found := column.nunique()) <= MOST_CLASSES:
        raise DataError(f"{here} cannot be learned\n  wanted: 2 to {MOST_CLASSES} classes\n  found:  {found}")
    return column


def take_features(
    table: DataFrame, numeric: Collection[str], categorical: Collection[str], source: str
) -> DataFrame:
    """The features in the table's own order, as floats or words only.

    All numbers are floats: an imputer fitted on floats refuses a row of integers, and whoever calls a
    function sends 63 and 63.0 for the same thing. Words are plain objects, whatever this version of pandas
    makes of text.
    """
    names = [column for column in table.columns if column in {*numeric, *categorical}]
    rows = table[names].copy()
    for name in names:
        rows[name] = _feature(table[name], name in numeric, f"{source}: the column {name!r}")
    return rows


def _feature(column: Series, numeric: bool, here: str) -> Series:
    from pandas.api.types import infer_dtype

    kind = infer_dtype(column.astype(object), skipna=True)
    if column.isna().all():
        raise DataError(f"{here} is empty in every row\nLeave it out of the features")
    if kind == "string" and numeric:
        raise _not_numeric(column, here)
    if kind == "string":
        return column.astype(object).where(column.notna(), float("nan"))
    if kind not in NUMBERS:
        raise DataError(f"{here} cannot be learned from\n  wanted: numbers or words\n  found:  {kind}")
    numbers = column.astype("float64")
    if (endless := numbers.abs() == float("inf")).any():
        raise DataError(
            f"{here} holds a number without end\n"
            f"  wanted: numbers, or nothing where there is none\n"
            f"  found:  {numbers[endless].iloc[0]} in row {_first(endless)}"
        )
    return numbers


def _not_numeric(column: Series, here: str) -> DataError:
    from pandas import to_numeric

    wrong = to_numeric(column, errors="coerce").isna() & column.notna()
    if not wrong.any():  # a JSON file or a sheet may hold numbers as text
        wrong = column.notna()
    more = int(wrong.sum()) - 1
    return DataError(
        f"{here} is not numeric\n"
        f"  wanted: numbers, or nothing where there is none\n"
        f"  found:  {column[wrong].iloc[0]!r} in row {_first(wrong)}{f', and {more} more' if more else ''}\n"
        f"Mend the column, or name it in --categorical-features"
    )


def _first(marked: Series) -> int:
    """The first row that is marked, counted from 1 as people count."""
    return int(marked.to_numpy().argmax()) + 1
