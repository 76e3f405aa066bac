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
    "pursue/1": ({"count": 2}, {"atoms": [[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]}),
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


def test_a_pursuit_takes_the_atoms_that_the_row_is_made_of():
    assert compiled("pursue/1", *GOOD["pursue/1"])([3.0, 4.0]) == pytest.approx([0.0, 5.0, 0.0])
    assert compiled("pursue/1", *GOOD["pursue/1"])([0.0, 0.0]) == [0.0, 0.0, 0.0]


@pytest.mark.parametrize("count", [0, 4])
def test_a_pursuit_of_no_atom_or_of_more_than_there_are_is_refused(count):
    with pytest.raises(ArtifactError):
        compiled("pursue/1", {"count": count}, GOOD["pursue/1"][1])


def mixing(points, width=2, neighbours=3):
    declared = operations.find("mix/1")
    values = {"points": points, "places": [[0.0], [1.0], [2.0]], "reg": 1e-9}
    tensors = {name: _tensor(values[name], wanted) for name, wanted in declared.arrays.items()}
    node = Node("mix/1", (Wire("neighbours", neighbours), Wire("vector", width)), {}, tensors)
    operations.check(declared, node)
    return declared.build(node)


CORNERS = [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]


def test_a_row_between_its_neighbours_lies_between_their_places():
    mix = mixing(CORNERS)
    assert mix([(0.5, 0), (0.5, 1)], [0.25, 0.0]) == pytest.approx([0.25], abs=1e-6)


def test_neighbours_that_are_infinitely_far_give_no_place():
    with pytest.raises(RowError):
        mixing(CORNERS)([(1e200, 0), (1e200, 1)], [1e200, 0.0])


@pytest.mark.parametrize("sizes", [{"width": 3}, {"neighbours": 4}])
def test_points_that_are_not_the_neighbours_are_refused(sizes):
    with pytest.raises(ArtifactError):
        mixing(CORNERS, **sizes)
