"""Many clients in one process, each with one connection: it sends its next request when it has its last answer.

    python -m benchmarks.clients PORT CLIENTS SECONDS < REQUEST

prints how many requests were answered in how many seconds, and the latency's p50 and p99 in milliseconds.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from contextlib import ExitStack
from statistics import quantiles

PATIENCE = 30.0  # seconds without any answer


class Client:
    """One connection and what has arrived on it."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self.connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._received = b""
        self._sent = 0.0

    def send(self) -> None:
        self._received = b""
        self._sent = time.perf_counter()
        self.connection.sendall(self._request)

    def receive(self) -> float | None:
        """Seconds that the answer took, once it is whole."""
        arrived = self.connection.recv(65536)
        if not arrived:
            raise ConnectionResetError("the server let go of a connection")
        self._received += arrived
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or len(body) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]):
            return None
        if not head.startswith(b"HTTP/1.1 200"):
            raise ConnectionError(f"the server answered {head[:200].decode(errors='replace')}")
        return time.perf_counter() - self._sent


def load(port: int, count: int, seconds: float, request: bytes) -> dict[str, float]:
    """What the clients saw, the first tenth of the time not counted."""
    latency: list[float] = []
    with ExitStack() as opened, selectors.DefaultSelector() as selector:
        for _ in range(count):
            client = Client(port, request)
            opened.enter_context(client.connection)
            selector.register(client.connection, selectors.EVENT_READ, client)
            client.send()
        _ready(selector)  # a cold function may take longer to its first answer than is measured
        began = time.perf_counter() + seconds / 10
        end = began + seconds
        while (now := time.perf_counter()) < end:
            for key, _ in _ready(selector):
                took = key.data.receive()
                if took is not None:
                    if now >= began:
                        latency.append(took)
                    key.data.send()
    hundredths = quantiles(latency, n=100, method="inclusive")
    return {
        "per_second": round(len(latency) / seconds, 1),
        "p50_ms": round(hundredths[49] * 1000, 2),
        "p99_ms": round(hundredths[98] * 1000, 2),
    }


def _ready(selector: selectors.BaseSelector) -> list[tuple[selectors.SelectorKey, int]]:
    """The clients whose answer has come, once one has."""
    found = selector.select(PATIENCE)
    if not found:
        raise TimeoutError(f"no client of {len(selector.get_map())} was answered for {PATIENCE:g} s")
    return found


if __name__ == "__main__":
    print(json.dumps(load(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), sys.stdin.buffer.read())))
