"""sklearn.mixture, lowered: weighted normal densities."""

import copy
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, vector
from .naive_bayes import posterior
from .preprocessing import scale


def mixture(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    source = finite(graph, vector(graph, estimator, wire))
    joint = FORMS[estimator.covariance_type](graph, estimator, source)
    outputs = posterior(graph, range(len(estimator.means_)), joint)
    return {**outputs, "score_samples": graph.add("logsumexp/1", joint)}


def _constants(estimator: Any) -> Any:
    """What is added to each component's density, whatever the row: taken from where every distance is zero."""
    centred = copy.copy(estimator)
    centred.means_ = np.zeros_like(estimator.means_)
    return centred._estimate_weighted_log_prob(centred.means_[:1])[0]


def _ellipsoids(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    means = estimator.means_
    cholesky = np.broadcast_to(estimator.precisions_cholesky_, (len(means), wire.width, wire.width))
    return graph.add(
        "ellipsoids/1",
        wire,
        mean=means,
        root=cholesky.transpose(0, 2, 1),
        constant=_constants(estimator),
    )


def _along_axes(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """As scikit-learn multiplies the squares out: mean² - 2 mean x + x², each times the precision."""
    means, precisions = estimator.means_, estimator.precisions_cholesky_**2
    both = graph.add("concat/1", wire, graph.add("map/1", wire, function="square"))
    distances = graph.add(
        "linear/1",
        both,
        coef=np.hstack([-2.0 * (means * precisions), precisions]),
        intercept=np.sum(means**2 * precisions, axis=1),
    )
    return scale(graph, distances, multiply=np.full(len(means), -0.5), add=_constants(estimator))


def _spheres(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The same with one precision for all axes; when it multiplies decides what overflows."""
    means, precisions = estimator.means_, estimator.precisions_cholesky_**2
    last = _multiplies_last()
    return graph.add(
        "spheres/1",
        wire,
        mean=means if last else means * precisions[:, None],
        factor=precisions if last else np.ones(len(means)),
        precision=precisions,
        square=np.sum(means**2, axis=1) * precisions,
        constant=_constants(estimator),
    )


def _multiplies_last() -> bool:
    """Whether this scikit-learn computes (X means) precisions; before 1.8 it was X (means precisions)."""
    from sklearn import __version__

    major, minor = __version__.split(".")[:2]
    return (int(major), int(minor)) >= (1, 8)


FORMS = {"full": _ellipsoids, "tied": _ellipsoids, "diag": _along_axes, "spherical": _spheres}

_MIXTURE = (
    "n_components covariance_type tol reg_covar max_iter n_init init_params random_state warm_start verbose "
    "verbose_interval"
)

PREDICTORS = {
    "GaussianMixture": Lowering(mixture, f"{_MIXTURE} weights_init means_init precisions_init"),
    "BayesianGaussianMixture": Lowering(
        mixture,
        f"{_MIXTURE} weight_concentration_prior_type weight_concentration_prior mean_precision_prior mean_prior "
        "degrees_of_freedom_prior covariance_prior",
    ),
}
