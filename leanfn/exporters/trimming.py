"""A fitted model without what only training needs. The proof says whether it still answers as it did."""

import copy
from collections.abc import Callable
from typing import Any

import numpy as np

from .original import parts_of

# fitted attributes that no method for new rows reads
TRAINING_ONLY = (
    "cv_results_",
    "mse_path_",
    "coefs_paths_",
    "oob_score_",
    "oob_scores_",
    "oob_improvement_",
    "oob_decision_function_",
    "oob_prediction_",
    "train_score_",
    "validation_score_",
    "validation_scores_",
    "loss_curve_",
    "stop_words_",
    "_optimizer",  # Adam's moments: twice the weights
    "_best_coefs",
    "_best_intercepts",
    "_rng",
    "_random_state",
)
# class -> attributes of names that others do read
TRAINING_ONLY_OF = {
    **dict.fromkeys(("KMeans", "MiniBatchKMeans", "MeanShift", "AffinityPropagation"), ("labels_",)),
    "LogisticRegressionCV": ("scores_",),
}
NEIGHBOURS = (
    "KNeighborsClassifier",
    "KNeighborsRegressor",
    "RadiusNeighborsClassifier",
    "RadiusNeighborsRegressor",
)
NODE_STATISTICS = ("impurity", "n_node_samples", "weighted_n_node_samples")
BIN_STATISTICS = ("gain", "count")
# attributes that hold rows of the training data
TRAINING_ROWS = (
    "_fit_X",
    "X_fit_",
    "X_train_",
    "support_vectors_",
    "X_",
    "training_data_",
    "subcluster_centers_",
)


def trim(model: Any) -> Any:
    """A copy in which a search is its best estimator, scores of training are gone, and trees keep no statistics."""
    model = _without_searches(copy.deepcopy(model), {})
    parts = list(parts_of(model))
    isolated = {
        id(part)
        for forest in parts
        if type(forest).__name__ == "IsolationForest"
        for part in parts_of(forest)
    }
    for part in parts:
        for name in (*TRAINING_ONLY, *TRAINING_ONLY_OF.get(type(part).__name__, ())):
            vars(part).pop(name, None)
        if id(part) not in isolated:  # its scores are counts of training rows
            _trim_tree(part)
        _trim_bins(part)
        _trim_neighbours(part)
    return model


def training_rows_of(model: Any) -> list[str]:
    """The names of the estimators inside a model that keep rows of the training data."""
    return sorted({type(part).__name__ for part in parts_of(model) if _keeps_rows(part)})


def _keeps_rows(part: Any) -> bool:
    trees = any(type(value).__name__.startswith(("KDTree", "BallTree")) for value in vars(part).values())
    return trees or any(name in vars(part) for name in TRAINING_ROWS)


def _without_searches(value: Any, seen: dict[int, Any]) -> Any:
    """The value with the best estimator in place of every fitted search inside it."""
    while hasattr(value, "best_estimator_") and hasattr(value, "cv_results_"):
        value = value.best_estimator_
    if id(value) in seen:
        return seen[id(value)]
    seen[id(value)] = value
    if isinstance(value, list):
        value[:] = [_without_searches(item, seen) for item in value]
    elif type(value) is tuple:
        return tuple(_without_searches(item, seen) for item in value)
    elif isinstance(value, dict):
        for key, item in value.items():
            value[key] = _without_searches(item, seen)
    elif hasattr(value, "get_params") and hasattr(value, "__dict__"):
        for name, item in vars(value).items():
            if isinstance(item, (list, tuple, dict)) or hasattr(item, "get_params"):
                vars(value)[name] = _without_searches(item, seen)
    return value


def _trim_tree(part: Any) -> None:
    """Zeros for a tree's statistics and for the answers of its inner nodes: they are not read, and zeros pack well."""
    tree = getattr(part, "tree_", None)
    if type(tree).__name__ != "Tree" or not type(tree).__module__.startswith("sklearn.tree"):
        return

    def change(state: dict[str, Any]) -> None:
        nodes = state["nodes"] = state["nodes"].copy()
        for name in NODE_STATISTICS:
            if name in (nodes.dtype.names or ()):
                nodes[name] = 0
        values = state["values"] = state["values"].copy()
        values[nodes["left_child"] != -1] = 0

    part.tree_ = _rebuilt(tree, change)


def _rebuilt(thing: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """The thing as pickle would make it again, of a state that was changed."""
    make, arguments, state, *_ = thing.__reduce__()
    change(state)
    made = make(*arguments)
    made.__setstate__(state)
    return made


def _trim_bins(part: Any) -> None:
    """The same for the trees of histogram gradient boosting, and no bins of training values where none are read."""
    for stage in getattr(part, "_predictors", None) or []:
        for predictor in stage:
            nodes = predictor.nodes = predictor.nodes.copy()
            for name in BIN_STATISTICS:
                if name in (nodes.dtype.names or ()):
                    nodes[name] = 0


def _trim_neighbours(part: Any) -> None:
    """Zeros for training rows that the search tree holds as well: of these estimators only their shape is read."""
    if type(part).__name__ in NEIGHBOURS and getattr(part, "_tree", None) is not None:
        if isinstance(part._fit_X, np.ndarray):
            part._fit_X = np.zeros_like(part._fit_X)
