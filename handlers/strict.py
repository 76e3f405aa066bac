"""JSON read strictly, with the same verdict on every Python: what one parser takes and another refuses is refused here.

UTF-8 without a byte order mark; no name twice in an object; no NaN, no Infinity and no number beyond a 64-bit float;
no half of a surrogate pair; a depth of our own, checked before the parser recurses.
"""

from __future__ import annotations

import json
from json.scanner import make_scanner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

DEPTH_LIMIT = 64  # the deepest body that means something (tensors) has six levels
CONTAINERS_LIMIT = 200_000  # an empty object costs its sender two bytes and us a hundred
DIGITS_LIMIT = 308  # of an integer; int() of more takes time that grows with their square

WHITE = " \t\n\r"
OTHERS = bytes(byte for byte in range(256) if byte not in b'[]{}"')
TOO_DEEP = b"[" * (DEPTH_LIMIT + 1)
SQUARE = bytes.maketrans(b"{}", b"[]")


class NotJSON(ValueError):
    """Raised for a document that is not strict JSON; HTTP 400. The message is the same on every Python."""


class TooMany(ValueError):
    """Raised for a document with more objects and lists than are read at once; HTTP 413."""


def loads(data: bytes) -> Any:
    """The value of a strict JSON document."""
    if data.startswith(b"\xef\xbb\xbf"):
        raise NotJSON("it starts with a byte order mark")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise NotJSON(f"byte {error.start} is not UTF-8") from None
    if data.count(b"[") + data.count(b"{") > DEPTH_LIMIT:
        _check_brackets(data)
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        raise NotJSON(_place(text, error)) from None
    if b"\\u" in data and (b"\\ud" in data or b"\\uD" in data):
        _check_surrogates(value)
    return value


def _check_brackets(data: bytes) -> None:
    """Refuse what nests too deep, by bytes methods alone: each pass over the brackets removes the innermost pairs."""
    brackets = data.replace(b"\\\\", b"").replace(b'\\"', b"").translate(SQUARE, OTHERS)
    # Two quotes side by side: a string without brackets, or nothing between two strings. The others keep their parity.
    brackets = brackets.replace(b'""', b"")
    brackets = b"".join(brackets.split(b'"')[::2])
    if brackets.count(b"[") > CONTAINERS_LIMIT:
        raise TooMany(f"more than {CONTAINERS_LIMIT:,} objects and lists")
    for _ in range(DEPTH_LIMIT):
        if TOO_DEEP in brackets:
            break
        brackets = brackets.replace(b"[]", b"")
    if b"[" in brackets:
        raise NotJSON(f"it is nested deeper than {DEPTH_LIMIT} levels, or never closed")


def _place(text: str, error: json.JSONDecodeError) -> str:
    """Where the first mistake is: for a comma before a bracket, from Python 3.13 on, not the comma but the bracket."""
    if error.msg.startswith("Illegal trailing comma"):
        after = text[error.pos + 1 :]
        error = json.JSONDecodeError("", text, len(text) - len(after.lstrip(" \t\n\r")))
    return f"line {error.lineno}, column {error.colno} is not JSON"


def _check_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise NotJSON("it holds half of a surrogate pair") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        left = members.copy()
        twice = next(name for name, _ in pairs if left.pop(name, left) is left)
        raise NotJSON(f"an object has the name {json.dumps(twice[:60])} twice")
    return members


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise NotJSON("it holds a number beyond the reach of a 64-bit float")
    return number


def _int(text: str) -> int:
    if len(text) > DIGITS_LIMIT:
        raise NotJSON(f"it holds an integer of more than {DIGITS_LIMIT} digits")
    return int(text)


def _constant(name: str) -> Any:
    raise NotJSON(f"it holds {name}, which JSON does not have")


def _decode(text: str) -> Any:
    """What JSONDecoder.decode does, without its regular expressions: a tenth of a small request."""
    # no integer in a short document can be too long, and leaving them to C is worth microseconds
    scan = _scan_short if len(text) <= DIGITS_LIMIT else _scan
    start = len(text) - len(text.lstrip(WHITE))
    try:
        value, end = scan(text, start)
    except StopIteration as stop:
        raise json.JSONDecodeError("Expecting value", text, stop.value) from None
    if end != len(text):
        rest = text[end:].lstrip(WHITE)
        if rest:
            raise json.JSONDecodeError("Extra data", text, len(text) - len(rest))
    return value


def _scanner(parse_int: Callable[[str], int] | None) -> Callable[[str, int], tuple[Any, int]]:
    decoder: Any = json.JSONDecoder(
        object_pairs_hook=_object, parse_float=_float, parse_int=parse_int, parse_constant=_constant
    )
    return make_scanner(decoder)


_scan, _scan_short = _scanner(_int), _scanner(None)
