"""The sklearn engine: the pipeline itself, unpickled only where the artifact's digest is trusted.

model.json says how a row is laid out and what must be installed, and is read first: an unpickler says nothing that
helps about another version. scikit-learn, numpy and (for pipelines fitted on frames) pandas are imported when an
artifact asks for them.
"""

from __future__ import annotations

import json

from leanfn.errors import ArtifactError, RowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Values = Sequence[Any]

KEYS = ["columns", "frame", "kind", "module", "requirements"]


def load(read: Callable[[str], bytes]) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values.

    Raises ArtifactError when the installed versions are not those that fitted the pipeline.
    """
    document = json.loads(read("model.json"))
    if type(document) is not dict or sorted(document) != KEYS:
        raise ArtifactError("model.json does not say how the pipeline is loaded\nExport the model again")
    _check_versions(document["requirements"])
    import io

    import joblib

    name = document["module"]
    with _Module(name, b"" if name is None else read("functions.py")):
        model = joblib.load(io.BytesIO(read("pipeline.joblib")))
    table = _table(document)

    def compile_(method: str) -> Callable[[Any], Any]:
        answer = getattr(model, method)
        return lambda values: _first_row(answer, table(values))

    return compile_


def _check_versions(requirements: list[str]) -> None:
    from importlib.metadata import PackageNotFoundError, version

    for requirement in requirements:
        name, _, wanted = requirement.partition("==")
        try:
            found = version(name)
        except PackageNotFoundError:
            found = "not installed"
        if found != wanted:
            raise ArtifactError(
                f"the pipeline was fitted with another {name}\n  wanted: {name} {wanted}\n  found:  {name} {found}\n"
                f"Install it: pip install '{requirement}'"
            )


class _Module:
    """The user's own module under the name that the pickle has for it, while that is read; the shipped source wins."""

    def __init__(self, name: str | None, source: bytes) -> None:
        self._name = name
        self._source = source
        self._before: Any = None

    def __enter__(self) -> None:
        if self._name is None:
            return
        import sys
        from types import ModuleType

        module = ModuleType(self._name)
        self._before = sys.modules.get(self._name)
        sys.modules[self._name] = module
        try:
            exec(compile(self._source, "functions.py", "exec"), module.__dict__)
        except BaseException:
            del sys.modules[self._name]
            self.__exit__()
            raise

    def __exit__(self, *error: object) -> None:
        if self._name is not None and self._before is not None:
            import sys

            sys.modules[self._name] = self._before


def _first_row(answer: Callable[[Any], Any], data: Any) -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = answer(data)
        except Exception as error:  # scikit-learn raises many kinds for a row it has no answer for
            raise RowError(f"the model has no answer for this row: {error}") from error
    if isinstance(result, list) and getattr(result[0], "ndim", 0) == 2:  # one array per output
        return [part[0].tolist() for part in result]
    if hasattr(result, "toarray"):
        result = result.toarray()
    elif hasattr(result, "to_numpy"):
        result = result.to_numpy()
    first = result[0]
    return first.tolist() if hasattr(first, "tolist") else first


def _table(document: dict[str, Any]) -> Callable[[Values], Any]:
    """The function that lays one row's values out as the pipeline was fitted on them."""
    if document["kind"] == "record":
        return lambda row: [row]
    columns = document["columns"]
    nulls = [float("nan") if column["null"] == "NaN" else None for column in columns]
    if document["kind"] == "bare":
        return lambda row: [nulls[0] if row[0] is None else row[0]]
    import numpy as np

    if document["frame"]:
        import pandas as pd

        names = [column["name"] for column in columns]
        cells = [_cell(column, null) for column, null in zip(columns, nulls)]
        return lambda row: pd.DataFrame(
            {name: cell(x) for name, cell, x in zip(names, cells, row)}, index=[0]
        )
    if all(column["type"] in ("number", "boolean") for column in columns):
        whole = all(column["dtype"].startswith(("int", "uint")) for column in columns)

        def numbers(row: Values) -> Any:
            if whole and all([type(x) is int for x in row]):
                return np.array([row], dtype=np.int64)
            return np.array([[np.nan if x is None else float(x) for x in row]])

        return numbers

    def objects(row: Values) -> Any:
        array = np.empty((1, len(columns)), dtype=object)
        array[0, :] = [null if x is None else x for x, null in zip(row, nulls)]
        return array

    return objects


def _cell(column: dict[str, Any], null: Any) -> Callable[[Any], Any]:
    """How a value goes into a frame's column: what is missing and what the column's dtype was stay as they were."""
    import numpy as np
    import pandas as pd

    type_, dtype, categories = column["type"], column["dtype"], column["categories"]
    if categories is not None:

        def categorical(x: Any) -> Any:
            known = categories if x is None or x in categories else [*categories, x]
            return pd.Series([null if x is None else x], dtype=object).astype(pd.CategoricalDtype(known))

        return categorical
    if type_ == "number":
        integers = dtype.lower().startswith(("int", "uint"))
        return lambda x: np.nan if x is None else x if integers and type(x) is int else float(x)
    if type_ == "boolean":
        return lambda x: pd.Series([null], dtype=object) if x is None else x
    if dtype.startswith("str"):
        return lambda x: pd.Series([null if x is None else x], dtype=object).astype(dtype)
    return lambda x: pd.Series([null if x is None else x], dtype=object)
