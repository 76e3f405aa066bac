"""sklearn.calibration, lowered: the mean of every fold's classifier behind its calibrators."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .isotonic import isotonic_transform
from .lowering import Lowering, Outputs, classification, finite, predict
from .members import average, column, concat, first_method, response, spread
from .trees import scaled


def calibrated_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    folds = estimator.calibrated_classifiers_
    parts = [_calibrated(graph, fold, predict(graph, fold.estimator, wire)) for fold in folds]
    probabilities = average(graph, parts, divide=len(parts)) if len(parts) > 1 else parts[0]
    index = graph.add("argmax/1", probabilities)
    return classification(graph, estimator.classes_, index, probabilities=probabilities)


def _calibrated(graph: Graph, fold: Any, outputs: Outputs) -> Wire:
    """_CalibratedClassifier.predict_proba."""
    inner = fold.estimator
    method = first_method(inner, ("decision_function", "predict_proba"))
    scores = response(graph, inner, outputs, method)
    if fold.method == "temperature":
        return _by_temperature(graph, fold, scores, method)
    classes = list(fold.classes)
    # of two classes the one score is the second's
    places = [classes.index(label) + (len(classes) == 2) for label in inner.classes_][: scores.width]
    parts = [
        _by_calibrator(graph, calibrator, column(graph, scores, number))
        for number, calibrator in enumerate(fold.calibrators[: scores.width])
    ]
    if len(classes) == 2:
        return graph.add("pair/1", parts[0])
    return graph.add("share/1", spread(graph, concat(graph, parts), places, len(classes)), zero="even")


def _by_calibrator(graph: Graph, calibrator: Any, scores: Wire) -> Wire:
    if type(calibrator).__name__ == "IsotonicRegression":
        return isotonic_transform(graph, calibrator, scores)
    if type(calibrator).__name__ != "_SigmoidCalibration":
        raise graph.refuse(calibrator, "no lowering of this calibrator")
    line = scaled(graph, scores, multiply=-float(calibrator.a_), add=-float(calibrator.b_))
    return graph.add("map/1", line, function="expit")


def _by_temperature(graph: Graph, fold: Any, scores: Wire, method: str) -> Wire:
    """The softmax of the logits times beta; a score of two classes is the logit of both, up to its sign."""
    scores = finite(graph, scores)
    if scores.width == 1 and method == "predict_proba":
        scores = graph.add("pair/1", scores)
    elif scores.width == 1:
        scores = graph.add("linear/1", scores, coef=[[-1.0], [1.0]], intercept=np.zeros(2))
    beta = float(fold.calibrators[0].beta_)
    return graph.add("softmax/1", scaled(graph, graph.add("logits/1", scores), multiply=beta))


PREDICTORS = {
    "CalibratedClassifierCV": Lowering(
        calibrated_classifier, "base_estimator cv ensemble estimator method n_jobs"
    ),
}
