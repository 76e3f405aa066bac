"""A request, a response and a problem: a call as the service sees it, before any cloud dresses it up."""

from __future__ import annotations

import json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import IO, Any

JSON = "application/json"
PROBLEM = "application/problem+json"  # RFC 9457
READ_AT_ONCE = 64 * 1024  # bytes


class Request:
    """A call: method, path (without stage prefix), query (last value wins), headers (names in lower case), body.

    id: what the cloud calls this request in its own logs, when it has a name for it.
    authorized: whether the platform itself has let this caller in, who then needs no key.
    record: what the log line will tell of this call; it never holds anything of a body.
    """

    __slots__ = ("authorized", "body", "headers", "id", "method", "path", "query", "record")

    def __init__(
        self,
        method: str = "POST",
        path: str = "/",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        id: str = "",
    ) -> None:
        self.method = method
        self.path = path
        self.query = query or {}
        self.headers = headers or {}
        self.body = body
        self.id = id
        self.authorized = False
        self.record: dict[str, Any] = {}


class Response:
    """An answer: status, body (UTF-8 text) and headers (names in lower case)."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = headers


class Refused(Exception):
    """Raised for a request that cannot be answered as it stands; `status` says which HTTP status it becomes."""

    def __init__(self, status: int, title: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = headers or {}


if TYPE_CHECKING:
    Handle = Callable[[Request], Response]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_quote = json.encoder.encode_basestring


def _finite(number: float) -> str:
    if number - number != 0.0:
        raise ValueError(f"JSON has no {number}")
    return repr(number)


SCALARS: dict[type, Callable[[Any], str]] = {
    int: repr,
    float: _finite,
    bool: {True: "true", False: "false"}.__getitem__,
}
_SHORT = {**SCALARS, str: _quote}


def encode(value: object) -> bytes:
    """Compact UTF-8 JSON; NaN and Infinity are a bug of the caller and raise ValueError."""
    if (
        value.__class__ is dict and len(value) == 1
    ):  # most answers: an encoder takes ten times as long to get going
        ((name, item),) = value.items()
        write = _SHORT.get(item.__class__)
        if write is not None and name.__class__ is str:
            return f"{{{_quote(name)}:{write(item)}}}".encode("utf-8", "replace")
    return _encode(value).encode("utf-8", "replace")


def answer(status: int, value: object, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON response."""
    return Response(status, encode(value), {"content-type": JSON, **(headers or {})})


def problem(status: int, title: str, headers: Mapping[str, str] | None = None, **members: object) -> Response:
    """Problem details as RFC 9457 describes them: title, status and what else is known."""
    body = {"title": title, "status": status, **members}
    return Response(status, encode(body), {"content-type": PROBLEM, **(headers or {})})


def unquote(text: str) -> str:
    """Percent-encoding undone; what is not UTF-8 becomes U+FFFD, what is no escape stays as it is."""
    if "%" not in text:
        return text
    from binascii import a2b_hex  # a library to load from disk, for few requests

    first, *pieces = text.encode("utf-8", "replace").split(b"%")
    decoded = [first]
    for piece in pieces:
        try:
            decoded.append(a2b_hex(piece[:2] or b"?") + piece[2:])
        except ValueError:  # no escape after all
            decoded.append(b"%" + piece)
    return b"".join(decoded).decode("utf-8", "replace")


def parse_query(text: str) -> dict[str, str]:
    """A query string's members; the last value wins."""
    pairs = [pair.replace("+", " ").partition("=") for pair in text.split("&") if pair]
    return {unquote(name): unquote(value) for name, _, value in pairs}


def read_body(stream: IO[bytes], limit: int, patience: int) -> bytes:
    """A body of any length, or one byte more than the limit: Werkzeug's own cuts a chunked body short without a word.

    What is too much is read and dropped, up to `patience` bytes: a sender whose connection is closed on the way never
    sees the answer.
    """
    pieces = []
    size = 0
    while size <= patience:
        piece = stream.read(READ_AT_ONCE)
        if not piece:
            break
        if size <= limit:
            pieces.append(piece[: limit + 1 - size])
        size += len(piece)
    return b"".join(pieces)
