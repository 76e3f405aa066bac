"""sklearn.impute, lowered."""

from dataclasses import replace
from typing import Any

import numpy as np

from .compose import columns
from .graph import Graph, Wire
from .lowering import Lowering, finite, vector


def is_nan(value: Any) -> bool:
    """Whether a scalar of any type is NaN (pandas' NA counts as one)."""
    return (
        value is not None
        and not isinstance(value, str)
        and bool(value != value or type(value).__name__ == "NAType")
    )


def simple_imputer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if wire.kind == "values" and not wire.is_numeric:
        return _impute_values(graph, estimator, wire)
    statistics = np.asarray(estimator.statistics_, dtype=np.float64)
    missing = None if is_nan(estimator.missing_values) else estimator.missing_values
    if missing is not None and not isinstance(missing, (int, float, np.number)):
        raise graph.refuse(estimator, f"parameter missing_values={missing!r} of columns of numbers")
    source = finite(graph, vector(graph, estimator, wire), nan=missing is None)
    kept = np.flatnonzero(~np.isnan(statistics))
    graph.note_fills(wire.names, statistics.tolist())
    chosen = columns(graph, replace(source, names=wire.names), [int(i) for i in kept])
    imputed = graph.add("impute/1", chosen, fill=statistics[kept], missing=missing)
    imputed = replace(imputed, names=chosen.names)
    if not estimator.add_indicator:
        return imputed
    shown = graph.add("indicate/1", source, columns=estimator.indicator_.features_, missing=missing)
    names = (*(imputed.names or [""] * imputed.width), *[""] * shown.width)
    return replace(graph.add("concat/1", imputed, shown), names=names) if shown.width else imputed


def _impute_values(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Columns of text: null is scikit-learn's missing value when the sample writes it in the same way."""
    missing = estimator.missing_values
    if estimator.add_indicator:
        raise graph.refuse(estimator, "parameter add_indicator=True of columns of text")
    if is_nan(missing) or missing is None:
        other = [name for name in wire.names or () if (name in graph.none_columns) == is_nan(missing)]
        if other:
            raise graph.refuse(
                estimator, f"parameter missing_values={missing!r}: not how {other[0]!r} writes a null"
            )
        missing = None
    statistics = list(estimator.statistics_)
    kept = [i for i, value in enumerate(statistics) if not is_nan(value) and value is not None]
    chosen = columns(graph, wire, kept)
    fills = [statistics[i] for i in kept]
    graph.note_fills(chosen.names, fills)
    filled = graph.add("fill/1", chosen, missing=missing, fill=fills)
    return replace(filled, names=chosen.names, types=chosen.types)


TRANSFORMERS = {
    "SimpleImputer": Lowering(
        simple_imputer, "missing_values strategy fill_value copy add_indicator keep_empty_features verbose"
    ),
}
