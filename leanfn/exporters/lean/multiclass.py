"""sklearn.multiclass, lowered: many classes by classifiers of two, and what is made of their scores."""

import copy
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, numeric, predict
from .members import answer, column, concat, is_classifier, is_regressor, numbers


def _members(graph: Graph, estimator: Any, wire: Wire) -> list[tuple[Any, Outputs]]:
    return [(member, _member(graph, member, wire)) for member in estimator.estimators_]


def _member(graph: Graph, member: Any, wire: Wire) -> Outputs:
    """A member's outputs; where its training data had one class alone, scikit-learn put a constant."""
    if type(member).__name__ != "_ConstantPredictor":
        return predict(graph, member, wire)
    value = float(member.y_[0])
    constant = graph.add("constant/1", wire, values=[value])
    shares = graph.add("constant/1", wire, values=[1.0 - value, value])
    return {"predict": constant, "decision_function": constant, "predict_proba": shares}


def _score(graph: Graph, member: Any, outputs: Outputs) -> Wire:
    """sklearn.multiclass._predict_binary: a regressor's prediction, a decision, or the second class's probability."""
    if is_regressor(member):
        return answer(graph, member, outputs, "predict")
    if hasattr(member, "decision_function"):
        return answer(graph, member, outputs, "decision_function")
    return column(graph, answer(graph, member, outputs, "predict_proba"), 1)


def _scores(graph: Graph, members: list[tuple[Any, Outputs]]) -> Wire:
    return concat(graph, [_score(graph, member, outputs) for member, outputs in members])


def _threshold(member: Any) -> float:
    """sklearn.multiclass._threshold_for_binary_predict; a constant counts as no classifier."""
    return 0.0 if hasattr(member, "decision_function") and is_classifier(member) else 0.5


def one_vs_rest_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    members = _members(graph, estimator, wire)
    scores = _scores(graph, members)
    at = _threshold(members[0][0])
    decision = probabilities = None
    if all("decision_function" in outputs for _, outputs in members):
        decision = concat(graph, [outputs["decision_function"] for _, outputs in members])
    if all("predict_proba" in outputs for _, outputs in members):
        seconds = [column(graph, outputs["predict_proba"], 1) for _, outputs in members]
        probabilities = concat(graph, seconds)
    if estimator.multilabel_:
        outputs = {
            "predict": graph.add("bits/1", scores, at=at),
            "decision_function": decision,
            "predict_proba": probabilities,
        }
        return {method: wire for method, wire in outputs.items() if wire is not None}
    if len(estimator.classes_) == 1:
        raise graph.refuse(estimator, f"it knows one class alone: {estimator.classes_[0]!r}")
    if len(members) == 1:
        index = graph.add("exceeds/1", scores, at=at, column=0, equal=False)
        probabilities = None if probabilities is None else graph.add("pair/1", probabilities)
    else:
        index = graph.add("highest/1", scores, last=_chooses_the_last(estimator))
        if probabilities is not None:
            zero = "nan" if _divides_by_zero(estimator) else "keep"
            probabilities = graph.add("share/1", probabilities, zero=zero)
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


def _alike(estimator: Any, value: int) -> Any:
    """The same estimator with constants for members, to ask this version of scikit-learn what it makes of ties."""
    from sklearn.multiclass import _ConstantPredictor

    constant = _ConstantPredictor().fit([[0.0]], np.array([value]))
    alike = copy.copy(estimator)
    alike.estimators_ = [constant] * len(estimator.estimators_)
    return alike


def _chooses_the_last(estimator: Any) -> bool:
    """Whether the last of equal scores wins, as it did before scikit-learn 1.8."""
    return bool(_alike(estimator, 1).predict([[0.0]])[0] == estimator.classes_[-1])


def _divides_by_zero(estimator: Any) -> bool:
    """Whether probabilities that are all zero become NaN, as they did before scikit-learn 1.7."""
    with np.errstate(invalid="ignore"):
        return bool(np.isnan(_alike(estimator, 0).predict_proba([[0.0]])).any())


def one_vs_one_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The votes of all pairs of classes, ties broken by the sums of their scores."""
    if estimator.pairwise_indices_ is not None:
        raise graph.refuse(estimator, "members that take a precomputed kernel")
    members = _members(graph, estimator, numeric(graph, estimator, wire))
    predictions = concat(graph, [numbers(graph, member, outputs) for member, outputs in members])
    classes = estimator.classes_
    ranks = graph.add("duel/1", predictions, _scores(graph, members), classes=len(classes))
    if len(classes) > 2:
        return classification(graph, classes, graph.add("argmax/1", ranks), decision=ranks)
    decision = column(graph, ranks, 1)
    index = graph.add("exceeds/1", decision, at=_threshold(members[0][0]), column=0, equal=False)
    return classification(graph, classes, index, decision=decision)


def output_code_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    scores = finite(graph, _scores(graph, _members(graph, estimator, wire)))
    return classification(graph, estimator.classes_, graph.add("code/1", scores, codes=estimator.code_book_))


PREDICTORS = {
    "OneVsRestClassifier": Lowering(one_vs_rest_classifier, "estimator n_jobs verbose"),
    "OneVsOneClassifier": Lowering(one_vs_one_classifier, "estimator n_jobs"),
    "OutputCodeClassifier": Lowering(output_code_classifier, "code_size estimator n_jobs random_state"),
}
