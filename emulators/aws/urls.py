"""Function URLs: an HTTP address of its own on this machine for each, which asks for a signature unless it is public.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, urlsplit

from .account import NUMBER
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


def event(
    method: str, target: str, headers: Mapping[str, str], body: bytes, signed: bool, number: str
) -> bytes:
    """The event of a request, in payload format 2.0."""
    url = urlsplit(target)
    kind = headers.get("content-type", "")
    is_text = kind.startswith("text/") or kind.split(";")[0].endswith(("json", "xml", "javascript"))
    host = headers.get("host", "127.0.0.1")
    document: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": url.path,
        "rawQueryString": url.query,
        "headers": {name: value for name, value in headers.items() if name != "authorization" or not signed},
        "requestContext": {
            "accountId": NUMBER if signed else "anonymous",
            "apiId": host,
            "domainName": host,
            "http": {
                "method": method,
                "path": url.path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": number,
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": int(time.time() * 1000),
        },
        "isBase64Encoded": bool(body) and not is_text,
    }
    if url.query:
        document["queryStringParameters"] = dict(parse_qsl(url.query, keep_blank_values=True))
    if body:
        document["body"] = body.decode("utf-8", "surrogateescape") if is_text else base64.b64encode(body).decode()
    return json.dumps(document).encode()


def answer_of(payload: bytes) -> Reply:
    """What a function's reply becomes: with a statusCode its own answer, else the reply itself, as JSON."""
    reply = json.loads(payload)
    if not isinstance(reply, dict) or "statusCode" not in reply:
        return Reply(200, {"content-type": "application/json"}, payload)
    body = reply.get("body") or ""
    data = base64.b64decode(body) if reply.get("isBase64Encoded") else body.encode()
    headers = {"content-type": "application/json", **(reply.get("headers") or {})}
    return Reply(int(reply["statusCode"]), headers, data)
