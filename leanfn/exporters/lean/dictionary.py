"""Sparse codes of sklearn.decomposition, lowered: DictionaryLearning, MiniBatchDictionaryLearning, SparseCoder."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, dense, finite, vector


def sparse_coding(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    atoms = getattr(estimator, "components_", None)
    return _codes(graph, estimator, wire, estimator.dictionary if atoms is None else atoms)


def _codes(graph: Graph, estimator: Any, wire: Wire, atoms: Any) -> Wire:
    atoms = np.asarray(atoms)
    if atoms.dtype == np.float32:
        raise graph.refuse(estimator, "a dictionary of float32 rounds to that")
    atoms = dense(atoms)
    source = finite(graph, vector(graph, estimator, wire))
    algorithm = estimator.transform_algorithm
    if algorithm == "omp":
        code = graph.add("pursue/1", source, atoms=atoms, count=_count(graph, estimator, atoms))
    elif algorithm == "threshold":
        products = graph.add("linear/1", source, coef=atoms, intercept=np.zeros(len(atoms)))
        code = graph.add("shrink/1", products, by=_alpha(estimator))
        if estimator.positive_code:
            code = graph.add("clip/1", code, low=np.zeros(code.width), high=np.full(code.width, np.inf))
    else:
        raise graph.refuse(estimator, f"parameter transform_algorithm={algorithm!r}")
    return graph.add("sides/1", code) if estimator.split_sign else code


def _count(graph: Graph, estimator: Any, atoms: Any) -> int:
    count = estimator.transform_n_nonzero_coefs
    if count is None:
        count = min(max(atoms.shape[1] / 10, 1), len(atoms))
    if count > len(atoms):
        raise graph.refuse(
            estimator, f"parameter transform_n_nonzero_coefs={count!r}: it has {len(atoms)} atoms"
        )
    return int(count)


def _alpha(estimator: Any) -> float:
    alpha = estimator.transform_alpha
    alpha = getattr(estimator, "alpha", None) if alpha is None else alpha
    return 1.0 if alpha is None else float(alpha)


_CODING = "transform_algorithm transform_n_nonzero_coefs transform_alpha transform_max_iter split_sign positive_code n_jobs"
_LEARNING = f"{_CODING} n_components alpha max_iter tol fit_algorithm dict_init callback verbose random_state positive_dict"

TRANSFORMERS = {
    "DictionaryLearning": Lowering(sparse_coding, f"{_LEARNING} code_init"),
    "MiniBatchDictionaryLearning": Lowering(
        sparse_coding, f"{_LEARNING} n_iter batch_size shuffle max_no_improvement"
    ),
    "SparseCoder": Lowering(sparse_coding, f"{_CODING} dictionary"),
}
