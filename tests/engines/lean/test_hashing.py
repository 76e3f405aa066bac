"""Columns by MurmurHash3."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.utils import murmurhash3_32

from leanfn.engines.lean.hashing import murmur3
from leanfn.engines.lean.memory import REMEMBERED
from leanfn.errors import ArtifactError, RowError
from tests.nodes import step


@given(st.binary(max_size=40))
def test_the_hash_is_scikit_learns(data):
    assert murmur3(data) == murmurhash3_32(data, seed=0)


@pytest.mark.parametrize("text", ["", "a", "abcd", "é", "日本語", "x" * 1000])
def test_the_hash_of_a_text_is_that_of_its_bytes(text):
    assert murmur3(text.encode()) == murmurhash3_32(text.encode(), seed=0)


def hashed(**other):
    return step("hash/1", ("tokens", 0), **{"width": 16, "signed": True, "binary": False, **other})


def test_tokens_of_one_column_add_up_with_their_signs():
    row = hashed(width=1)(["a", "b", "c", "d"])
    assert row == {0: float(sum(1 if murmur3(token) >= 0 else -1 for token in (b"a", b"b", b"c", b"d")))}
    assert hashed(width=1, signed=False)(["a", "b", "c", "d"]) == {0: 4.0}


def test_a_column_whose_tokens_cancel_is_there_and_marked():
    opposite = next(name for name in map(str, range(100)) if murmur3(name.encode()) < 0)
    same = next(name for name in map(str, range(100)) if murmur3(name.encode()) >= 0)
    assert hashed(width=1)([opposite, same]) == {0: 0.0}
    assert hashed(width=1, binary=True)([opposite, same]) == {0: 1.0}


def test_a_long_token_and_a_lone_surrogate():
    assert hashed()(["x" * 100]) == hashed()(["x" * 100])
    with pytest.raises(RowError, match="Unicode"):
        hashed()(["\ud800"])


def test_what_is_no_string_is_refused():
    with pytest.raises(RowError, match="strings"):
        hashed()(["a", 1])


def test_a_record_counts_numbers_and_marks_words():
    run = step("hash_record/1", ("record", 0), width=2**20, signed=False)
    found = run({"age": 2.5, "pet": "cat", "none": 0, "grown": True, "off": False})
    names = [b"age", b"pet=cat", b"grown"]
    assert found == dict(zip([abs(murmur3(name)) % 2**20 for name in names], [2.5, 1.0, 1.0]))


@pytest.mark.parametrize("value", [None, ["a"], {"b": 1}, 10**400], ids=lambda value: type(value).__name__)
def test_a_record_of_anything_else_is_refused(value):
    run = step("hash_record/1", ("record", 0), width=8, signed=True)
    with pytest.raises(RowError):
        run({"a": value})


@pytest.mark.parametrize("other", [{"width": 0}, {"width": 2**31}, {"width": 8.0}, {"signed": None}], ids=str)
def test_a_damaged_hash_is_refused(other):
    with pytest.raises(ArtifactError, match="hash/1"):
        hashed(**other)
    other = {"width": 8, "signed": True, **other}
    with pytest.raises(ArtifactError, match="hash_record/1"):
        step("hash_record/1", ("record", 0), **other)


def test_what_is_remembered_of_names_is_bounded():
    run = hashed(width=1024)
    run([str(i) for i in range(2 * REMEMBERED)])
    assert run(["0"]) == hashed(width=1024)(["0"])
