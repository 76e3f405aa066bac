"""From a text to its tokens, and from tokens to counts, with Python's own regular expressions.

A pattern is one of a known list: each reads a text in time proportional to its length, which any other may not.
"""

from __future__ import annotations

from collections import Counter

from leanfn.errors import RowError

from .operations import SCALARS, Operation
from .operations import find as find_operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .operations import Node, Step

    Values = Sequence[Any]

NGRAM_LIMIT = 32  # an n-gram of more words or characters only makes a long text slow
ACCENTS = ("keep", "ascii", "unicode")

# what scikit-learn's users write; the first is its default
PATTERNS = (
    r"(?u)\b\w\w+\b",
    r"(?u)\b\w+\b",
    r"(?u)\b\w\w\w+\b",
    r"(?u)\w+",
    r"(?u)\w\w+",
    r"\b\w\w+\b",
    r"\b\w+\b",
    r"\b\w\w\w+\b",
    r"\w+",
    r"\w\w+",
    r"\w{1,}",
    r"\w{2,}",
    r"\w{3,}",
    r"\b\w{1,}\b",
    r"\b\w{2,}\b",
    r"\b\w{3,}\b",
    r"(?u)\b\w{2,}\b",
    r"(?u)\b\w{3,}\b",
    r"[a-z]+",
    r"[A-Z]+",
    r"[a-zA-Z]+",
    r"[A-Za-z]+",
    r"[a-zA-Z0-9]+",
    r"[A-Za-z0-9]+",
    r"[a-zA-Z]{2,}",
    r"[a-zA-Z]{3,}",
    r"\b[a-z]+\b",
    r"\b[a-zA-Z]+\b",
    r"\b[A-Za-z]+\b",
    r"\b[a-zA-Z]{2,}\b",
    r"\b[a-zA-Z]{3,}\b",
    r"(?u)\b[a-zA-Z]+\b",
    r"(?u)\b[a-zA-Z]{2,}\b",
    r"(?u)\b[a-zA-Z]{3,}\b",
    r"\b[^\d\W]+\b",
    r"(?u)\b[^\d\W]+\b",
    r"\d+",
    r"\S+",
    r"[^\s]+",
    r"(?u)\S+",
    r"[^,]+",
    r"[^;]+",
    r"[^|]+",
    r".",
    r"(?u).",
    r"\w+|\S",
    r"\w+|[^\w\s]",
    r"\w+|[^\w\s]+",
)
# Runs of word characters -> the shortest that is a token: a run's ends need not be looked for.
RUNS = {
    pattern: least
    for least, patterns in {
        1: (r"\w+", r"(?u)\w+", r"\b\w+\b", r"(?u)\b\w+\b", r"\w{1,}", r"\b\w{1,}\b"),
        2: (
            r"\w\w+",
            r"(?u)\w\w+",
            r"\b\w\w+\b",
            r"(?u)\b\w\w+\b",
            r"\w{2,}",
            r"\b\w{2,}\b",
            r"(?u)\b\w{2,}\b",
        ),
        3: (r"\b\w\w\w+\b", r"(?u)\b\w\w\w+\b", r"\w{3,}", r"\b\w{3,}\b", r"(?u)\b\w{3,}\b"),
    }.items()
    for pattern in patterns
}
# every byte of ASCII that is no word character as a space
SPACED = bytes([i if chr(i).isalnum() or chr(i) == "_" else ord(" ") for i in range(128)]).ljust(256)


def _preparation(node: Node) -> Callable[[Values], str]:
    """The text of a row, its letters made alike."""
    lowercase = node["lowercase"]
    strip = _accents(node["accents"])

    def text_of(values: Values) -> str:
        text = values[0]
        if text.__class__ is not str:
            raise RowError("the model has no answer for this row: its text is missing")
        if lowercase:
            text = text.lower()
        return text if strip is None else strip(text)

    return text_of


def _accents(how: str) -> Callable[[str], str] | None:
    if how == "keep":
        return None
    from unicodedata import combining, normalize

    def to_ascii(text: str) -> str:
        return text if text.isascii() else normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")

    def to_unicode(text: str) -> str:
        return text if text.isascii() else "".join([c for c in normalize("NFKD", text) if not combining(c)])

    return to_ascii if how == "ascii" else to_unicode


def _words(node: Node) -> Step:
    find = _finder(node["pattern"])
    text_of = _preparation(node)
    stops = frozenset(node["stop_words"])
    shortest, longest = node["shortest"], node["longest"]

    def words(values: Values) -> list[str]:
        tokens = find(text_of(values))
        if stops:
            tokens = [token for token in tokens if token not in stops]
        return tokens if longest == 1 else phrases(tokens)

    def phrases(tokens: list[str]) -> list[str]:
        found: list[str] = []
        for n in range(shortest, longest + 1):
            found += tokens if n == 1 else map(" ".join, zip(*[tokens[i:] for i in range(n)]))
        return found

    return words


def _finder(pattern: str) -> Callable[[str], list[str]]:
    """From a text to what a pattern finds in it; in ASCII, runs of word characters are had in half of the time."""
    from re import compile

    if pattern not in RUNS:
        return compile(pattern).findall
    least = RUNS[pattern]
    find = compile(r"\w" * least + "+").findall

    def runs(text: str) -> list[str]:
        if not text.isascii():
            return find(text)
        found = text.encode().translate(SPACED).decode().split()
        return found if least == 1 else [run for run in found if len(run) >= least]

    return runs


