"""An HTTPS server on this machine: a function from a call to a reply, and a hand to interfere with it."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

LOST: Literal["lost"] = "lost"  # done, and the answer does not arrive
DROPPED: Literal["dropped"] = "dropped"  # not done, and the connection breaks


@dataclass(frozen=True, slots=True)
class Call:
    """headers and query: names in lower case. target: the path and query as sent; parts: of the path, as a route names them."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    target: str = ""
    parts: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body or b"{}")
        return found


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


Answer: TypeAlias = Callable[[Call], Reply]
Interfere: TypeAlias = Callable[[Call], "Reply | Literal['lost', 'dropped'] | None"]


class Refused(Exception):
    """Raised by an answer for what the cloud refuses, in Resource Manager's form."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.reply = say(status, {"error": {"code": code, "message": message}})


def say(status: int, document: object = None, **headers: str) -> Reply:
    """A reply in JSON; headers with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if document is None:
        return Reply(status, b"", named)
    return Reply(status, json.dumps(document).encode(), {"content-type": "application/json", **named})


class Front(ThreadingHTTPServer):
    """Answers in threads of its own until it is closed. context: its certificate."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, answer: Answer, context: ssl.SSLContext, interfere: Interfere) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.answer = answer
        self.interfere = interfere
        # the handshake is made where the first byte is read, in the call's own thread
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=lambda: self.serve_forever(poll_interval=0.05), daemon=True).start()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is none of ours."""

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet
    disable_nagle_algorithm = True
    server: Front

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        """As the base class does it, but for every method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            self._answer()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        call = Call(
            self.command,
            unquote(url.path),
            {name.lower(): value for name, value in parse_qsl(url.query, keep_blank_values=True)},
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            self.path,
        )
        hindrance = self.server.interfere(call)
        if hindrance == DROPPED:
            self.close_connection = True
            return
        reply = hindrance if isinstance(hindrance, Reply) else self._asked(call)
        if hindrance == LOST:
            self.close_connection = True
            return
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status not in (204, 304):
            length = reply.headers.get("Content-Length", str(len(reply.body)))
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(reply.body)
        self.wfile.flush()

    def _asked(self, call: Call) -> Reply:
        try:
            return self.server.answer(call)
        except Refused as error:
            return error.reply
        except Exception as error:
            return say(500, {"error": {"code": "EmulatorBug", "message": f"{type(error).__name__}: {error}"}})
