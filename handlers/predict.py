"""POST / and POST /predict: an object gives an object, a list gives a list, an envelope gives its own reply."""

from __future__ import annotations

from leanfn.errors import InvalidRows
from leanfn.http import JSON, Refused, answer
from leanfn.platforms import ROWS_LIMIT

from . import strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response

    Asked = tuple[bool, ...]  # what is asked for beside the answer, in the order of QUERY
    Relocate = Callable[[str], str]  # a pointer into the list of rows -> a pointer into the body

CSV = "text/csv"
QUERY = ("probabilities", "explain")
NOTHING = (False, False)
FLAGS = {"true": True, "1": True, "": True, "false": False, "0": False}
ENVELOPES = {"instances", "dataframe_records", "dataframe_split"}


def predict(model: Callable[[], Artifact], request: Request) -> Response:
    artifact = model()
    asked = read_query(request.query) if request.query else NOTHING
    if media_type(request) == CSV:
        from .table import read_csv

        return answer(200, answer_rows(artifact, request, read_csv(request.body, artifact.signature), asked))
    value = read_json(request)
    if type(value) is list:
        return answer(200, answer_rows(artifact, request, value, asked))
    if type(value) is dict and not ENVELOPES.isdisjoint(value):
        from .envelopes import unpack

        envelope = unpack(value, artifact.signature)
        if envelope is not None:
            rows, relocate, inside = envelope
            both = tuple(map(max, asked, inside))
            answers = answer_rows(artifact, request, rows, both, relocate)
            return answer(200, {"predictions": answers})
    request.record["rows"] = 1
    return answer(200, artifact.answer(value, *asked))


def answer_rows(
    artifact: Artifact,
    request: Request,
    rows: list[Any],
    asked: Asked,
    relocate: Relocate | None = None,
) -> list[Any]:
    """An answer for each row; problems point to where the body holds what is wrong."""
    request.record["rows"] = len(rows)
    if len(rows) > ROWS_LIMIT:
        raise Refused(413, "too many rows", f"at most {ROWS_LIMIT} at a time, found {len(rows)}")
    try:
        return artifact.answer_all(rows, *asked)
    except InvalidRows as error:
        if relocate is None:
            raise
        moved = [{**problem, "pointer": relocate(str(problem["pointer"]))} for problem in error.problems]
        raise InvalidRows(moved, error.count) from error


def read_query(query: Mapping[str, str]) -> Asked:
    """What is asked for; a name or a value that is not known is refused, not passed over."""
    for name, value in query.items():
        if name not in QUERY:
            raise Refused(
                400, "a query that is not known here", f"known: {', '.join(QUERY)}; found: {name[:60]}"
            )
        if value not in FLAGS:
            raise Refused(400, "a query that is not understood", f"{name} is true or false")
    return tuple([FLAGS[query.get(name, "false")] for name in QUERY])


def media_type(request: Request) -> str:
    """The kind of the body: JSON or CSV, in UTF-8 and not compressed; nothing said means JSON."""
    if "content-encoding" in request.headers and request.headers["content-encoding"].lower() != "identity":
        raise Refused(415, "the body is encoded", "send it as it is, without content-encoding")
    text = request.headers.get("content-type")
    if text is None or text == JSON:
        return JSON
    media, *parameters = [part.strip() for part in text.lower().split(";")]
    charsets = [part[8:].strip('"') for part in parameters if part.startswith("charset=")]
    if all(charset in ("utf-8", "utf8", "us-ascii") for charset in charsets):
        if media == JSON or (media.startswith("application/") and media.endswith("+json")):
            return JSON
        if media == CSV:
            return CSV
    raise Refused(
        415, "a body of a kind that is not read here", "send content-type: application/json, or text/csv"
    )


def read_json(request: Request) -> Any:
    """The value of a JSON body."""
    if not request.body:
        raise Refused(400, "the body is empty", "send a row as a JSON object, or a list of rows")
    try:
        return strict.loads(request.body)
    except strict.NotJSON as error:
        raise Refused(400, "the body is not JSON", str(error)) from None
    except strict.TooMany as error:
        raise Refused(413, "the body holds too much", str(error)) from None
