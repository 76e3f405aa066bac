"""A function on one's own machine: Flask in front of it, as Google's runtime has it, for this machine alone."""

from __future__ import annotations

import json
import os
import shlex
import socket
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from leanfn import Artifact, load
from leanfn.errors import EmulatorError

if TYPE_CHECKING:
    import flask

    Function: TypeAlias = Callable[[flask.Request], flask.typing.ResponseReturnValue]

HOST = "127.0.0.1"


def command(artifact: Path, *, port: int = 8080) -> None:
    """Serve an artifact on this machine, as a cloud would.

    Args:
        artifact: the artifact's folder
        port: where to listen; 0 takes a free one
    """
    # the leaf that answers is named among the entry points, which is where one leaf is handed to another
    handlers = {entry.name: entry for entry in entry_points(group="leanfn.handlers")}
    service, wrap = handlers["service"].load(), handlers["google"].load()
    serve(wrap(service(lambda: load(artifact))), load(artifact), port)


def serve(function: Function, artifact: Artifact, port: int) -> None:
    """Answer with the function until Ctrl-C, and say first how to try it."""
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
            HOST, port, application(function), threaded=True, request_handler=Quiet, fd=listener.fileno()
        )
        try:
            print(
                f"{artifact.name} {artifact.version} answers until Ctrl-C; try it:\n{curl(artifact, port)}",
                flush=True,
            )
            server.serve_forever()
        except KeyboardInterrupt:
            pass
        finally:
            server.server_close()


def application(function: Function) -> flask.Flask:
    """A Flask application in which the function answers every path and every method, Flask itself none."""
    from flask import Flask, request

    app = Flask(__name__, static_folder=None)
    # before a route is looked for: a route takes known methods only, and answers OPTIONS by itself
    app.before_request(lambda: function(request))
    return app


def curl(artifact: Artifact, port: int) -> str:
    """The line that sends a row to the server."""
    body = json.dumps(example(artifact), ensure_ascii=False)
    return f"curl http://{HOST}:{port} -H 'content-type: application/json' -d {shlex.quote(body)}"


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
