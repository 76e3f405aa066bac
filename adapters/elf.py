"""Which machine a shared object is for, and which glibc it wants: read from the file itself, which is never loaded.

https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian: what every function runs on
MACHINES = {62: "x86_64", 183: "arm64"}
DYNAMIC_NEEDS = 0x6FFFFFFE  # SHT_GNU_verneed

Glibc = tuple[int, ...]


def machine(data: bytes) -> str | None:
    """ "x86_64" or "arm64", or None for another machine and for what is no shared object."""
    if not data.startswith(MAGIC) or len(data) < 64:
        return None
    return MACHINES.get(struct.unpack_from("<H", data, 18)[0])


def glibc(data: bytes) -> Glibc:
    """The newest version of glibc that a shared object asks for, (2, 17); () when it asks for none.

    Raises ValueError for a file whose tables lie outside it.
    """
    try:
        versions = [name[6:] for name in _needs(data) if name.startswith("GLIBC_") and name[6:7].isdigit()]
        return max((tuple(map(int, version.split("."))) for version in versions), default=())
    except (struct.error, OverflowError) as error:
        raise ValueError("a table lies outside the file") from error


def _needs(data: bytes) -> Iterator[str]:
    """The names of the versions in the table of what is needed of other objects."""
    start, size, count = _sections(data)
    for number in range(count):
        _, kind, _, _, place, _, link, files = struct.unpack_from("<IIQQQQII", data, start + number * size)
        if kind != DYNAMIC_NEEDS:
            continue
        texts = struct.unpack_from("<IIQQQQ", data, start + link * size)[4]
        for _ in range(files):
            _, versions, _, first, following = struct.unpack_from("<HHIII", data, place)
            entry = place + first
            for _ in range(versions):
                _, _, _, name, next_entry = struct.unpack_from("<IHHII", data, entry)
                yield data[texts + name : data.index(0, texts + name)].decode("ascii", "replace")
                entry += next_entry
            if not following:  # the last one, whatever the table's length is said to be
                break
            place += following


def _sections(data: bytes) -> tuple[int, int, int]:
    """Where the section headers start, the size of one and how many there are."""
    (start,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    return start, size, count
