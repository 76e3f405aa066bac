"""XGBoost's scikit-learn classes and its own boosters, lowered from the JSON that the library itself saves a model as.

XGBoost computes in float32, and so does what its trees become here: raw scores are equal to the last bit.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .category_sets import categories_last, encoded, in_bytes
from .float32 import round_thresholds
from .forest import Array, Categories, Tree, float32_sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite

IDENTITY = (
    "binary:logitraw",
    "rank:map",
    "rank:ndcg",
    "rank:pairwise",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "reg:squarederror",
    "reg:squaredlogerror",
)
LINKS = dict.fromkeys(IDENTITY, "") | {
    "binary:hinge": "threshold/1",
    "binary:logistic": "float32_sigmoid/1",
    "count:poisson": "float32_exp/1",
    "multi:softmax": "argmax/1",
    "multi:softprob": "float32_softmax/1",
    "reg:gamma": "float32_exp/1",
    "reg:logistic": "float32_sigmoid/1",
    "reg:tweedie": "float32_exp/1",
    "survival:aft": "float32_exp/1",
    "survival:cox": "float32_exp/1",
}


@dataclass(frozen=True, slots=True)
class Dump:
    """A saved model. trees: those that answer; outputs: the output of each, None where a leaf holds one number per output;
    weights: dart's, of each tree; known: the categories of columns."""

    objective: str
    trees: list[dict[str, Any]]
    outputs: list[int] | None
    weights: Array | None
    base: Array
    known: dict[int, list[Any]]


def _dump(graph: Graph, estimator: Any, width: int, *, best: bool) -> Dump:
    """best: of a model whose training stopped early, the trees until its best iteration."""
    document = json.loads(estimator.get_booster().save_raw("json"))
    learner = document["learner"]
    booster = learner["gradient_booster"]
    if booster["name"] not in ("gbtree", "dart"):
        raise graph.refuse(estimator, f"parameter booster={booster['name']!r}")
    objective = learner["objective"]["name"]
    if objective not in LINKS:
        raise graph.refuse(estimator, f"parameter objective={objective!r}")
    model = booster.get("gbtree", booster)["model"]
    last = learner["attributes"].get("best_iteration") if best else None
    count = len(model["trees"]) if last is None else int(model["iteration_indptr"][int(last) + 1])
    trees = model["trees"][:count]
    weights = booster.get("weight_drop")
    return Dump(
        objective,
        trees,
        None if any(_leaf_size(tree) > 1 for tree in trees) else model["tree_info"][:count],
        None if weights is None else np.array(weights[:count], dtype=np.float32),
        _base(document, width),
        dict(_known(graph, estimator, model)),
    )


def _leaf_size(tree: dict[str, Any]) -> int:
    return int(tree["tree_param"].get("size_leaf_vector", 1))


def _known(graph: Graph, estimator: Any, model: dict[str, Any]) -> Iterator[tuple[int, list[Any]]]:
    """The categories of each column that has some: texts as their bytes, one behind the other, or numbers."""
    for column, one in enumerate(model.get("cats", {}).get("enc", ())):
        if one["values"] and "offsets" in one:
            if min(one["values"]) < 0:  # it counts characters, keeps as many bytes, and compares what is left
                raise graph.refuse(estimator, f"categories beyond ASCII in column {column}")
            text = bytes(one["values"]).decode()
            yield column, [text[a:b] for a, b in zip(one["offsets"], one["offsets"][1:])]
        elif one["values"]:
            yield column, one["values"]


def _base(document: dict[str, Any], width: int) -> Array:
    """The raw score that the trees are added to, as the library has it: its answer when every leaf holds zero."""
    from xgboost import Booster

    document = json.loads(json.dumps(document))
    booster = document["learner"]["gradient_booster"]
    for tree in booster.get("gbtree", booster)["model"]["trees"]:
        is_leaf = np.array(tree["left_children"]) < 0
        tree["split_conditions"] = np.where(is_leaf, 0.0, tree["split_conditions"]).tolist()
        if _leaf_size(tree) > 1:
            for name in ("base_weights", "leaf_weights"):
                tree[name] = [0.0] * len(tree.get(name, ()))
    empty = Booster()
    empty.load_model(bytearray(json.dumps(document).encode()))
    row = np.zeros((1, width), dtype=np.float32)
    answer = empty.inplace_predict(row, predict_type="margin", validate_features=False)
    return np.ravel(answer).astype(np.float32)


def _source(graph: Graph, estimator: Any, wire: Wire, known: dict[int, list[Any]]) -> Wire:
    """The row as the library reads it: NaN where a number is missing, or stands for a missing one, or is not stored."""
    if wire.kind == "sparse" and wire.stores:
        source = graph.add("stored/1", wire)
    else:
        source = encoded(graph, estimator, wire, known, ordered=True)
        if wire.stores:
            source = replace(graph.add("blank/1", source, at=np.zeros(source.width)), names=source.names)
    missing = estimator.missing
    if not np.isnan(missing):  # which is compared after a cast to float32
        single, nothing = graph.add("float32/1", source), np.full(source.width, np.nan)
        marked = graph.add("impute/1", single, fill=nothing, missing=float(np.float32(missing)))
        source = replace(marked, names=source.names)
    return source


