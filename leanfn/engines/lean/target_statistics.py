"""Categories as CatBoost reads them: hashes, and statistics of the training target that lie under hashes.

A category is the low 32 bits of CityHash64 (version 1.0) of its text; a key is several of them, and flags, in one number
of 64 bits.
"""

from __future__ import annotations

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .operations import Node, Step

    Vector = list[float]

MASK = (1 << 64) - 1
K0, K1, K2, K3 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F, 0xC949D7C7509E6557
PAIR = 0x9DDFEA08EB382D69
COMBINE = 0x4906BA494954CB65


def _turned(x: int, by: int) -> int:
    x &= MASK
    return (x >> by | x << 64 - by) & MASK


def _mixed(x: int) -> int:
    x &= MASK
    return x ^ x >> 47


def _pair(u: int, v: int) -> int:
    a = _mixed(((u ^ v) & MASK) * PAIR)
    return _mixed(((v & MASK) ^ a) * PAIR) * PAIR & MASK


def city_hash(text: bytes) -> int:
    """CityHash64, version 1.0."""
    size = len(text)

    def word(start: int) -> int:
        return int.from_bytes(text[start : start + 8], "little")

    if size > 64:
        return _long(word, size)
    if size > 32:
        v = _half(word, 0, word(0) + (size + word(size - 16)) * K0, word(24))
        w = _half(word, size - 32, word(16) + word(size - 32), word(size - 8))
        mixed = _mixed((v[0] + w[1]) * K2 + (w[0] + v[1]) * K0)
        return _mixed(mixed * K0 + v[1]) * K2 & MASK
    if size > 16:
        a, b, c, d = word(0) * K1 & MASK, word(8), word(size - 8) * K2, word(size - 16) * K0
        return _pair(_turned(a - b, 43) + _turned(c, 30) + d, a + _turned(b ^ K3, 20) - c + size)
    if size > 8:
        a, b = word(0), word(size - 8)
        return _pair(a, _turned(b + size, size)) ^ b
    if size >= 4:
        first, last = int.from_bytes(text[:4], "little"), int.from_bytes(text[-4:], "little")
        return _pair(size + (first << 3), last)
    if size:
        y, z = text[0] + (text[size >> 1] << 8), size + (text[-1] << 2)
        return _mixed(y * K2 ^ z * K3) * K2 & MASK
    return K2


def _half(word: Any, start: int, a: int, z: int) -> tuple[int, int]:
    """Half of the hash of a text of 33 to 64 bytes."""
    b, c = _turned(a + z, 52), _turned(a, 37)
    a += word(start + 8)
    c += _turned(a, 7)
    a += word(start + 16)
    return a + z, b + _turned(a, 31) + c


def _weak(word: Any, start: int, a: int, b: int) -> tuple[int, int]:
    """The hash of 32 bytes with two seeds."""
    a += word(start)
    z = word(start + 24)
    b = _turned(b + a + z, 21)
    c = a
    a += word(start + 8) + word(start + 16)
    return (a + z) & MASK, (b + _turned(a, 44) + c) & MASK


def _long(word: Any, size: int) -> int:
    x, y, z = word(0), word(size - 16) ^ K1, word(size - 56) ^ K0
    v = _weak(word, size - 64, size, y)
    w = _weak(word, size - 32, size * K1, K0)
    z += _mixed(v[1]) * K1
    x, y = _turned(z + x, 39) * K1, _turned(y, 33) * K1
    for start in range(0, size - 1 & ~63, 64):
        x = _turned(x + y + v[0] + word(start + 16), 37) * K1 & MASK ^ w[1]
        y = _turned(y + v[1] + word(start + 48), 42) * K1 & MASK ^ v[0]
        z = _turned(z & MASK ^ w[0], 33)
        v = _weak(word, start, v[1] * K1, x + w[0])
        w = _weak(word, start + 32, z + w[1], y)
        x, z = z, x
    return _pair(_pair(v[0], w[0]) + _mixed(y) * K1 + z, _pair(v[1], w[1]) + x)


def _hashed(node: Node) -> Step:
    def hashed(values: Any) -> Vector:
        row = []
        for x in values:
            if type(x) is not str and type(x) is not int:
                raise RowError(
                    f"the model has no answer for this row: a category is a text or a whole number, not {x!r}"
                )
            row.append(float(city_hash(str(x).encode("utf-8", "surrogatepass")) & 0xFFFFFFFF))
        return row

    return hashed


def _statistics(node: Node) -> Step:
    columns, flags = node["columns"], node["flags"]
    otherwise: Vector = node["otherwise"]
    rows = dict(zip(node["keys"], node["values"]))

    def statistics(hashes: Vector, marks: Vector = ()) -> Vector:  # type: ignore[assignment]
        key = 0
        for i in columns:
            key = COMBINE * (key + COMBINE * _signed(int(hashes[i]), 32)) & MASK
        for i in flags:
            key = COMBINE * (key + COMBINE * (marks[i] > 0.0)) & MASK
        found: Vector = rows.get(_signed(key, 64), otherwise)
        return found.copy()

    return statistics


def _signed(x: int, bits: int) -> int:
    return x - (1 << bits) if x >> bits - 1 else x


def _check(node: Node) -> None:
    columns, flags = node["columns"], node["flags"]
    marks = node.inputs[1].width if len(node.inputs) > 1 else 0
    node.expect(len(node.inputs) <= 2, "one or two inputs")
    node.expect(all(0 <= i < node.sizes["n"] for i in columns), "columns of its first input")
    node.expect(all(0 <= i < marks for i in flags), "flags of its second input")
    node.expect(not (node.inputs[0].nan or node.inputs[0].infinite), "hashes")


OPERATIONS = {
    # the low 32 bits of CityHash64 of each text, or of a whole number's digits; anything else is refused
    "hashed/1": Operation(_hashed, ("values",), "vector", "n", nan=False, infinite=False),
    # the row of values under the key that is made of some hashes, and of flags (above zero or not); `otherwise` where
    # there is none. From zero on, key = M (key + M x), modulo 2**64, for each hash as a signed number, then for each flag
    "statistics/1": Operation(
        _statistics,
        ("vector", "vector*"),
        "vector",
        "k",
        {"columns": "ints", "flags": "ints"},
        {"keys": "I64 m", "values": "F32 m k", "otherwise": "F32 k"},
        check=_check,
        nan=False,
        infinite=False,
    ),
}
