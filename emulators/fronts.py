"""What a cloud puts before a function: its event shape, its limits, its own words where the function has none.

A front takes the function's instances and gives what answers a Flask request. Limits are the documented ones
(leanfn/platforms.py); the words are our reading of the clouds' documents.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

from leanfn.errors import EmulatorError
from leanfn.http import read_body
from leanfn.platforms import AWS, AZURE, GOOGLE, MB

from . import function_url
from .instances import Instances, TimedOut
from .lambda_runtime import PAYLOAD_LIMIT

if TYPE_CHECKING:
    import flask
    from flask.typing import ResponseReturnValue

    Front = Callable[[flask.Request], ResponseReturnValue]

DROPPED = 200 * MB  # of a body that is too large, so that its sender sees the answer


def aws(instances: Instances, stage: str = "") -> Front:
    """A function URL; or, where a stage is named, an HTTP API, whose addresses all begin with it."""

    def answer(request: flask.Request) -> ResponseReturnValue:
        call = _call(request, AWS.request)
        path = call.target.partition("?")[0]
        if stage and not f"{path}/".startswith(f"/{stage}/"):
            return _message("Not Found", 404)
        event = json.dumps(function_url.event(call, stage or function_url.DEFAULT_STAGE)).encode()
        if len(call.body) > AWS.request or len(event) > PAYLOAD_LIMIT:
            return _message("Request Entity Too Large", 413)
        try:
            reply = instances(json.loads(event), SimpleNamespace(aws_request_id=str(uuid.uuid4())))
            payload = json.dumps(reply).encode()
        except TimedOut:
            return _message("Internal Server Error", 502)
        if len(payload) > PAYLOAD_LIMIT:
            return _message("Internal Server Error", 502)
        response = function_url.response(payload)
        return response.body, response.status, response.headers

    return answer


def google(instances: Instances) -> Front:
    """What stands before Cloud Run, and the functions framework's own two pages that no function has."""

    def answer(request: flask.Request) -> ResponseReturnValue:
        if request.path in ("/robots.txt", "/favicon.ico"):
            return "Not Found", 404
        if (request.content_length or 0) > GOOGLE.request:
            read_body(request.stream, 0, DROPPED)
            return "Request Entity Too Large", 413
        try:
            reply: ResponseReturnValue = instances(request)
        except TimedOut:
            return "upstream request timeout", 504
        return reply

    return answer


def azure(instances: Instances) -> Front:
    """The Functions host, with one function whose route is {*route} and no prefix."""
    try:
        from azure.functions import HttpRequest
    except ImportError:
        raise EmulatorError(
            "--cloud=azure needs azure-functions, which is not installed\nInstall it: pip install azure-functions"
        ) from None

    def answer(request: flask.Request) -> ResponseReturnValue:
        call = _call(request, AZURE.request)
        if len(call.body) > AZURE.request:
            return "", 413
        event = HttpRequest(
            call.method,
            request.url,
            headers=call.headers,
            params={name: ",".join(values) for name, values in request.args.lists()},
            route_params={"route": request.path[1:]} if request.path != "/" else {},
            body=call.body,
        )
        try:
            reply = instances(event, SimpleNamespace(invocation_id=str(uuid.uuid4())))
        except TimedOut:
            return "", 504
        return reply.get_body(), reply.status_code, dict(reply.headers)

    return answer


FRONTS = {"aws": aws, "google": google, "azure": azure}


def _call(request: flask.Request, limit: int) -> function_url.Call:
    """The request as it came, with at most one byte more than is allowed."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = read_body(request.stream, limit, DROPPED)
    return function_url.Call(request.method, request.environ["RAW_URI"], headers, body)


def _message(text: str, status: int) -> ResponseReturnValue:
    return {"message": text}, status
