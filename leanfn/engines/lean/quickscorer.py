"""QuickScorer (Lucchese et al., 2015) on Python's integers: all trees of a block at once, no matter how deep.

A block is some of an ensemble's trees, or all; every leaf of it is one bit of one integer. For each feature, the interval that a row's number lies in says
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
    # of trees, from one to another
    Blocks = list[tuple[int, int]]

CODES: dict[int, Any] = {8: "B", 16: "H", 32: "I", 64: "Q"}  # of a word, in a memoryview


def counts(forest: Forest, blocks: Blocks) -> Step:
    """The sums where all leaves hold zeros and ones: how many of the reached ones hold a one."""
    before, ends, rows = _count_leaves(forest)
    starts = [0, *ends]
    columns = [[str(int(value)) for value in column] for column in zip(*forest.node["values"])]
    plan = []
    for start, end in blocks:
        base = starts[start]
        # the first leaf is the last digit
        held = rows[base : starts[end]][::-1]
        ones = [int("".join([digits[row] for row in held]), 2) for digits in columns]
        first = [leaf - base for leaf in starts[start : end + 1]]
        plan.append((_reached(forest, _nodes(forest, start, end), before, base, first), ones))
    (divisor,) = forest.node["divide"] or (1.0,)
    if len(plan) == 1:  # the rule: there is nothing to add up
        ((reached, ones),) = plan

        def count(vector: Vector) -> Vector:
            leaves = reached(vector)
            return [(leaves & mask).bit_count() / divisor for mask in ones]

        return count

    def count_blocks(vector: Vector) -> Vector:
        totals = [0] * len(columns)
        for reached, ones in plan:
            leaves = reached(vector)
            for i, mask in enumerate(ones):
                totals[i] += (leaves & mask).bit_count()
        return [total / divisor for total in totals]

    return count_blocks


def scorer(forest: Forest, answers: Sequence[Any], blocks: Blocks) -> tuple[Exits, Sequence[int]]:
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
    for tree in range(len(sizes)):
        start, end = starts[tree], ends[tree]
        shift = first[tree] * width - start
        nodes = _nodes(forest, tree, tree + 1)
        position += [leaf + shift for leaf in before[nodes.start : nodes.stop]]
        for leaf in range(start, end, width):
            word = dict(zip(powers, held[leaf : min(leaf + width, end)]))
            word[0] = zero
            words.append(word)
    code = CODES[width]
    plan = []
    for begin, behind in blocks:
        bits = [word * width for word in first[begin : behind + 1]]
        reached = _reached(
            forest, _nodes(forest, begin, behind), position, bits[0], [bit - bits[0] for bit in bits]
        )
        plan.append((reached, (bits[-1] - bits[0]) // 8, words[first[begin] : first[behind]]))
    if len(plan) == 1:
        ((reached, size, words),) = plan

        def exits(vector: Vector) -> Iterable[Any]:
            return map(getitem, words, memoryview(reached(vector).to_bytes(size, "little")).cast(code))

        return exits, first

    def exits_of_blocks(vector: Vector) -> Iterable[Any]:
        found: list[Any] = []
        for reached, size, words in plan:
            found += map(getitem, words, memoryview(reached(vector).to_bytes(size, "little")).cast(code))
        return found

    return exits_of_blocks, first


def _nodes(forest: Forest, start: int, end: int) -> range:
    """The nodes of the trees from start on, before end."""
    roots = forest.roots
    return range(roots[start], roots[end] if end < len(roots) else len(forest.feature))


def _count_leaves(forest: Forest) -> tuple[list[int], list[int], list[int]]:
    """How many leaves stand before each node, and before each tree's end; and the row of each leaf."""
    is_leaf = [column < 0 for column in forest.feature]
    before = list(accumulate(is_leaf, initial=0))
    ends = [*[before[root] for root in forest.roots[1:]], before.pop()]
    return before, ends, list(compress(forest.right, is_leaf))


