"""XGBoost's scikit-learn classes, lowered from the JSON that the library itself saves a model as.

XGBoost computes in float32, and so does what its trees become here: raw scores are equal to the last bit.
"""

import json
from dataclasses import replace
from typing import Any

import numpy as np

from .category_sets import categories_last, in_bytes
from .float32 import round_thresholds
from .forest import Array, Categories, Tree, float32_sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, vector

IDENTITY = (
    "binary:logitraw",
    "reg:absoluteerror",
    "reg:pseudohubererror",
    "reg:quantileerror",
    "reg:squarederror",
    "reg:squaredlogerror",
    "rank:map",
    "rank:ndcg",
    "rank:pairwise",
)
LINKS = dict.fromkeys(IDENTITY, "") | {
    "binary:logistic": "float32_sigmoid/1",
    "count:poisson": "float32_exp/1",
    "multi:softprob": "float32_softmax/1",
    "reg:gamma": "float32_exp/1",
    "reg:logistic": "float32_sigmoid/1",
    "reg:tweedie": "float32_exp/1",
}


def _answer(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, str]:
    """What the objective makes of the raw scores, and the objective's name."""
    learner = json.loads(estimator.get_booster().save_raw("json"))["learner"]
    objective = learner["objective"]["name"]
    if callable(estimator.objective) or objective not in LINKS:
        raise graph.refuse(estimator, f"parameter objective={estimator.objective!r}")
    raw = _raw_score(graph, estimator, wire, learner)
    return graph.add(LINKS[objective], raw) if LINKS[objective] else raw, objective


def _raw_score(graph: Graph, estimator: Any, wire: Wire, learner: dict[str, Any]) -> Wire:
    booster = learner["gradient_booster"]
    if booster["name"] not in ("gbtree", "dart"):
        raise graph.refuse(estimator, f"parameter booster={booster['name']!r}")
    if not (isinstance(estimator.missing, float) and np.isnan(estimator.missing)):
        raise graph.refuse(estimator, f"parameter missing={estimator.missing!r}")
    model = booster.get("gbtree", booster)["model"]
    if model.get("cats", {}).get("enc"):
        raise graph.refuse(estimator, "categories that it encodes itself; give it whole numbers")
    count = _rounds(learner, model)
    documents, outputs = model["trees"][:count], model["tree_info"][:count]
    if any(document["tree_param"].get("size_leaf_vector", "1") not in ("0", "1") for document in documents):
        raise graph.refuse(estimator, "parameter multi_strategy='multi_output_tree'")
    base = _base(estimator, wire.width)
    weights = np.array(booster.get("weight_drop", np.ones(count)), dtype=np.float32)
    sets: list[int] = []
    order = sorted(range(count), key=outputs.__getitem__)
    trees = []
    for number in order:
        tree = _tree(documents[number], sets)
        if "weight_drop" in booster:
            margin = base[outputs[number]]  # a tree alone is added to it, and it is taken off again
            tree = replace(tree, values=((tree.values + margin) - margin) * weights[number])
        trees.append(tree)
    source = graph.add("stored/1", wire) if wire.kind == "sparse" else vector(graph, estimator, wire)
    categories = None
    if sets:
        used = [_categorical(document) for document in documents]
        chosen = sorted(set(np.concatenate(used).tolist()))
        source, place = categories_last(graph, source, chosen, whole="floor", single=True)
        trees = [replace(tree, feature=place[tree.feature]) for tree in trees]
        categories = Categories(place[chosen], in_bytes(sets))
    group = [outputs[number] for number in order]
    return float32_sums(graph, source, trees, base=base, group=group, categories=categories)


def _rounds(learner: dict[str, Any], model: dict[str, Any]) -> int:
    """The number of trees that answer: those until the best iteration, where training stopped early."""
    best = learner["attributes"].get("best_iteration")
    return len(model["trees"]) if best is None else int(model["iteration_indptr"][int(best) + 1])


def _base(estimator: Any, width: int) -> Array:
    """The raw score that the trees are added to, as the library has it: its answer when every leaf holds zero."""
    from xgboost import Booster

    document = json.loads(estimator.get_booster().save_raw("json"))
    booster = document["learner"]["gradient_booster"]
    for tree in booster.get("gbtree", booster)["model"]["trees"]:
        is_leaf = np.array(tree["left_children"]) < 0
        tree["split_conditions"] = np.where(is_leaf, 0.0, tree["split_conditions"]).tolist()
    empty = Booster()
    empty.load_model(bytearray(json.dumps(document).encode()))
    row = np.zeros((1, width), dtype=np.float32)
    answer = empty.inplace_predict(row, predict_type="margin", validate_features=False)
    return np.ravel(answer).astype(np.float32)


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
    parts = (document[f"categories_{name}"] for name in ("nodes", "segments", "sizes"))
    for node, start, size in zip(*parts):
        left[node], right[node] = right[node], left[node]
        missing_left[node] = not missing_left[node]
        threshold[node] = len(sets)
        sets.append(sum(1 << category for category in document["categories"][start : start + size]))
    return Tree(
        left,
        right,
        np.array(document["split_indices"], dtype=np.int64),
        threshold,
        missing_left,
        np.where(is_leaf, numbers, np.float32(0))[:, None],
        np.ones(len(left)),
    )


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    shares, objective = _answer(graph, estimator, wire)
    if objective == "multi:softprob" and shares.width == len(estimator.classes_) > 2:
        index = graph.add("argmax/1", shares)
    elif objective == "binary:logistic" and shares.width == 1:
        index = graph.add("exceeds/1", shares, at=0.5, column=0, equal=False)
        shares = graph.add("float32_pair/1", shares)
    else:
        raise graph.refuse(estimator, f"parameter objective={objective!r} with {shares.width} outputs")
    return classification(graph, estimator.classes_, index, probabilities=shares)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": _answer(graph, estimator, wire)[0]}


# what the trees do not say is looked at above
PARAMETERS = "objective learning_rate subsample colsample_bynode reg_lambda"
PREDICTORS = {
    "XGBClassifier": Lowering(classifier, PARAMETERS, "xgboost"),
    "XGBRegressor": Lowering(regressor, PARAMETERS, "xgboost"),
    "XGBRanker": Lowering(regressor, PARAMETERS, "xgboost"),
    "XGBRFClassifier": Lowering(classifier, PARAMETERS, "xgboost"),
    "XGBRFRegressor": Lowering(regressor, PARAMETERS, "xgboost"),
}
