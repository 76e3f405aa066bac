"""sklearn.cross_decomposition, lowered: rows centred, scaled and projected on what two tables have in common."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, vector
from .preprocessing import scale


def predictor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The coefficients know the scale; only the centre comes off."""
    source = finite(graph, vector(graph, estimator, wire))
    centred = scale(graph, source, subtract=estimator._x_mean)
    intercept = np.ravel(estimator.intercept_)
    return {
        "predict": graph.add("linear/1", centred, coef=np.atleast_2d(estimator.coef_), intercept=intercept)
    }


def transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return _project(graph, estimator, wire, estimator.x_rotations_)


def svd_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return _project(graph, estimator, wire, estimator.x_weights_)


def _project(graph: Graph, estimator: Any, wire: Wire, directions: Any) -> Wire:
    source = finite(graph, vector(graph, estimator, wire))
    scaled = scale(graph, source, subtract=estimator._x_mean, divide=estimator._x_std)
    return graph.add("linear/1", scaled, coef=directions.T, intercept=np.zeros(directions.shape[1]))


_PARAMETERS = "n_components scale algorithm max_iter tol copy"

TRANSFORMERS = {
    "CCA": Lowering(transformer, _PARAMETERS),
    "PLSCanonical": Lowering(transformer, _PARAMETERS),
    "PLSRegression": Lowering(transformer, _PARAMETERS),
    "PLSSVD": Lowering(svd_transformer, _PARAMETERS),
}
PREDICTORS = {name: Lowering(predictor, _PARAMETERS) for name in ("CCA", "PLSCanonical", "PLSRegression")}
