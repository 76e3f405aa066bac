"""QuickScorer (Lucchese et al., 2015) on Python's integers: all trees of an ensemble at once, no matter how deep.

Every leaf of the forest is one bit of one integer. For each feature, the interval that a row's number lies in says
which leaves are ruled out: those on the left of every split that sends the row right. The first leaf of each tree that
no feature rules out is the one that the row reaches.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import reduce
from itertools import accumulate, compress
from math import inf
from operator import getitem, itemgetter, or_

from .trees import words_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .operations import Step
    from .trees import Exits, Forest, Vector

    # The ascending bounds of a feature's intervals, and the leaves ruled out below, between and above.
    # A bisection finds 0 for NaN, and for -inf, which is the first bound.
    Table = tuple[list[float], list[int]]

CODES: dict[int, Any] = {8: "B", 16: "H", 32: "I", 64: "Q"}  # of a word, in a memoryview


def counts(forest: Forest) -> Step:
    """The sums where all leaves hold zeros and ones: how many of the reached ones hold a one."""
    before, ends, rows = _count_leaves(forest)
    reached = _reached(forest, before, [0, *ends])
    rows.reverse()  # the first leaf is the last digit
    ones = []
    for column in zip(*forest.node["values"]):
        digits = ["1" if value else "0" for value in column]
        ones.append(int("".join([digits[row] for row in rows]), 2))
    (divisor,) = forest.node["divide"] or (1.0,)

    def count(vector: Vector) -> Vector:
        leaves = reached(vector)
        return [(leaves & mask).bit_count() / divisor for mask in ones]

    return count


def scorer(forest: Forest, answers: Sequence[Any]) -> tuple[Exits, Sequence[int]]:
    """What the reached leaves hold. Every tree has words of its own; a word without a reached leaf gives a zero.

    Beside it the number of each tree's first word.
    """
    before, ends, rows = _count_leaves(forest)
    starts = [0, *ends]
    width, sizes = words_of(forest)
    first = list(accumulate(sizes, initial=0))
    powers = [1 << bit for bit in range(width)]
    held = [answers[row] for row in rows]
    zero = [0.0] * len(held[0]) if isinstance(held[0], list) else 0.0
    words: list[dict[int, Any]] = []
    position: list[int] = []
    for tree, (root, behind) in enumerate(zip(forest.roots, [*forest.roots[1:], len(before)])):
        start, end = starts[tree], ends[tree]
        shift = first[tree] * width - start
        position += [leaf + shift for leaf in before[root:behind]]
        for leaf in range(start, end, width):
            word = dict(zip(powers, held[leaf : min(leaf + width, end)]))
            word[0] = zero
            words.append(word)
    size, code = first[-1] * width // 8, CODES[width]
    reached = _reached(forest, position, [word * width for word in first])

    def exits(vector: Vector) -> Iterable[Any]:
        return map(getitem, words, memoryview(reached(vector).to_bytes(size, "little")).cast(code))

    return exits, first


def _count_leaves(forest: Forest) -> tuple[list[int], list[int], list[int]]:
    """How many leaves stand before each node, and before each tree's end; and the row of each leaf."""
    is_leaf = [column < 0 for column in forest.feature]
    before = list(accumulate(is_leaf, initial=0))
    ends = [*[before[root] for root in forest.roots[1:]], before.pop()]
    return before, ends, list(compress(forest.right, is_leaf))


def _reached(forest: Forest, position: Sequence[int], first: list[int]) -> Callable[[Vector], int]:
    """From a row to the bits of the leaves it reaches.

    position: the bit of each node's first leaf. first: each tree's first bit, and the end.
    """
    tables = _tables(forest, position)
    bounds = [bound for bound, _ in tables.values()]
    masks = [mask for _, mask in tables.values()]
    pick = itemgetter(*tables) if len(tables) > 1 else lambda vector: [vector[column] for column in tables]
    full = (1 << first[-1]) - 1
    lowest = 0
    for bit in first[:-1]:
        lowest |= 1 << bit

    def reached(vector: Vector) -> int:
        ruled_out = reduce(or_, map(getitem, masks, map(bisect_left, bounds, pick(vector))))
        if ruled_out < 0:
            _rule_out_missing(forest, position, tables)
            return reached(vector)
        left = ruled_out ^ full
        # a leaf of each tree is left over, so that no subtraction borrows from the next tree
        return left & (left ^ (left - lowest))

    return reached


def _tables(forest: Forest, position: Sequence[int]) -> dict[int, Table]:
    """The table of each feature that splits.

    Where numbers may be missing, -1 stands for what that rules out until the first such row comes.
    """
    nodes: dict[int, list[int]] = {column: [] for column in set(forest.feature)}
    for i, column in enumerate(forest.feature):
        nodes[column].append(i)
    del nodes[-1]
    tables = {}
    for column, splits in nodes.items():
        table = _of_categories if column in forest.categorical else _of_numbers
        bounds, masks = table(forest, position, splits)
        tables[column] = bounds, masks
        if forest.node.inputs[0].nan:
            masks[0] = -1
    return tables


def _of_numbers(forest: Forest, position: Sequence[int], splits: list[int]) -> Table:
    threshold, right = forest.threshold, forest.right
    splits.sort(key=threshold.__getitem__)
    bounds, masks, ruled_out = [-inf], [0], 0
    for i in splits:
        bound, start = threshold[i], position[i]
        if bounds[-1] != bound:
            bounds.append(bound)
            masks.append(ruled_out)
        ruled_out |= ((1 << (position[right[i]] - start)) - 1) << start
    masks.append(ruled_out)
    return bounds, masks


def _of_categories(forest: Forest, position: Sequence[int], splits: list[int]) -> Table:
    """The intervals end at 0, 1, 2, ...; above the last one lie the categories that no set has."""
    pairs = [(forest.sets[int(forest.threshold[i])], _left_leaves(forest, position, i)) for i in splits]
    categories = range(max([one.bit_length() for one, _ in pairs]))
    masks = [
        reduce(or_, [left for one, left in pairs if not one >> category & 1], 0)
        for category in range(len(categories) + 1)
    ]
    return [-inf, *map(float, categories)], [masks[0], *masks]


def _left_leaves(forest: Forest, position: Sequence[int], i: int) -> int:
    start = position[i]
    return ((1 << (position[forest.right[i]] - start)) - 1) << start


def _rule_out_missing(forest: Forest, position: Sequence[int], tables: dict[int, Table]) -> None:
    missing_left = forest.missing_left
    ruled_out = dict.fromkeys(tables, 0)
    for i, column in enumerate(forest.feature):
        if column >= 0 and not missing_left[i >> 3] >> (i & 7) & 1:
            ruled_out[column] |= _left_leaves(forest, position, i)
    for column, leaves in ruled_out.items():
        tables[column][1][0] = leaves
