"""The control plane over HTTP: paths to handlers, JSON to Google's own messages and back.

https://google.aip.dev/127
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

Call = Callable[[Mapping[str, str], Mapping[str, str], Any], Any]
OPEN = ("/token", "/upload/")  # what needs no access token: it gives one, or its address is the permission
SYSTEM = {"$alt", "alt", "key", "prettyPrint", "updateMask", "options.requestedPolicyVersion"}


class Refused(Exception):
    """Raised for a call that is answered with an error. reason, about: what Google says of it for programs."""

    def __init__(self, status: int, name: str, message: str, reason: str = "", **about: str) -> None:
        super().__init__(message)
        self.status, self.name, self.message, self.reason, self.about = status, name, message, reason, about

    def document(self) -> dict[str, Any]:
        details = []
        if self.reason:
            kind = "type.googleapis.com/google.rpc.ErrorInfo"
            details = [{"@type": kind, "reason": self.reason, "metadata": self.about}]
        error = {"code": self.status, "message": self.message, "status": self.name, "details": details}
        return {"error": error}


def invalid(message: str) -> Refused:
    return Refused(400, "INVALID_ARGUMENT", message)


def not_found(message: str) -> Refused:
    return Refused(404, "NOT_FOUND", message)


def exists(message: str) -> Refused:
    return Refused(409, "ALREADY_EXISTS", message)


def aborted(message: str) -> Refused:
    return Refused(409, "ABORTED", message)


class Route:
    """A method and a pattern of paths, whose groups are fields of the request."""

    def __init__(self, method: str, pattern: str, call: Call) -> None:
        self.method, self.pattern, self.call = method, re.compile(pattern), call


def proto(request: Any, handle: Callable[[Any], Any], body: str = "") -> Call:
    """A handler of one of Google's messages. body: the field that the JSON is, or * for the message itself."""
    from google.protobuf import json_format

    def call(groups: Mapping[str, str], query: Mapping[str, str], document: Any) -> Any:
        message = request.pb(request())
        given = {} if not body else document or {} if body == "*" else {body: document or {}}
        plain = {name: text for name, text in query.items() if name not in SYSTEM}
        try:
            json_format.ParseDict({**given, **plain}, message)
        except json_format.ParseError as error:
            raise invalid(f"Invalid JSON payload: {error}") from error
        if "updateMask" in query:
            paths = query["updateMask"].split(",")
            message.update_mask.paths.extend(
                re.sub("([A-Z])", lambda hit: "_" + hit[1].lower(), path) for path in paths
            )
        for name, text in groups.items():
            owner, _, field = name.rpartition("__")
            setattr(getattr(message, owner) if owner else message, field, text)
        return handle(request.wrap(message))

    return call


class Broken(Exception):
    """Raised by a fault to end the connection without an answer."""


class Fault:
    """What a test puts between: it may raise Broken or Refused before a call, or Broken after it."""

    def before(self, method: str, path: str) -> None:
        """Called before the call is made."""

    def after(self, method: str, path: str) -> None:
        """Called when it has been made."""


def handler(
    routes: Sequence[Route],
    knows: Callable[[str], bool],
    called: Callable[[], None],
    fault: Fault,
) -> type[BaseHTTPRequestHandler]:
    """The handler of a server's requests. knows: whether an authorization header is good."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # with Nagle's algorithm an answer in two packets takes 40 ms
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """A cloud does not write to its callers' terminals."""

        def answer(self) -> None:
            called()
            url = urllib.parse.urlsplit(self.path)
            path = urllib.parse.unquote(url.path)
            query = {name: values[-1] for name, values in urllib.parse.parse_qs(url.query).items()}
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            try:
                fault.before(self.command, path)
                status, document = 200, self._call(path, query, body)
                fault.after(self.command, path)
            except Broken:
                self.close_connection = True
                return
            except Refused as error:
                status, document = error.status, error.document()
            data = _encode(document)
            self.send_response(status)
            self.send_header("content-type", "application/json; charset=UTF-8")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _call(self, path: str, query: Mapping[str, str], body: bytes) -> Any:
            if not path.startswith(OPEN) and not knows(self.headers.get("authorization", "")):
                raise Refused(
                    401, "UNAUTHENTICATED", "Request is missing required authentication credential."
                )
            kind = self.headers.get("content-type", "").partition(";")[0]
            document: Any = body
            if kind == "application/json":
                document = json.loads(body) if body else None
            elif kind == "application/x-www-form-urlencoded":
                document = dict(urllib.parse.parse_qsl(body.decode()))
            for route in routes:
                if route.method == self.command and (match := route.pattern.fullmatch(path)):
                    return route.call(match.groupdict(), query, document)
            raise Refused(501, "UNIMPLEMENTED", f"no route {self.command} {path}")

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer

    return Handler


def _encode(document: Any) -> bytes:
    if hasattr(type(document), "pb"):
        document = type(document).pb(document)
    if hasattr(document, "DESCRIPTOR"):
        from google.protobuf import json_format

        return str(json_format.MessageToJson(document)).encode()
    return json.dumps(document).encode()
