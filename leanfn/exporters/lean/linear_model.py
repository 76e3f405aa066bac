"""sklearn.linear_model, lowered: one linear map, and what a classifier makes of it."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, dense, finite, numeric


def linear(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """coef_ · x + intercept_, as LinearModel._decision_function has it."""
    coef = np.atleast_2d(dense(estimator.coef_))
    intercept = np.broadcast_to(np.ravel(dense(estimator.intercept_)), (len(coef),))
    return graph.add("linear/1", finite(graph, numeric(graph, estimator, wire)), coef=coef, intercept=intercept)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": linear(graph, estimator, wire)}


def scores(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Wire]:
    """The decision values, and the position of the class they choose (LinearClassifierMixin.predict)."""
    decision = linear(graph, estimator, wire)
    if decision.width == 1:
        return decision, graph.add("exceeds/1", decision, at=0.0, column=0, equal=False)
    return decision, graph.add("argmax/1", decision)


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    decision, index = scores(graph, estimator, wire)
    return classification(graph, estimator.classes_, index, decision=decision)
