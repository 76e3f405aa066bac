"""sklearn.semi_supervised, lowered: self-training ends in a classifier like any other."""

from typing import Any

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, numeric, predict


def self_training_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    inner = estimator.estimator_ if hasattr(estimator, "estimator_") else estimator.base_estimator_
    return predict(graph, inner, numeric(graph, estimator, wire))


PREDICTORS = {
    "SelfTrainingClassifier": Lowering(
        self_training_classifier, "base_estimator criterion estimator k_best max_iter threshold verbose"
    ),
}
