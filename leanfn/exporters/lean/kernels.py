"""Kernels with points, for the estimators of several modules."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import dense, finite, numeric, vector

NAMES = {"polynomial": "poly"} | {
    name: name
    for name in ("linear", "poly", "rbf", "sigmoid", "cosine", "laplacian", "chi2", "additive_chi2")
}
SPARSE = ("linear", "poly", "rbf", "sigmoid", "cosine", "distance")


def kernel_of(
    graph: Graph,
    estimator: Any,
    wire: Wire,
    points: Any,
    *,
    kernel: str,
    gamma: float = 1.0,
    coef0: float = 0.0,
    degree: float = 3,
    products: bool = False,
) -> Wire:
    """The kernel of the row with the points; of a sparse row without laying either out in full."""
    scalars = {"gamma": float(gamma), "coef0": float(coef0), "degree": float(degree)}
    if wire.kind == "sparse" and kernel in SPARSE:
        from scipy import sparse

        columns = sparse.csc_matrix(points, dtype=np.float64)
        columns.sort_indices()
        norms = np.asarray(columns.multiply(columns).sum(axis=1), dtype=np.float64).ravel()
        arrays = {"data": columns.data, "rows": columns.indices, "starts": columns.indptr, "norms": norms}
        return graph.add("sparse_kernel/1", wire, kernel=kernel, **arrays, **scalars)
    wire = vector(graph, estimator, wire)
    return graph.add("kernel/1", wire, kernel=kernel, products=products, points=dense(points), **scalars)


def pairwise_kernel(
    graph: Graph, estimator: Any, wire: Wire, points: Any, gamma: float | None, **parameters: Any
) -> Wire:
    """As sklearn.metrics.pairwise.pairwise_kernels has it: its names, its defaults, and what it refuses."""
    kernel = estimator.kernel
    if callable(kernel) or kernel not in NAMES:
        raise graph.refuse(estimator, f"parameter kernel={kernel!r}")
    name = NAMES[kernel]
    source = finite(graph, numeric(graph, estimator, wire))
    if name in ("chi2", "additive_chi2"):
        source = graph.add("above/1", vector(graph, estimator, source), low=0.0, equal=True)
    if gamma is None:
        gamma = 1.0 if name == "chi2" else 1.0 / points.shape[1]
    defaults = {"coef0": 1.0, "degree": 3}
    given = {key: value for key, value in parameters.items() if value is not None}
    graph.carries_training_rows(estimator)
    return kernel_of(
        graph, estimator, source, points, kernel=name, gamma=gamma, products=True, **{**defaults, **given}
    )
