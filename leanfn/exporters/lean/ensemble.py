"""sklearn.ensemble, lowered where the members are any estimators: voting, stacking, bagging, AdaBoost."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from .compose import columns
from .forest import of_sklearn, sums
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, numeric, predict
from .members import answer, average, column, concat, numbers, spread
from .trees import checked, scaled


def _named(graph: Graph, ensemble: Any, wire: Wire) -> list[Outputs]:
    """Each member of a voting or stacking ensemble, by its name."""
    names = [name for name, member in ensemble.estimators if not isinstance(member, str)]
    outputs = []
    for name, member in zip(names, ensemble.estimators_):
        with graph.step(name):
            outputs.append(predict(graph, member, wire))
    return outputs


def voting_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    members = _named(graph, estimator, wire)
    weights = estimator._weights_not_none
    classes = estimator.classes_
    if estimator.voting == "soft":
        parts = [
            answer(graph, member, outputs, "predict_proba")
            for member, outputs in zip(estimator.estimators_, members)
        ]
        probabilities = average(
            graph, parts, weights=weights, divide=len(parts) if weights is None else np.sum(weights)
        )
        index = graph.add("argmax/1", probabilities)
        return classification(graph, classes, index, probabilities=probabilities)
    if weights is not None and min(weights) < 0:
        raise graph.refuse(estimator, f"parameter weights={weights!r}: a negative one")
    votes = [
        graph.add(
            "take/1", answer(graph, member, outputs, "index"), rows=_votes(member, len(classes), weight)
        )
        for member, outputs, weight in zip(estimator.estimators_, members, weights or [1.0] * len(members))
    ]
    index = graph.add("argmax/1", average(graph, votes))
    return classification(graph, classes, index)


def _votes(member: Any, width: int, weight: float = 1.0) -> Any:
    """Per class of a member, a vote for its place in the ensemble: members are fitted on places."""
    return np.eye(width)[np.asarray(member.classes_, dtype=int)] * weight


def voting_classifier_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    members = _named(graph, estimator, wire)
    if estimator.voting == "soft" and not estimator.flatten_transform:
        raise graph.refuse(estimator, "parameter flatten_transform=False")
    return concat(
        graph,
        [
            answer(graph, member, outputs, "predict_proba")
            if estimator.voting == "soft"
            else numbers(graph, member, outputs)
            for member, outputs in zip(estimator.estimators_, members)
        ],
    )


def voting_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    parts = [outputs["predict"] for outputs in _named(graph, estimator, wire)]
    weights = estimator._weights_not_none
    divide = len(parts) if weights is None else np.sum(weights)
    return {"predict": average(graph, parts, weights=weights, divide=divide)}


def voting_regressor_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return concat(graph, [outputs["predict"] for outputs in _named(graph, estimator, wire)])


def stacking_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The members' answers side by side, behind them the row itself if it passes through."""
    classes = getattr(estimator, "classes_", ())
    if isinstance(classes, list):
        raise graph.refuse(estimator, "a target of several outputs")
    members = _named(graph, estimator, wire)
    parts = []
    for member, outputs, method in zip(estimator.estimators_, members, estimator.stack_method_):
        if method == "predict":
            parts.append(numbers(graph, member, outputs))
            continue
        part = answer(graph, member, outputs, method)
        if method == "predict_proba" and len(classes) == 2:
            part = column(graph, part, 1)  # the other says the same
        parts.append(part)
    if not estimator.passthrough:
        return concat(graph, parts)
    source = numeric(graph, estimator, wire)
    return (
        concat(graph, [*parts, source]) if source.kind == "vector" else graph.add("stack/1", *parts, source)
    )


def stacking_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    with graph.step("final_estimator"):
        outputs = predict(graph, estimator.final_estimator_, stacking_transform(graph, estimator, wire))
    # the final estimator is fitted on places
    classes = estimator.classes_[np.asarray(estimator.final_estimator_.classes_, dtype=int)]
    return classification(
        graph,
        classes,
        outputs["index"],
        decision=outputs.get("decision_function"),
        probabilities=outputs.get("predict_proba"),
    )


def stacking_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    with graph.step("final_estimator"):
        outputs = predict(graph, estimator.final_estimator_, stacking_transform(graph, estimator, wire))
    return {"predict": outputs["predict"]}


def _all_trees(ensemble: Any) -> bool:
    """Whether the members are scikit-learn's trees, which one operation adds up."""
    return {type(member) for member in ensemble.estimators_} <= _trees()


