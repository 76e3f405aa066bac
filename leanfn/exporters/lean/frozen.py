"""sklearn.frozen, lowered: the estimator inside."""

from typing import Any

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, predict, transform


def frozen_predict(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return predict(graph, estimator.estimator, wire)


def frozen_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return transform(graph, estimator.estimator, wire)


TRANSFORMERS = {"FrozenEstimator": Lowering(frozen_transform, "estimator")}
PREDICTORS = {"FrozenEstimator": Lowering(frozen_predict, "estimator")}
