"""Bodies that wrap their rows: {"instances": …} as Vertex AI and TensorFlow Serving send them, and MLflow's
{"dataframe_records": …} and {"dataframe_split": …}. Each is answered with {"predictions": […]}.

https://cloud.google.com/vertex-ai/docs/predictions/get-online-predictions
https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
"""

from __future__ import annotations

from leanfn.errors import InvalidRows
from leanfn.http import Refused
from leanfn.signature import describe, point

from .predict import NOTHING, QUERY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.signature import Signature

    from .predict import Asked

    # the rows, from a pointer into them to one into the body, what is asked for
    Envelope = tuple[list[Any], Callable[[str], str], Asked]

# an envelope -> what may stand beside its rows, parameters first
BESIDE = {
    "instances": ("parameters", "signature_name"),
    "dataframe_records": ("params",),
    "dataframe_split": ("params",),
}
SPLIT = ("columns", "data", "index")


def unpack(body: dict[str, Any], signature: Signature) -> Envelope | None:
    """The rows in an envelope; None for a body that is a row, with a field that happens to have that name."""
    name = next(name for name in BESIDE if name in body)
    if any(field.name == name for field in signature.fields):
        return None
    odd = [other for other in body if other != name and other not in BESIDE[name]]
    if signature.kind == "record" and (odd or not _holds_objects(body[name])):
        return None
    if odd:
        raise _invalid(
            point(odd[0]), "not known here", f"beside {name} only {' or '.join(BESIDE[name])}", odd[0]
        )
    asked = _read_parameters(body, BESIDE[name][0])
    if name == "dataframe_split":
        return *_unsplit(body[name]), asked
    rows = body[name]
    if type(rows) is not list:
        raise _invalid(point(name), "not a list", "a list of rows", rows)
    return rows, lambda pointer: point(name) + pointer, asked


def _holds_objects(rows: object) -> bool:
    return (type(rows) is list and all(type(row) is dict for row in rows)) or type(rows) is dict


def _read_parameters(body: dict[str, Any], name: str) -> Asked:
    parameters = body.get(name)
    if parameters is None:
        return NOTHING
    words = " and ".join(QUERY)
    if type(parameters) is not dict or parameters.keys() - set(QUERY):
        raise Refused(400, "parameters that are not known here", f"{name} may hold {words}, true or false")
    asked = tuple([parameters.get(name, False) for name in QUERY])
    if not all(type(flag) is bool for flag in asked):
        raise Refused(400, "parameters that are not understood", f"{words} are true or false")
    return asked


def _unsplit(frame: Any) -> tuple[list[Any], Callable[[str], str]]:
    """The rows of a table that is split into its columns' names and its data, as pandas' orient="split" writes it."""
    here = "/dataframe_split"
    if type(frame) is not dict or not frame.keys() >= {"columns", "data"} or frame.keys() - set(SPLIT):
        raise _invalid(here, "not a split table", "an object with columns, data and perhaps index", frame)
    columns, data = frame["columns"], frame["data"]
    names = type(columns) is list and all(type(column) is str for column in columns)
    if not names or len(set(columns)) != len(columns):
        raise _invalid(here + "/columns", "not names of columns", "a list of strings, each one once", columns)
    if type(data) is not list:
        raise _invalid(here + "/data", "not a list", "a list of rows", data)
    for number, values in enumerate(data):
        if type(values) is not list or len(values) != len(columns):
            raise _invalid(f"{here}/data/{number}", "not a row", f"a list of {len(columns)} values", values)

    def relocate(pointer: str) -> str:
        _, number, *field = pointer.split("/", 2)
        for position, column in enumerate(columns):
            if field and point(column) == "/" + field[0]:
                return f"{here}/data/{number}/{position}"
        return f"{here}/columns" if field else f"{here}/data/{number}"

    return [dict(zip(columns, values)) for values in data], relocate


def _invalid(pointer: str, detail: str, expected: str, found: object) -> InvalidRows:
    return InvalidRows(
        [{"pointer": pointer, "detail": detail, "expected": expected, "found": describe(found)}], 1
    )
