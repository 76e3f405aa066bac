"""AWS Lambda: behind a function URL, an HTTP API, a REST API or a load balancer, or invoked directly.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import binascii
import json

from leanfn.http import JSON, Request, parse_query

from . import log
from .strict import DEPTH_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.http import Handle, Response

    Event = Any


def wrap(handle: Handle, tell: log.Log = log.stdout) -> Callable[[Event, object], Event]:
    """The function that Lambda calls."""

    def lambda_handler(event: Event, context: object) -> Event:
        request = read(event)
        request.id = getattr(context, "aws_request_id", None) or request.id
        response = handle(request)
        tell(log.aws(request.record))
        return write(response, event)

    return lambda_handler


def read(event: Event) -> Request:
    """The request in an event."""
    if not _is_http(event):
        return Request("POST", "/", headers={"content-type": JSON}, body=_dump(event))
    context = event["requestContext"]["http"]
    body = event.get("body") or ""
    return Request(
        context["method"],
        event.get("rawPath") or "/",
        parse_query(event.get("rawQueryString") or ""),
        {name.lower(): value for name, value in (event.get("headers") or {}).items()},
        _decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
    )


def write(response: Response, event: Event) -> Event:
    """The reply in the shape that belongs to the event; a direct invocation gets the answer alone."""
    if not _is_http(event):
        return json.loads(response.body)
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
        "isBase64Encoded": False,
    }


def _is_http(event: Event) -> bool:
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "http" in context


def _dump(event: Event) -> bytes:
    """A direct event as JSON again: the runtime has parsed it, and the service reads it strictly."""
    try:
        return json.dumps(event).encode()
    except (ValueError, RecursionError):
        return b"[" * (DEPTH_LIMIT + 1)  # too deep to be written, so too deep to be read


def _decode(body: str) -> bytes:
    try:
        return binascii.a2b_base64(body)
    except ValueError:
        return body.encode("utf-8", "surrogatepass")  # no base64: it is refused as what it is
