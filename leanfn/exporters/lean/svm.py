"""sklearn.svm, lowered: liblinear's are linear models; libsvm's are sums of kernels with support vectors.

A linear kernel stays a sum over support vectors: its terms cancel, and one vector of weights would round otherwise.
"""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import kernel_of
from .linear_model import classifier as linear_classifier
from .linear_model import regressor as linear_regressor
from .lowering import Lowering, Outputs, classification, dense, finite, numeric
from .preprocessing import scale


def _source(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if callable(estimator.kernel) or estimator.kernel == "precomputed":
        raise graph.refuse(estimator, f"parameter kernel={estimator.kernel!r}")
    return finite(graph, numeric(graph, estimator, wire))


def _support(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The kernel of the row with the support vectors."""
    graph.carries_training_rows(estimator)
    return kernel_of(
        graph,
        estimator,
        wire,
        estimator.support_vectors_,
        kernel=estimator.kernel,
        gamma=estimator._gamma,
        coef0=estimator.coef0,
        degree=estimator.degree,
    )


def _one_machine(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """dual_coef_ · kernel + intercept, of a regressor or a one-class machine."""
    source = _source(graph, estimator, wire)
    intercept = np.ravel(estimator._intercept_)
    if estimator.support_vectors_.shape[0] == 0:
        return graph.add("constant/1", source, values=intercept)
    kernel = _support(graph, estimator, source)
    dual = np.atleast_2d(dense(estimator._dual_coef_))
    return graph.add("machine/1", kernel, coef=dual, intercept=intercept)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": _one_machine(graph, estimator, wire)}


def one_class(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """OneClassSVM: a decision of zero is an outlier; the offset goes onto the score."""
    decision = _one_machine(graph, estimator, wire)
    offset = np.ravel(dense(estimator.offset_))
    samples = scale(graph, decision, add=offset)
    index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=False)
    outputs = {"predict": graph.add("label/1", index, labels=[-1, 1]), "index": index}
    return {**outputs, "decision_function": decision, "score_samples": samples}


def _pair_machines(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """libsvm's scores of the pairs of classes: above zero for the first."""
    source = _source(graph, estimator, wire)
    return graph.add(
        "machines/1",
        _support(graph, estimator, source),
        coef=dense(estimator._dual_coef_),
        counts=estimator._n_support,
        intercept=np.ravel(estimator._intercept_),
    )


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """SVC and NuSVC: the label is the pairs' vote, whatever the probabilities say."""
    ranked = estimator.decision_function_shape == "ovr"
    if estimator.break_ties and not ranked:
        raise graph.refuse(estimator, "parameter break_ties=True with decision_function_shape='ovo'")
    pairs = _pair_machines(graph, estimator, wire)
    # scikit-learn turns the sign where there are two classes, and where it ranks
    opposite = scale(graph, pairs, multiply=np.full(pairs.width, -1.0))
    if pairs.width == 1:
        decision = opposite
    else:
        decision = graph.add("rank/1", opposite) if ranked else pairs
    scores = decision if estimator.break_ties and pairs.width > 1 else graph.add("votes/1", pairs)
    probabilities = None
    if estimator.probability is True:
        probabilities = graph.add("couple/1", pairs, a=estimator._probA, b=estimator._probB)
    index = graph.add("argmax/1", scores)
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


_LIBSVM = (
    "kernel degree gamma coef0 shrinking tol cache_size verbose max_iter C nu epsilon class_weight random_state "
    "probability decision_function_shape break_ties"
)
_LIBLINEAR = (
    "penalty loss dual tol C multi_class fit_intercept intercept_scaling class_weight verbose random_state max_iter "
    "epsilon"
)

PREDICTORS = {
    "LinearSVC": Lowering(linear_classifier, _LIBLINEAR),
    "LinearSVR": Lowering(linear_regressor, _LIBLINEAR),
    "SVC": Lowering(classifier, _LIBSVM),
    "NuSVC": Lowering(classifier, _LIBSVM),
    "SVR": Lowering(regressor, _LIBSVM),
    "NuSVR": Lowering(regressor, _LIBSVM),
    "OneClassSVM": Lowering(one_class, _LIBSVM),
}
