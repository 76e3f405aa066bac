"""A function on one's own machine: Flask and what a cloud puts before a function, for this machine alone."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from leanfn import Artifact
from leanfn.digests import sha256_hex
from leanfn.errors import EmulatorError, UsageError
from leanfn.platforms import PLATFORMS

from .fronts import FRONTS, aws
from .instances import Deployed, Instances

if TYPE_CHECKING:
    import flask

    from .fronts import Front

HOST = "127.0.0.1"
EXAMPLE = Path("artifacts/pipeline_example")
Cloud: TypeAlias = Literal["aws", "google", "azure"]


def command(
    artifact: Path = EXAMPLE,
    *,
    port: int = 8080,
    cloud: Cloud = "google",
    stage: str = "",
    cold_every: int = 0,
    timeout: float | None = None,
    page: bool = True,
    cors: list[str] | None = None,
    api_key: str = "",
) -> None:
    """Serve an artifact on this machine, as a cloud would.

    Each request goes through the cloud's event shape, entry and limits. The artifact that is served is a copy: when
    its folder changes, the next request gets the new version.

    Args:
        artifact: the artifact's folder
        port: where to listen; 0 takes a free one
        cloud: whose event shape, entry and limits a request goes through
        stage: with --cloud=aws, the stage of an HTTP API that the addresses begin with; a function URL without
        cold_every: a cold start at every n-th request; 0 for the first one alone
        timeout: seconds that a request may take; the cloud's own default when not said
        page: whether a browser gets the page at /
        cors: the origins whose pages may call it, or *
        api_key: the key that opens it, sent as x-api-key; the function is handed nothing but its digest
    """
    if stage and cloud != "aws":
        raise UsageError(
            f"--stage belongs to an HTTP API of AWS\n  wanted: --cloud=aws\n  found:  --cloud={cloud}"
        )
    deployed = Deployed(artifact, lambda line: print(line, file=sys.stderr, flush=True))
    instances = Instances(
        deployed,
        starter(cloud, settings(page=page, cors=cors or [], api_key=api_key), _print),
        timeout=timeout or PLATFORMS[cloud].default_timeout,
        cold_every=cold_every,
        alone=cloud == "aws",
    )
    front = aws(instances, stage) if cloud == "aws" else FRONTS[cloud](instances)
    serve(front, deployed.load(), port, f"/{stage}" if stage else "", has_key=bool(api_key))


def starter(
    cloud: str, environ: Mapping[str, str], tell: Callable[[str], object]
) -> Callable[[Callable[[], Artifact]], Callable[..., Any]]:
    """What makes an instance of a cloud's function: its entry around a service, whose log lines go to `tell`.

    The leaf that answers is named among the entry points, which is where one leaf is handed to another.
    """
    handlers = {entry.name: entry for entry in entry_points(group="leanfn.handlers")}
    service, wrap = handlers["service"].load(), handlers[cloud].load()
    return lambda load: wrap(service(load, environ), tell)


def settings(*, page: bool, cors: list[str], api_key: str) -> dict[str, str]:
    """The function's environment: this process's own, and what the flags say."""
    environ = dict(os.environ)
    if not page:
        environ["LEANFN_PAGE"] = "off"
    if cors:
        environ["LEANFN_CORS"] = ",".join(cors)
    if api_key:
        environ["LEANFN_API_KEY_SHA256"] = sha256_hex(api_key.encode())
    return environ


def serve(front: Front, artifact: Artifact, port: int, prefix: str = "", *, has_key: bool = False) -> None:
    """Answer until Ctrl-C, and say first how to try it."""
    try:
        from werkzeug.serving import WSGIRequestHandler, make_server
    except ImportError:
        raise EmulatorError(
            "serving needs flask, which is not installed\nInstall it: pip install 'leanfn[serve]'"
        ) from None

    class Quiet(WSGIRequestHandler):
        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """The function writes its own line for each request."""

    with _listen(port) as listener:
        port = listener.getsockname()[1]
        server = make_server(
            HOST, port, application(front), threaded=True, request_handler=Quiet, fd=listener.fileno()
        )
        try:
            print(
                f"{artifact.name} {artifact.version} answers until Ctrl-C; try it:\n"
                f"{curl(artifact, f'http://{HOST}:{port}{prefix}', has_key)}",
                flush=True,
            )
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()


def application(front: Front) -> flask.Flask:
    """A Flask application in which the front answers every path and every method, Flask itself none."""
    from flask import Flask, request
    from werkzeug.local import LocalProxy

    assert isinstance(request, LocalProxy)
    app = Flask(__name__, static_folder=None)
    # before a route is looked for: a route takes known methods only, and answers OPTIONS by itself
    app.before_request(
        lambda: front(request._get_current_object())
    )  # instances answer on threads of their own
    return app


def curl(artifact: Artifact, url: str, has_key: bool = False) -> str:
    """The line that sends a row to the server; a key is left for the reader to put in."""
    key = "-H 'x-api-key: KEY' " if has_key else ""
    body = json.dumps(example(artifact), ensure_ascii=False)
    return f"curl {url} -H 'content-type: application/json' {key}-d {shlex.quote(body)}"


def example(artifact: Artifact) -> dict[str, Any]:
    """A row that the artifact has an answer for, made from its signature alone."""
    row: dict[str, Any] = {}
    for field in artifact.signature.fields:
        if field.categories:
            row[field.name] = field.categories[0]
        elif field.low is not None and field.high is not None:
            middle = (field.low + field.high) / 2
            whole = float(field.low).is_integer() and float(field.high).is_integer()
            row[field.name] = round(middle) if whole else round(middle, 3)
        else:
            row[field.name] = {"string": "text", "boolean": True}.get(field.type, 0)
    return row


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")  # in one piece: two threads that print would mix theirs
    sys.stdout.flush()


def _listen(port: int) -> socket.socket:
    """A listening socket; asked for here, because Werkzeug ends the process when a port is taken."""
    if not 0 <= port <= 65535:
        raise EmulatorError(f"--port is the number of a port\n  wanted: 0 to 65535\n  found:  {port}")
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        raise EmulatorError(
            f"port {port} of {HOST} cannot be listened on: {os.strerror(error.errno or 0)}\n"
            "Name another with --port=8081, or --port=0 for any free one"
        ) from error
