"""Missing values in the trees of a graph: skl2onnx sends every one of them right, scikit-learn where each split says."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from .original import parts_of

ENSEMBLES = ("TreeEnsembleClassifier", "TreeEnsembleRegressor")
TRACKS = "nodes_missing_value_tracks_true"

Shape = tuple[tuple[int, ...], ...]  # per tree the columns that its nodes look at, -2 for a leaf


def route_missing(graph: Any, model: Any) -> None:
    """Send missing values down the graph's trees as the model's own forests and trees do.

    Ensembles are told by the columns of their splits; two that look at the same ones in the same order and send missing
    values elsewhere are left as they are, for the proof to find.
    """
    known: dict[Shape, set[tuple[bytes, ...]]] = {}
    for trees in _forests(model):
        shape = tuple(tuple(tree.feature.tolist()) for tree in trees)
        known.setdefault(shape, set()).add(tuple(tree.missing_go_to_left.tobytes() for tree in trees))
    for node in graph.graph.node:
        if node.op_type in ENSEMBLES:
            ways = known.get(_shape(node), set())
            if len(ways) == 1:
                _set(node, [int(left) for tree in next(iter(ways)) for left in tree])


def _forests(model: Any) -> Iterator[list[Any]]:
    """The trees of each part that is a tree or a forest of them."""
    for part in parts_of(model):
        members = getattr(part, "estimators_", [part])
        members = members.ravel() if isinstance(members, np.ndarray) else members
        trees = [getattr(member, "tree_", None) for member in members]
        if all(hasattr(tree, "missing_go_to_left") for tree in trees):
            yield trees


def _shape(node: Any) -> Shape:
    """Of a graph's ensemble, its nodes in their order within each tree."""
    found = {entry.name: list(entry.strings or entry.ints) for entry in node.attribute}
    trees: dict[int, list[int]] = {}
    for tree, column, mode in zip(found["nodes_treeids"], found["nodes_featureids"], found["nodes_modes"]):
        trees.setdefault(tree, []).append(-2 if mode == b"LEAF" else column)
    in_order = found["nodes_nodeids"] == [i for columns in trees.values() for i in range(len(columns))]
    return tuple(map(tuple, trees.values())) if in_order else ()


def _set(node: Any, tracks: list[int]) -> None:
    for entry in node.attribute:
        if entry.name == TRACKS:
            entry.ints[:] = tracks
            return
    from onnx import helper

    node.attribute.append(helper.make_attribute(TRACKS, tracks))
