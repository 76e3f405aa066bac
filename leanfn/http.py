"""A request, a response and a problem: a call as the service sees it, before any cloud dresses it up."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JSON = "application/json"
PROBLEM = "application/problem+json"  # RFC 9457


class Request:
    """A call: method, path (without stage prefix), query (last value wins), headers (names in lower case), body."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(
        self,
        method: str = "POST",
        path: str = "/",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query or {}
        self.headers = headers or {}
        self.body = body


class Response:
    """An answer: status, body and headers (names in lower case)."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers


if TYPE_CHECKING:
    Handle = Callable[[Request], Response]


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON; NaN and Infinity are a bug of the caller and raise ValueError."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")


def answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(status, encode(value), {"content-type": JSON, **(headers or {})})


def problem(status: int, title: str, headers: Mapping[str, str] | None = None, **members: object) -> Response:
    """Problem details as RFC 9457 describes them: title, status and what else is known."""
    body = {"title": title, "status": status, **members}
    return Response(status, encode(body), {"content-type": PROBLEM, **(headers or {})})