def _raw_score(graph: Graph, source: Wire, dump: Dump, *, in_place: bool) -> Wire:
    """in_place: as the scikit-learn classes have it computed, on the array itself."""
    sets: list[int] = []
    whole: list[tuple[int, Tree]] = []  # by output; an output's trees are added in their order
    for number, document in enumerate(dump.trees):
        tree = _tree(document, sets)
        for output in range(tree.values.shape[1]):
            own = output if dump.outputs is None else dump.outputs[number]
            values = tree.values[:, [output]]
            if dump.weights is not None:
                if in_place:  # a tree alone is added to the base, and that is taken off again
                    values = (values + dump.base[own]) - dump.base[own]
                values = values * dump.weights[number]
            whole.append((own, replace(tree, values=values)))
    whole.sort(key=lambda pair: pair[0])
    group, trees = [own for own, _ in whole], [tree for _, tree in whole]
    categories = None
    if sets:
        chosen = sorted(set(np.concatenate([_categorical(document) for document in dump.trees]).tolist()))
        source, place = categories_last(graph, source, chosen, whole="floor", single=True)
        trees = [replace(tree, feature=place[tree.feature]) for tree in trees]
        categories = Categories(place[chosen], in_bytes(sets))
    return float32_sums(graph, source, trees, base=dump.base, group=group, categories=categories)


def _categorical(document: dict[str, Any]) -> Array:
    nodes = np.array(document["categories_nodes"], dtype=np.int64)
    return np.array(document["split_indices"], dtype=np.int64)[nodes]


def _tree(document: dict[str, Any], sets: list[int]) -> Tree:
    """A tree's arrays; its categories in a set go to the right, so that these nodes' children change places."""
    left, right = np.array(document["left_children"]), np.array(document["right_children"])
    numbers = np.array(document["split_conditions"], dtype=np.float32)
    missing_left = np.array(document["default_left"], dtype=bool)
    # below the threshold is not above the number before it
    threshold = round_thresholds(np.nextafter(numbers, np.float32(-np.inf)).astype(np.float64))
    is_leaf = left < 0
    right[is_leaf] = -1
    parts = (document[f"categories_{name}"] for name in ("nodes", "segments", "sizes"))
    for node, start, size in zip(*parts):
        left[node], right[node] = right[node], left[node]
        missing_left[node] = not missing_left[node]
        threshold[node] = len(sets)
        sets.append(sum(1 << category for category in document["categories"][start : start + size]))
    values = numbers[:, None]
    if _leaf_size(document) > 1:
        values = np.array(document["base_weights"], dtype=np.float32).reshape(len(left), -1)
    return Tree(
        left,
        right,
        np.array(document["split_indices"], dtype=np.int64),
        threshold,
        missing_left,
        np.where(is_leaf[:, None], values, np.float32(0)),
        np.ones(len(left)),
    )


def _answer(graph: Graph, raw: Wire, objective: str) -> Wire:
    """What the objective makes of the raw scores."""
    link = LINKS[objective]
    if link == "argmax/1":
        return graph.add("take/1", graph.add(link, raw), rows=np.arange(float(raw.width))[:, None])
    if link == "threshold/1":
        return graph.add(link, raw, at=[0.0])
    return graph.add(link, raw) if link else raw


def _scores(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Wire, str]:
    """The raw scores, what the objective makes of them, and its name."""
    dump = _dump(graph, estimator, wire.width, best=True)
    raw = _raw_score(graph, _source(graph, estimator, wire, dump.known), dump, in_place=True)
    return raw, _answer(graph, raw, dump.objective), dump.objective


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw, shares, objective = _scores(graph, estimator, wire)
    if (
        objective == "multi:softmax"
    ):  # scipy makes probabilities of float32 scores, by an exp that machines differ in
        return classification(graph, estimator.classes_, graph.add("argmax/1", raw))
    if shares.width == 1:
        index = graph.add("exceeds/1", shares, at=0.5, column=0, equal=False)
        shares = graph.add("float32_pair/1", shares)
    elif estimator.n_classes_ == 2:  # of each of several outputs
        return {"predict": graph.add("threshold/1", shares, at=[0.5]), "predict_proba": shares}
    else:
        index = graph.add("argmax/1", shares)
    return classification(graph, estimator.classes_, index, probabilities=shares)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": _scores(graph, estimator, wire)[1]}


def booster(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """A booster of its own takes no infinite numbers, as they are in float32, and stops at no best iteration."""
    dump = _dump(graph, estimator, wire.width, best=False)
    source = _source(graph, estimator, wire, dump.known)
    checked = replace(finite(graph, source, nan=True, dtype="float32"), names=source.names)
    raw = _raw_score(graph, checked, dump, in_place=False)
    return {"predict": _answer(graph, raw, dump.objective), "decision_function": raw}


# what the trees do not say is looked at above
PARAMETERS = "objective learning_rate subsample colsample_bynode reg_lambda"
PREDICTORS = {
    "XGBClassifier": Lowering(classifier, PARAMETERS, "xgboost"),
    "XGBRegressor": Lowering(regressor, PARAMETERS, "xgboost"),
    "XGBRanker": Lowering(regressor, PARAMETERS, "xgboost"),
    "XGBRFClassifier": Lowering(classifier, PARAMETERS, "xgboost"),
    "XGBRFRegressor": Lowering(regressor, PARAMETERS, "xgboost"),
    "XGBoostBooster": Lowering(booster, "booster", "leanfn"),
}
