"""Open objects as columns."""

import math

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step


def columns(**other):
    return step(
        "dictionary/1", ("record", 0), **{"names": ["age", "pet=cat", "tag=a"], "separator": "=", **other}
    )


def test_numbers_words_and_lists_of_words():
    assert columns()({"age": 3, "pet": "cat", "tag": ["a", "b", "a"]}) == {0: 3.0, 1: 1.0, 2: 2.0}


def test_what_it_does_not_know_is_passed_over():
    assert columns()({"size": 3, "pet": "dog", "tag": []}) == {}


def test_a_missing_number_is_nan():
    assert math.isnan(columns()({"age": None})[0])


@pytest.mark.parametrize("value", [{"b": 1}, [1], [None], 10**400], ids=lambda value: str(value)[:8])
def test_what_no_column_can_hold_is_refused_by_name(value):
    with pytest.raises(RowError) as refused:
        columns()({"age": value})
    assert refused.value.field == "age"


@pytest.mark.parametrize("other", [{"names": ["a", 1]}, {"separator": None}], ids=str)
def test_a_damaged_dictionary_is_refused(other):
    with pytest.raises(ArtifactError, match="dictionary/1"):
        columns(**other)


def test_a_tables_row_is_no_open_object():
    with pytest.raises(ArtifactError, match="inputs of kind record"):
        step("dictionary/1", ("values", 1), names=[], separator="=")
