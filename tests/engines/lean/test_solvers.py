"""The operations that solve for each row anew."""

import pytest

from leanfn.engines.lean import operations
from leanfn.engines.lean.operations import Node, Wire
from leanfn.errors import ArtifactError, RowError
from leanfn.exporters.lean.graph import _tensor

PENALTY = {"tolerance": 0.0, "l1": 0.0, "l2": 0.0}
GOOD = {
    "descend/1": ({"steps": 50}, {"components": [[1.0, 0.0], [0.0, 2.0]], **PENALTY}),
    "multiply/1": (
        {"steps": 500, "stop": "change"},
        {"components": [[1.0, 0.0], [0.0, 2.0]], "beta": 2.0, **PENALTY},
    ),
    "topics/1": ({"steps": 50}, {"words": [[1.0, 0.1], [0.1, 1.0]], "prior": 0.1, "tolerance": 1e-9}),
}


def compiled(op, params, arrays, width=2):
    declared = operations.find(op)
    tensors = {name: _tensor(arrays[name], wanted) for name, wanted in declared.arrays.items()}
    node = Node(op, (Wire("vector", width),), params, tensors)
    operations.check(declared, node)
    return declared.build(node)


@pytest.mark.parametrize("op", ["descend/1", "multiply/1"])
def test_weights_add_up_to_the_row(op):
    assert compiled(op, *GOOD[op])([3.0, 4.0]) == pytest.approx([3.0, 2.0])


def test_shares_of_topics_add_up_to_one_and_follow_the_words():
    first, second = compiled("topics/1", *GOOD["topics/1"])([9.0, 1.0])
    assert first + second == pytest.approx(1.0)
    assert first > 0.7


def test_a_row_with_a_count_below_zero_has_no_topics():
    with pytest.raises(RowError):
        compiled("topics/1", *GOOD["topics/1"])([1.0, -1.0])


@pytest.mark.parametrize("op", GOOD)
def test_components_of_another_width_are_refused(op):
    with pytest.raises(ArtifactError):
        compiled(op, *GOOD[op], width=3)


@pytest.mark.parametrize("op", ["descend/1", "multiply/1"])
def test_no_step_is_no_solution(op):
    params, arrays = GOOD[op]
    with pytest.raises(ArtifactError):
        compiled(op, {**params, "steps": 0}, arrays)
