"""Columns by hash: MurmurHash3 of a name's UTF-8 bytes (32 bits, seed 0), as scikit-learn's FeatureHasher has it."""

from __future__ import annotations

from collections import Counter

from leanfn.errors import RowError

from .memory import Memory
from .operations import WIDTH_LIMIT, Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .operations import Node, Step

    Place = Callable[[str], int]

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
    """From a name to its column, or to the column's complement (~) where it counts down; what came before is remembered."""
    width: int = node["width"]
    signed = node["signed"]

    def place(name: str) -> int:
        try:
            h = murmur3(name.encode())
        except UnicodeEncodeError:  # a lone surrogate
            raise RowError("the model has no answer for this row: a text is not Unicode") from None
        except AttributeError:  # an item of a list
            raise RowError("the model has no answer for this row: it hashes strings") from None
        return ~(-h % width) if signed and h < 0 else abs(h) % width

    return Memory(place).__getitem__


def _added(pairs: Iterable[tuple[int, float]]) -> dict[int, float]:
    """The sum of the numbers of each column; one that comes out as zero is kept, as scikit-learn keeps it."""
    row: dict[int, float] = {}
    for place, x in pairs:
        if place >= 0:
            row[place] = row.get(place, 0.0) + x
        else:
            row[~place] = row.get(~place, 0.0) - x
    return row


def _hash(node: Node) -> Step:
    place = _place(node)

    def count(tokens: list[Any]) -> dict[int, float]:
        return _added(Counter(map(place, tokens)).items())

    return _marking(count) if node["binary"] else count


def _marking(count: Callable[[Any], dict[int, float]]) -> Callable[[Any], dict[int, float]]:
    return lambda row: dict.fromkeys(count(row), 1.0)


def hashed_stretches(chain: list[Node]) -> Step | None:
    """characters, hash: no string is made of a stretch."""
    from .text import makes_stretches

    return counter(chain) if makes_stretches(chain) else None


def counter(chain: list[Node]) -> Callable[[Any], dict[int, float]]:
    """From a row to what a chain that ends with hash/1 counts."""
    from .text import in_turn, makes_stretches

    if not makes_stretches(chain):
        return in_turn(chain)
    from .stretches import tally

    place = _place(chain[-1])
    times = tally(chain, lambda names: map(place, names))

    def count(row: Any) -> dict[int, float]:
        return _added(times(row).items())

    return _marking(count) if chain[-1]["binary"] else count


FOLDS = {"hash/1": hashed_stretches}


def _hash_record(node: Node) -> Step:
    place = _place(node)

    def entries(record: dict[str, Any]) -> Iterable[tuple[int, float]]:
        for name, value in record.items():
            if value.__class__ is str:
                yield place(f"{name}={value}"), 1.0
            elif value:
                yield place(name), float(value)
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
