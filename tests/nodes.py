"""A single operation, checked and built from plain values: what the tests of the engine's families ask for."""

import numpy as np

from leanfn.engines.lean.operations import Node, Wire, check, find
from leanfn.tensors import CODES, Tensor

NUMPY = {"F64": "<f8", "I64": "<i8", "F32": "<f4", "I32": "<i4", "U32": "<u4", "I16": "<i2"}
NUMPY |= {"U16": "<u2", "U8": "u1"}


def tensor(dtype, items):
    array = np.ascontiguousarray(items, NUMPY[dtype])
    return Tensor(dtype, array.shape, memoryview(array.tobytes()).cast(CODES[dtype][0]))


def node(op, *inputs, **values):
    """The node; inputs are wires, or (kind, width). An array takes the first dtype it is declared with."""
    declared = find(op)
    wires = tuple(wire if isinstance(wire, Wire) else Wire(*wire) for wire in inputs)
    arrays = {}
    for name, wanted in declared.arrays.items():
        if name in values:
            value = values.pop(name)
            if not (value is None or isinstance(value, Tensor)):
                value = tensor(wanted.split()[0].rstrip("?").split("|")[0], value)
            arrays[name] = value
    return Node(op, wires, values, arrays)


def step(op, *inputs, **values):
    """The closure of a node that its declaration holds good; ArtifactError of one that it does not."""
    made = node(op, *inputs, **values)
    check(find(op), made)
    return find(op).build(made)
