"""Looks at an ONNX file before anything loads it: a stranger's graph reads no other file, runs no code and ends.

Only the file's own layout is walked (https://protobuf.dev/programming-guides/encoding/), with the standard library:
a function has no onnx package. Field numbers are those of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
"""

from __future__ import annotations

import re

from leanfn.errors import ArtifactError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

DOMAINS = (b"", b"ai.onnx", b"ai.onnx.ml")  # the operators that ONNX itself defines
ENDLESS = (b"Loop",)  # runs as often as its own condition says
NODES_LIMIT = 100_000
DEPTH_LIMIT = 8  # graphs within graphs
EXTERNAL = 1  # TensorProto.DataLocation

# An attribute's list of numbers is one field per number, millions of them in a forest; a run of them is skipped as one.
NUMBERS = re.compile(rb"(?:\x3d[\x00-\xff]{4})+|(?:\x40[\x80-\xff]{0,9}[\x00-\x7f])+")


def check(data: bytes, limit: int = NODES_LIMIT) -> None:
    """Raise ArtifactError for external data, operators of other domains, local functions, endless or huge graphs."""
    nodes = [limit]  # how many are left
    for number, _, span in _fields(data, 0, len(data)):
        if number == 7:
            _check_graph(data, span, nodes, 1)
        elif number == 25:
            raise ArtifactError(
                "model.onnx has functions of its own\n  wanted: operators of ONNX alone\n"
                "Inline them: onnx.inliner.inline_local_functions(model)"
            )
    if nodes[0] == limit:
        raise ArtifactError("model.onnx holds no ONNX graph: it has not one node")


def _check_graph(data: bytes, span: tuple[int, int], nodes: list[int], depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise ArtifactError(
            f"model.onnx nests graphs too deeply\n  wanted: at most {DEPTH_LIMIT} levels\n  found:  more"
        )
    for number, _, part in _fields(data, *span):
        if number == 1:
            nodes[0] -= 1
            if nodes[0] < 0:
                raise ArtifactError("model.onnx is oversized: it has too many nodes")
            _check_node(data, part, nodes, depth)
        elif number == 5:
            _check_tensor(data, part)
        elif number == 15:
            _check_sparse(data, part)


def _check_node(data: bytes, span: tuple[int, int], nodes: list[int], depth: int) -> None:
    operator = domain = b""
    for number, _, (start, end) in _fields(data, *span):
        if number == 4:
            operator = data[start:end]
        elif number == 7:
            domain = data[start:end]
        elif number == 5:
            _check_attribute(data, (start, end), nodes, depth)
    if domain not in DOMAINS:
        raise ArtifactError(
            f"model.onnx uses {_word(operator)}, an operator of the domain {_word(domain)}\n"
            "  wanted: operators of ONNX alone (ai.onnx and ai.onnx.ml)"
        )
    if operator in ENDLESS:
        raise ArtifactError(
            f"model.onnx uses the operator {_word(operator)}, which may never end\n"
            "  wanted: a graph that is the same for every row"
        )


def _check_attribute(data: bytes, span: tuple[int, int], nodes: list[int], depth: int) -> None:
    for number, _, part in _fields(data, *span, NUMBERS):
        if number in (5, 10):
            _check_tensor(data, part)
        elif number in (6, 11):
            _check_graph(data, part, nodes, depth + 1)
        elif number in (22, 23):
            _check_sparse(data, part)


def _check_sparse(data: bytes, span: tuple[int, int]) -> None:
    for number, _, part in _fields(data, *span):
        if number in (1, 2):
            _check_tensor(data, part)


def _check_tensor(data: bytes, span: tuple[int, int]) -> None:
    for number, value, _ in _fields(data, *span):
        if number == 13 or (number == 14 and value == EXTERNAL):
            raise ArtifactError(
                "model.onnx keeps arrays in other files\n  wanted: one file with all of them\n"
                "Save it so: onnx.save(onnx.load('model.onnx'), 'one.onnx'); "
                "PyTorch: torch.onnx.export(…, external_data=False)"
            )


def _word(name: bytes) -> str:
    return repr(name[:80].decode("utf-8", "replace"))


def _fields(
    data: bytes, start: int, end: int, runs: re.Pattern[bytes] | None = None
) -> Iterator[tuple[int, int, tuple[int, int]]]:
    """A message's fields: number, value (of a whole number, else 0) and where its bytes lie.

    runs: fields that are passed over together.
    """
    while start < end:
        if runs is not None:
            run = runs.match(data, start, end)
            if run is not None:
                start = run.end()
                continue
        tag, start = _varint(data, start, end)
        number, kind = tag >> 3, tag & 7
        value = 0
        if kind == 0:
            before = start
            value, start = _varint(data, start, end)
            span = (before, start)
        elif kind == 2:
            size, start = _varint(data, start, end)
            span = (start, start + size)
            start += size
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            span = (start, start + size)
            start += size
        else:
            raise _damaged()
        if start > end:
            raise _damaged()
        yield number, value, span


def _varint(data: bytes, place: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while place < end and shift < 70:
        byte = data[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value & 0xFFFFFFFFFFFFFFFF, place
        shift += 7
    raise _damaged()


def _damaged() -> ArtifactError:
    return ArtifactError(
        "model.onnx is no ONNX file, or a damaged one\nExport the model again with 'leanfn export'"
    )
