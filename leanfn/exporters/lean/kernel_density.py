"""sklearn.neighbors.KernelDensity, lowered: a sum over all training rows."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, vector
from .neighbors import METRICS

KERNELS = ("gaussian", "exponential")


def kernel_density(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    if estimator.rtol or estimator.atol:
        name = "rtol" if estimator.rtol else "atol"
        raise graph.refuse(estimator, f"parameter {name}={getattr(estimator, name)!r}")
    if estimator.kernel not in KERNELS:
        raise graph.refuse(
            estimator,
            f"parameter kernel={estimator.kernel!r}: where it has no density, scikit-learn's sum is what rounding leaves",
        )
    params = dict(estimator.metric_params or {})
    p = params.pop("p", 2.0)
    if estimator.metric not in METRICS or params:
        raise graph.refuse(
            estimator, f"parameter metric={estimator.metric!r}, metric_params={estimator.metric_params!r}"
        )
    metric = METRICS[estimator.metric]
    if metric == "minkowski":
        metric = {1: "manhattan", 2: "euclidean", np.inf: "chebyshev"}.get(p, metric)
    graph.carries_training_rows(estimator)
    points = np.asarray(estimator.tree_.data, dtype=np.float64)
    weights = estimator.tree_.sample_weight
    source = finite(graph, vector(graph, estimator, wire))
    power = p if metric == "minkowski" else None
    distances = graph.add("distances/1", source, metric=metric, products=False, p=power, points=points)
    with np.errstate(divide="ignore"):
        logarithms = None if weights is None else np.log(np.asarray(weights, dtype=np.float64))
    density = graph.add(
        "density/1",
        distances,
        kernel=estimator.kernel,
        bandwidth=float(getattr(estimator, "bandwidth_", estimator.bandwidth)),
        weights=logarithms,
        norm=_log_norm(estimator, points.shape[1]) - np.log(estimator.tree_.sum_weight),
    )
    return {"score_samples": density}


def _log_norm(estimator: Any, width: int) -> float:
    from sklearn.neighbors._kd_tree import kernel_norm

    bandwidth = getattr(estimator, "bandwidth_", estimator.bandwidth)
    return float(kernel_norm(float(bandwidth), width, estimator.kernel, return_log=True))


PREDICTORS = {
    "KernelDensity": Lowering(
        kernel_density,
        "bandwidth algorithm kernel metric atol rtol breadth_first leaf_size metric_params",
    ),
}
