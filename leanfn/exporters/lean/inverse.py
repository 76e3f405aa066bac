"""Inverse transformations: from what a regressor predicts for a transformed target back to the target."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .functions import apply
from .graph import Graph, Wire
from .lowering import finite
from .preprocessing import scale


def inverse(graph: Graph, transformer: Any, wire: Wire) -> Wire:
    """The wire behind a fitted transformer's inverse_transform; 'passthrough' and None let the wire through."""
    if transformer is None or (isinstance(transformer, str) and transformer == "passthrough"):
        return wire
    kind = type(transformer)
    lowered = INVERSES.get(kind.__name__) if kind.__module__.partition(".")[0] == "sklearn" else None
    if lowered is None:
        raise graph.refuse(
            transformer, f"no lowering of {kind.__module__}.{kind.__qualname__}.inverse_transform"
        )
    return lowered(graph, transformer, wire)


def _pipeline(graph: Graph, pipeline: Any, wire: Wire) -> Wire:
    for name, step in reversed(pipeline.steps):
        with graph.step(name):
            wire = inverse(graph, step, wire)
    return wire


def _standard_scaler(graph: Graph, scaler: Any, wire: Wire) -> Wire:
    source = finite(graph, wire, nan=True)
    multiply = scaler.scale_ if scaler.with_std else None
    return scale(graph, source, multiply=multiply, add=scaler.mean_ if scaler.with_mean else None)


def _min_max_scaler(graph: Graph, scaler: Any, wire: Wire) -> Wire:
    return scale(graph, finite(graph, wire, nan=True), subtract=scaler.min_, divide=scaler.scale_)


def _max_abs_scaler(graph: Graph, scaler: Any, wire: Wire) -> Wire:
    return scale(graph, finite(graph, wire, nan=True), multiply=scaler.scale_)


def _robust_scaler(graph: Graph, scaler: Any, wire: Wire) -> Wire:
    source = finite(graph, wire, nan=True)
    multiply = scaler.scale_ if scaler.with_scaling else None
    return scale(graph, source, multiply=multiply, add=scaler.center_ if scaler.with_centering else None)


def _power_transformer(graph: Graph, transformer: Any, wire: Wire) -> Wire:
    source = finite(graph, wire, nan=True)
    if transformer.standardize:
        source = _standard_scaler(graph, transformer._scaler, source)
    powers = np.asarray(transformer.lambdas_)
    if powers.dtype != np.float64:
        raise graph.refuse(transformer, f"fitted to {powers.dtype}, it divides in that precision")
    return graph.add(
        "power/1", source, method=f"{transformer.method} inverse", powers=powers, rests=2 - powers
    )


def _quantile_transformer(graph: Graph, transformer: Any, wire: Wire) -> Wire:
    return graph.add(
        "quantile_inverse/1",
        finite(graph, wire, nan=True),
        normal=transformer.output_distribution == "normal",
        quantiles=transformer.quantiles_.T,
        references=transformer.references_,
    )


def _function_transformer(graph: Graph, transformer: Any, wire: Wire) -> Wire:
    source = finite(graph, wire) if transformer.validate else wire
    return apply(graph, transformer, source, "inverse_func", "inv_kw_args")


INVERSES: dict[str, Callable[[Graph, Any, Wire], Wire]] = {
    "FunctionTransformer": _function_transformer,
    "MaxAbsScaler": _max_abs_scaler,
    "MinMaxScaler": _min_max_scaler,
    "Pipeline": _pipeline,
    "PowerTransformer": _power_transformer,
    "QuantileTransformer": _quantile_transformer,
    "RobustScaler": _robust_scaler,
    "StandardScaler": _standard_scaler,
}
