"""sklearn.dummy, lowered: the same answer to every row, whatever it holds."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification


def dummy_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    strategy = estimator._strategy
    if strategy in ("stratified", "uniform"):
        raise graph.refuse(estimator, f"parameter strategy={strategy!r}: it draws at random")
    if estimator.sparse_output_:
        raise graph.refuse(estimator, "a sparse target")
    if estimator.n_outputs_ == 1:
        return _constant(
            graph, wire, strategy, estimator.classes_, estimator.class_prior_, estimator.constant
        )
    constants = [None] * estimator.n_outputs_ if estimator.constant is None else np.ravel(estimator.constant)
    outputs = [
        _constant(graph, wire, strategy, classes, prior, constant)
        for classes, prior, constant in zip(estimator.classes_, estimator.class_prior_, constants)
    ]
    return {
        method: graph.add("many/1", *[output[method] for output in outputs])
        for method in ("predict", "predict_proba")
    }


def _constant(graph: Graph, wire: Wire, strategy: str, classes: Any, prior: Any, constant: Any) -> Outputs:
    classes = np.asarray(classes)
    if strategy == "constant":
        chosen = int(np.flatnonzero(classes == np.ravel(constant)[0])[0])
    else:
        chosen = int(np.argmax(prior))
    choice = np.eye(len(classes))[chosen]
    probabilities = graph.add("constant/1", wire, values=prior if strategy == "prior" else choice)
    index = graph.add("argmax/1", graph.add("constant/1", wire, values=choice))
    return classification(graph, classes, index, probabilities=probabilities)


def dummy_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": graph.add("constant/1", wire, values=np.ravel(estimator.constant_))}


_PARAMETERS = "constant quantile random_state strategy"

PREDICTORS = {
    "DummyClassifier": Lowering(dummy_classifier, _PARAMETERS),
    "DummyRegressor": Lowering(dummy_regressor, _PARAMETERS),
}
