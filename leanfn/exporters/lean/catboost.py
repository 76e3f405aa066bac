"""CatBoost's classes, lowered from the JSON that the library itself saves a model as."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from .catboost_features import Features, Split, features
from .float32 import round_thresholds
from .forest import Array, Tree, sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification
from .trees import scaled


def _raw_score(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, str]:
    """The sum of the trees, scaled and moved; and the loss's name."""
    for kind in ("text", "embedding"):
        if getattr(estimator, f"get_{kind}_feature_indices")():
            raise graph.refuse(estimator, f"parameter {kind}_features; encode them in a step of their own")
    document = _dump(estimator)
    multiply, bias = document["scale_and_bias"]
    width = len(bias)
    read = features(graph, estimator, wire, document)
    trees = [_oblivious(tree, read, width) for tree in document.get("oblivious_trees", ())]
    trees += [_nested(tree, read, width) for tree in document.get("trees", ())]
    raw = sums(graph, read.wire, trees, base=np.zeros(width))
    arrays = {"multiply": np.full(width, float(multiply)), "add": np.array(bias, dtype=np.float64)}
    idle = {"multiply": multiply == 1, "add": not any(bias)}
    steps = [step for step in arrays if not idle[step]]
    if steps:
        every = {step: arrays[step] if step in steps else None for step in arrays}
        raw = graph.add("scale/1", raw, steps=steps, subtract=None, divide=None, **every)
    return raw, str(estimator.get_all_params()["loss_function"]).partition(":")[0]


def _dump(estimator: Any) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.json")
        estimator.save_model(str(path), format="json")
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _oblivious(document: dict[str, Any], read: Features, width: int) -> Tree:
    """A tree that asks the same on each level: its last split is the root, so that leaves stand in order."""
    splits = document["splits"][::-1]
    values = np.array(document["leaf_values"], dtype=np.float64).reshape(-1, width)
    weights = np.ravel(document.get("leaf_weights") or np.ones(len(values)))
    level_of = np.repeat(np.arange(len(splits)), 2 ** np.arange(len(splits)))
    inner = len(level_of)
    children = 2 * np.arange(inner) + 1
    deciders = [read.decider(split) for split in splits]
    return _tree(
        np.concatenate([children, np.full(len(values), -1)]),
        np.concatenate([children + 1, np.full(len(values), -1)]),
        [deciders[level] for level in level_of],
        np.concatenate([np.zeros((inner, width)), values]),
        np.concatenate([np.ones(inner), weights]),
    )


def _nested(document: dict[str, Any], read: Features, width: int) -> Tree:
    """A tree of nodes within nodes; inner nodes first, its leaves behind them."""
    inner: list[dict[str, Any]] = []
    leaves: list[dict[str, Any]] = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        (inner if "split" in node else leaves).append(node)
        if "split" in node:
            waiting += (node["right"], node["left"])
    place = {id(node): number for number, node in enumerate([*inner, *leaves])}
    none = [-1] * len(leaves)
    values = np.array([node["value"] for node in leaves], dtype=np.float64).reshape(-1, width)
    return _tree(
        np.array([place[id(node["left"])] for node in inner] + none),
        np.array([place[id(node["right"])] for node in inner] + none),
        [read.decider(node["split"]) for node in inner],
        np.concatenate([np.zeros((len(inner), width)), values]),
        np.array([1.0] * len(inner) + [float(node.get("weight", 1)) for node in leaves]),
    )


def _tree(left: Array, right: Array, deciders: list[Split], values: Array, weights: Array) -> Tree:
    leaves = len(left) - len(deciders)
    feature, border, below = zip(*deciders, strict=True) if deciders else ((), (), ())
    borders = np.array(border, dtype=np.float32).astype(np.float64)
    return Tree(
        left,
        right,
        np.array([*feature, *[-1] * leaves]),
        np.concatenate([round_thresholds(borders), np.zeros(leaves)]),
        np.array([*below, *[False] * leaves]),
        values,
        np.maximum(weights, 1e-9),  # an oblivious tree has leaves that no row reached
    )


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw, loss = _raw_score(graph, estimator, wire)
    classes = estimator.classes_
    if loss in ("Logloss", "CrossEntropy", "Focal") and raw.width == 1 and len(classes) == 2:
        if estimator.get_probability_threshold() not in (None, 0.5):
            raise graph.refuse(estimator, "a probability threshold of its own")
        index = graph.add("exceeds/1", raw, at=0.0, column=0, equal=False)
        return classification(graph, classes, index, probabilities=graph.add("sigmoid_pair/1", raw))
    if loss in ("MultiLogloss", "MultiCrossEntropy"):  # several labels, zero or one
        shares = graph.add("map/1", raw, function="expit")
        return {"predict": graph.add("threshold/1", raw, at=[0.0]), "predict_proba": shares}
    if loss == "MultiClass":
        shares = graph.add("softmax/1", raw)
    elif loss == "MultiClassOneVsAll":
        shares = graph.add("map/1", raw, function="expit")
    else:
        raise graph.refuse(estimator, f"parameter loss_function={loss!r}")
    outputs = classification(graph, classes, graph.add("argmax/1", raw), probabilities=shares)
    # it answers with a row of one label
    return outputs | {"predict": graph.add("many/1", outputs["predict"])}


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw, loss = _raw_score(graph, estimator, wire)
    if loss in ("Poisson", "Tweedie"):
        return {"predict": graph.add("map/1", raw, function="exp")}
    if (
        loss == "RMSEWithUncertainty"
    ):  # the mean, and the logarithm of the deviation, of which it makes the variance
        mean, deviation = (graph.add("select/1", raw, columns=[i]) for i in range(2))
        variance = graph.add("map/1", scaled(graph, deviation, multiply=2.0), function="exp")
        return {"predict": graph.add("concat/1", mean, variance)}
    return {"predict": raw}


def raw_scores(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": _raw_score(graph, estimator, wire)[0]}


# CatBoost keeps no parameter as an attribute; what matters is looked at above
PREDICTORS = {
    "CatBoost": Lowering(raw_scores, "", "catboost"),
    "CatBoostClassifier": Lowering(classifier, "", "catboost"),
    "CatBoostRanker": Lowering(raw_scores, "", "catboost"),
    "CatBoostRegressor": Lowering(regressor, "", "catboost"),
}
