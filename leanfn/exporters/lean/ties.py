"""Equally near training rows, where scikit-learn takes any: counted, and refused where an answer depends on it.

An exhaustive search compares distances from matrix products, whose rounding depends on the processor, and may share the
rows out to threads. A search in a tree does neither.
"""

from typing import Any

import numpy as np

from .graph import Graph

Array = np.ndarray[Any, Any]

SCIPY = {"manhattan": "cityblock"}  # scipy's name where it has another
QUERIES_LIMIT = 1_000  # training rows that are searched for ties
CHUNK = 100  # queries whose distances are held at once
TREES = "; fit it with algorithm='kd_tree' or 'ball_tree', which follow one"


def refuse_ties(
    graph: Graph, estimator: Any, metric: str, p: float | None, k: int, answers: Array | None
) -> None:
    """Refuse where an answer to a training row depends on which of equally near rows are taken."""
    queries = _queries(estimator._fit_X)
    tied = sum(
        _count_ties(queries[start : start + CHUNK], estimator._fit_X, metric, p, k, answers)
        for start in range(0, queries.shape[0], CHUNK)
    )
    if tied:
        raise graph.refuse(
            estimator,
            f"{tied} of {queries.shape[0]} answers to its training rows depend on which of equally near rows are taken, "
            "and an exhaustive search follows no rule" + ("" if metric == "cosine" else TREES),
        )


def refuse_noise(graph: Graph, estimator: Any) -> None:
    """Refuse where answers depend on a distance of none, which matrix products make a small one."""
    from sklearn.metrics import pairwise_distances_argmin_min

    what = [name for name in ("weights", "mode") if getattr(estimator, name, None) == "distance"]
    if not what:
        return
    queries = _queries(estimator._fit_X)
    noisy = int(np.count_nonzero(pairwise_distances_argmin_min(queries, estimator._fit_X)[1]))
    if noisy:
        raise graph.refuse(
            estimator,
            f"parameter {what[0]}='distance': an exhaustive search finds {noisy} of {queries.shape[0]} training rows not "
            f"quite at themselves, and answers by that rounding{TREES}",
        )


def refuse_edges(graph: Graph, estimator: Any, radius: float) -> None:
    """Refuse where rounding decides whether a training row lies within the radius of another."""
    queries = _queries(estimator._fit_X)
    distances, noise = _distances(queries, estimator._fit_X, "euclidean", None)
    edges = int((np.abs(distances - radius**2) <= noise).any(axis=1).sum())
    if edges:
        raise graph.refuse(
            estimator,
            f"parameter radius={radius!r}: {edges} of {len(queries)} training rows have another just at it, and an "
            f"exhaustive search finds it or not by rounding{TREES}",
        )


def _queries(rows: Any) -> Any:
    return rows[:: -(-rows.shape[0] // QUERIES_LIMIT)]


def _count_ties(
    queries: Any, points: Any, metric: str, p: float | None, k: int, answers: Array | None
) -> int:
    distances, noise = _distances(queries, points, metric, p)
    if k >= distances.shape[1]:
        return 0
    edge = np.partition(distances, k - 1, axis=1)[:, k - 1 : k]
    inside = distances < edge - noise
    at_edge = np.abs(distances - edge) <= noise
    tied = 0
    for row in np.flatnonzero(inside.sum(axis=1) + at_edge.sum(axis=1) > k):
        if answers is None or np.ptp(answers[at_edge[row]], axis=0).any():
            tied += 1
    return tied


def _distances(queries: Any, points: Any, metric: str, p: float | None) -> tuple[Array, Any]:
    """Distances, squared where scikit-learn compares squares, and how far rounding may move them."""
    from sklearn.metrics.pairwise import euclidean_distances, pairwise_distances
    from sklearn.utils.extmath import row_norms

    if metric == "euclidean":
        squares = row_norms(queries, squared=True)[:, None] + row_norms(points, squared=True)[None, :]
        return euclidean_distances(queries, points, squared=True), 4e-15 * squares
    name = SCIPY.get(metric, metric)
    distances = pairwise_distances(queries, points, metric=name, **({} if p is None else {"p": p}))
    return distances, 4e-15 if metric == "cosine" else 1e-14 * distances