def _trees() -> set[type]:
    from sklearn import tree

    names = ("DecisionTreeClassifier", "DecisionTreeRegressor", "ExtraTreeClassifier", "ExtraTreeRegressor")
    return {getattr(tree, name) for name in names}


def _bag_of_trees(graph: Graph, estimator: Any, wire: Wire, values: Callable[[Any], Any]) -> Wire:
    """The mean of what the members' leaves hold, over the columns that any of them was given."""
    members, chosen = estimator.estimators_, estimator.estimators_features_
    used = np.unique(np.concatenate(chosen))
    source = checked(graph, members[0], columns(graph, wire, used.tolist()))
    trees = [
        of_sklearn(member.tree_, values(member), np.searchsorted(used, own))
        for member, own in zip(members, chosen)
    ]
    width = trees[0].values.shape[1]
    return sums(graph, source, trees, base=[0.0] * width, divide=float(estimator.n_estimators))


def _bagged(graph: Graph, estimator: Any, wire: Wire) -> list[tuple[Any, Outputs]]:
    """Each member of a bag, with the columns that it was given."""
    return [
        (member, predict(graph, member, columns(graph, wire, chosen)))
        for member, chosen in zip(estimator.estimators_, estimator.estimators_features_)
    ]


def bagging_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The mean of the members' probabilities, or their votes; a class that a member never saw gets none of its own."""
    width = len(estimator.classes_)
    decision = None
    if _all_trees(estimator):
        probabilities = _bag_of_trees(
            graph, estimator, wire, lambda member: member.tree_.value[:, 0] @ _votes(member, width)
        )
    else:
        members = _bagged(graph, estimator, wire)
        parts = [_shares(graph, member, outputs, width) for member, outputs in members]
        probabilities = average(graph, parts, divide=estimator.n_estimators)
        decision = _mean_decision(graph, estimator, [outputs for _, outputs in members])
    index = graph.add("argmax/1", probabilities)
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


def _shares(graph: Graph, member: Any, outputs: Outputs, width: int) -> Wire:
    if hasattr(member, "predict_proba"):
        return spread(graph, answer(graph, member, outputs, "predict_proba"), member.classes_, width)
    return graph.add("take/1", answer(graph, member, outputs, "index"), rows=_votes(member, width))


def _mean_decision(graph: Graph, estimator: Any, members: list[Outputs]) -> Wire | None:
    decisions = [outputs["decision_function"] for outputs in members if "decision_function" in outputs]
    if len(decisions) < len(members) or len({part.width for part in decisions}) > 1:
        return None
    return average(graph, decisions, divide=estimator.n_estimators)


def bagging_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    if _all_trees(estimator):
        return {"predict": _bag_of_trees(graph, estimator, wire, lambda member: member.tree_.value[:, :, 0])}
    parts = [answer(graph, member, outputs, "predict") for member, outputs in _bagged(graph, estimator, wire)]
    return {"predict": average(graph, parts, divide=estimator.n_estimators)}


def ada_boost_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The mean of the members' votes: SAMME's by their weights, SAMME.R's (until scikit-learn 1.5) by their shares."""
    classes = np.asarray(estimator.classes_)
    if len(classes) == 1:
        raise graph.refuse(estimator, f"it knows one class alone: {classes[0]!r}")
    source = finite(graph, numeric(graph, estimator, wire))
    members = list(zip(estimator.estimators_, estimator.estimator_weights_))
    total = float(np.sum(estimator.estimator_weights_))
    by_shares = _takes_shares(graph, estimator)
    if _all_trees(estimator):
        trees = []
        for member, weight in members:
            leaves = member.tree_.value[:, 0]
            rows = _centred(np.log(np.maximum(leaves, EPSILON)))
            if not by_shares:
                rows = _weighted(member, classes, weight)[leaves.argmax(axis=1)]
            trees.append(of_sklearn(member.tree_, rows))
        source = checked(graph, members[0][0], source)
        votes = sums(graph, source, trees, base=[0.0] * len(classes), divide=total)
    else:
        parts = []
        for member, weight in members:
            outputs = predict(graph, member, source)
            if by_shares:
                parts.append(_by_shares(graph, answer(graph, member, outputs, "predict_proba")))
            else:
                index = answer(graph, member, outputs, "index")
                parts.append(graph.add("take/1", index, rows=_weighted(member, classes, weight)))
        votes = average(graph, parts, divide=total)
    return _ada_boost_outputs(graph, classes, votes)


