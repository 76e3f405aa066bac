"""sklearn.neighbors.NearestCentroid, lowered: the nearest of the classes' centres, or the likeliest by its prior."""

from typing import Any

import numpy as np

from .cluster import nearest_centre
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, vector
from .preprocessing import scale


def nearest_centroid(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    if estimator.metric not in ("euclidean", "manhattan"):
        raise graph.refuse(estimator, f"parameter metric={estimator.metric!r}")
    centroids = np.asarray(estimator.centroids_, dtype=np.float64)
    classes = estimator.classes_
    priors = getattr(estimator, "class_prior_", np.full(len(classes), 1 / len(classes)))
    scores = None
    if hasattr(estimator, "predict_proba") or not np.isclose(priors, 1 / len(classes)).all():
        scores = _scores(graph, estimator, wire, centroids, priors)
    if scores is not None and not np.isclose(priors, 1 / len(classes)).all():
        index = graph.add("argmax/1", scores)
    else:
        index = nearest_centre(graph, estimator, wire, centroids, estimator.metric)
    if scores is None or not hasattr(estimator, "predict_proba"):
        return classification(graph, classes, index)
    decision = scores
    if len(classes) == 2:
        decision = graph.add("linear/1", scores, coef=[[-1.0, 1.0]], intercept=[0.0])
    probabilities = graph.add("softmax/1", scores)
    return classification(graph, classes, index, decision=decision, probabilities=probabilities)


def _scores(graph: Graph, estimator: Any, wire: Wire, centroids: Any, priors: Any) -> Wire:
    """Minus the squared distance in units of the spread within classes, and twice the logarithm of the prior."""
    spread = np.asarray(estimator.within_class_std_dev_, dtype=np.float64).ravel()
    spread = np.where(spread == 0.0, 1.0, spread)
    source = scale(graph, finite(graph, vector(graph, estimator, wire)), divide=spread)
    source = finite(graph, source)  # pairwise_distances looks again
    distances = graph.add(
        "distances/1", source, metric=estimator.metric, products=True, p=None, points=centroids / spread
    )
    squares = graph.add("map/1", distances, function="square")
    with np.errstate(divide="ignore"):
        logarithms = 2.0 * np.log(priors)
    return scale(graph, squares, multiply=np.full(squares.width, -1.0), add=logarithms)


PREDICTORS = {"NearestCentroid": Lowering(nearest_centroid, "metric shrink_threshold priors")}