def _characters(node: Node) -> Step:
    text_of = narrowed(node)
    shortest, longest = node["shortest"], node["longest"]

    def characters(values: Values) -> list[str]:
        text = text_of(values)
        return [text[i : i + n] for n in range(shortest, longest + 1) for i in range(len(text) - n + 1)]

    def within_words(values: Values) -> list[str]:
        return [
            part for word in text_of(values).split() for part in stretches_of(f" {word} ", shortest, longest)
        ]

    return within_words if node["within_words"] else characters


def narrowed(node: Node) -> Callable[[Values], str]:
    """The text of a row, runs of white space in it made one space: a single line break or tab stays what it is."""
    from re import compile

    narrow = compile(r"\s\s+").sub
    text_of = _preparation(node)
    return lambda values: narrow(" ", text_of(values))


def stretches_of(word: str, shortest: int, longest: int) -> list[str]:
    """Within one word; a shorter word counts once."""
    found: list[str] = []
    for n in range(shortest, longest + 1):
        if n >= len(word):
            found.append(word)
            break
        found += [word[i : i + n] for i in range(len(word) - n + 1)]
    return found


def _check_sizes(node: Node) -> None:
    node.expect(
        1 <= node["shortest"] <= node["longest"] <= NGRAM_LIMIT, f"n-grams of 1 to {NGRAM_LIMIT} tokens"
    )


def _listed(node: Node) -> Step:
    def listed(values: Values) -> list[Any]:
        tokens = values[0]
        if tokens.__class__ is not list or not SCALARS.issuperset(map(type, tokens)):
            raise RowError("the model has no answer for this row: it is no list of strings and numbers")
        return tokens

    return listed


def _numbering(node: Node) -> Callable[[Any], int | None]:
    """From a token to its column; None for one that is not of the vocabulary."""
    vocabulary = node["vocabulary"]
    return dict(zip(vocabulary, range(len(vocabulary)))).get


def _count(node: Node) -> Step:
    find, binary = _numbering(node), node["binary"]

    def count(tokens: list[Any]) -> dict[int, float]:
        return _as_floats(_tally(map(find, tokens)))

    def mark(tokens: list[Any]) -> dict[int, float]:
        row = dict.fromkeys(map(find, tokens), 1.0)
        row.pop(None, None)
        return row  # type: ignore[return-value]

    return mark if binary else count


def _tally(places: Iterable[int | None]) -> dict[int, int]:
    """How often each place is among them; None is no place."""
    found = Counter(places)
    found.pop(None, None)
    return found  # type: ignore[return-value]


def _as_floats(row: dict[int, int]) -> dict[int, float]:
    return dict(zip(row, map(float, row.values())))


def makes_stretches(chain: list[Node]) -> bool:
    """Whether a chain, from the row to a node that counts, is characters of one of its columns."""
    return [node.op for node in chain[:-1]] in (["characters/1"], ["pick/1", "characters/1"])


def counted_stretches(chain: list[Node]) -> Step | None:
    """characters, count: no string is made of a stretch."""
    if not makes_stretches(chain):
        return None
    times, binary = counter(chain), chain[-1]["binary"]
    return times if binary else (lambda row: _as_floats(times(row)))


def counter(chain: list[Node]) -> Callable[[Any], dict[int, Any]]:
    """From a row to what a chain that ends with count/1 counts: whole numbers, as ints or floats."""
    find, binary = _numbering(chain[-1]), chain[-1]["binary"]
    if makes_stretches(chain):
        from .stretches import tally

        times = tally(chain, lambda stretches: [i for i in map(find, stretches) if i is not None])
        return (lambda row: dict.fromkeys(times(row), 1.0)) if binary else times
    if binary:
        return in_turn(chain)
    tokens_of = in_turn(chain[:-1])
    return lambda row: _tally(map(find, tokens_of(row)))


def in_turn(chain: list[Node]) -> Step:
    """A chain's closures, one after the other."""
    steps = [find_operation(node.op).build(node) for node in chain]

    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return steps[0] if len(steps) == 1 else run


FOLDS = {"count/1": counted_stretches}

_TEXT: dict[str, str | tuple[str, ...]] = {
    "lowercase": "bool",
    "accents": ACCENTS,
    "shortest": "int",
    "longest": "int",
}

OPERATIONS = {
    # the words of a text that a pattern finds, but stop words, as phrases of `shortest` to `longest` words
    "words/1": Operation(
        _words,
        ("values",),
        "tokens",
        0,
        {**_TEXT, "pattern": PATTERNS, "stop_words": "strings"},
        check=_check_sizes,
        nan=False,
        infinite=False,
    ),
    # stretches of `shortest` to `longest` characters; within words, each with a space at both ends
    "characters/1": Operation(
        _characters,
        ("values",),
        "tokens",
        0,
        {**_TEXT, "within_words": "bool"},
        check=_check_sizes,
        nan=False,
        infinite=False,
    ),
    # the items of a list
    "listed/1": Operation(_listed, ("values",), "tokens", 0, nan=False, infinite=False),
    # how often each of the vocabulary is among the tokens (binary: whether)
    "count/1": Operation(
        _count,
        ("tokens",),
        "sparse",
        lambda node: len(node["vocabulary"]),
        {"vocabulary": "scalars", "binary": "bool"},
        nan=False,
        infinite=False,
    ),
}
