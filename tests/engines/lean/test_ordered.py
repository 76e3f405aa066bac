"""Categories found among sorted ones; damaged tables are refused."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step


def test_an_unknown_category_counts_as_the_next_one():
    texts = step("ordered/1", ("values", 1), keys=[["Lima", "Oslo", "Rome"]], to=[2, 0, 1])
    assert [texts([x]) for x in ("Oslo", "Nice", "A")] == [[0.0], [0.0], [2.0]]
    assert math.isnan(texts([None])[0])
    numbers = step("ordered/1", ("values", 2), keys=[[3, 5], [1]], to=[0, 1, 0])
    assert numbers([4, 1]) == [1.0, 0.0]


def test_texts_beyond_ascii_are_compared_as_signed_bytes():
    texts = step("ordered/1", ("values", 1), keys=[["Lima", "Oslo"]], to=[0, 1])
    assert texts(["Ödenburg"]) == [0.0]


@pytest.mark.parametrize("beyond", ["Rome", 7, 3.5, True])
def test_what_is_above_them_all_or_no_category_is_refused(beyond):
    keys, to = ([["Lima", "Oslo"]], [0, 1]) if isinstance(beyond, str) else ([[3, 5]], [0, 1])
    with pytest.raises(RowError, match="unknown category"):
        step("ordered/1", ("values", 1), keys=keys, to=to)([beyond])


@pytest.mark.parametrize(
    ("keys", "to"),
    [
        ([["b", "a"]], [0, 1]),
        ([["a", "a"]], [0, 1]),
        ([["a", 1]], [0, 1]),
        ([["a"]], [0, 1]),
        ([[]], []),
        ([[0.5]], [0]),
    ],
)
def test_damaged_tables_are_refused(keys, to):
    with pytest.raises(ArtifactError):
        step("ordered/1", ("values", 1), keys=keys, to=to)
