"""LightGBM's scikit-learn classes and its own boosters, lowered from the text that the library itself saves a model as."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from .category_sets import categories_last, category_columns, encoded, in_bytes
from .forest import Array, Categories, Tree, sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification
from .trees import scaled

ZERO = 1e-35  # LightGBM reads a number of at most this size as zero; the text of its float32 constant
ZERO_FLOAT = float(np.float32(ZERO))
IS_CATEGORY, DEFAULT_LEFT, MISSING_SHIFT = 1, 2, 2  # bits of decision_type
MISSING_NONE, MISSING_ZERO = 0, 1
# what keyword arguments may ask of predict that its trees do not say
ASKED = (
    "num_iteration_predict",
    "pred_early_stop",
    "predict_contrib",
    "predict_leaf_index",
    "predict_raw_score",
    "start_iteration_predict",
)


@dataclass(frozen=True, slots=True)
class Dump:
    """A saved model: its header, and a dictionary per tree."""

    header: dict[str, str]
    trees: list[dict[str, str]]

    @property
    def objective(self) -> tuple[str, dict[str, float], set[str]]:
        """Its name, its numbers by name, and its flags."""
        name, *words = self.header.get("objective", "custom").split()
        pairs = [word.split(":", 1) for word in words if ":" in word]
        return name, {key: float(value) for key, value in pairs}, {word for word in words if ":" not in word}


def _dump(text: str) -> Dump:
    header, *trees = text.split("end of trees")[0].split("\n\n")
    return Dump(_fields(header), [_fields(tree) for tree in trees if tree.strip()])


def _fields(lines: str) -> dict[str, str]:
    parts = [line.partition("=") for line in lines.strip().split("\n")]
    return {name: value for name, _, value in parts}


def _numbers(tree: dict[str, str], name: str, dtype: Any = np.int64) -> Array:
    return np.array(tree.get(name, "").split(), dtype=dtype)


def _scores(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Wire]:
    """The raw scores, and what the objective makes of them."""
    dump = _dump(estimator.booster_.model_to_string())
    width = int(dump.header["num_tree_per_iteration"])
    order = sorted(range(len(dump.trees)), key=lambda number: number % width)
    trees: list[Tree] = []
    sets: list[int] = []
    set_columns: set[int] = set()
    blank_columns: set[int] = set()
    for number in order:
        tree = dump.trees[number]
        if tree.get("is_linear", "0") != "0":
            raise graph.refuse(estimator, "parameter linear_tree=True")
        kinds, split = _numbers(tree, "decision_type"), _numbers(tree, "split_feature")
        set_columns.update(split[(kinds & IS_CATEGORY) != 0].tolist())
        blank_columns.update(split[(kinds >> MISSING_SHIFT) == MISSING_ZERO].tolist())
        trees.append(_tree(tree, kinds, split, sets))
    known = dict(zip(category_columns(graph, wire), estimator.booster_.pandas_categorical or ()))
    source = encoded(graph, estimator, wire, known)
    if blank_columns:
        at = np.where(np.isin(np.arange(source.width), list(blank_columns)), ZERO_FLOAT, -1.0)
        source = replace(graph.add("blank/1", source, at=at), names=source.names)
    categories = None
    if set_columns:
        source, place = categories_last(graph, source, sorted(set_columns), whole="trunc")
        trees = [replace(tree, feature=place[tree.feature]) for tree in trees]
        categories = Categories(place[sorted(set_columns)], in_bytes(sets))
    group = sorted(number % width for number in range(len(trees)))

    def total(divide: float | None = None) -> Wire:
        return sums(
            graph, source, trees, base=np.zeros(width), group=group, divide=divide, categories=categories
        )

    raw = total()
    # a random forest's raw scores are its sums; what it answers with is made of their means
    mean = total(float(len(trees) // width)) if "average_output" in dump.header else raw
    return raw, _answer(graph, estimator, mean, dump)


def _refuse_asked(graph: Graph, estimator: Any) -> None:
    from lightgbm.basic import _ConfigAliases

    parameters = estimator.get_params()
    for name in ASKED:
        for alias in _ConfigAliases.get(name) | {name}:
            if parameters.get(alias) not in (None, False, 0):
                raise graph.refuse(estimator, f"parameter {alias}={parameters[alias]!r}")


def _tree(tree: dict[str, str], kinds: Array, split: Array, sets: list[int]) -> Tree:
    """Its inner nodes, behind them its leaves; a set of categories is added to the sets."""
    inner, leaves = len(split), int(tree["num_leaves"])
    is_category = (kinds & IS_CATEGORY) != 0
    threshold = _numbers(tree, "threshold", np.float64)
    decided = np.where(np.abs(threshold) <= ZERO_FLOAT, _beside_zero(threshold), threshold)
    by_default = (kinds >> MISSING_SHIFT) != MISSING_NONE  # what else is missing there is NaN by now
    missing_left = np.where(by_default, (kinds & DEFAULT_LEFT) != 0, decided >= 0.0) & ~is_category
    decided[is_category] = threshold[is_category] + len(sets)
    sets += _sets(tree)
    nothing = np.zeros(leaves)
    leaf = np.full(leaves, -1)
    counts = _numbers(tree, "leaf_count")
    return Tree(
        np.concatenate([_children(tree, "left_child", inner), leaf]),
        np.concatenate([_children(tree, "right_child", inner), leaf]),
        np.concatenate([split, leaf]),
        np.concatenate([decided, nothing]),
        np.concatenate([missing_left, nothing.astype(bool)]),
        np.concatenate([np.zeros(inner), _numbers(tree, "leaf_value", np.float64)])[:, None],
        np.concatenate([np.ones(inner), np.maximum(counts, 1) if len(counts) else np.ones(leaves)]),
    )


def _children(tree: dict[str, str], name: str, inner: int) -> Array:
    """A child that is a leaf is written as its number's complement."""
    child = _numbers(tree, name)
    return np.where(child < 0, inner + ~child, child)


