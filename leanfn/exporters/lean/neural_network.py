"""sklearn.neural_network, lowered: a linear map and an activation per layer."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, numeric

# the activation -> the function of map/1
FUNCTIONS = {"tanh": "tanh", "logistic": "expit", "exp": "exp"}


def network(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    wire = finite(graph, numeric(graph, estimator, wire))
    last = len(estimator.coefs_) - 1
    for number, (coef, intercept) in enumerate(zip(estimator.coefs_, estimator.intercepts_)):
        wire = graph.add("linear/1", wire, coef=np.transpose(coef), intercept=intercept)
        wire = _activate(
            graph, estimator, wire, estimator.out_activation_ if number == last else estimator.activation
        )
    return wire


def _activate(graph: Graph, estimator: Any, wire: Wire, activation: str) -> Wire:
    if activation == "identity":
        return wire
    if activation in ("relu", "softmax"):
        return graph.add(f"{activation}/1", wire)
    if activation not in FUNCTIONS:
        raise graph.refuse(estimator, f"parameter activation={activation!r}")
    return graph.add("map/1", wire, function=FUNCTIONS[activation])


def mlp_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    shares = network(graph, estimator, wire)
    if estimator._label_binarizer.y_type_.startswith("multilabel"):
        return {"predict": graph.add("bits/1", shares, at=0.5), "predict_proba": shares}
    classes = estimator.classes_
    if shares.width > 1:
        index = graph.add("argmax/1", shares)
        return classification(graph, classes, index, probabilities=shares)
    if len(classes) == 1:
        raise graph.refuse(estimator, f"it knows one class alone: {classes[0]!r}")
    index = graph.add("exceeds/1", shares, at=0.5, column=0, equal=False)
    return classification(graph, classes, index, probabilities=graph.add("pair/1", shares))


def mlp_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": network(graph, estimator, wire)}


_PARAMETERS = (
    "activation alpha batch_size beta_1 beta_2 early_stopping epsilon hidden_layer_sizes learning_rate "
    "learning_rate_init loss max_fun max_iter momentum n_iter_no_change nesterovs_momentum power_t random_state shuffle "
    "solver tol validation_fraction verbose warm_start"
)

PREDICTORS = {
    "MLPClassifier": Lowering(mlp_classifier, _PARAMETERS),
    "MLPRegressor": Lowering(mlp_regressor, _PARAMETERS),
}
