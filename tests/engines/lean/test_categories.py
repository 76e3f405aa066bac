"""Scores of categories."""

import pytest

from leanfn.engines.lean.operations import Wire
from leanfn.errors import ArtifactError, RowError
from tests.nodes import step

ARRAYS = {"sizes": [2, 1], "scores": [[1.0, 2.0], [3.0, 4.0], [10.0, 20.0]], "constant": [0.5, 0.25]}


def scores(wire=("vector", 2), **other):
    return step("category_scores/1", wire, **{**ARRAYS, **other})


def test_the_scores_of_each_columns_category_add_up():
    assert scores()([1.0, 0.0]) == [13.5, 24.25]


def test_a_number_is_cut_towards_zero():
    assert scores()([1.9, -0.9]) == scores()([1.0, 0.0])


@pytest.mark.parametrize("row", [[2.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [1e300, 0.0]], ids=str)
def test_a_category_that_it_does_not_know_is_refused(row):
    with pytest.raises(RowError, match="no category"):
        scores()(row)


@pytest.mark.parametrize(
    "other",
    [{"sizes": [2, 2]}, {"sizes": [4, -1]}, {"sizes": [3]}, {"constant": [0.5]}],
    ids=str,
)
def test_damaged_scores_are_refused(other):
    with pytest.raises(ArtifactError, match="category_scores/1"):
        scores(**other)


@pytest.mark.parametrize(
    "wire", [Wire("vector", 2, nan=True), Wire("vector", 2, infinite=True)], ids=["nan", "inf"]
)
def test_a_row_that_may_be_no_category_at_all_is_refused(wire):
    with pytest.raises(ArtifactError, match="finite"):
        scores(wire)
