"""sklearn.impute.KNNImputer, lowered: the nearest training rows give what a row lacks.

Its search is exhaustive, over distances from matrix products: it is refused where a training row's missing value
depends on which of equally near rows are taken. Rows that the proof makes up may lie so far away that all are equally
near: for those there is no right answer.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .impute import is_nan, missing_indicator
from .lowering import Lowering, finite, vector
from .pipeline import join

Array = np.ndarray[Any, Any]

QUERIES_LIMIT = 500  # training rows whose missing values are tried


def knn_imputer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Columns without a value at fit are left out, or zero with keep_empty_features."""
    weights = "uniform" if estimator.weights is None else estimator.weights
    if weights not in ("uniform", "distance"):
        raise graph.refuse(estimator, f"parameter weights={weights!r}")
    if estimator.metric != "nan_euclidean":
        raise graph.refuse(estimator, f"parameter metric={estimator.metric!r}")
    graph.carries_training_rows(estimator)
    points = np.where(estimator._mask_fit_X, np.nan, np.asarray(estimator._fit_X, dtype=np.float64))
    valid = np.asarray(estimator._valid_mask)
    _refuse_undecided(graph, estimator, points, weights == "distance")
    missing = None if is_nan(estimator.missing_values) else float(estimator.missing_values)
    source = finite(graph, vector(graph, estimator, wire), nan=missing is None)
    marked = source
    if missing is not None:
        marked = graph.add("impute/1", source, fill=np.full(source.width, np.nan), missing=missing)
    graph.undecided.append(
        (marked, lambda row: _hangs_on_rounding(np.asarray(row), points, estimator.n_neighbors))
    )
    filled = graph.add(
        "donors/1",
        marked,
        points=points,
        means=[np.ma.masked_invalid(column).mean() if any_ else 0.0 for column, any_ in zip(points.T, valid)],
        columns=np.flatnonzero(valid),
        k=estimator.n_neighbors,
        weights=weights,
        unreached=weights == "uniform" and _counts_the_unreached(estimator),
    )
    names = None if wire.names is None else tuple(wire.names[i] for i in np.flatnonzero(valid))
    if estimator.keep_empty_features and not valid.all():
        zero = graph.add("constant/1", filled, values=[0.0])
        places = [int(valid[:i].sum()) if valid[i] else filled.width for i in range(len(valid))]
        filled = graph.add("select/1", graph.add("concat/1", filled, zero), columns=places)
        names = wire.names
    filled = replace(filled, names=names)
    if not estimator.add_indicator:
        return filled
    return join(graph, estimator, [filled, missing_indicator(graph, estimator.indicator_, wire)])


def _counts_the_unreached(estimator: Any) -> bool:
    """Whether a donor that shares no column has a full weight, as it did in older versions of scikit-learn."""
    distances, values = np.array([[0.0, np.nan]]), np.array([0.0, 1.0])
    filled = estimator._calc_impute(distances, 2, values, np.zeros(2, dtype=bool))
    return bool(np.ravel(filled)[0] != 0.0)


def _refuse_undecided(graph: Graph, estimator: Any, points: Array, by_distance: bool) -> None:
    from sklearn.metrics.pairwise import nan_euclidean_distances

    cells = undecided = rounded = 0
    queries = _queries(points)
    for query, found in zip(queries, nan_euclidean_distances(queries, points)):
        for donors, near, bounds, values in _donors(query, points):
            cells += 1
            undecided += _is_undecided(near, bounds, values, estimator.n_neighbors)
            rounded += bool(((near <= bounds) & (found[donors] > 0)).any())
    if undecided:
        raise graph.refuse(
            estimator,
            f"{undecided} of {cells} missing values of its training rows depend on which of equally near rows it takes, "
            "and it follows no rule",
        )
    if by_distance and rounded:
        raise graph.refuse(
            estimator,
            f"parameter weights='distance': {rounded} of {cells} missing values of its training rows have a donor at no "
            "distance, which it weighs by rounding",
        )


def _queries(points: Array) -> Array:
    """Training rows that lack something, and rows that lack one value more, each column in turn."""
    incomplete = points[np.isnan(points).any(axis=1)][:QUERIES_LIMIT]
    made = points[:QUERIES_LIMIT].copy()
    made[np.arange(len(made)), np.arange(len(made)) % made.shape[1]] = np.nan
    return np.concatenate([incomplete, made])


def _hangs_on_rounding(query: Array, points: Array, k: int) -> bool:
    """Whether any of a row's missing values does."""
    with np.errstate(all="ignore"):
        found = _donors(query, points)
        return any(_is_undecided(near, bounds, values, k) for _, near, bounds, values in found)


def _donors(query: Array, points: Array) -> Iterator[tuple[Array, Array, Array, Array]]:
    """Per missing value of a row: which points have it, their squared distances, how far rounding may move these, and
    their values."""
    squares, noise = _squares(query, points)
    for column in np.flatnonzero(np.isnan(query)):
        donors = ~np.isnan(points[:, column]) & ~np.isnan(squares)
        yield donors, squares[donors], noise[donors], points[donors, column]


def _squares(query: Array, points: Array) -> tuple[Array, Array]:
    """Squared distances over the shared columns, scaled to all, and how far rounding may move them."""
    apart = query - points
    shared = np.maximum((~np.isnan(apart)).sum(axis=1), 1)
    scale = len(query) / shared
    squares = np.where(np.isnan(apart).all(axis=1), np.nan, np.nansum(apart**2, axis=1) * scale)
    return squares, 4e-15 * scale * (np.nansum(query**2) + np.nansum(points**2, axis=1))


def _is_undecided(squares: Array, noise: Array, values: Array, k: int) -> bool:
    if k >= len(squares):
        return False
    edge = np.partition(squares, k - 1)[k - 1]
    at_edge = np.abs(squares - edge) <= noise
    inside = (squares < edge) & ~at_edge
    return bool(inside.sum() + at_edge.sum() > k and np.ptp(values[at_edge]) > 0)


TRANSFORMERS = {
    "KNNImputer": Lowering(
        knn_imputer, "missing_values n_neighbors weights metric copy add_indicator keep_empty_features"
    ),
}
