"""Stretches of characters counted without a string for each: what a word adds, or what begins at a place, is remembered."""

from __future__ import annotations

from collections import Counter
from itertools import chain, zip_longest

from .memory import Memory
from .text import narrowed, stretches_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .operations import Node

    Places = Callable[[list[str]], Iterable[int]]
    Tally = Callable[[Any], dict[int, int]]


def tally(nodes: Sequence[Node], places: Places) -> Tally:
    """From a row to how often each place is among those of its stretches of characters.

    nodes: from the row to the one that counts, as makes_stretches has them. places: of some stretches; one that has none
    is left out.
    """
    *first, characters, _ = nodes
    (column,) = first[0]["columns"] if first else (0,)
    text_of = narrowed(characters)
    shortest, longest = characters["shortest"], characters["longest"]

    def of_word(word: str) -> tuple[int, ...]:
        return tuple(places(stretches_of(f" {word} ", shortest, longest)))

    def of_window(window: tuple[str, ...]) -> tuple[int, ...]:
        text = "".join(window)
        return tuple(places([text[:n] for n in range(shortest, len(text) + 1)]))

    def words(row: Sequence[Any]) -> dict[int, int]:
        return Counter(chain.from_iterable(map(find_word, text_of((row[column],)).split())))

    def windows(row: Sequence[Any]) -> dict[int, int]:
        text = text_of((row[column],))
        ahead = zip_longest(*[text[n:] for n in range(longest)], fillvalue="")
        return Counter(chain.from_iterable(map(find_window, ahead)))

    find_word, find_window = Memory(of_word).__getitem__, Memory(of_window).__getitem__
    return words if characters["within_words"] else windows
