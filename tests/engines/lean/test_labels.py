"""Labels as numpy reads them."""

import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step

LABEL = ("values", 1)


def test_strings_are_cut_and_lose_the_nuls_at_their_end():
    assert step("cut/1", LABEL, length=3)(["catfish"]) == ["cat"]
    assert step("cut/1", LABEL, length=9)(["cat\0\0"]) == ["cat"]


def test_a_missing_string_is_refused():
    with pytest.raises(RowError, match="missing"):
        step("cut/1", LABEL, length=3)([None])


def test_numbers_are_cut_towards_zero():
    assert step("whole/1", ("values", 4), fractions="cut")([1.9, -0.9, 2**53 + 1, True]) == [
        1,
        0,
        2**53 + 1,
        1,
    ]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), 1e30, 2**63])
@pytest.mark.parametrize("fractions", ["cut", "refuse"])
def test_what_is_no_64_bit_integer_is_refused(fractions, value):
    with pytest.raises(RowError):
        step("whole/1", LABEL, fractions=fractions)([value])


def test_fractions_are_refused_where_they_are_not_cut():
    run = step("whole/1", LABEL, fractions="refuse")
    assert run([2.0]) == [2]
    with pytest.raises(RowError, match="no whole number"):
        run([2.5])


@pytest.mark.parametrize(
    ("op", "other"),
    [("cut/1", {"length": 0}), ("cut/1", {"length": "3"}), ("whole/1", {"fractions": "round"})],
)
def test_a_damaged_label_is_refused(op, other):
    with pytest.raises(ArtifactError, match=op):
        step(op, LABEL, **other)
