"""Asks a function by Lambda's own Invoke API, as whoever may invoke it: no address, and no key of the function's own."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from leanfn.errors import DeploymentError, Transient
from leanfn.http import Request, Response

from .clients import Clients
from .errors import ask, code

# Only a caller of the API can send a client context along, so the function asks it for no key: IAM has let it in.
CONTEXT = base64.b64encode(json.dumps({"custom": {"leanfn": "invoke"}}).encode()).decode()


@dataclass(frozen=True, slots=True)
class Invoker:
    """Request -> Response, through a version or an alias."""

    clients: Clients
    name: str
    qualifier: str

    def __call__(self, request: Request) -> Response:
        """Raises DeploymentError when the function has no answer, Transient when it is not ready yet."""
        arguments = {
            "FunctionName": self.name,
            "Qualifier": self.qualifier,
            "ClientContext": CONTEXT,
            "Payload": json.dumps(_event(request)).encode(),
        }
        try:
            answer = ask(self.clients["lambda"].invoke, **arguments)
        except DeploymentError as error:
            if code(error) == "ResourceConflictException":
                raise Transient("Lambda is making the version ready") from error
            raise
        payload = answer["Payload"].read()
        if answer.get("FunctionError"):
            raise DeploymentError(_failure(payload, self.name, self.qualifier))
        reply = json.loads(payload)
        return Response(reply["statusCode"], (reply.get("body") or "").encode(), reply.get("headers") or {})


def _event(request: Request) -> dict[str, Any]:
    """The event of a function URL. https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html"""
    return {
        "version": "2.0",
        "rawPath": request.path,
        "rawQueryString": urlencode(request.query),
        "headers": dict(request.headers),
        "requestContext": {"http": {"method": request.method, "path": request.path}, "stage": "$default"},
        "body": request.body.decode(),
        "isBase64Encoded": False,
    }


def _failure(payload: bytes, name: str, qualifier: str) -> str:
    """What Lambda tells of a function that ended without an answer."""
    told = json.loads(payload)
    said = f"{told.get('errorType', 'an error')}: {told.get('errorMessage', '')}"
    advice = f"Look at what it wrote: leanfn aws logs {name}"
    if "Sandbox.Timedout" in said or "timed out" in said:
        advice = (
            "Give it more time with --timeout, or more memory, which is more processor too, with --memory"
        )
    elif "memory" in said.lower() or "signal: killed" in said:
        advice = "Give it more memory with --memory"
    return f"version {qualifier} of {name} gave no answer\n  said: {said}\n{advice}"
