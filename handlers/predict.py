"""POST / and POST /predict: an object gives an object, a list gives a list."""

from __future__ import annotations

from leanfn.http import JSON, Refused, answer
from leanfn.platforms import ROWS_LIMIT

from . import strict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response

FLAGS = {"true": True, "1": True, "": True, "false": False, "0": False}


def predict(artifact: Artifact, request: Request) -> Response:
    probabilities = "probabilities" in request.query and read_flag(request, "probabilities")
    value = read_json(request)
    if not isinstance(value, list):
        request.record["rows"] = 1
        return answer(200, artifact.answer(value, probabilities))
    request.record["rows"] = len(value)
    if len(value) > ROWS_LIMIT:
        raise Refused(413, "too many rows", f"at most {ROWS_LIMIT} at a time, found {len(value)}")
    return answer(200, artifact.answer_all(value, probabilities))


def read_flag(request: Request, name: str) -> bool:
    value = request.query[name]
    if value not in FLAGS:
        raise Refused(400, "a query is not understood", f"{name} is true or false")
    return FLAGS[value]


def read_json(request: Request) -> Any:
    """The value of a JSON body."""
    kind = request.headers.get("content-type", JSON)
    if kind != JSON and not is_json(kind):
        raise Refused(
            415, "the body is of a kind that is not read here", "send content-type: application/json"
        )
    if "content-encoding" in request.headers:
        raise Refused(415, "the body is encoded", "send it as it is, without content-encoding")
    if not request.body:
        raise Refused(400, "the body is empty", "send a row as a JSON object, or a list of rows")
    try:
        return strict.loads(request.body)
    except strict.NotJSON as error:
        raise Refused(400, "the body is not JSON", str(error)) from None
    except strict.TooMany as error:
        raise Refused(413, "the body holds too much", str(error)) from None


def is_json(kind: str) -> bool:
    """Whether a content type is JSON in UTF-8."""
    media, _, parameters = kind.lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    media = media.strip()
    return (media == JSON or media.endswith("+json")) and charset in ("", "utf-8", "utf8")
