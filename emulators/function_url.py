"""What stands between HTTP and a Lambda function: a request becomes an event, the function's reply a response.

A function URL, or an HTTP API where a stage is named; both speak payload format 2.0.
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from leanfn.http import JSON, Response

DEFAULT_STAGE = "$default"
TEXTS = ("text/", "application/json", "application/xml", "application/javascript")  # sent as they are


class Call(NamedTuple):
    """A request as it came over the wire: its target not taken apart, names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


def event(call: Call, stage: str = DEFAULT_STAGE) -> dict[str, Any]:
    """The event of payload format 2.0; the path of a stage that is named begins with it."""
    path, _, query = call.target.partition("?")
    host = "lambda-url.us-east-1.on.aws" if stage == DEFAULT_STAGE else "execute-api.us-east-1.amazonaws.com"
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    now = time.time()
    found: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {**call.headers, "x-forwarded-for": "127.0.0.1", "x-forwarded-proto": "https"},
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "local",
            "domainName": f"local.{host}",
            "domainPrefix": "local",
            "http": {
                "method": call.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": call.headers.get("user-agent", ""),
            },
            "requestId": str(uuid.uuid4()),
            "routeKey": "$default",
            "stage": stage,
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
            "timeEpoch": int(now * 1000),
        },
        "isBase64Encoded": False,
    }
    if parameters:
        found["queryStringParameters"] = parameters
    if call.body:
        found["body"], found["isBase64Encoded"] = _body(call)
    return found


def _body(call: Call) -> tuple[str, bool]:
    """The body as it stands in an event, and whether that is base64: of a kind that is no text, and of no UTF-8."""
    if call.headers.get("content-type", "").startswith(TEXTS):
        try:
            return call.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(call.body).decode(), True


def response(payload: bytes) -> Response:
    """The HTTP response that a function's reply stands for; a reply without a status is itself the body."""
    reply = json.loads(payload)
    if not isinstance(reply, dict) or "statusCode" not in reply:
        return Response(200, payload, {"content-type": JSON})
    headers = {name.lower(): str(value) for name, value in (reply.get("headers") or {}).items()}
    text = reply.get("body") or ""
    body = base64.b64decode(text) if reply.get("isBase64Encoded") else text.encode()
    return Response(int(reply["statusCode"]), body, {"content-type": JSON, **headers})
