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
    """The request as WSGI has it: asked one by one, Flask's headers and query take half as long as the answer."""
    environ = event.environ
    headers = {
        name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name[:5] == "HTTP_"
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    query = environ.get("QUERY_STRING")
    return Request(
        event.method,
        event.path,
        parse_query(query.encode("latin-1").decode("utf-8", "replace")) if query else None,
        headers,
        read_body(event.stream, BODY_LIMIT, GOOGLE.request),
    )


def write(response: Response, _: flask.Request) -> Reply:
    """The reply as Flask takes it."""
    return response.body, response.status, response.headers
