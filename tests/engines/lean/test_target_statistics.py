"""CatBoost's hashes, held against hashes that its own models hold, and the statistics under them."""

import pytest

from leanfn.engines.lean.target_statistics import city_hash
from leanfn.errors import ArtifactError, RowError
from tests.nodes import step

# the values of one-hot features in models of CatBoost 1.2: one text for each way that the hash takes
KNOWN = {
    "": 797982799,
    "a": 3489901818,
    "né": 1089384312,
    "abcd": 345588365,
    "eightchr": 2636352434,
    "nine char": 2715453453,
    "exactly sixteen!": 2328214316,
    "seventeen letters": 3714021364,
    "a text of twenty-eight bytes": 133972955,
    "thirty-two bytes of text are it.": 283333407,
    "a text of thirty-three bytes, see": 3660730998,
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx": 648792787,
    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy": 3114503727,
    "a text so long that it takes the loop over stretches of sixty-four bytes more than once: zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz": 2613894835,
}


@pytest.mark.parametrize(("text", "value"), KNOWN.items())
def test_hashes_are_catboosts_own(text, value):
    assert city_hash(text.encode()) & 0xFFFFFFFF == value


def test_a_whole_number_is_hashed_as_its_digits():
    hashed = step("hashed/1", ("values", 2))
    assert hashed([5, "5"]) == [float(city_hash(b"5") & 0xFFFFFFFF)] * 2


@pytest.mark.parametrize("other", [5.0, None, True])
def test_what_is_no_category_is_refused(other):
    with pytest.raises(RowError, match="text or a whole number"):
        step("hashed/1", ("values", 1))([other])


M = 0x4906BA494954CB65


def key(*parts):
    whole = 0
    for part in parts:
        whole = M * (whole + M * part) % 2**64
    return whole - 2**64 if whole >= 2**63 else whole


def test_statistics_lie_under_hashes_and_flags():
    two = {
        "keys": [key(7, -1, 1), key(7, -1, 0)],
        "values": [[0.5, 1.5], [2.5, 3.5]],
        "otherwise": [9.5, 8.5],
    }
    found = step("statistics/1", ("vector", 2), ("vector", 1), columns=[0, 1], flags=[0], **two)
    assert found([7.0, 2.0**32 - 1], [1.0]) == [0.5, 1.5]
    assert found([7.0, 2.0**32 - 1], [0.0]) == [2.5, 3.5]
    assert found([7.0, 7.0], [0.0]) == [9.5, 8.5]


@pytest.mark.parametrize(
    "damage",
    [{"columns": [2]}, {"columns": [-1]}, {"flags": [1]}, {"otherwise": [1.0, 2.0]}, {"keys": [1, 2]}],
)
def test_damaged_nodes_are_refused(damage):
    whole = {"columns": [0], "flags": [0], "keys": [1], "values": [[0.5]], "otherwise": [1.0]}
    with pytest.raises(ArtifactError):
        step("statistics/1", ("vector", 2), ("vector", 1), **whole | damage)
