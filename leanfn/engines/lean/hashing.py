"""Columns by hash: MurmurHash3 of a name's UTF-8 bytes (32 bits, seed 0), as scikit-learn's FeatureHasher has it."""

from __future__ import annotations

from functools import lru_cache

from leanfn.errors import RowError

from .operations import WIDTH_LIMIT, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .operations import Node, Step

    Place = Callable[[str], tuple[int, float]]

REMEMBERED = 1 << 14  # names whose column is remembered: a hash is microseconds of Python
LENGTH_REMEMBERED = 64  # characters of such a name: a longer one is rare, and memory
LOW = 0xFFFFFFFF


def murmur3(data: bytes) -> int:
    """MurmurHash3_x86_32 as a signed number (Austin Appleby, public domain)."""
    h = 0
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i : i + 4], "little") * 0xCC9E2D51 & LOW
        h ^= (k << 15 | k >> 17) * 0x1B873593 & LOW
        h = ((h << 13 | h >> 19) & LOW) * 5 + 0xE6546B64 & LOW
    if whole < len(data):
        k = int.from_bytes(data[whole:], "little") * 0xCC9E2D51 & LOW
        h ^= (k << 15 | k >> 17) * 0x1B873593 & LOW
    h ^= len(data)
    h = (h ^ h >> 16) * 0x85EBCA6B & LOW
    h = (h ^ h >> 13) * 0xC2B2AE35 & LOW
    h ^= h >> 16
    return h - (h >> 31 << 32)


def _place(node: Node) -> Place:
    """From a name to its column and the sign that it counts with; what came before is remembered."""
    place = _placed(node)
    remembered = lru_cache(REMEMBERED)(place)
    return lambda name: remembered(name) if len(name) <= LENGTH_REMEMBERED else place(name)


def _placed(node: Node) -> Place:
    width, signed = node["width"], node["signed"]

    def place(name: str) -> tuple[int, float]:
        try:
            h = murmur3(name.encode())
        except UnicodeEncodeError:  # a lone surrogate
            raise RowError("the model has no answer for this row: a text is not Unicode") from None
        return abs(h) % width, -1.0 if signed and h < 0 else 1.0

    return place


def _added(pairs: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The sum of the numbers of each column; one that comes out as zero is kept, as scikit-learn keeps it."""
    row: dict[int, float] = {}
    for column, x in pairs:
        row[column] = row.get(column, 0.0) + x
    return row


def _hash(node: Node) -> Step:
    place = _place(node)

    def count(tokens: list[Any]) -> dict[int, float]:
        try:
            return _added(map(place, tokens))
        except TypeError:  # an item of a list that is no string
            raise RowError("the model has no answer for this row: it hashes strings") from None

    def mark(tokens: list[Any]) -> dict[int, float]:
        return dict.fromkeys(count(tokens), 1.0)

    return mark if node["binary"] else count


def hashed_stretches(chain: list[Node]) -> Step | None:
    """characters, hash: no string is made of a stretch. A column that counts down stands as its complement."""
    from .text import makes_stretches

    if not makes_stretches(chain):
        return None
    from .stretches import tally

    place = _placed(chain[-1])
    times = tally(chain, lambda names: [i if sign > 0 else ~i for i, sign in map(place, names)])

    def count(row: Any) -> dict[int, float]:
        return _added([(i, float(n)) if i >= 0 else (~i, -float(n)) for i, n in times(row).items()])

    return (lambda row: dict.fromkeys(count(row), 1.0)) if chain[-1]["binary"] else count


FOLDS = {"hash/1": hashed_stretches}


def _hash_record(node: Node) -> Step:
    place = _place(node)

    def entries(record: dict[str, Any]) -> Iterable[tuple[int, float]]:
        for name, value in record.items():
            if value.__class__ is str:
                yield place(f"{name}={value}")
            elif value:
                column, sign = place(name)
                yield column, sign * float(value)
            elif value is None:
                raise TypeError

    def hash_record(record: dict[str, Any]) -> dict[int, float]:
        try:
            return _added(entries(record))
        except (TypeError, OverflowError):
            raise RowError("the model has no answer for this row: it hashes strings and numbers") from None

    return hash_record


def _check_width(node: Node) -> None:
    node.expect(0 < node["width"] < WIDTH_LIMIT, f"1 to {WIDTH_LIMIT - 1} columns")


OPERATIONS = {
    # each token's count in the column of its hash, subtracted where the hash is negative (signed)
    "hash/1": Operation(
        _hash,
        ("tokens",),
        "sparse",
        "width",
        {"width": "int", "signed": "bool", "binary": "bool"},
        check=_check_width,
        nan=False,
        infinite=False,
    ),
    # the numbers of an object by their names' hashes, 1.0 for "name=value" where the value is a string
    "hash_record/1": Operation(
        _hash_record,
        ("record",),
        "sparse",
        "width",
        {"width": "int", "signed": "bool"},
        check=_check_width,
        nan=True,
        infinite=True,
    ),
}
