"""Projections that other modules of scikit-learn learn: NeighborhoodComponentsAnalysis, BernoulliRBM's hidden units."""

from typing import Any

from .decomposition import project
from .graph import Graph, Wire
from .lowering import Lowering, finite, numeric, vector


def neighborhood_components(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return project(graph, finite(graph, vector(graph, estimator, wire)), estimator.components_)


def hidden_units(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The probability that each hidden unit is on; score_samples flips a random bit and is not carried."""
    if estimator.components_.dtype != "float64":
        raise graph.refuse(estimator, f"fitted to {estimator.components_.dtype}, it rounds to that")
    source = finite(graph, numeric(graph, estimator, wire))
    fields = project(graph, source, estimator.components_, estimator.intercept_hidden_)
    return graph.add("map/1", fields, function="expit")


TRANSFORMERS = {
    "BernoulliRBM": Lowering(
        hidden_units, "n_components learning_rate batch_size n_iter verbose random_state"
    ),
    "NeighborhoodComponentsAnalysis": Lowering(
        neighborhood_components, "n_components init warm_start max_iter tol callback verbose random_state"
    ),
}
