"""sklearn.manifold, lowered: a row takes its place among training rows that were laid out anew."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, finite, vector
from .neighbors import nearest


def locally_linear_embedding(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    search = estimator.nbrs_
    source = finite(graph, vector(graph, estimator, wire))
    points = np.asarray(search._fit_X, dtype=np.float64)
    found = nearest(graph, search, source, estimator.n_neighbors, None)
    return graph.add(
        "mix/1", found, source, points=points, places=estimator.embedding_, reg=float(estimator.reg)
    )


TRANSFORMERS = {
    "LocallyLinearEmbedding": Lowering(
        locally_linear_embedding,
        "n_neighbors n_components reg eigen_solver tol max_iter method hessian_tol modified_tol neighbors_algorithm "
        "random_state n_jobs",
    ),
}
