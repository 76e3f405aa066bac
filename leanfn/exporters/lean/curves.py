"""sklearn.preprocessing, lowered: what bends a column (powers, quantiles, bins) or unfolds it (polynomials, splines)."""

from itertools import chain, combinations, combinations_with_replacement
from typing import Any

import numpy as np

from .float32 import round_thresholds
from .graph import Graph, Wire
from .lowering import Lowering, finite, vector
from .preprocessing import one_hot_encoder, standard_scaler

Floats = np.ndarray[Any, np.dtype[np.float64]]


def power_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire), nan=True)
    method = estimator.method
    if hasattr(estimator, "_yeo_johnson_transform") and method == "yeo-johnson":
        method = "yeo-johnson by power"  # scikit-learn's own form, before 1.9 took scipy's
    powers = np.asarray(estimator.lambdas_)
    rests = [2 - power for power in powers]  # in the precision that a single number has in this numpy
    bent = graph.add("power/1", source, method=method, powers=powers, rests=rests)
    return standard_scaler(graph, estimator._scaler, bent) if estimator.standardize else bent


def quantile_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return graph.add(
        "quantile/1",
        finite(graph, vector(graph, estimator, wire), nan=True),
        normal=estimator.output_distribution == "normal",
        quantiles=estimator.quantiles_.T,
        references=estimator.references_,
    )


def bins_discretizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The inner edges decide: what lies outside falls into the first or the last bin."""
    single = estimator.dtype is not None and np.dtype(estimator.dtype) == np.float32
    source = finite(graph, vector(graph, estimator, wire), dtype="float32" if single else "float64")
    inner = [np.asarray(edges[1:-1], dtype=np.float64) for edges in estimator.bin_edges_]
    edges = np.concatenate(inner)
    if single:
        edges = _reached_in_float32(edges)
    bins = graph.add("bins/1", source, edges=edges, counts=[len(part) for part in inner])
    return bins if estimator.encode == "ordinal" else one_hot_encoder(graph, estimator._encoder, bins)


def _reached_in_float32(edges: Floats) -> Floats:
    """The smallest number for each edge that float32 rounds to the edge or above."""
    below = round_thresholds(np.nextafter(edges, -np.inf))
    return np.asarray(np.nextafter(below, np.inf))


def polynomial_features(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Each term is a shorter one times its first factor, as scikit-learn multiplies them."""
    source = finite(graph, vector(graph, estimator, wire))
    lowest, highest = estimator._min_degree, estimator._max_degree
    choose = combinations if estimator.interaction_only else combinations_with_replacement
    columns = range(source.width)
    terms = list(chain.from_iterable(choose(columns, degree) for degree in range(1, highest + 1)))
    place = {term: number for number, term in enumerate(terms)}
    longer = terms[source.width :]
    parts = []
    if estimator.include_bias:
        parts.append(graph.add("constant/1", source, values=[1.0]))
    if highest:
        row = source
        if longer:
            row = graph.add(
                "products/1",
                source,
                first=[place[term[1:]] for term in longer],
                second=[term[0] for term in longer],
            )
        kept = [number for number, term in enumerate(terms) if len(term) >= lowest]
        parts.append(row if len(kept) == row.width else graph.add("select/1", row, columns=kept))
    return graph.add("concat/1", *parts) if len(parts) > 1 else parts[0]


def spline_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(
        graph, vector(graph, estimator, wire), nan=getattr(estimator, "handle_missing", "error") == "zeros"
    )
    splines = estimator.bsplines_
    sparse = getattr(estimator, "sparse_output", False)
    if estimator.degree == 0 and (estimator.extrapolation, sparse) in FAILING:
        raise graph.refuse(estimator, f"parameter degree=0 with extrapolation={estimator.extrapolation!r}")
    outside = {"error": "refuse", "constant": "line", "linear": "line"}.get(
        estimator.extrapolation, estimator.extrapolation
    )
    bounds, lines = _ends(estimator)
    if (bounds[:, 0] > bounds[:, 1]).any():
        raise graph.refuse(
            estimator, f"parameter degree={estimator.degree} with extrapolation='linear' and so few knots"
        )
    return graph.add(
        "spline/1",
        source,
        degree=int(estimator.degree),
        outside=outside,
        bias=bool(estimator.include_bias),
        spread=not sparse,
        knots=np.array([spline.t for spline in splines]),
        bounds=bounds if outside in ("refuse", "line") else [(-np.inf, np.inf)] * len(splines),
        lines=lines if outside == "line" else None,
    )


# where SplineTransformer itself raises for rows that it should answer, if its degree is 0: (extrapolation, sparse_output)
FAILING = {("constant", False), ("periodic", True)}


def _ends(estimator: Any) -> tuple[Floats, Floats]:
    """Per column its first and last base knot, and how its splines go on from there: values and slopes, twice.

    SplineTransformer raises a degree of 0 or 1 for linear extrapolation while it walks over the columns, so that all
    but the first one take another knot for their end; that is repeated here, as the model's answers come of it.
    """
    linear, degree = estimator.extrapolation == "linear", int(estimator.degree)
    bounds, lines = [], []
    for spline in estimator.bsplines_:
        low, high = spline.t[degree], spline.t[-degree - 1]
        bounds.append((low, high))
        if linear and degree <= 1:
            degree += 1
        count = len(spline.c[0])
        first = [i < degree for i in range(count)]
        last = first[::-1] if degree else [True] * count
        lines += [
            np.where(first, spline(low), 0.0),
            np.where(first, spline(low, nu=1), 0.0) if linear else np.zeros(count),
            np.where(last, spline(high), 0.0),
            np.where(last, spline(high, nu=1), 0.0) if linear else np.zeros(count),
        ]
    return np.array(bounds), np.array(lines)


TRANSFORMERS = {
    "PowerTransformer": Lowering(power_transformer, "method standardize copy"),
    "QuantileTransformer": Lowering(
        quantile_transformer,
        "n_quantiles output_distribution ignore_implicit_zeros subsample random_state copy",
    ),
    "KBinsDiscretizer": Lowering(
        bins_discretizer, "n_bins encode strategy quantile_method dtype subsample random_state"
    ),
    "PolynomialFeatures": Lowering(polynomial_features, "degree interaction_only include_bias order"),
    "SplineTransformer": Lowering(
        spline_transformer,
        "n_knots degree knots extrapolation include_bias order handle_missing sparse_output",
    ),
}
