"""sklearn.pipeline, lowered: nothing but wiring."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .graph import NUMBER, Graph, Wire
from .lowering import Lowering, Outputs, predict, transform, vector

DENSE_WIDTH = (
    256  # columns up to which a row with sparse parts is laid out in full: a list is faster than a dict
)


def _through(graph: Graph, steps: Sequence[tuple[str, Any]], wire: Wire) -> Wire:
    for name, step in steps:
        with graph.step(name):
            wire = transform(graph, step, wire)
    return wire


def pipeline_transform(graph: Graph, pipeline: Any, wire: Wire) -> Wire:
    return _through(graph, pipeline.steps, wire)


def pipeline_predict(graph: Graph, pipeline: Any, wire: Wire) -> Outputs:
    *before, (name, last) = pipeline.steps
    wire = _through(graph, before, wire)
    with graph.step(name):
        return predict(graph, last, wire)


def union_transform(graph: Graph, union: Any, wire: Wire) -> Wire:
    weights = union.transformer_weights or {}
    parts = []
    for name, transformer in union.transformer_list:
        if isinstance(transformer, str) and transformer == "drop":
            continue
        with graph.step(name):
            parts.append(weighted(graph, union, transform(graph, transformer, wire), weights.get(name)))
    return join(graph, union, parts)


def weighted(graph: Graph, estimator: Any, wire: Wire, weight: float | None) -> Wire:
    """A part of a union times its weight."""
    if weight is None:
        return wire
    if wire.kind != "sparse":
        wire = vector(graph, estimator, wire)
    return graph.add(
        "scale/1", wire, steps=["multiply"], multiply=np.full(wire.width, weight), **NO_OTHER_STEPS
    )


NO_OTHER_STEPS = {"subtract": None, "divide": None, "add": None}


def join(graph: Graph, estimator: Any, parts: list[Wire]) -> Wire:
    """Parts side by side, as scikit-learn's hstack makes one row of them."""
    parts = [part for part in parts if part.width]
    if not parts:
        raise graph.refuse(estimator, "it gives no column")
    names = _names_of(parts)
    stores = any(part.stores for part in parts)
    if len(parts) == 1:
        return parts[0]
    if any(part.kind == "values" and not part.is_numeric for part in parts):
        # an array of text holds the numbers that were computed as values
        parts = [part if part.kind == "values" else as_values(graph, estimator, part) for part in parts]
        types = tuple(kind for part in parts for kind in part.types or ())
        return replace(graph.add("concat/1", *parts), names=names, types=types)
    if any(part.kind == "sparse" for part in parts) and sum(part.width for part in parts) > DENSE_WIDTH:
        parts = [part if part.kind == "sparse" else vector(graph, estimator, part) for part in parts]
        return replace(graph.add("stack/1", *parts), names=names)
    joined = graph.add("concat/1", *[vector(graph, estimator, part) for part in parts])
    return replace(joined, names=names, stores=stores)


def as_values(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Computed numbers as the values of columns that have no name in the source."""
    source = vector(graph, estimator, wire)
    # NaN is NaN now, also where the source column's nulls were None
    names = tuple("" if name in graph.none_columns else name for name in wire.names or [""] * wire.width)
    return replace(graph.add("values/1", source), names=names, types=(NUMBER,) * wire.width)


def _names_of(parts: list[Wire]) -> tuple[str, ...] | None:
    """The source columns of the joined row, "" where a column was computed of several or none is known."""
    if all(part.names is None for part in parts):
        return None
    return tuple(name for part in parts for name in part.names or [""] * part.width)


TRANSFORMERS = {
    "Pipeline": Lowering(pipeline_transform, "steps memory transform_input verbose"),
    "FeatureUnion": Lowering(
        union_transform, "transformer_list n_jobs transformer_weights verbose verbose_feature_names_out"
    ),
}
PREDICTORS = {"Pipeline": Lowering(pipeline_predict, "steps memory transform_input verbose")}
