"""Read a data file into a table: a path or a URL, in whatever form pandas knows by the name's ending.

A pickle is refused: reading one runs whatever code it holds.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from leanfn.errors import DataError

if TYPE_CHECKING:
    from pandas import DataFrame

PACKINGS = (".gz", ".bz2", ".xz", ".zip", ".zst")
PICKLES = (".pkl", ".pickle", ".joblib")


def read_table(source: str) -> DataFrame:
    """The table in a file or behind a URL; a name that ends in nothing known is read as CSV."""
    suffix = _suffix(source)
    if suffix in PICKLES:
        raise DataError(
            f"{source} is a pickle, and reading one runs the code in it\n"
            f"Save the table as CSV or Parquet: frame.to_csv('table.csv', index=False)"
        )
    if not _is_url(source):
        _look_for(Path(source))
    readers = _readers()
    table: DataFrame
    try:
        table = readers.get(suffix, readers[".csv"])(source)
    except ImportError as error:
        raise DataError(f"{source} needs a library that is not installed\n  {_one_line(error)}") from error
    except (
        Exception
    ) as error:  # each form's library has errors of its own: LZMAError, BadZipFile, XMLSyntaxError
        form = suffix.lstrip(".") if suffix in readers else "csv"
        raise DataError(f"{source} cannot be read as {form}\n  found: {_one_line(error)}") from error
    if table.empty:
        raise DataError(f"{source} holds no rows\n  wanted: a line of column names, then the rows")
    table.columns = table.columns.map(str)
    return table


def _readers() -> Mapping[str, Callable[[str], Any]]:
    import pandas

    return {
        ".csv": pandas.read_csv,
        ".tsv": partial(pandas.read_csv, sep="\t"),
        ".json": partial(pandas.read_json, dtype=False),
        ".jsonl": partial(pandas.read_json, dtype=False, lines=True),
        ".parquet": pandas.read_parquet,
        ".feather": pandas.read_feather,
        ".orc": pandas.read_orc,
        ".xlsx": pandas.read_excel,
        ".xls": pandas.read_excel,
        ".ods": pandas.read_excel,
        ".xml": pandas.read_xml,
        ".dta": pandas.read_stata,
        ".sav": pandas.read_spss,
        ".sas7bdat": partial(pandas.read_sas, format="sas7bdat"),
    }


def _is_url(source: str) -> bool:
    return "://" in source


def _suffix(source: str) -> str:
    """The ending that says what is inside: `.csv` for both `rows.csv` and `https://host/rows.csv.gz?raw=1`."""
    suffixes = PurePosixPath(urlsplit(source).path if _is_url(source) else source).suffixes
    endings = [suffix.lower() for suffix in suffixes]
    if endings and endings[-1] in PACKINGS:
        endings.pop()
    return endings[-1] if endings else ""


def _look_for(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise DataError(f"{path} is a folder\n  wanted: a data file")
    there = [each.name for each in path.parent.iterdir() if each.is_file()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, there, 1)
    nearest = f"\n  nearest: {path.parent / near[0]}" if near else ""
    raise DataError(f"no file {path}\n  looked in: {path.parent.resolve()}{nearest}")


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
