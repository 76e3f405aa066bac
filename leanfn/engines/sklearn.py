"""The sklearn engine: the pipeline itself, unpickled only where the artifact's digest is trusted.

scikit-learn, numpy and (for pipelines fitted on frames) pandas are imported when an artifact asks for them.
"""

from __future__ import annotations

from leanfn.errors import ArtifactError, RowError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Values = Sequence[Any]


def load(read: Callable[[str], bytes]) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values.

    Raises ArtifactError when the installed versions are not those that fitted the pipeline.
    """
    import io

    try:
        import joblib
    except ImportError:
        raise ArtifactError(
            "the sklearn engine needs scikit-learn and joblib, which are not installed\nInstall them: pip install 'leanfn[train]'"
        ) from None
    data = read("pipeline.joblib")
    document = joblib.load(io.BytesIO(data))
    _check_versions(document["requirements"])
    model, table = document["model"], _table(document)

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
                f"the pipeline was fitted with another {name}\n  wanted: {wanted}\n  found:  {found}\n"
                f"Install it: pip install '{requirement}'"
            )


def _first_row(answer: Callable[[Any], Any], data: Any) -> Any:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = answer(data)
        except Exception as error:  # scikit-learn raises many kinds for a row it has no answer for
            raise RowError(f"the model has no answer for this row: {error}") from error
    if isinstance(result, list):  # one array per output
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
    if document["kind"] == "bare":
        return lambda row: [row[0]]
    import numpy as np

    columns = document["columns"]
    converts = [_scalar(type_, dtype, null) for _, type_, dtype, null in columns]
    if document["frame"]:
        import pandas as pd

        names = [name for name, *_ in columns]
        return lambda row: pd.DataFrame(
            {name: convert(x) for name, convert, x in zip(names, converts, row)}, index=[0]
        )
    if all(type_ in ("number", "boolean") for _, type_, *_ in columns):
        return lambda row: np.array([[np.nan if x is None else float(x) for x in row]])
    return lambda row: np.array(
        [[null if x is None else x for x, (_, _, _, null) in zip(row, columns)]], dtype=object
    )


def _scalar(type_: str, dtype: str, null: Any) -> Callable[[Any], Any]:
    """How a value goes into a frame's column: text of a categorical or string column keeps its dtype."""
    import numpy as np
    import pandas as pd

    if type_ == "number" and dtype != "category":
        integers = dtype.lower().startswith(("int", "uint"))
        return lambda x: np.nan if x is None else x if integers and type(x) is int else float(x)
    if type_ == "boolean":
        return lambda x: pd.Series([null], dtype=object) if x is None else x
    if dtype == "category":
        return lambda x: pd.Categorical([null if x is None else x])
    if dtype.startswith("str"):
        return lambda x: pd.Series([null if x is None else x], dtype=dtype)
    return lambda x: pd.Series([null if x is None else x], dtype=object)
