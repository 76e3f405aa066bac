"""Texts to tokens to counts."""

import sys
import time

import pytest

from leanfn.engines.lean.text import NGRAM_LIMIT, PATTERNS, RUNS, _finder
from leanfn.errors import ArtifactError, RowError
from tests.nodes import step

WORDS = {
    "lowercase": True,
    "accents": "keep",
    "shortest": 1,
    "longest": 1,
    "pattern": PATTERNS[0],
    "stop_words": [],
}
CHARACTERS = {"lowercase": False, "accents": "keep", "shortest": 2, "longest": 3, "within_words": False}
TEXT = ("values", 1)


def words(**other):
    return step("words/1", TEXT, **{**WORDS, **other})


def characters(**other):
    return step("characters/1", TEXT, **{**CHARACTERS, **other})


def test_words_of_two_letters_or_more():
    assert words()(["The cat, a DOG; x_1 42"]) == ["the", "cat", "dog", "x_1", "42"]


def test_phrases_follow_the_words_they_are_made_of():
    assert words(longest=3)(["aa bb cc"]) == ["aa", "bb", "cc", "aa bb", "bb cc", "aa bb cc"]
    assert words(shortest=2, longest=2)(["aa"]) == []


def test_stop_words_go_before_phrases_are_made():
    assert words(longest=2, stop_words=["of"])(["House of Cards"]) == ["house", "cards", "house cards"]


@pytest.mark.parametrize(
    ("accents", "text", "found"),
    [
        ("keep", "Ça été", ["ça", "été"]),
        ("ascii", "Ça été ß 日本", ["ca", "ete"]),
        ("unicode", "Ça été 日本 ﬁn", ["ca", "ete", "日本", "fin"]),
    ],
)
def test_accents(accents, text, found):
    assert words(accents=accents)([text]) == found


def test_characters_and_longer_stretches_after_shorter_ones():
    assert characters()(["ab  cd"]) == ["ab", "b ", " c", "cd", "ab ", "b c", " cd"]
    assert characters(shortest=3, longest=5)(["abcd"]) == ["abc", "bcd", "abcd"]


def test_characters_within_words_have_a_space_at_both_ends():
    assert characters(shortest=2, longest=3, within_words=True)(["ab"]) == [" a", "ab", "b ", " ab", "ab "]


def test_a_short_word_counts_once_within_words():
    assert characters(shortest=3, longest=5, within_words=True)(["a"]) == [" a "]


def test_the_same_word_gives_the_same_stretches_again():
    run = characters(within_words=True)
    first = run(["abc"])
    assert run(["abc"]) == first
    assert run(["abc abc"]) == first + first


@pytest.mark.parametrize("run", [words(), characters()], ids=["words", "characters"])
@pytest.mark.parametrize("value", [None, 3, ["a"]], ids=str)
def test_what_is_no_text_is_refused(run, value):
    with pytest.raises(RowError, match="text"):
        run([value])


@pytest.mark.parametrize("pattern", PATTERNS)
def test_no_known_pattern_hangs_on_a_long_text(pattern):
    run = words(pattern=pattern)
    started = time.process_time()
    for text in ("a" * 100_000, "a" * 50_000 + "!", "1a" * 50_000, " " * 100_000, "é_" * 50_000):
        run([text])
    assert time.process_time() - started < 2.0


@pytest.mark.parametrize("pattern", RUNS)
def test_a_faster_pattern_finds_the_same(pattern):
    import random
    import re

    dice = random.Random(0)
    for _ in range(500):
        text = "".join(dice.choices("ab_1é日 -'\n²\u0301", k=dice.randint(0, 12)))
        assert _finder(pattern)(text) == re.findall(pattern, text)


@pytest.mark.parametrize(
    "other",
    [
        {"pattern": "(a+)+b"},
        {"accents": "strip"},
        {"shortest": 0},
        {"shortest": 3, "longest": 2},
        {"longest": NGRAM_LIMIT + 1},
        {"stop_words": ["the", 1]},
        {"lowercase": 1},
    ],
    ids=str,
)
def test_damaged_words_are_refused(other):
    with pytest.raises(ArtifactError, match="words/1"):
        words(**other)


@pytest.mark.parametrize("other", [{"shortest": 0}, {"longest": 10**9}, {"within_words": None}], ids=str)
def test_damaged_characters_are_refused(other):
    with pytest.raises(ArtifactError, match="characters/1"):
        characters(**other)


def test_counts_of_the_vocabulary_alone():
    run = step("count/1", ("tokens", 0), vocabulary=["b", "a"], binary=False)
    assert run(["a", "c", "a", "b"]) == {1: 2.0, 0: 1.0}
    assert run([]) == {}


def test_marks_instead_of_counts():
    run = step("count/1", ("tokens", 0), vocabulary=["b", "a"], binary=True)
    assert run(["a", "c", "a"]) == {1: 1.0}
    assert run(["c"]) == {}


def test_a_list_is_its_tokens():
    run = step("listed/1", TEXT)
    assert run([["a", 1, True]]) == ["a", 1, True]
    for value in ("a", None, [["a"]], [{}]):
        with pytest.raises(RowError, match="list"):
            run([value])


@pytest.mark.parametrize("inputs", [("values", 1), ("vector", 3)], ids=str)
def test_counts_of_anything_but_tokens_are_refused(inputs):
    with pytest.raises(ArtifactError, match="count/1 wants inputs"):
        step("count/1", inputs, vocabulary=["a"], binary=False)


def test_a_vocabulary_is_a_list_of_scalars():
    with pytest.raises(ArtifactError, match="vocabulary"):
        step("count/1", ("tokens", 0), vocabulary=["a", ["b"]], binary=False)


def test_a_vocabulary_of_200_000_words_is_ready_at_once():
    vocabulary = [f"word{i}" for i in range(200_000)]
    started = time.process_time()
    run = step("count/1", ("tokens", 0), vocabulary=vocabulary, binary=False)
    assert time.process_time() - started < 0.5
    assert run([sys.intern("word199999")]) == {199_999: 1.0}
