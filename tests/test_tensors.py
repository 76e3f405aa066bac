import json
import struct
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn import tensors
from leanfn.errors import ArtifactError
from leanfn.tensors import CODES, Tensor


def tensor(dtype, values, shape=None):
    code, _ = CODES[dtype]
    return Tensor(dtype, shape or (len(values),), memoryview(array(code, values).tobytes()).cast(code))


def file(header, body=b""):
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


@given(st.lists(st.floats(width=64), max_size=20), st.lists(st.integers(0, 255), max_size=20))
def test_what_is_written_is_read_bit_by_bit(floats, bytes_):
    written = {"a": tensor("F64", floats), "b": tensor("U8", bytes_)}
    read = tensors.load(tensors.dump(written))
    assert {name: (t.dtype, t.shape, t.flat.tobytes()) for name, t in read.items()} == {
        name: (t.dtype, t.shape, t.flat.tobytes()) for name, t in written.items()
    }


def test_the_bytes_do_not_depend_on_the_order_of_the_names():
    a, b = tensor("F64", [1.0]), tensor("I32", [2])
    assert tensors.dump({"a": a, "b": b}) == tensors.dump({"b": b, "a": a})


def test_the_layout_is_the_public_one():
    from safetensors import numpy

    read = numpy.load(tensors.dump({"a": tensor("F64", [1.0, 2.0], (1, 2)), "b": tensor("I16", [3])}))
    assert read["a"].tolist() == [[1.0, 2.0]] and read["b"].tolist() == [3]


def test_arrays_come_as_nested_lists_of_their_shape():
    assert tensor("F64", [1.0, 2.0, 3.0, 4.0], (2, 2)).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    assert tensor("F64", [], (2, 0)).tolist() == [[], []]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param(b"", "a header of 0 bytes does not fit", id="nothing"),
        pytest.param(struct.pack("<Q", 1 << 40) + b"{}", "does not fit", id="a header longer than the file"),
        pytest.param(file([1]), "not a safetensors header", id="a list for a header"),
        pytest.param(
            file({"a": {"dtype": "F8", "shape": [1], "data_offsets": [0, 1]}}, b"x"), "dtype 'F8'", id="dtype"
        ),
        pytest.param(
            file({"a": {"dtype": "U8", "shape": [-1], "data_offsets": [0, 1]}}, b"x"),
            "has shape",
            id="a negative size",
        ),
        pytest.param(
            file({"a": {"dtype": "U8", "shape": [True], "data_offsets": [0, 1]}}, b"x"),
            "has shape",
            id="a boolean size",
        ),
        pytest.param(
            file({"a": {"dtype": "U8", "shape": [2], "data_offsets": [0, 2]}}, b"x"),
            "does not lie",
            id="beyond the end",
        ),
        pytest.param(
            file({"a": {"dtype": "U8", "shape": [1], "data_offsets": [1, 2]}}, b"xy"),
            "does not lie",
            id="a gap",
        ),
        pytest.param(file({}, b"xy"), "2 bytes belong to no array", id="bytes left over"),
        pytest.param(
            file({"a": {"dtype": "U8", "shape": [1 << 62, 1 << 62], "data_offsets": [0, 1]}}, b"x"),
            "does not lie",
            id="a shape that overflows",
        ),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(data, said):
    with pytest.raises(ArtifactError, match=said):
        tensors.load(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    try:
        tensors.load(data)
    except ArtifactError:
        pass
