"""Google Cloud Functions: an HTTP function under the functions framework.

https://cloud.google.com/functions/docs/writing/write-http-functions
"""

from __future__ import annotations

from leanfn.http import Request
from leanfn.platforms import BODY_LIMIT, GOOGLE, KB

from . import log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO

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
        {name: values[-1] for name, values in event.args.lists()},
        {name.lower(): value for name, value in event.headers.items()},
        _read_body(event.stream),
    )


def write(response: Response, _: flask.Request) -> Reply:
    """The reply as Flask takes it."""
    return response.body, response.status, response.headers


def _read_body(stream: IO[bytes]) -> bytes:
    """The body, or one byte more than is allowed: Werkzeug's own limit cuts a chunked body short without a word.

    What is too much is read and dropped, as far as the platform lets it through: a sender whose connection is closed
    on the way never sees the answer.
    """
    pieces = []
    size = 0
    while size <= GOOGLE.request:
        piece = stream.read(64 * KB)
        if not piece:
            break
        if size <= BODY_LIMIT:
            pieces.append(piece[: BODY_LIMIT + 1 - size])
        size += len(piece)
    return b"".join(pieces)
