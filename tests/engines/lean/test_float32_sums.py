import json
from array import array

import pytest

from leanfn.engines.lean import operations
from leanfn.engines.lean.float32_sums import expf, single
from leanfn.errors import ArtifactError
from leanfn.tensors import Tensor


def tensor(dtype, code, numbers, shape=None):
    return Tensor(dtype, shape or (len(numbers),), memoryview(array(code, numbers)))


def node(**changes):
    """Two trees of one split each, for one output."""
    arrays = {
        "feature": tensor("I16", "h", [0, -1, -1, 1, -1, -1]),
        "threshold": tensor("F64", "d", [0.5, 0, 0, 0.5, 0, 0]),
        "right": tensor("U16", "H", [2, 0, 1, 5, 1, 2]),
        "missing_left": None,
        "roots": tensor("I32", "i", [0, 3]),
        "categorical": None,
        "sets": None,
        "values": tensor("F32", "f", [1.0, 2.0**-24, 3.0], (3, 1)),
        "group": tensor("U16", "H", [0, 0]),
        "base": tensor("F32", "f", [1.0]),
    }
    return operations.Node("float32_trees/1", (operations.Wire("vector", 2),), {}, arrays | changes)


def build(made):
    declared = operations.find(made.op)
    operations.check(declared, made)
    return declared.build(made)


def test_each_sum_is_rounded_to_float32():
    run = build(node())
    assert run([1.0, 0.0]) == [1.0]  # twice what float32 cannot add to one
    assert run([0.0, 1.0]) == [5.0]


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"group": tensor("U16", "H", [0, 1])}, "grouped"),
        ({"group": tensor("U16", "H", [0])}, "group"),
        ({"values": tensor("F32", "f", [3e38, 3e38, 3e38], (3, 1))}, "finite"),
        ({"values": tensor("F64", "d", [1.0, 2.0, 3.0], (3, 1))}, "values as F32"),
        ({"values": tensor("F32", "f", [1.0] * 6, (3, 2))}, "one value"),
        ({"feature": tensor("I16", "h", [7, -1, -1, 1, -1, -1])}, "features"),
        ({"right": tensor("U16", "H", [2, 0, 1, 5, 1, 9])}, "preorder"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_damaged_forest_is_refused(changes, named):
    with pytest.raises(ArtifactError, match=named):
        build(node(**changes))


def test_exp_and_its_limits():
    assert expf(0.0) == 1.0
    assert expf(1.0) == single(2.718281828459045)
    assert expf(89.0) == float("inf")
    assert expf(-104.0) == 0.0
    assert json.dumps(expf(float("nan"))) == "NaN"


def links(name, width):
    return build(operations.Node(name, (operations.Wire("vector", width),), {}, {}))


def test_links_overflow_nowhere():
    assert links("float32_sigmoid/1", 2)([-1e30, 1e30]) == [pytest.approx(0.0, abs=1e-38), 1.0]
    assert links("float32_softmax/1", 2)([-1e30, 1e30]) == [0.0, 1.0]
    assert links("float32_pair/1", 1)([0.25]) == [0.75, 0.25]
    with pytest.raises(ArtifactError, match="one column"):
        links("float32_pair/1", 2)


def test_what_a_row_does_not_store_is_missing():
    made = operations.Node("stored/1", (operations.Wire("sparse", 3),), {}, {})
    first, second, third = build(made)({1: 2.0, 2: 0.0})
    assert (first != first, second, third != third) == (True, 2.0, True)
