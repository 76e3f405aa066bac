"""Trees of any library as the arrays of the operation trees/1: in preorder, one behind the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .float32 import round_thresholds

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree over the numbers of its nodes, the root being 0; a leaf's `left` is negative.

    A row goes left where its number in `feature` is not above `threshold`, and, if it is missing, by `missing_left`.
    values: a row per node, of which only the leaves' count.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    values: Array

    def preorder(self) -> "Tree":
        """The same tree with every left child behind its parent."""
        order: list[int] = []
        waiting = [0]
        left, right = self.left.tolist(), self.right.tolist()
        while waiting:
            node = waiting.pop()
            order.append(node)
            if left[node] >= 0:
                waiting += (right[node], left[node])
        place = np.full(len(left) + 1, -1)  # the last place stays -1: a leaf's children
        place[order] = np.arange(len(order))
        return Tree(
            place[self.left[order]],
            place[self.right[order]],
            self.feature[order],
            self.threshold[order],
            self.missing_left[order],
            self.values[order],
        )


def of_sklearn(tree: Any, values: Array | None = None, columns: Array | None = None) -> Tree:
    """scikit-learn's own Tree, its thresholds moved to where float64 decides as its cast to float32 does.

    values: what the leaves hold, if not the tree's own. columns: the columns that the tree was given, if not all.
    """
    feature = tree.feature
    # written only where scikit-learn's trees know missing values
    missing_left = tree.__getstate__()["nodes"]["missing_go_to_left"]
    return Tree(
        tree.children_left,
        tree.children_right,
        feature if columns is None else np.asarray(columns)[feature],
        round_thresholds(tree.threshold),
        missing_left.astype(bool),
        tree.value.reshape(tree.node_count, -1) if values is None else values,
    )


def arrays(trees: Sequence[Tree], *, missing: bool) -> dict[str, Any]:
    """The trees as arrays; equal rows of values are one. missing: whether a row's numbers may be missing."""
    ordered = [tree.preorder() for tree in trees]
    sizes = [len(tree.left) for tree in ordered]
    roots = np.concatenate([[0], np.cumsum(sizes[:-1])]).astype(int)
    feature = np.concatenate([np.where(tree.left < 0, -1, tree.feature) for tree in ordered])
    leaf = feature < 0
    right = np.concatenate([tree.right + root for tree, root in zip(ordered, roots)])
    rows = np.concatenate([tree.values for tree in ordered])[leaf]
    distinct, row = np.unique(rows, axis=0, return_inverse=True)
    right[leaf] = row.reshape(-1)
    missing_left = np.concatenate([tree.missing_left & (tree.left >= 0) for tree in ordered])
    return {
        "feature": feature,
        "threshold": np.where(leaf, 0.0, np.concatenate([tree.threshold for tree in ordered])),
        "right": right,
        "missing_left": np.packbits(missing_left, bitorder="little") if missing else None,
        "roots": roots,
        "values": distinct,
    }
