"""How each field of a row moves a tree ensemble's answer: down a path, from node to node, the mean of the leaves below
changes, and the change is put down to the field that the split asks. Asked for by explanations alone.
"""

from __future__ import annotations

from array import array
from math import inf

from .operations import DENSE_LIMIT, Operation
from .trees import FOREST, Forest, check_trees, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def _paths(node: Node) -> Step:
    forest = Forest(node)
    feature, right, roots = forest.feature, forest.right, forest.roots
    above, share = _family(forest, node["cover"])
    means = [_means(forest, share, list(column)) for column in zip(*node["values"])]
    # what a step into a node changes, per column of values, and in which place of an answer
    steps = [array("d", [mean - of[up] for mean, up in zip(of, above)]) for of in means]
    fields = node["field"]
    place = [fields[feature[up]] + 1 if up >= 0 else 0 for up in above]
    group, base = node["group"], node["base"]
    (divisor,) = node["divide"] or (1.0,)
    every = list(zip(range(len(base)), steps))
    outputs = [every if group is None else [(group[tree], steps[0])] for tree in range(len(roots))]
    for root, chosen in zip(roots, outputs):
        for (output, _), mean in zip(chosen, means):
            base[output] += mean[root]
    empty = [0.0] * node["fields"]
    forest.right = [i if column < 0 else child for i, (column, child) in enumerate(zip(feature, right))]
    exits, _ = walk(forest, range(len(feature)))

    def paths(vector: Vector) -> list[Vector]:
        answers = [[start, *empty] for start in base]
        for leaf, chosen in zip(exits(vector), outputs):
            path = []
            while leaf >= 0:
                path.append(leaf)
                leaf = above[leaf]
            path.pop()  # the root changes nothing
            for output, changes in chosen:
                answer = answers[output]
                for i in path:
                    answer[place[i]] += changes[i]
        return [[x / divisor for x in answer] for answer in answers]

    return paths


def _family(forest: Forest, cover: list[float]) -> tuple[list[int], list[float]]:
    """The node above each node (-1: none), and how much of a node's weight lies in its right child."""
    feature, right = forest.feature, forest.right
    above, share, weight = [-1] * len(feature), [0.0] * len(feature), [0.0] * len(feature)
    leaf = len(cover)
    for i in range(len(feature) - 1, -1, -1):
        if feature[i] < 0:
            leaf -= 1
            weight[i] = cover[leaf]
        else:
            weight[i] = weight[i + 1] + weight[right[i]]
            share[i] = weight[right[i]] / weight[i]
            above[i + 1] = above[right[i]] = i
    return above, share


def _means(forest: Forest, share: list[float], values: Vector) -> Vector:
    """Per node the mean of one column of values over the leaves below it."""
    feature, right = forest.feature, forest.right
    means = [0.0] * len(feature)
    for i in range(len(feature) - 1, -1, -1):
        if feature[i] < 0:
            means[i] = values[right[i]]
        else:
            left = means[i + 1]
            means[i] = left + (means[right[i]] - left) * share[i]
    return means


def _check_paths(node: Node) -> None:
    check_trees(node)
    count, fields, cover = node["fields"], node["field"], node["cover"]
    node.expect(0 < count * node.sizes["k"] <= DENSE_LIMIT, "a field, and not too many")
    used = set(node["feature"]) - {-1}
    node.expect(all([0 <= fields[column] < count for column in used]), "a field of each column that splits")
    node.expect(len(cover) == node["feature"].count(-1), "a cover of each leaf")
    node.expect(all([0 < weight < inf for weight in cover]) and sum(cover) < inf, "a cover above zero")


OPERATIONS = {
    # per output the base, then what each of `fields` fields adds to it, in the trees of trees/1. A node's mean is that of
    # its leaves' values, each weighted by its `cover`, how much of the training data it holds; a step from a node to a
    # child adds the difference of their means to the `field` of the node's column. The base is that of trees/1 and all
    # roots' means
    "paths/1": Operation(
        _paths,
        ("vector",),
        "many",
        "k",
        {"fields": "int"},
        {
            **FOREST,
            "values": "F64 r v",
            "group": "U16? trees",
            "base": "F64 k",
            "divide": "F64? 1",
            "cover": "U16|U32|F64 leaves",
            "field": "I16|I32 n",
        },
        check=_check_paths,
        nan=False,
    ),
}