def _beside_zero(threshold: Array) -> Array:
    """A threshold that parts what is read as zero from nothing: all of it goes to zero's side."""
    return np.where(threshold >= 0, ZERO_FLOAT, np.nextafter(-ZERO_FLOAT, -1.0))


def _sets(tree: dict[str, str]) -> list[int]:
    """Each set as an integer; category c is bit c."""
    bounds, words = _numbers(tree, "cat_boundaries"), _numbers(tree, "cat_threshold")
    return [int.from_bytes(words[a:b].astype("<u4").tobytes(), "little") for a, b in pairwise(bounds)]


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    if callable(estimator.objective):
        raise graph.refuse(estimator, "parameter objective is a callable")
    _refuse_asked(graph, estimator)
    raw, shares = _scores(graph, estimator, wire)
    if shares.width == 1:
        shares = graph.add("pair/1", shares)
    index = graph.add("argmax/1", shares)
    return classification(graph, estimator.classes_, index, decision=raw, probabilities=shares)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    _refuse_asked(graph, estimator)
    _, answer = _scores(graph, estimator, wire)
    return {"predict": answer}


def booster(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    raw, answer = _scores(graph, estimator, wire)
    return {"predict": answer, "decision_function": raw}


def _answer(graph: Graph, estimator: Any, raw: Wire, dump: Dump) -> Wire:
    """What the objective makes of raw scores."""
    name, numbers, flags = dump.objective
    if name in ("binary", "multiclassova"):
        sigmoid = numbers.get("sigmoid", 1.0)
        raw = raw if sigmoid == 1.0 else scaled(graph, raw, multiply=sigmoid)
        return graph.add("map/1", raw, function="expit")
    if name == "multiclass":
        return graph.add("softmax/1", raw)
    if "sqrt" in flags:  # which the objective's own sign gives back
        sign, square = (graph.add("map/1", raw, function=function) for function in ("sign", "square"))
        return graph.add("times/1", sign, square)
    if name not in LINKS:
        raise graph.refuse(estimator, f"parameter objective={name!r}")
    for function in LINKS[name]:
        raw = graph.add("map/1", raw, function=function)
    return raw


LINKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("custom", "fair", "huber", "lambdarank", "mape", "quantile", "rank_xendcg"), ()),
    **dict.fromkeys(("regression", "regression_l1"), ()),
    **dict.fromkeys(("gamma", "poisson", "tweedie"), ("exp",)),
    "cross_entropy": ("expit",),
    "cross_entropy_lambda": ("exp", "log1p"),
}

PARAMETERS = (
    "boosting_type num_leaves max_depth learning_rate n_estimators subsample_for_bin objective class_weight "
    "min_split_gain min_child_weight min_child_samples subsample subsample_freq colsample_bytree reg_alpha "
    "reg_lambda random_state n_jobs importance_type"
)
PREDICTORS = {
    "LGBMClassifier": Lowering(classifier, PARAMETERS, "lightgbm"),
    "LGBMRegressor": Lowering(regressor, PARAMETERS, "lightgbm"),
    "LGBMRanker": Lowering(regressor, PARAMETERS, "lightgbm"),
    "LightGBMBooster": Lowering(booster, "booster", "leanfn"),
}
