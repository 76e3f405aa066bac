import pytest

from leanfn.errors import ArtifactError
from tests.nodes import node, step

COEF = [[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]]
ARRAYS = {
    "coef": COEF,
    "intercept": [0.5, -0.5],
    "field": [1, 0, 1],
    "mean": [[1.0, 2.0, 0.0], [0.0, 0.0, 0.0]],
}


def test_a_field_adds_what_its_columns_do_less_its_mean_and_the_base_holds_the_means():
    run = step("contributions/1", ("vector", 3), **ARRAYS)
    assert run([1.0, 10.0, 100.0]) == [[3.5, 19.0, 399.0, 0.0], [-0.5, 160.0, 3208.0, 0.0]]


def test_a_sparse_row_adds_the_same():
    dense, sparse = (step("contributions/1", (kind, 3), **ARRAYS) for kind in ("vector", "sparse"))
    for row in ({}, {2: 3.0}, {1: -1.0, 0: 2.0}, {0: 1.0, 1: 1.0, 2: 1.0}):
        assert sparse(row) == dense([row.get(i, 0.0) for i in range(3)])


def test_a_column_of_no_field_adds_nothing():
    for kind, row in (("vector", [1.0, 10.0, 100.0]), ("sparse", {0: 1.0, 1: 10.0, 2: 100.0})):
        run = step("contributions/1", (kind, 3), **{**ARRAYS, "field": [1, -1, -1]})
        assert run(row)[0] == [3.5, -1.0, -1.0, 0.0]


def test_it_gives_a_list_of_answers():
    made = node("contributions/1", ("vector", 3), **ARRAYS)
    from leanfn.engines.lean.operations import check, find

    wire = check(find("contributions/1"), made)
    assert (wire.kind, wire.width) == ("many", 2)


@pytest.mark.parametrize(
    "damaged",
    [
        {"field": [0, 1, 3]},
        {"field": [0, 1, -2]},
        {"field": [0, 1]},
        {"mean": [[0.0, 0.0]]},
        {"intercept": [0.0]},
        {"coef": [[1.0, 2.0]] * 2},
    ],
    ids=str,
)
def test_a_damaged_node_is_refused(damaged):
    with pytest.raises(ArtifactError, match="contributions/1 wants"):
        step("contributions/1", ("vector", 3), **{**ARRAYS, **damaged})


def test_values_are_refused():
    with pytest.raises(ArtifactError, match="kind"):
        step("contributions/1", ("values", 3), **ARRAYS)
