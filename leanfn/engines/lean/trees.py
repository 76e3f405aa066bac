"""Tree ensembles: the leaf that a row reaches in every tree, and the sum of these leaves' values in tree order.

The trees stand one behind the other, each in preorder: a node's left child is the next node, `right` is the number of
its right child. A leaf's feature is -1, and its `right` a row of `values`. How the leaves are found is chosen when a
model is built: by a walk down each tree, or by the masks of `quickscorer`, where those are faster and soon made.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from math import ceil, inf, isfinite, log2

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from .operations import Node, Step

    Vector = list[float]
    # from a row to what its leaves hold, in tree order
    Exits = Callable[[Vector], Iterable[Any]]
    # from a row and a number to that number and what its leaves hold
    Add = Callable[[Vector, Any], Any]

MASKS_LIMIT = 16 << 20  # bytes that QuickScorer's masks may take
EFFORT_LIMIT = 32 << 20  # bytes that may be touched while they are made
SPLITS_LIMIT = 30_000  # whose masks are made in about 10 ms
SETS_LIMIT = 50_000  # steps that the masks of categories may take


class Forest:
    """The arrays of a node as lists: at run time faster than arrays, for deep forests too."""

    __slots__ = ("categorical", "feature", "missing_left", "node", "right", "roots", "sets", "threshold")

    def __init__(self, node: Node) -> None:
        self.node = node
        self.feature: list[int] = node["feature"]
        self.threshold: list[float] = node["threshold"]
        self.right: list[int] = node["right"]
        self.roots: list[int] = node["roots"]
        # one bit per node: whether a missing number goes left
        bits = node.arrays["missing_left"]
        self.missing_left = bytes(len(self.feature) // 8 + 1) if bits is None else bits.flat.tobytes()
        # the columns that hold categories; the sets that go left, one bit per category
        self.categorical: set[int] = set(node["categorical"] or ())
        self.sets = [int.from_bytes(row, "little") for row in node["sets"] or ()]


def _trees(node: Node) -> Step:
    forest = Forest(node)
    blocks = blocks_of(forest)
    if not blocks:
        return walked_sums(node, forest)
    from .quickscorer import counts, scorer

    quick = (
        counts(forest, blocks) if is_count(node) else sums(node, *scorer(forest, leaf_values(node), blocks))
    )
    wire = node.inputs[0]
    if not (wire.nan and wire.infinite):
        return quick
    slow = walked_sums(node, forest)  # a bisection does not tell NaN from -inf
    return lambda vector, *start: (slow if -inf in vector else quick)(vector, *start)


def _leaves(node: Node) -> Step:
    exits, _ = walk(Forest(node), range(node["width"]))
    return lambda vector: dict.fromkeys(exits(vector), 1.0)


def _float32(node: Node) -> Step:
    from array import array

    return lambda vector: array("f", vector).tolist()


def blocks_of(forest: Forest) -> list[tuple[int, int]]:
    """The blocks of trees, from one to another, whose QuickScorer masks are made together; none where a walk is better.

    As few as keep the masks small and soon made: half of the trees have half of the leaves, so a quarter of the bytes.
    Whether they pay is told from microseconds as measured, of rows that take turns: most of it is waiting for memory.
    """
    nodes, trees = len(forest.feature), len(forest.roots)
    leaves = (nodes + trees) // 2
    splits = nodes - leaves
    if not 0 < splits <= SPLITS_LIMIT:
        return []
    if len(forest.sets) * max([one.bit_length() for one in forest.sets], default=0) > SETS_LIMIT:
        return []
    count = is_count(forest.node)
    width, words = words_of(forest)
    bits = leaves if count else width * sum(words)
    touched = splits * bits / 8 * 0.6  # bytes of an average mask, for every split
    kept = touched
    if touched > MASKS_LIMIT:
        kept *= len(set(zip(forest.feature, forest.threshold))) / splits
    blocks = ceil(max(touched / EFFORT_LIMIT, kept / MASKS_LIMIT, 1))
    used = len(set(forest.feature)) - 1
    by_masks = used * (blocks * 0.2 + bits * 1.1e-4) + (blocks if count else sum(words) * 0.15)
    if blocks > trees or by_masks >= trees * (0.1 + 0.09 * log2(leaves / trees)):
        return []
    ends = [trees * block // blocks for block in range(blocks + 1)]
    return list(pairwise(ends))


def words_of(forest: Forest) -> tuple[int, list[int]]:
    """How many bits a word has in which a tree's leaves are looked up, and how many words each tree takes."""
    ends = [*forest.roots[1:], len(forest.feature)]
    leaves = [(end - root + 1) // 2 for root, end in zip(forest.roots, ends)]
    width = next((width for width in (8, 16, 32) if width >= max(leaves)), 64)
    return width, [-(-size // width) for size in leaves]


def is_count(node: Node) -> bool:
    """Whether every sum is a number of trees: all leaves hold zeros and ones."""
    return (
        len(node.inputs) == 1
        and node["group"] is None
        and not any(node["base"])
        and all(map({0.0, 1.0}.__contains__, node.arrays["values"].flat))  # type: ignore[union-attr]
    )


def leaf_values(node: Node) -> list[Any]:
    """The rows of values as what is added up: numbers, pairs as complex numbers, or rows."""
    values: list[list[float]] = node["values"]
    if node.sizes["v"] == 1:
        return [row[0] for row in values]
    if node.sizes["v"] == 2:
        return [complex(*row) for row in values]
    return values


def walk(forest: Forest, answers: Sequence[Any]) -> tuple[Exits, Sequence[int]]:
    """Down each tree, from its root to a leaf; and the number of each tree's exit."""
    feature, threshold, right, roots = forest.feature, forest.threshold, forest.right, forest.roots
    missing_left, categorical, sets = forest.missing_left, forest.categorical, forest.sets
    categories = range(max([one.bit_length() for one in sets], default=0))

    def with_care(vector: Vector) -> list[Any]:
        found = []
        for i in roots:
            column = feature[i]
            while column >= 0:
                x = vector[column]
                if x != x:
                    left = missing_left[i >> 3] >> (i & 7) & 1
                elif column in categorical:
                    left = sets[int(threshold[i])] >> bisect_left(categories, x) & 1
                else:
                    left = x <= threshold[i]
                i = i + 1 if left else right[i]
                column = feature[i]
            found.append(answers[right[i]])
        return found

    def plain(vector: Vector) -> list[Any]:
        total = sum(vector)  # only to know whether a number is NaN
        if total != total:
            return with_care(vector)
        found = []
        for i in roots:
            column = feature[i]
            while column >= 0:
                i = i + 1 if vector[column] <= threshold[i] else right[i]
                column = feature[i]
            found.append(answers[right[i]])
        return found

    return with_care if categorical else plain, range(len(roots) + 1)


def walked_sums(node: Node, forest: Forest) -> Step:
    """The sums by a walk, which adds a number up on its way: a list of the exits takes a few percent more."""
    feature, threshold, right, roots = forest.feature, forest.threshold, forest.right, forest.roots
    answers = leaf_values(node)
    exits, first = walk(forest, answers)

    def add(vector: Vector, total: Any) -> Any:
        numbers = sum(vector)  # only to know whether a number is NaN
        if numbers != numbers:
            return careful(vector, total)
        for i in roots:
            column = feature[i]
            while column >= 0:
                i = i + 1 if vector[column] <= threshold[i] else right[i]
                column = feature[i]
            total += answers[right[i]]
        return total

    careful = _adding(exits)
    return sums(node, exits, first, careful if forest.categorical else add)


def _adding(exits: Exits) -> Add:
    """One exit after the other: builtin sum would compensate."""

    def add(vector: Vector, total: Any) -> Any:
        for x in exits(vector):
            total += x
        return total

    return add


def sums(node: Node, exits: Exits, first: Sequence[int], add: Add | None = None) -> Step:
    """Add the exits up in tree order. first: the number of each tree's first exit; add: a faster way for one number."""
    base, group = node["base"], node["group"]
    add = add or _adding(exits)
    if group is not None:
        ends = [first[bisect_left(group, output + 1)] for output in range(len(base))]
        stretches = [slice(start, end) for start, end in zip([0, *ends], ends)]

        def total(vector: Vector, start: Vector = base) -> Vector:
            answers = list(exits(vector))
            outputs = []
            for value, stretch in zip(start, stretches):
                for x in answers[stretch]:
                    value += x
                outputs.append(value)
            return outputs

    elif len(base) == 1:

        def total(vector: Vector, start: Vector = base) -> Vector:
            return [add(vector, start[0])]

    elif len(base) == 2:

        def total(vector: Vector, start: Vector = base) -> Vector:
            pair = add(vector, complex(*start))
            return [pair.real, pair.imag]

    else:

        def total(vector: Vector, start: Vector = base) -> Vector:
            outputs = []
            for value, column in zip(start, zip(*exits(vector))):
                for x in column:
                    value += x
                outputs.append(value)
            return outputs

    if node["divide"] is None:
        return total
    (divisor,) = node["divide"]
    return lambda vector, *start: [value / divisor for value in total(vector, *start)]


def check_forest(node: Node, rows: int) -> None:
    feature, threshold = node["feature"], node["threshold"]
    node.expect(bool(feature), "a tree")
    used = set(feature)
    node.expect(min(used) >= -1 and max(used) < node.sizes["n"], "features of its input")
    total = sum(threshold)  # NaN if a threshold is, or where inf and -inf meet
    node.expect(total == total or not any([x != x for x in threshold]), "thresholds that are numbers")
    node.expect(8 * node.sizes.get("bits", len(feature)) >= len(feature), "a bit of missing_left per node")
    _check_preorder(node, feature, node["right"], rows)
    categorical, sets = set(node["categorical"] or ()), range(node.sizes.get("sets", 0))
    if categorical:
        chosen = [x for column, x in zip(feature, threshold) if column in categorical]
        node.expect(all([x.is_integer() and int(x) in sets for x in chosen]), "thresholds that name its sets")


def _check_preorder(node: Node, feature: list[int], right: list[int], rows: int) -> None:
    """The node behind a leaf is the right child of the last inner node that waits for one: no path is a circle."""
    roots = node["roots"]
    node.expect(roots[:1] == [0], "a first root of 0")
    waiting = [len(feature), *roots[:0:-1]]
    wait, last_waiting = waiting.append, waiting.pop
    for behind, (column, child) in enumerate(zip(feature, right), 1):
        if column >= 0:
            wait(child)
        elif last_waiting() != behind or not 0 <= child < rows:
            node.expect(False, f"trees in preorder, their leaves in {rows} rows; node {behind - 1} is amiss")
    node.expect(not waiting, "a leaf at the end of every branch")


def check_trees(node: Node) -> None:
    sizes, base, group = node.sizes, node["base"], node["group"]
    check_forest(node, sizes["r"])
    if group is None:
        node.expect(sizes["v"] == sizes["k"], "a value per output in each row of values")
    else:
        node.expect(sizes["v"] == 1 and group == sorted(group), "trees grouped by their output")
        node.expect(group[-1] < sizes["k"], "groups that are outputs")
    if len(node.inputs) > 1:
        node.expect(
            len(node.inputs) == 2 and node.inputs[1].width == sizes["k"], "a second input of all outputs"
        )
        node.expect(not any(base), "a base of zeros beside a second input")
    # so large that no row's sum is infinite
    largest = sum(map(abs, node.arrays["values"].flat)) * sizes["trees"]  # type: ignore[union-attr]
    node.expect(isfinite(largest + sum(map(abs, base))), "values whose sums are finite")
    node.expect(all([1 <= divisor < inf for divisor in node["divide"] or ()]), "a divisor of one or more")


FOREST = {
    "feature": "I16|I32 nodes",
    "threshold": "F64 nodes",
    "right": "U16|I32 nodes",
    "missing_left": "U8? bits",
    "roots": "I32 trees",
    "categorical": "I32? columns",
    "sets": "U8? sets bytes",
}

OPERATIONS = {
    # The sum of the reached leaves' values, from base or the second input on, over `divide`; a tree with a group adds
    # to that output alone. A row goes left where its number is not above the threshold; where the column is among
    # `categorical`, if the set that the threshold numbers has its category, the first of 0, 1, 2, ... that is not below
    # it; where its number is missing, by the node's bit of missing_left.
    "trees/1": Operation(
        _trees,
        ("vector", "vector*"),
        "vector",
        "k",
        arrays={**FOREST, "values": "F64 r v", "group": "U16? trees", "base": "F64 k", "divide": "F64? 1"},
        check=check_trees,
        nan=lambda node: any([wire.nan for wire in node.inputs[1:]]),
    ),
    # 1.0 in the column that each reached leaf names as its row
    "leaves/1": Operation(
        _leaves,
        ("vector",),
        "sparse",
        "width",
        {"width": "int"},
        FOREST,
        check=lambda node: check_forest(node, node["width"]),
        nan=False,
        infinite=False,
    ),
    # the numbers as a cast to float32 leaves them: what a booster's initial estimator sees
    "float32/1": Operation(_float32, ("vector",), "vector", "n", infinite=True),
}