def _reached(
    forest: Forest, nodes: range, position: Sequence[int], base: int, first: list[int]
) -> Callable[[Vector], int]:
    """From a row to the bits of the leaves that it reaches in a block's trees.

    nodes: the block's. position: the bit of each node's first leaf; base: the block's first. first: each tree's first bit,
    and the end, counted from base.
    """
    block = _Block(forest, nodes, position, base)
    tables = block.tables()
    bounds = [bound for bound, _ in tables.values()]
    masks = [mask for _, mask in tables.values()]
    pick = itemgetter(*tables) if len(tables) > 1 else lambda vector: [vector[column] for column in tables]
    full = (1 << first[-1]) - 1
    lowest = 0
    for bit in first[:-1]:
        lowest |= 1 << bit

    def reached(vector: Vector) -> int:
        ruled_out = reduce(or_, map(getitem, masks, map(bisect_left, bounds, pick(vector))), 0)
        if ruled_out < 0:
            block.rule_out_missing(tables)
            return reached(vector)
        left = ruled_out ^ full
        # a leaf of each tree is left over, so that no subtraction borrows from the next tree
        return left & (left ^ (left - lowest))

    return reached


class _Block:
    """Trees that stand one behind the other, and which of their leaves a split rules out."""

    __slots__ = ("_base", "_forest", "_nodes", "_position")

    def __init__(self, forest: Forest, nodes: range, position: Sequence[int], base: int) -> None:
        self._forest = forest
        self._nodes = nodes
        self._position = position
        self._base = base

    def tables(self) -> dict[int, Table]:
        """The table of each feature that splits.

        Where numbers may be missing, -1 stands for what that rules out until the first such row comes.
        """
        forest, span = self._forest, self._nodes
        columns = forest.feature[span.start : span.stop]
        nodes: dict[int, list[int]] = {column: [] for column in set(columns)}
        for i, column in zip(span, columns):
            nodes[column].append(i)
        del nodes[-1]
        tables = {}
        for column, splits in nodes.items():
            table = self._of_categories if column in forest.categorical else self._of_numbers
            bounds, masks = table(splits)
            tables[column] = bounds, masks
            if forest.node.inputs[0].nan:
                masks[0] = -1
        return tables

    def _of_numbers(self, splits: list[int]) -> Table:
        threshold, right, position, base = (
            self._forest.threshold,
            self._forest.right,
            self._position,
            self._base,
        )
        splits.sort(key=threshold.__getitem__)
        bounds, masks, ruled_out = [-inf], [0], 0
        for i in splits:
            bound, start = threshold[i], position[i]
            if bounds[-1] != bound:
                bounds.append(bound)
                masks.append(ruled_out)
            ruled_out |= ((1 << (position[right[i]] - start)) - 1) << (start - base)
        masks.append(ruled_out)
        return bounds, masks

    def _of_categories(self, splits: list[int]) -> Table:
        """The intervals end at 0, 1, 2, ...; above the last one lie the categories that no set has."""
        forest = self._forest
        pairs = [(forest.sets[int(forest.threshold[i])], self._left_leaves(i)) for i in splits]
        categories = range(max([one.bit_length() for one, _ in pairs]))
        masks = [
            reduce(or_, [left for one, left in pairs if not one >> category & 1], 0)
            for category in range(len(categories) + 1)
        ]
        return [-inf, *map(float, categories)], [masks[0], *masks]

    def _left_leaves(self, i: int) -> int:
        start = self._position[i]
        return ((1 << (self._position[self._forest.right[i]] - start)) - 1) << (start - self._base)

    def rule_out_missing(self, tables: dict[int, Table]) -> None:
        """Put what a missing number rules out in the place of the -1."""
        feature, missing_left = self._forest.feature, self._forest.missing_left
        ruled_out = dict.fromkeys(tables, 0)
        for i in self._nodes:
            column = feature[i]
            if column >= 0 and not missing_left[i >> 3] >> (i & 7) & 1:
                ruled_out[column] |= self._left_leaves(i)
        for column, leaves in ruled_out.items():
            tables[column][1][0] = leaves
