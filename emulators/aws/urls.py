"""Function URLs: an HTTP address of its own on this machine for each, which asks for a signature unless it is public.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeAlias

from .wire import Reply

# region, function, alias, method, path with query, headers, body -> the answer
Answer: TypeAlias = Callable[[str, str, str, str, str, Mapping[str, str], bytes], Reply]


class Addresses:
    """The addresses that are open."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._open: dict[str, ThreadingHTTPServer] = {}

    def open(self, region: str, function: str, qualifier: str) -> str:
        """Listen for a function; the address, as AWS writes them: with a slash at the end."""

        def answer(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
            return self._answer(region, function, qualifier, method, target, headers, body)

        server = listen(answer)
        address = f"http://127.0.0.1:{server.server_port}/"
        self._open[address] = server
        return address

    def close(self, address: str) -> None:
        server = self._open.pop(address)
        server.shutdown()
        server.server_close()

    def close_all(self) -> None:
        for address in list(self._open):
            self.close(address)


def listen(answer: Callable[[str, str, Mapping[str, str], bytes], Reply]) -> ThreadingHTTPServer:
    """Serve on a free port of this machine: method, path with query, headers (lower case) and body -> the answer."""

    class Exchange(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: in two, Nagle's algorithm costs 40 ms a call
        disable_nagle_algorithm = True

        def log_message(self, format: str, *args: object) -> None:
            pass

        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length") or 0))
            reply = answer(self.command, self.path, headers, body)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = answer

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: object, client_address: object) -> None:
            """A caller that went away is no error."""
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)  # type: ignore[arg-type]

    server = Server(("127.0.0.1", 0), Exchange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
