"""Google's front: an address of its own for a service and for each of its tags, and who may pass."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from leanfn.platforms import GOOGLE

from .instances import Answer

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "server", "date", "upgrade", "te"}
PAGE = "<html><head><title>{status} {title}</title></head><body><h1>Error: {title}</h1><h2>{text}</h2></body></html>"


@dataclass(frozen=True, slots=True)
class Passage:
    """How one address answers. admit: a status for a caller who may not pass, None for one who may."""

    admit: Callable[[Mapping[str, str]], int | None]
    serve: Callable[[str, str, Mapping[str, str], bytes], Answer]


class Front:
    """One address on this machine."""

    def __init__(self, passage: Passage) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(passage))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def draw(shares: Mapping[str, int], chance: Callable[[], float] = random.random) -> str:
    """A revision, by its share."""
    left = chance() * 100
    for revision, percent in shares.items():
        left -= percent
        if left < 0:
            return revision
    return list(shares)[-1]


def refusal(status: int) -> Answer:
    """Google's own error pages, which are HTML."""
    title, text = {
        401: ("Unauthorized", "Your client does not have permission to the requested URL."),
        403: ("Forbidden", "Your client does not have permission to get URL from this server."),
        413: ("Request Entity Too Large", "Your client issued a request that was too large."),
        502: ("Server Error", "The server encountered a temporary error. Please try again in 30 seconds."),
        503: ("Service Unavailable", "The service is not available."),
        504: ("Gateway Timeout", "upstream request timeout"),
    }[status]
    body = PAGE.format(status=status, title=title, text=text).encode()
    return Answer(status, [("content-type", "text/html; charset=UTF-8")], body)


def _handler(passage: Passage) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # with Nagle's algorithm an answer in two packets takes 40 ms
        disable_nagle_algorithm = True

        def log_message(self, *_: Any) -> None:
            """The instance writes its own line."""

        def answer(self) -> None:
            headers = {name.lower(): text for name, text in self.headers.items()}
            body = self._body(headers)
            status = 413 if body is None else passage.admit(headers)
            if body is None or status is not None:
                answer = refusal(status or 413)
                self.close_connection = body is None
            else:
                forwarded = {name: text for name, text in headers.items() if name not in HOP}
                answer = passage.serve(self.command, self.path, forwarded, body)
            self.send_response_only(answer.status)
            for name, text in answer.headers:
                if name.lower() not in HOP:
                    self.send_header(name, text)
            self.send_header("server", "Google Frontend")
            self.send_header("content-length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def _body(self, headers: Mapping[str, str]) -> bytes | None:
            """The body, or None for more than Google lets through."""
            if headers.get("transfer-encoding", "").lower() == "chunked":
                pieces = []
                while size := int(self.rfile.readline().partition(b";")[0], 16):
                    pieces.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                body = b"".join(pieces)
                return body if len(body) <= GOOGLE.request else None
            length = int(headers.get("content-length") or 0)
            return self.rfile.read(length) if length <= GOOGLE.request else None

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer

    return Handler
