"""AWS Lambda: behind a function URL, an HTTP API, a REST API, a load balancer or a service network, or invoked directly.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
"""

from __future__ import annotations

import json

from leanfn.http import JSON, Request, parse_query, unquote

from . import log
from .strict import DEPTH_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from typing import Any

    from leanfn.http import Handle, Response

    Event = Any

# A load balancer wants the words too.
REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


def prepare(environ: MutableMapping[str, str]) -> None:
    """What comes before the service is made: the secrets, where there are any."""
    if "LEANFN_SECRETS" in environ:
        from .vault import fill

        fill(environ)


def wrap(handle: Handle, tell: log.Log = log.stdout) -> Callable[[Event, object], Event]:
    """The function that Lambda calls."""

    def lambda_handler(event: Event, context: object) -> Event:
        request = read(event)
        request.id = getattr(context, "aws_request_id", "")
        # only who may invoke the function by AWS's own API can send one along, and no caller of an address can
        request.authorized = getattr(context, "client_context", None) is not None
        response = handle(request)
        tell(log.aws(request.record))
        return write(response, event)

    return lambda_handler


def read(event: Event) -> Request:
    """The request in an event; an event of no known shape is a direct invocation, and its own payload."""
    try:
        request = _shape(event)[0](event)
        # What is no text in a place for texts raises TypeError here.
        "".join([request.method, request.path, *request.query.values(), *request.headers.values()])
    except (AttributeError, KeyError, TypeError):  # it only looked like an event
        return _read_direct(event)
    return request


def write(response: Response, event: Event) -> Event:
    """The reply in the shape that belongs to the event."""
    return _shape(event)[1](response, event)


def _shape(event: Event) -> tuple[Callable[[Event], Request], Callable[[Response, Event], Event]]:
    """How an event of its kind is read, and how it is answered. "version" tells nothing: three kinds say 2.0."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    if isinstance(context, dict):
        for mark, shape in SHAPES.items():
            if mark in context:
                return shape
        if "httpMethod" in event:
            return _read_rest, _write_plain
    return _read_direct, _write_direct


def _read_url(event: Event) -> Request:
    """A function URL or an HTTP API, payload format 2.0: the path begins with the stage, unless that is $default."""
    context = event["requestContext"]
    path = unquote(event["rawPath"])
    stage = "/" + context.get("stage", "$default")
    if path == stage or path.startswith(stage + "/"):
        path = path[len(stage) :]
    return Request(
        context["http"]["method"],
        _below(event, event.get("routeKey"), path),
        parse_query(event.get("rawQueryString") or ""),
        _lowered(event.get("headers")),
        _body(event),
    )


def _read_rest(event: Event) -> Request:
    """A REST API, or an HTTP API with payload format 1.0, whose path begins with the stage."""
    context = event["requestContext"]
    path = event["path"]
    stage = "/" + context.get("stage", "")
    if event.get("version") == "1.0" and path.startswith(stage + "/"):
        path = path[len(stage) :]
    return Request(
        event["httpMethod"],
        _below(event, event.get("resource"), path),
        event.get("queryStringParameters") or _last(event.get("multiValueQueryStringParameters")),
        _lowered(event.get("headers") or _last(event.get("multiValueHeaders"))),
        _body(event),
    )


def _read_balanced(event: Event) -> Request:
    """A load balancer, which passes path and query on as they came, and sends single values or lists of them."""
    query = event.get("queryStringParameters") or _last(event.get("multiValueQueryStringParameters"))
    return Request(
        event["httpMethod"],
        unquote(event["path"]),
        parse_query("&".join([f"{name}={value}" for name, value in query.items()])),
        _lowered(event.get("headers") or _last(event.get("multiValueHeaders"))),
        _body(event),
    )


def _read_lattice(event: Event) -> Request:
    """A service network (VPC Lattice), event version 2.0: every value is a list."""
    return Request(
        event["method"],
        unquote(event["path"].partition("?")[0]),
        _last(event.get("queryStringParameters")),
        _lowered(_last(event.get("headers"))),
        _body(event),
    )


def _read_direct(event: Event) -> Request:
    """A direct invocation: the event is the body, parsed by the runtime; it is written again to be read strictly."""
    try:
        body = json.dumps(event).encode()
    except (ValueError, RecursionError):
        body = b"[" * (DEPTH_LIMIT + 1)  # too deep to be written, so too deep to be read
    return Request("POST", "/", headers={"content-type": JSON}, body=body)


def _write_plain(response: Response, _: Event) -> Event:
    return {
        "statusCode": response.status,
        "headers": response.headers,
        "body": response.body.decode(),
        "isBase64Encoded": False,
    }


def _write_balanced(response: Response, event: Event) -> Event:
    """A load balancer takes back the kind of headers that it sent: lists where it is set to several values."""
    reply = _write_plain(response, event)
    reply["statusDescription"] = f"{response.status} {REASONS.get(response.status, '')}"
    if event.get("multiValueHeaders") is not None:
        del reply["headers"]
        reply["multiValueHeaders"] = {name: [value] for name, value in response.headers.items()}
    return reply


def _write_direct(response: Response, _: Event) -> Event:
    """The answer, or what is wrong, alone: whoever invokes a function sees neither status nor headers."""
    return json.loads(response.body)


# what an event's requestContext holds -> how its kind is read and answered
SHAPES = {
    "http": (_read_url, _write_plain),
    "elb": (_read_balanced, _write_balanced),
    "serviceNetworkArn": (_read_lattice, _write_plain),
}


def _below(event: Event, route: str | None, path: str) -> str:
    """The path below the point where the API mounts the function as {proxy+}, such as /models/heart/{proxy+}."""
    if route and route.endswith("{proxy+}"):
        return f"/{event['pathParameters']['proxy']}"
    return path or "/"


def _last(values: Mapping[str, list[str]] | None) -> dict[str, str]:
    return {name: value[-1] for name, value in (values or {}).items() if value}


def _lowered(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _body(event: Event) -> bytes:
    text: str = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import binascii  # a library to load from disk, for few bodies

        try:
            return binascii.a2b_base64(text)
        except ValueError:
            pass  # not base64: it is refused as what it is
    return text.encode("utf-8", "surrogatepass")
