"""sklearn.impute, lowered."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .compose import columns
from .graph import Graph, Wire
from .linear_model import PREDICTORS, regressor
from .lowering import Lowering, finite, vector
from .pipeline import join

Floats = np.ndarray[Any, np.dtype[np.float64]]


def is_nan(value: Any) -> bool:
    """Whether a scalar of any type is NaN (pandas' NA counts as one)."""
    return (
        value is not None
        and not isinstance(value, str)
        and bool(type(value).__name__ == "NAType" or value != value)
    )


def simple_imputer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """SimpleImputer.transform: the statistics learned at fit, columns without one left out, the indicator behind."""
    if wire.kind == "values" and not wire.is_numeric:
        imputed = _filled_values(graph, estimator, wire)
    else:
        imputed = _filled_numbers(graph, estimator, wire)
    if not estimator.add_indicator:
        return imputed
    return join(graph, estimator, [imputed, missing_indicator(graph, estimator.indicator_, wire)])


def kept_columns(estimator: Any) -> list[int]:
    """The columns that an imputer has a statistic for; before scikit-learn 1.8, a constant was one for every column."""
    statistics = list(estimator.statistics_)
    every = estimator.strategy == "constant" and not hasattr(estimator, "_fill_dtype")
    return [
        i for i, value in enumerate(statistics) if every or estimator.keep_empty_features or not is_nan(value)
    ]


def _filled_numbers(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source, missing = _numbers(graph, estimator, wire)
    kept = kept_columns(estimator)
    # from scikit-learn 1.8 on, a statistic is rounded to the type of number that the imputer was fitted with
    rounded = estimator.statistics_[kept].astype(getattr(estimator, "_fill_dtype", np.float64))
    statistics = rounded.astype(np.float64)
    chosen = columns(graph, source, kept)
    graph.note_fills(chosen.names, statistics.tolist())
    return replace(graph.add("impute/1", chosen, fill=statistics, missing=missing), names=chosen.names)


def _numbers(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Any]:
    """The row as checked numbers, and the one that stands for a missing one (None: NaN does)."""
    missing = None if is_nan(estimator.missing_values) else estimator.missing_values
    if (
        not (missing is None or isinstance(missing, (int, float, np.number)))
        or estimator.missing_values is None
    ):
        raise graph.refuse(
            estimator, f"parameter missing_values={estimator.missing_values!r} of columns of numbers"
        )
    return finite(graph, vector(graph, estimator, wire), nan=missing is None), missing


def _filled_values(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source, missing, counting = _values(graph, estimator, wire)
    kept = kept_columns(estimator)
    chosen = columns(graph, source, kept)
    fills = [estimator.statistics_[i] if i in counting else None for i in kept]
    names = chosen.names or [""] * len(kept)
    graph.note_fills(
        [name for name, fill in zip(names, fills) if fill is not None],
        [fill for fill in fills if fill is not None],
    )
    filled = graph.add("fill/1", chosen, missing=missing, fill=fills)
    return replace(filled, names=chosen.names, types=chosen.types)


def _values(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Any, Sequence[int]]:
    """The row of values as checked; the one that stands for a missing one (None: null does); the columns where it does.

    A null is NaN or None, as its column's nulls are in the sample. NaN passes only where it is the missing value; None
    always passes, and stays where it is not.
    """
    missing = estimator.missing_values
    none = {i for i, name in enumerate(wire.names or ()) if name in graph.none_columns}
    every = range(wire.width)
    if is_nan(missing):
        return wire, None, [i for i in every if i not in none]
    checked = replace(
        graph.add("required/1", wire, columns=[i for i in every if i not in none]),
        names=wire.names,
        types=wire.types,
    )
    return checked, missing, [i for i in every if missing is not None or i in none]


def missing_indicator(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """MissingIndicator.transform: 1.0 for True."""
    shown = [int(i) for i in estimator.features_]
    refuse = bool(estimator.error_on_new and estimator.features == "missing-only")
    if wire.kind != "values" or wire.is_numeric:
        source, number = _numbers(graph, estimator, wire)
        return graph.add("indicate/1", source, columns=shown, missing=number, refuse=refuse)
    values, missing, counting = _values(graph, estimator, wire)
    other = [i for i in (range(wire.width) if refuse else shown) if i not in counting]
    if missing is None and other:
        name = wire.names[other[0]] if wire.names else ""
        raise graph.refuse(
            estimator,
            f"parameter missing_values={estimator.missing_values!r}: not how {name!r} writes a null",
        )
    return graph.add("absent/1", values, columns=shown, missing=missing, refuse=refuse)


def iterative_imputer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """IterativeImputer.transform, where linear models estimate: only what a row lacks is computed."""
    if estimator.sample_posterior:
        raise graph.refuse(estimator, "parameter sample_posterior=True draws at random")
    source, missing = _numbers(graph, estimator, wire)
    initial = estimator.initial_imputer_
    kept = kept_columns(initial)
    imputed = filled = _filled_numbers(graph, initial, wire)
    if estimator.n_iter_:
        empty = _empty_columns(graph, estimator)
        steps = [_estimate(graph, estimator, step, filled.width) for step in estimator.imputation_sequence_]
        targets = [int(step.feat_idx) for step in estimator.imputation_sequence_]
        imputed = graph.add(
            "rounds/1",
            columns(graph, source, kept),
            filled,
            ignored=empty,
            missing=missing,
            targets=targets,
            coef=[coef for coef, _ in steps],
            intercept=[intercept for _, intercept in steps],
            low=estimator._min_value[targets],
            high=estimator._max_value[targets],
        )
        imputed = replace(imputed, names=filled.names)
    if not estimator.add_indicator:
        return imputed
    return join(graph, estimator, [imputed, missing_indicator(graph, estimator.indicator_, wire)])


def _empty_columns(graph: Graph, estimator: Any) -> list[int]:
    """The columns that were empty at fit and are kept: nothing estimates them."""
    if not estimator.keep_empty_features:
        return []
    if not hasattr(
        estimator, "_is_empty_feature"
    ):  # before scikit-learn 1.6 it writes over what is not missing
        raise graph.refuse(estimator, "parameter keep_empty_features=True of this version of scikit-learn")
    return [int(i) for i in np.flatnonzero(estimator._is_empty_feature)]


def _estimate(graph: Graph, imputer: Any, step: Any, width: int) -> tuple[Floats, float]:
    """A step's linear model, with a weight for every column."""
    linear = PREDICTORS.get(type(step.estimator).__name__)
    if linear is None or linear.function is not regressor or np.ndim(step.estimator.coef_) != 1:
        raise graph.refuse(imputer, f"parameter estimator={imputer.estimator!r}: it is no linear regressor")
    coef = np.zeros(width)
    coef[step.neighbor_feat_idx] = step.estimator.coef_
    return coef, float(step.estimator.intercept_)


TRANSFORMERS = {
    "IterativeImputer": Lowering(
        iterative_imputer,
        "estimator missing_values sample_posterior max_iter tol n_nearest_features initial_strategy fill_value "
        "imputation_order skip_complete min_value max_value verbose random_state add_indicator keep_empty_features",
    ),
    "SimpleImputer": Lowering(
        simple_imputer, "missing_values strategy fill_value copy add_indicator keep_empty_features verbose"
    ),
    "MissingIndicator": Lowering(missing_indicator, "missing_values features sparse error_on_new"),
}