def _takes_shares(graph: Graph, estimator: Any) -> bool:
    if getattr(estimator, "algorithm", "SAMME") != "SAMME.R":
        return False
    known = inspect.signature(type(estimator)).parameters
    if "algorithm" not in known or known["algorithm"].default != "SAMME.R":
        raise graph.refuse(estimator, "parameter algorithm='SAMME.R', which this scikit-learn has given up")
    return True


EPSILON = float(np.finfo(np.float64).eps)  # SAMME.R takes no logarithm of a smaller share


def _weighted(member: Any, classes: Any, weight: float) -> Any:
    """Per class of a member, its weight for this class and off the others in equal parts."""
    is_own = np.asarray(member.classes_)[:, None] == classes
    return np.where(is_own, weight, -1 / (len(classes) - 1) * weight)


def _centred(logarithms: Any) -> Any:
    """What each exceeds their mean by, times the number of classes less one."""
    classes = logarithms.shape[1]
    return (classes - 1) * (logarithms - (1.0 / classes) * logarithms.sum(axis=1, keepdims=True))


def _by_shares(graph: Graph, shares: Wire) -> Wire:
    bounds = np.ones(shares.width)
    clipped = graph.add("clip/1", shares, low=EPSILON * bounds, high=np.inf * bounds)
    logarithms = graph.add("map/1", clipped, function="log")
    return graph.add("linear/1", logarithms, coef=_centred(np.eye(shares.width)), intercept=0 * bounds)


def _ada_boost_outputs(graph: Graph, classes: Any, shares: Wire) -> Outputs:
    if len(classes) == 2:
        decision = graph.add("linear/1", shares, coef=[[-1.0, 1.0]], intercept=[0.0])
        index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=False)
        logits = graph.add("linear/1", decision, coef=[[-0.5], [0.5]], intercept=[0.0, 0.0])
    else:
        decision = shares
        index = graph.add("argmax/1", decision)
        logits = scaled(graph, decision, divide=len(classes) - 1.0)
    probabilities = graph.add("softmax/1", logits)
    return classification(graph, classes, index, decision=decision, probabilities=probabilities)


def ada_boost_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The prediction at which the members' weights reach half of their sum."""
    source = finite(graph, numeric(graph, estimator, wire))
    members = estimator.estimators_
    if _all_trees(estimator):
        trees = [of_sklearn(member.tree_, member.tree_.value[:, :, 0]) for member in members]
        predictions = sums(
            graph,
            checked(graph, members[0], source),
            trees,
            base=[0.0] * len(trees),
            group=list(range(len(trees))),
        )
    else:
        parts = [answer(graph, member, predict(graph, member, source), "predict") for member in members]
        predictions = concat(graph, parts)
    weights = estimator.estimator_weights_[: len(members)]
    return {"predict": graph.add("median/1", predictions, weights=weights)}


_VOTING = "estimators flatten_transform n_jobs verbose voting weights"
_STACKING = "cv estimators final_estimator n_jobs passthrough stack_method verbose"
_BAGGING = (
    "base_estimator bootstrap bootstrap_features estimator max_features max_samples n_estimators n_jobs oob_score "
    "random_state verbose warm_start"
)
_ADA_BOOST = "algorithm base_estimator estimator learning_rate loss n_estimators random_state"

TRANSFORMERS = {
    "VotingClassifier": Lowering(voting_classifier_transform, _VOTING),
    "VotingRegressor": Lowering(voting_regressor_transform, _VOTING),
    "StackingClassifier": Lowering(stacking_transform, _STACKING),
    "StackingRegressor": Lowering(stacking_transform, _STACKING),
}
PREDICTORS = {
    "VotingClassifier": Lowering(voting_classifier, _VOTING),
    "VotingRegressor": Lowering(voting_regressor, _VOTING),
    "StackingClassifier": Lowering(stacking_classifier, _STACKING),
    "StackingRegressor": Lowering(stacking_regressor, _STACKING),
    "BaggingClassifier": Lowering(bagging_classifier, _BAGGING),
    "BaggingRegressor": Lowering(bagging_regressor, _BAGGING),
    "AdaBoostClassifier": Lowering(ada_boost_classifier, _ADA_BOOST),
    "AdaBoostRegressor": Lowering(ada_boost_regressor, _ADA_BOOST),
}
