"""sklearn.isotonic, lowered: a line from point to point."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, vector


def isotonic_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    xs, ys = np.asarray(estimator.X_thresholds_), np.asarray(estimator.y_thresholds_)
    if xs.dtype != np.float64:
        raise graph.refuse(estimator, f"it was fitted on {xs.dtype}, and rounds what it reads")
    source = finite(graph, vector(graph, estimator, wire))
    if len(xs) == 1:
        return graph.add("constant/1", source, values=ys)
    return graph.add("interpolate/1", source, xs=xs, ys=ys, outside=estimator.out_of_bounds)


def isotonic_predict(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": isotonic_transform(graph, estimator, wire)}


_PARAMETERS = "increasing out_of_bounds y_max y_min"

TRANSFORMERS = {"IsotonicRegression": Lowering(isotonic_transform, _PARAMETERS)}
PREDICTORS = {"IsotonicRegression": Lowering(isotonic_predict, _PARAMETERS)}
