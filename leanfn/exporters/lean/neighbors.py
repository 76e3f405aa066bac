"""sklearn.neighbors, lowered: a search among the training rows, and what is made of those it finds.

A search in a tree is followed to the letter, so equal distances are no matter. An exhaustive one (algorithm="brute")
chooses among equally near rows by rounding and by threads: it is refused where that choice would change an answer.
"""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import kernel_of
from .lowering import Lowering, Outputs, dense, finite, numeric, vector
from .preprocessing import scale
from .ties import refuse_edges, refuse_noise, refuse_ties

Array = np.ndarray[Any, Any]

METRICS = {"l2": "euclidean", "l1": "manhattan", "cityblock": "manhattan", "infinity": "chebyshev"} | {
    name: name
    for name in (
        "euclidean",
        "manhattan",
        "chebyshev",
        "minkowski",
        "cosine",
        "canberra",
        "braycurtis",
        "hamming",
        "haversine",
    )
}
DENSE_LIMIT = 10_000_000  # numbers of sparse training rows that are laid out in full


def metric_of(graph: Graph, estimator: Any) -> tuple[str, float | None]:
    """The metric's name here, and p for minkowski's."""
    metric = estimator.effective_metric_
    params = {
        name: value
        for name, value in (estimator.effective_metric_params_ or {}).items()
        if value is not None and name != "p"
    }
    if params:
        raise graph.refuse(estimator, f"parameter metric_params={estimator.metric_params!r}")
    if callable(metric) or metric not in METRICS:
        raise graph.refuse(estimator, f"parameter metric={metric!r}")
    p = estimator.effective_metric_params_.get("p") if metric == "minkowski" else None
    return METRICS[metric], p


def nearest(graph: Graph, estimator: Any, wire: Wire, k: int, answers: Array | None) -> Wire:
    """The k nearest training rows. answers: what each contributes to an answer; None: every row another."""
    metric, p = metric_of(graph, estimator)
    source = finite(graph, numeric(graph, estimator, wire))
    graph.carries_training_rows(estimator)
    if estimator._fit_method == "brute":
        refuse_ties(graph, estimator, metric, p, k, answers)
        if metric == "euclidean":
            refuse_noise(graph, estimator)
    if hasattr(estimator._fit_X, "toarray"):
        distances = _sparse_distances(graph, estimator, source, metric)
        return graph.add("nearest/1", distances, k=k)
    points = np.asarray(estimator._fit_X, dtype=np.float64)
    arrays: dict[str, Any] = dict.fromkeys(("rows", "starts", "ends", "low", "high", "centre", "radius"))
    tree = {"kd_tree": "kd", "ball_tree": "ball"}.get(estimator._fit_method, "none")
    if tree != "none":
        rows, arrays = _tree(graph, estimator, tree, arrays)
        points = points[rows]
    wire = vector(graph, estimator, source)
    return graph.add("neighbours/1", wire, metric=metric, p=p, k=k, tree=tree, points=points, **arrays)


def _tree(graph: Graph, estimator: Any, tree: str, arrays: dict[str, Any]) -> tuple[Array, dict[str, Any]]:
    """The order of the rows in scikit-learn's own tree, and its nodes."""
    _, rows, nodes, bounds = (np.asarray(array) for array in estimator._tree.get_arrays())
    inner = len(nodes) // 2
    if not (nodes["is_leaf"][inner:].all() and not nodes["is_leaf"][:inner].any()):
        raise graph.refuse(estimator, f"parameter leaf_size={estimator.leaf_size!r}: its tree is not full")
    arrays |= {"rows": rows, "starts": nodes["idx_start"], "ends": nodes["idx_end"]}
    if tree == "kd":
        return rows, {**arrays, "low": bounds[0], "high": bounds[1]}
    return rows, {**arrays, "centre": bounds[0], "radius": nodes["radius"]}


def _sparse_distances(graph: Graph, estimator: Any, wire: Wire, metric: str) -> Wire:
    """Distances of a sparse row to sparse training rows."""
    if wire.kind != "sparse" and estimator._fit_X.shape[0] * wire.width <= DENSE_LIMIT:
        points = dense(estimator._fit_X)
        wire = vector(graph, estimator, wire)
        return graph.add("distances/1", wire, metric=metric, products=True, p=None, points=points)
    if metric == "euclidean":
        return kernel_of(graph, estimator, wire, estimator._fit_X, kernel="distance")
    if metric != "cosine":
        raise graph.refuse(estimator, f"parameter metric={metric!r} of sparse rows")
    products = kernel_of(graph, estimator, wire, estimator._fit_X, kernel="cosine")
    ones = np.ones(products.width)
    distances = scale(graph, products, multiply=-ones, add=ones)
    return graph.add("clip/1", distances, low=0 * ones, high=2 * ones)


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    answers = np.asarray(estimator._y)
    found = nearest(graph, estimator, wire, estimator.n_neighbors, answers.reshape(len(answers), -1))
    return _votes(graph, estimator, found, [None] * _outputs(estimator))


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    targets = _targets(estimator)
    found = nearest(graph, estimator, wire, estimator.n_neighbors, targets)
    return _mean(graph, estimator, found, np.zeros(targets.shape[1]))


def _outputs(estimator: Any) -> int:
    return len(estimator.classes_) if estimator.outputs_2d_ else 1


