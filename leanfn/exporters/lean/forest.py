"""Trees of any library as the arrays of the operation trees/1: in preorder, one behind the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .float32 import round_thresholds
from .graph import Graph, Wire

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree as arrays over its nodes; node 0 is the root, a leaf's `left` is negative.

    A row goes left where its number in the column `feature` is not above `threshold`, and where it is missing by
    `missing_left`. values: one row per node, cover: how much of the training data each node holds, above zero; only the
    leaves' count.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    values: Array
    cover: Array

    def in_preorder(self) -> "Tree":
        """The same tree, every left child right behind its parent."""
        left, right = self.left.tolist(), self.right.tolist()
        order: list[int] = []
        waiting = [0]
        while waiting:
            node = waiting.pop()
            order.append(node)
            if left[node] >= 0:
                waiting += (right[node], left[node])
        place = np.full(len(left) + 1, -1)  # the last stands for a leaf's child, -1
        place[order] = np.arange(len(order))
        return Tree(
            place[self.left[order]],
            place[self.right[order]],
            self.feature[order],
            self.threshold[order],
            self.missing_left[order],
            self.values[order],
            self.cover[order],
        )


@dataclass(frozen=True, slots=True)
class Categories:
    """Columns whose thresholds number sets of categories: one row of bytes per set, the first bit for category 0."""

    columns: Array
    sets: Array


def of_sklearn(tree: Any, values: Array, columns: Array | None = None) -> Tree:
    """scikit-learn's own Tree, each threshold moved to where float64 decides as float32 does there.

    columns: those that the tree was given, when not all.
    """
    return Tree(
        tree.children_left,
        tree.children_right,
        # clipped: a leaf's feature is -2, and nothing reads what becomes of it
        tree.feature if columns is None else np.take(columns, tree.feature, mode="clip"),
        round_thresholds(tree.threshold),
        tree.missing_go_to_left.astype(bool),
        values,
        _cover(tree),
    )


def _cover(tree: Any) -> Array:
    """The training rows' weight at each node; their number where a weight is not above zero."""
    weights: Array = tree.weighted_n_node_samples
    rows: Array = tree.n_node_samples
    return weights if weights.min() > 0 else rows


def sums(
    graph: Graph,
    wire: Wire,
    trees: Sequence[Tree],
    *,
    base: Sequence[float] | Array | Wire,
    divide: float | None = None,
    group: Sequence[int] | None = None,
    categories: Categories | None = None,
) -> Wire:
    """The sum of what the trees' leaves hold, from base on, over `divide`.

    group: the output that each tree adds to, in ascending order; None where each leaf holds a number per output.
    """
    trees = [tree.in_preorder() for tree in trees]
    structure, values = _arrays(graph, wire, trees, categories)
    start: tuple[Wire, ...] = ()
    if isinstance(base, Wire):
        start, base = (base,), [0.0] * base.width
    total = graph.add(
        "trees/1", wire, *start, **structure, values=values, group=group, base=base, divide=divide
    )
    graph.covers[total.number] = np.concatenate([tree.cover[tree.left < 0] for tree in trees])
    return total


def float32_sums(
    graph: Graph,
    wire: Wire,
    trees: Sequence[Tree],
    *,
    base: Array,
    group: Sequence[int],
    categories: Categories | None = None,
) -> Wire:
    """As sums, where each of them is rounded to float32 before the next leaf is added."""
    structure, values = _arrays(graph, wire, [tree.in_preorder() for tree in trees], categories)
    return graph.add("float32_trees/1", wire, **structure, values=values, group=group, base=base)


def leaves(graph: Graph, wire: Wire, trees: Sequence[Tree], width: int) -> Wire:
    """A one in the column that each reached leaf holds; all columns are held."""
    structure, values = _arrays(graph, wire, [tree.in_preorder() for tree in trees], None)
    assert values.ravel().tolist() == list(range(width)), "a column that no leaf holds"
    return graph.add("leaves/1", wire, **structure, width=width)


def _arrays(
    graph: Graph, wire: Wire, trees: Sequence[Tree], categories: Categories | None
) -> tuple[dict[str, Any], Array]:
    """Trees in preorder as arrays, and their leaves' distinct rows of values."""
    roots = np.cumsum([0, *[len(tree.left) for tree in trees[:-1]]])
    is_leaf = np.concatenate([tree.left < 0 for tree in trees])
    feature = np.where(is_leaf, -1, np.concatenate([tree.feature for tree in trees]))
    threshold = np.where(is_leaf, 0.0, np.concatenate([tree.threshold for tree in trees]))
    right = np.concatenate([tree.right + root for tree, root in zip(trees, roots)])
    values = np.concatenate([tree.values for tree in trees])[is_leaf]
    distinct, row = np.unique(values, axis=0, return_inverse=True)
    right[is_leaf] = row.ravel()
    missing_left = np.concatenate([tree.missing_left for tree in trees]) & ~is_leaf
    numeric = ~is_leaf if categories is None else ~is_leaf & ~np.isin(feature, categories.columns)
    graph.note_thresholds(wire.names, feature[numeric].tolist(), threshold[numeric].tolist())
    structure = {
        "feature": feature,
        "threshold": threshold,
        "right": right,
        "missing_left": np.packbits(missing_left, bitorder="little") if wire.nan else None,
        "roots": roots,
        "categorical": None if categories is None else categories.columns,
        "sets": None if categories is None else categories.sets,
    }
    return structure, distinct
