"""Gradient boosting of sklearn.ensemble, lowered: a raw score from trees that are added up, and its link."""

from typing import Any

import numpy as np

from .compose import columns
from .forest import Categories, Tree, of_sklearn, sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, predict, transform, vector
from .pipeline import join
from .trees import checked, scaled


def _classes(
    graph: Graph, estimator: Any, raw: Wire, *, zero_is_second: bool, twice: bool = False
) -> Outputs:
    """What a booster makes of its raw scores. twice: the link is expit(2 x), that of the exponential loss."""
    if raw.width == 1:
        index = graph.add("exceeds/1", raw, at=0.0, column=0, equal=zero_is_second)
        shares = graph.add("sigmoid_pair/1", scaled(graph, raw, multiply=2.0) if twice else raw)
    else:
        index = graph.add("argmax/1", raw)
        shares = graph.add("softmax/1", raw)
    return classification(graph, estimator.classes_, index, decision=raw, probabilities=shares)


def _raw_score(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """GradientBoosting: the initial score and, in the order of the stages, every tree times the learning rate."""
    wire = checked(graph, estimator, wire)
    _, outputs = estimator.estimators_.shape
    trees, group = [], []
    for output in range(outputs):
        for member in estimator.estimators_[:, output]:
            trees.append(of_sklearn(member.tree_, estimator.learning_rate * member.tree_.value[:, 0]))
            group.append(output)
    return sums(graph, wire, trees, base=_initial_score(graph, estimator, wire), group=group)


def _initial_score(graph: Graph, estimator: Any, wire: Wire) -> Any:
    """A number per output where no row changes it, else what the initial estimator gives."""
    initial = estimator.init_
    if isinstance(initial, str) or type(initial).__name__ in ("DummyClassifier", "DummyRegressor"):
        if getattr(initial, "strategy", None) == "stratified":
            raise graph.refuse(estimator, "parameter init draws at random")
        return estimator._raw_predict_init(np.zeros((1, estimator.n_features_in_), dtype=np.float32))[0]
    with graph.step("init"):
        outputs = predict(graph, initial, graph.add("float32/1", wire))
    loss = estimator._loss
    if "index" not in outputs:
        return outputs["predict"]
    shares = outputs["predict_proba"]
    if not loss.is_multiclass:
        shares = graph.add("select/1", shares, columns=[1])
    least = _least_share(estimator)
    shares = graph.add(
        "clip/1", shares, low=np.full(shares.width, least), high=np.full(shares.width, 1 - least)
    )
    if not loss.is_multiclass:
        score = graph.add("map/1", shares, function="logit")
        return scaled(graph, score, multiply=0.5) if estimator.loss == "exponential" else score
    # the logarithms less their mean
    center = np.eye(shares.width) - 1 / shares.width
    logarithms = graph.add("map/1", shares, function="log")
    return graph.add("linear/1", logarithms, coef=center, intercept=np.zeros(shares.width))


class _Never:
    """A classifier that gives the second class, and all behind it, no chance."""

    def __init__(self, classes: int) -> None:
        self.classes = classes

    def predict_proba(self, rows: Any) -> Any:
        return np.eye(self.classes)[[0] * len(rows)]


def _least_share(estimator: Any) -> float:
    """What scikit-learn takes for an initial probability of zero; its versions differ."""
    from sklearn.ensemble._gb import _init_raw_predictions

    loss = estimator._loss
    score = _init_raw_predictions(np.zeros((1, 1)), _Never(len(estimator.classes_)), loss, True)
    found = np.log(loss.link.inverse(score).ravel()[-1])
    choices = [float(np.finfo(dtype).eps) for dtype in (np.float32, np.float64)]
    return min(choices, key=lambda choice: abs(np.log(choice) - found))


def gradient_boosting_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw = _raw_score(graph, estimator, wire)
    return _classes(graph, estimator, raw, zero_is_second=True, twice=estimator.loss == "exponential")


def gradient_boosting_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": _raw_score(graph, estimator, wire)}


def _histogram_score(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """HistGradientBoosting: no cast to float32, no check of finite numbers, categories in sets."""
    wire = _categories_first(graph, estimator, wire)
    trees: list[Tree] = []
    group: list[int] = []
    sets: list[Any] = []
    for output in range(estimator.n_trees_per_iteration_):
        for stage in estimator._predictors:
            trees.append(_histogram_tree(stage[output], len(sets)))
            sets.extend(stage[output].raw_left_cat_bitsets)
            group.append(output)
    categories = None
    if sets:
        in_bytes = np.array(sets, dtype="<u4").view(np.uint8)
        used = int(np.flatnonzero(in_bytes.any(axis=0)).max(initial=0)) + 1
        categories = Categories(np.flatnonzero(estimator._is_categorical_remapped), in_bytes[:, :used])
    base = np.ravel(estimator._baseline_prediction)
    return sums(graph, wire, trees, base=base, group=group, categories=categories)


def _histogram_tree(predictor: Any, sets_before: int) -> Tree:
    nodes = predictor.nodes
    is_leaf = nodes["is_leaf"].astype(bool)
    return Tree(
        np.where(is_leaf, -1, nodes["left"].astype(np.int64)),
        np.where(is_leaf, -1, nodes["right"].astype(np.int64)),
        nodes["feature_idx"],
        np.where(nodes["is_categorical"], nodes["bitset_idx"] + float(sets_before), nodes["num_threshold"]),
        nodes["missing_go_to_left"].astype(bool),
        nodes["value"][:, None],
        np.maximum(nodes["count"], 1),
    )


def _categories_first(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The row as the booster's own ColumnTransformer lays it out: encoded categories, then numbers."""
    layout = estimator._preprocessor
    if layout is None:
        return vector(graph, estimator, wire)
    numbers = layout._transformer_to_input_indices
    encoder = layout.named_transformers_["encoder"]
    encoded = transform(graph, encoder, columns(graph, wire, numbers["encoder"]))
    rest = columns(graph, wire, numbers["numerical"])
    return join(graph, estimator, [encoded, vector(graph, estimator, rest)] if rest.width else [encoded])


def histogram_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return _classes(graph, estimator, _histogram_score(graph, estimator, wire), zero_is_second=False)


def histogram_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw = _histogram_score(graph, estimator, wire)
    link = type(estimator._loss.link).__name__
    if link not in ("IdentityLink", "LogLink"):
        raise graph.refuse(estimator, f"parameter loss={estimator.loss!r} has a {link}")
    return {"predict": raw if link == "IdentityLink" else graph.add("map/1", raw, function="exp")}


STAGES = (
    "loss learning_rate n_estimators subsample criterion min_samples_split min_samples_leaf alpha init "
    "min_weight_fraction_leaf max_depth min_impurity_decrease random_state max_features verbose max_leaf_nodes "
    "warm_start validation_fraction n_iter_no_change tol ccp_alpha"
)
HISTOGRAM = (
    "loss quantile learning_rate max_iter max_leaf_nodes max_depth min_samples_leaf l2_regularization max_features "
    "max_bins categorical_features monotonic_cst interaction_cst warm_start early_stopping scoring "
    "validation_fraction n_iter_no_change tol verbose random_state class_weight"
)
PREDICTORS = {
    "GradientBoostingClassifier": Lowering(gradient_boosting_classifier, STAGES),
    "GradientBoostingRegressor": Lowering(gradient_boosting_regressor, STAGES),
    "HistGradientBoostingClassifier": Lowering(histogram_classifier, HISTOGRAM),
    "HistGradientBoostingRegressor": Lowering(histogram_regressor, HISTOGRAM),
}
