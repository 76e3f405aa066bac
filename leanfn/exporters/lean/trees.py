"""sklearn.tree and the forests of sklearn.ensemble, lowered: sums over trees, and what is made of them."""

import warnings
from typing import Any

import numpy as np

from .forest import Tree, leaves, of_sklearn, sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, numeric, vector


def answers(estimator: Any, method: str, number: float) -> bool:
    """Whether scikit-learn answers for a row of this number: its versions and parameters differ in NaN and infinity."""
    row = np.full((1, estimator.n_features_in_), number)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that the row has no column names
        try:
            getattr(estimator, method)(row)
        except ValueError:
            return False
    return True


def checked(graph: Graph, estimator: Any, wire: Wire, method: str = "predict") -> Wire:
    """The row as a vector behind scikit-learn's own check, which comes after a cast to float32."""
    takes_missing = answers(estimator, method, np.nan)
    wire = finite(graph, numeric(graph, estimator, wire), nan=takes_missing, dtype="float32")
    return vector(graph, estimator, wire)


def _members(estimator: Any) -> list[Any]:
    """The trees of a forest, or the tree itself."""
    return list(getattr(estimator, "estimators_", [estimator]))


def _mean(graph: Graph, estimator: Any, wire: Wire, trees: list[Tree]) -> Wire:
    """The sum in tree order over the number of trees, as a forest computes it; of a lone tree, its leaf."""
    divide = float(len(trees)) if hasattr(estimator, "estimators_") else None
    return sums(graph, wire, trees, base=[0.0] * trees[0].values.shape[1], divide=divide)


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    sizes = np.atleast_1d(estimator.n_classes_)
    trees = []
    for member in _members(estimator):
        tree = member.tree_
        values = [tree.value[:, output, :size] for output, size in enumerate(sizes)]
        trees.append(of_sklearn(tree, np.hstack(values)))
    shares = _mean(graph, estimator, checked(graph, estimator, wire), trees)
    if estimator.n_outputs_ == 1:
        index = graph.add("argmax/1", shares)
        return classification(graph, estimator.classes_, index, probabilities=shares)
    outputs = []
    for classes, end in zip(estimator.classes_, np.cumsum(sizes)):
        own = graph.add("select/1", shares, columns=list(range(end - len(classes), end)))
        outputs.append(classification(graph, classes, graph.add("argmax/1", own), probabilities=own))
    return {
        method: graph.add("many/1", *[output[method] for output in outputs])
        for method in ("predict", "predict_proba")
    }


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    trees = [of_sklearn(member.tree_, member.tree_.value[:, :, 0]) for member in _members(estimator)]
    return {"predict": _mean(graph, estimator, checked(graph, estimator, wire), trees)}


def isolation_forest(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Each leaf holds how many splits, on average, isolate a row that reaches it; the score is -2 ** -share."""
    wire = vector(graph, estimator, wire)
    if not answers(estimator, "score_samples", np.inf):
        wire = checked(graph, estimator, wire, "score_samples")
    all_columns = estimator._max_features == estimator.n_features_in_
    trees = [
        of_sklearn(member.tree_, (path + average - 1.0)[:, None], None if all_columns else columns)
        for member, columns, path, average in zip(
            estimator.estimators_,
            estimator.estimators_features_,
            estimator._decision_path_lengths,
            estimator._average_path_length_per_tree,
        )
    ]
    depth = sums(graph, wire, trees, base=[0.0])
    longest = len(trees) * _unsuccessful_search(estimator._max_samples)
    if longest:
        share = scaled(graph, depth, divide=longest, multiply=-1.0)
    else:  # trees of one row each: scikit-learn takes the share as one
        share = scaled(graph, depth, multiply=0.0, add=-1.0)
    score = scaled(graph, graph.add("map/1", share, function="exp2"), multiply=-1.0)
    decision = scaled(graph, score, subtract=float(estimator.offset_))
    index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=True)
    return {
        **classification(graph, [-1, 1], index, decision=decision),
        "score_samples": score,
    }


def _unsuccessful_search(rows: int) -> float:
    """The average path length of a search tree of that many rows, computed as scikit-learn does."""
    if rows <= 2:
        return float(rows == 2)
    return float(2.0 * (np.log(rows - 1.0) + np.euler_gamma) - 2.0 * (rows - 1.0) / rows)


def scaled(graph: Graph, wire: Wire, **steps: float) -> Wire:
    """Every number after these steps: subtract, divide, multiply or add, in the order given."""
    arrays: dict[str, Any] = dict.fromkeys(("subtract", "divide", "multiply", "add"))
    arrays |= {step: np.full(wire.width, number) for step, number in steps.items()}
    return graph.add("scale/1", wire, steps=list(steps), **arrays)


def random_trees_embedding(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    trees = []
    width = 0
    for member, nodes in zip(estimator.estimators_, estimator.one_hot_encoder_.categories_):
        column = np.zeros((member.tree_.node_count, 1))
        column[nodes, 0] = np.arange(width, width + len(nodes))
        width += len(nodes)
        trees.append(of_sklearn(member.tree_, column))
    return leaves(graph, checked(graph, estimator, wire, "transform"), trees, width)


TREE = (
    "criterion splitter max_depth min_samples_split min_samples_leaf min_weight_fraction_leaf max_features "
    "random_state max_leaf_nodes min_impurity_decrease class_weight ccp_alpha monotonic_cst"
)
FOREST = f"{TREE} n_estimators bootstrap oob_score n_jobs verbose warm_start max_samples sparse_output"
TRANSFORMERS = {"RandomTreesEmbedding": Lowering(random_trees_embedding, FOREST)}
PREDICTORS = {
    "DecisionTreeClassifier": Lowering(classifier, TREE),
    "DecisionTreeRegressor": Lowering(regressor, TREE),
    "ExtraTreeClassifier": Lowering(classifier, TREE),
    "ExtraTreeRegressor": Lowering(regressor, TREE),
    "RandomForestClassifier": Lowering(classifier, FOREST),
    "RandomForestRegressor": Lowering(regressor, FOREST),
    "ExtraTreesClassifier": Lowering(classifier, FOREST),
    "ExtraTreesRegressor": Lowering(regressor, FOREST),
    "IsolationForest": Lowering(isolation_forest, f"{FOREST} contamination"),
}
