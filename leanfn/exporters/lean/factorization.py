"""NMF, MiniBatchNMF and LatentDirichletAllocation of sklearn.decomposition, lowered: each row is solved anew.

Their answers depend on the rows that are asked with them; what is carried is the answer to a row alone.
"""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, finite, numeric, vector

BETAS = {"frobenius": 2.0, "kullback-leibler": 1.0, "itakura-saito": 0.0}


def _double(graph: Graph, estimator: Any, array: Any) -> Any:
    if array.dtype != np.float64:
        raise graph.refuse(estimator, f"fitted to {array.dtype}, it rounds to that")
    return array


def _solution(estimator: Any, width: int) -> dict[str, Any]:
    alpha = width * estimator.alpha_W
    return {
        "components": estimator.components_,
        "tolerance": float(estimator.tol),
        "l1": float(alpha * estimator.l1_ratio),
        "l2": float(alpha * (1.0 - estimator.l1_ratio)),
    }


def nmf(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _double(graph, estimator, estimator.components_)
    source = finite(graph, vector(graph, estimator, wire))
    beta = float(BETAS.get(estimator.beta_loss, estimator.beta_loss))
    source = graph.add("above/1", source, low=0.0, equal=beta > 0.0)
    solution = _solution(estimator, source.width)
    if estimator.solver == "mu":
        return graph.add(
            "multiply/1", source, steps=estimator.max_iter, stop="divergence", beta=beta, **solution
        )
    if estimator.shuffle:
        raise graph.refuse(estimator, "parameter shuffle=True")
    return graph.add("descend/1", source, steps=estimator.max_iter, **solution)


def mini_batch_nmf(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Numbers below zero are no error here."""
    _double(graph, estimator, estimator.components_)
    source = finite(graph, vector(graph, estimator, wire))
    beta = float(BETAS.get(estimator.beta_loss, estimator.beta_loss))
    steps = estimator.transform_max_iter or estimator.max_iter
    return graph.add(
        "multiply/1", source, steps=steps, stop="change", beta=beta, **_solution(estimator, source.width)
    )


def topics(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, numeric(graph, estimator, wire))
    return graph.add(
        "topics/1",
        source,
        words=_double(graph, estimator, estimator.exp_dirichlet_component_),
        steps=estimator.max_doc_update_iter,
        prior=float(estimator.doc_topic_prior_),
        tolerance=float(estimator.mean_change_tol),
    )


_NMF = "n_components init beta_loss tol max_iter alpha_W alpha_H l1_ratio random_state verbose"

TRANSFORMERS = {
    "LatentDirichletAllocation": Lowering(
        topics,
        "n_components doc_topic_prior topic_word_prior learning_method learning_decay learning_offset max_iter "
        "batch_size evaluate_every total_samples perp_tol mean_change_tol max_doc_update_iter n_jobs verbose "
        "random_state",
    ),
    "MiniBatchNMF": Lowering(
        mini_batch_nmf,
        f"{_NMF} batch_size max_no_improvement forget_factor fresh_restarts fresh_restarts_max_iter "
        "transform_max_iter",
    ),
    "NMF": Lowering(nmf, f"{_NMF} solver shuffle"),
}