def _targets(estimator: Any) -> Array:
    targets = np.asarray(estimator._y, dtype=np.float64)
    return targets.reshape(len(targets), -1)


def _weights(graph: Graph, estimator: Any) -> str:
    weights = estimator.weights
    if weights is None:
        return "uniform"
    if weights not in ("uniform", "distance"):
        raise graph.refuse(estimator, f"parameter weights={weights!r}")
    return str(weights)


def _votes(graph: Graph, estimator: Any, found: Wire, outliers: list[Any]) -> Outputs:
    """Per output the votes of the neighbours; the label is the largest vote, before it becomes a share of them all.

    outliers: per output the label of a row without neighbours; None where there is none.
    """
    weights = _weights(graph, estimator)
    several = estimator.outputs_2d_
    classes_ = estimator.classes_ if several else [estimator.classes_]
    labels = np.asarray(estimator._y).reshape(-1, len(classes_))
    indices, predictions, probabilities = [], [], []
    for output, (classes, outlier) in enumerate(zip(classes_, outliers)):
        names = list(classes)
        if outlier is not None and outlier not in names:
            names.append(outlier)  # a label that is never a neighbour's
        empty = None if outlier is None else np.eye(len(names))[names.index(outlier)]
        votes = graph.add(
            "tally/1", found, classes=len(names), weights=weights, labels=labels[:, output], empty=empty
        )
        indices.append(graph.add("argmax/1", votes))
        predictions.append(graph.add("label/1", indices[-1], labels=names))
        if len(names) > len(classes):
            votes = graph.add("select/1", votes, columns=list(range(len(classes))))
        probabilities.append(graph.add("share/1", votes, zero="keep"))
    if several:
        answers = {"predict": predictions, "predict_proba": probabilities}
        return {method: graph.add("many/1", *wires) for method, wires in answers.items()}
    return {"predict": predictions[0], "predict_proba": probabilities[0], "index": indices[0]}


def _mean(graph: Graph, estimator: Any, found: Wire, empty: Array) -> Outputs:
    weights = _weights(graph, estimator)
    return {"predict": graph.add("mean/1", found, weights=weights, targets=_targets(estimator), empty=empty)}


def within(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The training rows that are not farther than the radius."""
    metric, p = metric_of(graph, estimator)
    if hasattr(estimator._fit_X, "toarray"):
        raise graph.refuse(estimator, "it was fitted with sparse rows")
    source = vector(graph, estimator, finite(graph, numeric(graph, estimator, wire)))
    graph.carries_training_rows(estimator)
    points = np.asarray(estimator._fit_X, dtype=np.float64)
    products = estimator._fit_method == "brute" and metric == "euclidean"
    if products:
        refuse_edges(graph, estimator, estimator.radius)
        refuse_noise(graph, estimator)
    arrays = {"points": points, "p": p, "radius": float(estimator.radius)}
    return graph.add("within/1", source, metric=metric, products=products, **arrays)


def radius_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    outliers = estimator.outlier_label_ or [None] * _outputs(estimator)
    return _votes(graph, estimator, within(graph, estimator, wire), list(outliers))


def radius_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Without a neighbour the answer is NaN in the targets' own dtype, which is no NaN where they are integers."""
    first = np.atleast_1d(estimator._y[0])
    with np.errstate(invalid="ignore"):
        empty = np.full_like(first, np.nan).astype(np.float64)
    return _mean(graph, estimator, within(graph, estimator, wire), empty)


def transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """KNeighborsTransformer: one neighbour more where it gives distances."""
    k = estimator.n_neighbors + (estimator.mode == "distance")
    found = nearest(graph, estimator, wire, k, None)
    return graph.add("scatter/1", found, values=estimator.mode)


def radius_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return graph.add("scatter/1", within(graph, estimator, wire), values=estimator.mode)


def local_outlier_factor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """With novelty=True; a decision of zero is an inlier."""
    if not estimator.novelty:
        raise graph.refuse(estimator, "parameter novelty=False answers for no new row")
    k = estimator.n_neighbors_
    reach, density = estimator._distances_fit_X_[:, k - 1], estimator._lrd
    found = nearest(graph, estimator, wire, k, np.column_stack([reach, density]))
    samples = graph.add("outlier_factor/1", found, reach=reach, density=density)
    decision = scale(graph, samples, subtract=[float(estimator.offset_)])
    index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=True)
    outputs = {"predict": graph.add("label/1", index, labels=[-1, 1]), "index": index}
    return {**outputs, "decision_function": decision, "score_samples": samples}


_PARAMETERS = (
    "n_neighbors radius weights algorithm leaf_size p metric metric_params n_jobs outlier_label mode contamination "
    "novelty"
)

TRANSFORMERS = {
    "KNeighborsTransformer": Lowering(transformer, _PARAMETERS),
    "RadiusNeighborsTransformer": Lowering(radius_transformer, _PARAMETERS),
}
PREDICTORS = {
    "KNeighborsClassifier": Lowering(classifier, _PARAMETERS),
    "KNeighborsRegressor": Lowering(regressor, _PARAMETERS),
    "RadiusNeighborsClassifier": Lowering(radius_classifier, _PARAMETERS),
    "RadiusNeighborsRegressor": Lowering(radius_regressor, _PARAMETERS),
    "LocalOutlierFactor": Lowering(local_outlier_factor, _PARAMETERS),
}
