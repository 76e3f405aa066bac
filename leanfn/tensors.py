"""Arrays as safetensors, read and written with the standard library alone.

The layout is public (https://huggingface.co/docs/safetensors/index#format): eight bytes with the length of a JSON
header, the header, the bytes. A reader gets memoryviews into the file's bytes: nothing is copied or parsed as text.
"""

from __future__ import annotations

import json
import sys

from leanfn.errors import ArtifactError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

    Code = Literal["d", "q", "f", "i", "I", "h", "H", "b", "B"]

HEADER_LIMIT = 8 * 1024 * 1024
DIMENSIONS_LIMIT = 3

# dtype in the file -> (struct code of the memoryview, bytes per item)
CODES: dict[str, tuple[Code, int]] = {
    "F64": ("d", 8),
    "I64": ("q", 8),
    "F32": ("f", 4),
    "I32": ("i", 4),
    "U32": ("I", 4),
    "I16": ("h", 2),
    "U16": ("H", 2),
    "I8": ("b", 1),
    "U8": ("B", 1),
}


class Tensor:
    """One array: its dtype, its shape (a tuple of ints) and its items, row-major, as a flat memoryview."""

    __slots__ = ("dtype", "flat", "shape")

    def __init__(self, dtype: str, shape: tuple[int, ...], flat: memoryview[Any]) -> None:
        self.dtype = dtype
        self.shape = shape
        self.flat = flat

    def tolist(self) -> Any:
        """Nested lists of the array's shape."""
        if len(self.shape) < 2:
            return self.flat.tolist()
        if 0 in self.shape:  # a memoryview with an empty dimension cannot be cast
            return [[] for _ in range(self.shape[0])]
        return self.flat.cast("B").cast(CODES[self.dtype][0], self.shape).tolist()


def dump(tensors: Mapping[str, Tensor]) -> bytes:
    """The file's bytes: the same for the same arrays; wide items first, so that every array is aligned."""
    header: dict[str, object] = {}
    parts: list[bytes] = []
    position = 0
    for name in sorted(tensors, key=lambda name: (-CODES[tensors[name].dtype][1], name)):
        tensor = tensors[name]
        data = tensor.flat.tobytes()
        header[name] = {
            "dtype": tensor.dtype,
            "shape": list(tensor.shape),
            "data_offsets": [position, position + len(data)],
        }
        position += len(data)
        parts.append(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + b"".join(parts)


def load(data: bytes) -> dict[str, Tensor]:
    """The arrays of a safetensors file.

    Raises ArtifactError for a header that does not describe the bytes behind it: unknown dtype, more than three
    dimensions, offsets out of order, overlapping or beyond the end.
    """
    if sys.byteorder != "little":
        raise ArtifactError("tensors are little-endian and this machine is not")
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, HEADER_LIMIT):
        raise ArtifactError(f"tensors: a header of {length} bytes does not fit a file of {len(data)} bytes")
    try:
        header = json.loads(data[8 : 8 + length])
        entries = [
            (name, entry["dtype"], tuple(entry["shape"]), tuple(entry["data_offsets"]))
            for name, entry in header.items()
            if name != "__metadata__"
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ArtifactError("tensors: the header is not a safetensors header") from None
    body = memoryview(data)[8 + length :]
    tensors: dict[str, Tensor] = {}
    position = 0
    for name, dtype, shape, offsets in entries:
        if dtype not in CODES:
            raise ArtifactError(f"tensors: {name} has dtype {dtype!r}; this version reads {', '.join(CODES)}")
        code, size = CODES[dtype]
        if len(shape) > DIMENSIONS_LIMIT or not all(type(n) is int and n >= 0 for n in shape):
            raise ArtifactError(
                f"tensors: {name} has shape {list(shape)}; at most {DIMENSIONS_LIMIT} dimensions"
            )
        for n in shape:
            size *= n
        if offsets != (position, position + size) or position + size > len(body):
            raise ArtifactError(
                f"tensors: {name} does not lie where its shape says\n"
                f"  wanted: bytes {position} to {position + size} of {len(body)}\n"
                f"  found:  {list(offsets)}"
            )
        tensors[name] = Tensor(dtype, shape, body[position : position + size].cast(code))
        position += size
    if position != len(body):
        raise ArtifactError(f"tensors: {len(body) - position} bytes belong to no array")
    return tensors
