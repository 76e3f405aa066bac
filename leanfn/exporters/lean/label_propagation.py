"""LabelPropagation and LabelSpreading of sklearn.semi_supervised, lowered: labels shared out by nearness."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import kernel_of
from .lowering import Lowering, Outputs, classification, finite, numeric
from .neighbors import nearest


def label_propagation(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    if estimator.kernel not in ("rbf", "knn"):
        raise graph.refuse(estimator, f"parameter kernel={estimator.kernel!r}")
    shares = np.asarray(estimator.label_distributions_, dtype=np.float64)
    if estimator.kernel == "knn":
        search = estimator.nn_fit
        found = nearest(graph, search, wire, search.n_neighbors, shares)
        sums = graph.add("mean/1", found, weights="uniform", targets=shares, empty=np.zeros(shares.shape[1]))
    else:
        graph.carries_training_rows(estimator)
        source = finite(graph, numeric(graph, estimator, wire))
        kernel = kernel_of(
            graph, estimator, source, estimator.X_, kernel="rbf", gamma=estimator.gamma, products=True
        )
        sums = graph.add("linear/1", kernel, coef=shares.T, intercept=np.zeros(shares.shape[1]))
    probabilities = graph.add("share/1", sums, zero="nan")
    index = graph.add("argmax/1", probabilities)
    return classification(graph, estimator.classes_, index, probabilities=probabilities)


_PARAMETERS = "kernel gamma n_neighbors alpha max_iter tol n_jobs"

PREDICTORS = {
    "LabelPropagation": Lowering(label_propagation, _PARAMETERS),
    "LabelSpreading": Lowering(label_propagation, _PARAMETERS),
}
