"""Google Cloud Functions: an HTTP function under the functions framework.

https://cloud.google.com/functions/docs/writing/write-http-functions
"""

from __future__ import annotations

from leanfn.http import Request, parse_query, read_body
from leanfn.platforms import BODY_LIMIT, GOOGLE

from . import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    import flask

    from leanfn.http import Handle, Response

    Reply = tuple[bytes, int, dict[str, str]]


def wrap(handle: Handle, tell: log.Log = log.stdout) -> Callable[[flask.Request], Reply]:
    """The function that the functions framework calls."""

    def predict_handler(event: flask.Request) -> Reply:
        request = read(event)
        response = handle(request)
        tell(log.google(request.record))
        return write(response, event)

    return predict_handler


def read(event: flask.Request) -> Request:
    """The request as Flask has it."""
    return Request(
        event.method,
        event.path,
        parse_query(event.query_string.decode("utf-8", "replace")),
        {name.lower(): value for name, value in event.headers.items()},
        read_body(event.stream, BODY_LIMIT, GOOGLE.request),
    )


def write(response: Response, _: flask.Request) -> Reply:
    """The reply as Flask takes it."""
    return response.body, response.status, response.headers
