"""sklearn.covariance, lowered: what is far by the covariance is an outlier."""

from typing import Any

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, vector
from .preprocessing import scale


def elliptic_envelope(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """A decision of zero is an inlier."""
    source = finite(graph, vector(graph, estimator, wire))
    squares = graph.add(
        "mahalanobis/1", source, mean=estimator.location_, precision=estimator.get_precision()
    )
    samples = scale(graph, squares, multiply=[-1.0])
    decision = scale(graph, samples, subtract=[float(estimator.offset_)])
    index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=True)
    outputs = {"predict": graph.add("label/1", index, labels=[-1, 1]), "index": index}
    return {**outputs, "decision_function": decision, "score_samples": samples}


PREDICTORS = {
    "EllipticEnvelope": Lowering(
        elliptic_envelope, "store_precision assume_centered support_fraction contamination random_state"
    ),
}
