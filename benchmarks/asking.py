"""A client that costs next to nothing: the standard library's own would add what it costs itself to everything asked."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable

from leanfn.errors import LeanfnError

PATIENCE = 30.0  # seconds for an answer

Connect = Callable[[], socket.socket]


class Asker:
    """Sends the same request again and again over one connection, which is opened when the first is sent."""

    def __init__(self, connect: Connect, request: bytes) -> None:
        self._connect = connect
        self._request = request
        self._connection: socket.socket | None = None

    def ask(self) -> bytes:
        """The answer, head and body; over a new connection where the server has let go of the idle one."""
        if self._connection is not None:
            try:
                return exchange(self._connection, self._request)
            except ConnectionError:
                self.close()
        self._connection = self._connect()
        return exchange(self._connection, self._request)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def post(path: str, body: bytes) -> bytes:
    """A request with a JSON body."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """One request and its answer."""
    connection.sendall(request)
    answer = b""
    while True:
        received = connection.recv(65536)
        if not received:
            raise ConnectionResetError("the connection was closed before the answer was whole")
        answer += received
        head, end, body = answer.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]):
            return answer


def connect(port: int, process: subprocess.Popen[bytes]) -> socket.socket:
    """A connection to a server that may not listen yet; asked often, but not so often that it slows the start."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE)
        except ConnectionRefusedError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise LeanfnError("the functions framework does not start") from None
            time.sleep(0.001)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
