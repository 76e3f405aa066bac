"""sklearn.cluster, lowered: the nearest centre, and distances to the centres.

Scores and distances have the form of scikit-learn's own matrix products: where numbers are huge, the form decides.
"""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import kernel_of
from .lowering import Lowering, Outputs, finite, numeric, vector
from .preprocessing import scale

Array = np.ndarray[Any, Any]


def _source(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return finite(graph, numeric(graph, estimator, wire))


def closeness(graph: Graph, wire: Wire, centres: Array) -> Wire:
    """2 x·c - |c|^2: the greatest for the nearest centre."""
    centres = np.asarray(centres, dtype=np.float64)
    return graph.add("linear/1", wire, coef=2 * centres, intercept=-(centres**2).sum(axis=1))


def distances(graph: Graph, estimator: Any, wire: Wire, centres: Array) -> Wire:
    """The distance to each centre, as euclidean_distances gives it."""
    if wire.kind == "sparse":
        return kernel_of(graph, estimator, wire, centres, kernel="distance")
    return graph.add("distances/1", wire, metric="euclidean", products=True, p=None, points=centres)


def _labelled(graph: Graph, index: Wire, labels: Any) -> Outputs:
    return {"predict": graph.add("label/1", index, labels=list(labels)), "index": index}


def k_means(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    scores = closeness(graph, _source(graph, estimator, wire), estimator.cluster_centers_)
    return _labelled(graph, graph.add("argmax/1", scores), range(scores.width))


def k_means_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return distances(graph, estimator, _source(graph, estimator, wire), estimator.cluster_centers_)


def bisecting_k_means(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Down the tree of bisections, at each to the nearer of two centres."""
    nodes = [estimator._bisecting_tree]
    children: list[tuple[int, int]] = []
    for node in nodes:  # grows as it goes
        children.append((0, 0) if node.left is None else (len(nodes), len(nodes) + 1))
        nodes += [] if node.left is None else [node.left, node.right]
    centres = np.array([node.center for node in nodes], dtype=np.float64)
    if hasattr(estimator, "_X_mean"):
        centres = centres + estimator._X_mean
    scores = closeness(graph, _source(graph, estimator, wire), centres)
    index = graph.add(
        "bisect/1",
        scores,
        clusters=estimator.n_clusters,
        left=[left for left, _ in children],
        right=[right for _, right in children],
        cluster=[getattr(node, "label", 0) if node.left is None else 0 for node in nodes],
    )
    return _labelled(graph, index, range(estimator.n_clusters))


def nearest_centre(
    graph: Graph, estimator: Any, wire: Wire, centres: Array, metric: str = "euclidean"
) -> Wire:
    """The position of the nearest centre, as pairwise_distances_argmin finds it: of several, the first."""
    source = vector(graph, estimator, _source(graph, estimator, wire))
    nowhere = dict.fromkeys(("rows", "starts", "ends", "low", "high", "centre", "radius"))
    found = graph.add(
        "neighbours/1", source, metric=metric, p=None, k=1, tree="none", points=centres, **nowhere
    )
    each = {"classes": found.width, "labels": np.arange(found.width), "weights": "uniform", "empty": None}
    return graph.add("argmax/1", graph.add("tally/1", found, **each))


def mean_shift(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """MeanShift and AffinityPropagation; the latter's centres are training rows."""
    centres = getattr(estimator, "cluster_centers_", None)
    if centres is None:
        raise graph.refuse(estimator, f"parameter affinity={estimator.affinity!r} has no centres")
    if hasattr(estimator, "affinity"):
        graph.carries_training_rows(estimator)
        centres = np.asarray(centres.toarray() if hasattr(centres, "toarray") else centres)
    if not len(centres):
        constant = graph.add("constant/1", _source(graph, estimator, wire), values=[0.0])
        return _labelled(graph, graph.add("argmax/1", constant), [-1])
    index = nearest_centre(graph, estimator, wire, centres)
    return _labelled(graph, index, range(len(centres)))


def birch(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    graph.carries_training_rows(estimator)  # a subcluster of one row is that row
    index = nearest_centre(graph, estimator, wire, estimator.subcluster_centers_)
    return _labelled(graph, index, estimator.subcluster_labels_)


def birch_transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Refused where a subcluster is one training row and their distance of none comes out as a small one."""
    from sklearn.metrics import euclidean_distances

    centres = estimator.subcluster_centers_
    own = np.diag(euclidean_distances(centres, centres.copy()))
    sizes = [part.n_samples_ for leaf in estimator._get_leaves() for part in leaf.subclusters_]
    noisy = int(np.count_nonzero(own[np.equal(sizes, 1)]))
    if noisy:
        raise graph.refuse(
            estimator,
            f"{noisy} of its {len(centres)} subclusters are one training row each, which its transform finds not quite "
            "at themselves, and answers by that rounding",
        )
    graph.carries_training_rows(estimator)
    return distances(graph, estimator, _source(graph, estimator, wire), estimator.subcluster_centers_)


def feature_agglomeration(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if estimator.pooling_func is not np.mean:
        raise graph.refuse(estimator, f"parameter pooling_func={estimator.pooling_func!r}")
    clusters = np.asarray(estimator.labels_)
    members = np.equal.outer(np.arange(clusters.max() + 1), clusters)
    sums = graph.add(
        "linear/1", _source(graph, estimator, wire), coef=members, intercept=np.zeros(len(members))
    )
    return scale(graph, sums, divide=members.sum(axis=1))


_K_MEANS = (
    "n_clusters init n_init max_iter tol verbose random_state copy_x algorithm batch_size compute_labels "
    "max_no_improvement init_size reassignment_ratio bisecting_strategy"
)
_MEAN_SHIFT = "bandwidth seeds bin_seeding min_bin_freq cluster_all n_jobs max_iter"
_AFFINITY = "damping max_iter convergence_iter copy preference affinity verbose random_state"
_BIRCH = "threshold branching_factor n_clusters compute_labels copy"

TRANSFORMERS = {
    "KMeans": Lowering(k_means_transform, _K_MEANS),
    "MiniBatchKMeans": Lowering(k_means_transform, _K_MEANS),
    "BisectingKMeans": Lowering(k_means_transform, _K_MEANS),
    "Birch": Lowering(birch_transform, _BIRCH),
    "FeatureAgglomeration": Lowering(
        feature_agglomeration,
        "n_clusters metric memory connectivity compute_full_tree linkage pooling_func distance_threshold "
        "compute_distances affinity",
    ),
}
PREDICTORS = {
    "KMeans": Lowering(k_means, _K_MEANS),
    "MiniBatchKMeans": Lowering(k_means, _K_MEANS),
    "BisectingKMeans": Lowering(bisecting_k_means, _K_MEANS),
    "MeanShift": Lowering(mean_shift, _MEAN_SHIFT),
    "AffinityPropagation": Lowering(mean_shift, _AFFINITY),
    "Birch": Lowering(birch, _BIRCH),
}
