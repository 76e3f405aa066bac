"""One call of a function: a payload or a raw event to an artifact in this process, or a payload to an address."""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from leanfn.errors import EmulatorError, UsageError
from leanfn.http import JSON
from leanfn.platforms import PLATFORMS

from .fronts import FRONTS
from .instances import Deployed, Instances
from .local import Cloud, application, starter

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

CSV = "text/csv"
PATIENCE = 60.0  # seconds for an answer from an address
REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r?\n((?:[\w-]+:.*\r?\n)*)\r?\n((?s:.*))")


def command(
    artifact: Path | None = None,
    *,
    url: str = "",
    payload: Path | None = None,
    event: Path | None = None,
    path: str = "/",
    cloud: Cloud = "google",
    api_key: str = "",
) -> None:
    """Send a function a payload or a raw event, and print what it answers.

    An artifact is called in this process, as the cloud would call it; its log line goes to stderr. A payload that is
    not answered with 200 is exit code 1.

    Args:
        artifact: the artifact's folder
        url: the address of a function that runs, in place of an artifact
        payload: a file to post, as text/csv if its name ends in .csv, else as JSON
        event: an event of Lambda's in a .json file, or an HTTP request as text in a .http file
        path: where a payload is posted to, such as /predict?explain=true
        cloud: whose event shape, entry and limits a payload or an HTTP request goes through
        api_key: the key to send with a payload
    """
    if (artifact is None) == (not url):
        raise UsageError("one function is called\n  wanted: an artifact's folder, or --url=URL")
    if (payload is None) == (event is None) or (url and event):
        raise UsageError("one thing is sent\n  wanted: --payload=FILE, or to an artifact --event=FILE")
    if payload is not None:
        kind = CSV if payload.suffix == ".csv" else JSON
        headers = {"content-type": kind, **({"x-api-key": api_key} if api_key else {})}
        if artifact is None:
            status, body = _post(url.rstrip("/") + path, headers, _read(payload))
        else:
            response = _open(artifact, cloud, "POST", path, headers, _read(payload))
            status, body = response.status_code, response.data
        if status != 200:
            raise EmulatorError(f"the answer is {status}\n{body.decode(errors='replace')}")
        print(body.decode(errors="replace"))
    elif artifact is not None and event is not None:
        print(_http(artifact, cloud, event) if event.suffix == ".http" else _lambda(artifact, event))


def _http(artifact: Path, cloud: str, event: Path) -> str:
    """The response to a file's HTTP request, as text."""
    found = REQUEST.fullmatch(_read(event))
    if found is None:
        raise EmulatorError(
            f"{event} is no HTTP request\n  wanted: POST /predict HTTP/1.1, headers, an empty line, the body"
        )
    method, target, fields, body = found.groups()
    lines = [field.decode("latin-1").partition(":") for field in fields.splitlines()]
    headers = {name: value.strip() for name, _, value in lines}
    response = _open(artifact, cloud, method.decode(), target.decode("latin-1"), headers, body)
    answered = [f"HTTP/1.1 {response.status}", *(f"{name}: {value}" for name, value in response.headers)]
    return "\n".join([*answered, "", response.text])


def _lambda(artifact: Path, event: Path) -> str:
    """The reply to a file's event, as JSON."""
    try:
        value = json.loads(_read(event))
    except ValueError as error:
        raise EmulatorError(f"{event} is not JSON: {error}") from None
    context = SimpleNamespace(aws_request_id=str(uuid.uuid4()))
    return json.dumps(_instances(artifact, "aws")(value, context), ensure_ascii=False)


def _open(
    artifact: Path, cloud: str, method: str, target: str, headers: dict[str, str], body: bytes
) -> TestResponse:
    front = FRONTS[cloud](_instances(artifact, cloud))
    return application(front).test_client().open(target, method=method, headers=headers, data=body)


def _instances(artifact: Path, cloud: str) -> Instances:
    deployed = Deployed(artifact, _tell)
    return Instances(deployed, starter(cloud, os.environ, _tell), timeout=PLATFORMS[cloud].default_timeout)


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except (OSError, ValueError) as error:
        raise EmulatorError(f"{url} cannot be called: {error}") from None


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise EmulatorError(f"{file} cannot be read: {os.strerror(error.errno or 0)}") from None


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
