"""sklearn.model_selection, lowered: a search is its best estimator, a tuned threshold moves its labels alone."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, predict, transform
from .members import answer, column, first_method
from .trees import scaled


def search_predict(graph: Graph, search: Any, wire: Wire) -> Outputs:
    return predict(graph, search.best_estimator_, wire)


def search_transform(graph: Graph, search: Any, wire: Wire) -> Wire:
    return transform(graph, search.best_estimator_, wire)


def threshold_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The class whose score reaches the threshold: the positive one, else the other. The scores stay as they are."""
    inner = getattr(estimator, "estimator_", estimator.estimator)
    outputs = predict(graph, inner, wire)
    preference = estimator.response_method
    method = first_method(
        inner, ("predict_proba", "decision_function") if preference == "auto" else (preference,)
    )
    if hasattr(estimator, "best_threshold_"):
        threshold, positive = estimator.best_threshold_, estimator._curve_scorer._get_pos_label()
    else:
        threshold, positive = estimator.threshold, estimator.pos_label
        if threshold == "auto":
            threshold = 0.5 if method == "predict_proba" else 0.0
    classes = np.asarray(inner.classes_)
    scores = answer(graph, inner, outputs, method)
    place = 1 if positive is None else int(np.flatnonzero(classes == positive)[0])
    if method == "predict_proba":
        scores = column(graph, scores, place)
    index = _reaches(graph, scores, float(threshold), place, is_decision=method == "decision_function")
    return classification(
        graph,
        classes,
        index,
        decision=outputs.get("decision_function"),
        probabilities=outputs.get("predict_proba"),
    )


def _reaches(graph: Graph, scores: Wire, threshold: float, place: int, *, is_decision: bool) -> Wire:
    """1 where the second class is chosen. Where the first is the positive one, its score is the decision's opposite,
    and the second is chosen where that score stays below the threshold."""
    if place == 1:
        return graph.add("exceeds/1", scores, at=threshold, column=0, equal=True)
    if not is_decision:
        scores = scaled(graph, scores, multiply=-1.0)
    return graph.add("exceeds/1", scores, at=-threshold, column=0, equal=False)


_SEARCH = (
    "aggressive_elimination cv error_score estimator factor max_resources min_resources n_candidates n_iter n_jobs "
    "param_distributions param_grid pre_dispatch random_state refit resource return_train_score scoring verbose"
)
_SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")
_THRESHOLD = "cv estimator n_jobs pos_label random_state refit response_method scoring store_cv_results threshold thresholds"

TRANSFORMERS = {name: Lowering(search_transform, _SEARCH) for name in _SEARCHES}
PREDICTORS = {
    **{name: Lowering(search_predict, _SEARCH) for name in _SEARCHES},
    "FixedThresholdClassifier": Lowering(threshold_classifier, _THRESHOLD),
    "TunedThresholdClassifierCV": Lowering(threshold_classifier, _THRESHOLD),
}
