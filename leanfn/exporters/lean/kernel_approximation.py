"""sklearn.kernel_approximation, lowered."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import pairwise_kernel
from .lowering import Lowering, finite, numeric, vector
from .preprocessing import scale

INTERVALS = {1: 0.8, 2: 0.5, 3: 0.4}  # AdditiveChi2Sampler's own, by its sample_steps


def nystroem(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    more = estimator.kernel_params or {}
    if more:
        raise graph.refuse(estimator, f"parameter kernel_params={more!r}")
    kernel = pairwise_kernel(
        graph,
        estimator,
        wire,
        estimator.components_,
        estimator.gamma,
        coef0=estimator.coef0,
        degree=estimator.degree,
    )
    normalization = np.asarray(estimator.normalization_, dtype=np.float64)
    return graph.add("linear/1", kernel, coef=normalization, intercept=np.zeros(len(normalization)))


def rbf_sampler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, numeric(graph, estimator, wire))
    return _cosines(graph, estimator, source, (2.0 / estimator.n_components) ** 0.5)


def skewed_chi2_sampler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire))
    skewedness = float(estimator.skewedness)
    source = graph.add("above/1", source, low=-skewedness, equal=False)
    shifted = scale(graph, source, add=np.full(source.width, skewedness))
    logarithms = graph.add("map/1", shifted, function="log")
    return _cosines(graph, estimator, logarithms, np.sqrt(2.0) / np.sqrt(estimator.n_components))


def _cosines(graph: Graph, estimator: Any, wire: Wire, factor: float) -> Wire:
    projection = graph.add(
        "linear/1", wire, coef=estimator.random_weights_.T, intercept=estimator.random_offset_
    )
    return scale(
        graph, graph.add("map/1", projection, function="cos"), multiply=np.full(projection.width, factor)
    )


def additive_chi2_sampler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire))
    source = graph.add("above/1", source, low=0.0, equal=True)
    steps = estimator.sample_steps
    interval = INTERVALS[steps] if estimator.sample_interval is None else estimator.sample_interval
    return graph.add("additive_chi2/1", source, steps=steps, interval=float(interval))


TRANSFORMERS = {
    "Nystroem": Lowering(
        nystroem, "kernel gamma coef0 degree kernel_params n_components random_state n_jobs"
    ),
    "RBFSampler": Lowering(rbf_sampler, "gamma n_components random_state"),
    "SkewedChi2Sampler": Lowering(skewed_chi2_sampler, "skewedness n_components random_state"),
    "AdditiveChi2Sampler": Lowering(additive_chi2_sampler, "sample_steps sample_interval"),
}
