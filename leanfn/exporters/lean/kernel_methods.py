"""Linear models of kernels, lowered: sklearn.kernel_ridge, and KernelPCA of sklearn.decomposition."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import pairwise_kernel
from .lowering import Lowering, Outputs, finite

NOISE = 1e-11  # a component whose rounding may reach so far is no answer


def kernel_ridge(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    kernel = pairwise_kernel(
        graph,
        estimator,
        wire,
        estimator.X_fit_,
        estimator.gamma,
        coef0=estimator.coef0,
        degree=estimator.degree,
    )
    dual = np.atleast_2d(np.asarray(estimator.dual_coef_, dtype=np.float64).T)
    return {"predict": graph.add("linear/1", kernel, coef=dual, intercept=np.zeros(len(dual)))}


def kernel_pca(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    gamma = getattr(estimator, "gamma_", estimator.gamma)
    kernel = pairwise_kernel(
        graph, estimator, wire, estimator.X_fit_, gamma, coef0=estimator.coef0, degree=estimator.degree
    )
    centerer = estimator._centerer
    kernel = finite(graph, kernel)  # the centerer checks it
    centered = graph.add("center/1", kernel, rows=centerer.K_fit_rows_, all=float(centerer.K_fit_all_))
    values = np.asarray(estimator.eigenvalues_, dtype=np.float64)
    largest = np.abs(centerer.K_fit_rows_).max() * np.sqrt(len(centerer.K_fit_rows_))
    least = np.sqrt(np.min(values, where=values > 0, initial=np.inf))
    if np.finfo(np.float64).eps * largest / least > NOISE:
        raise graph.refuse(
            estimator,
            f"parameter kernel={estimator.kernel!r}: a component is what rounding leaves of its kernel",
        )
    # components of no variance answer zero
    scale = np.divide(1.0, np.sqrt(values), out=np.zeros_like(values), where=values != 0)
    alphas = np.asarray(estimator.eigenvectors_, dtype=np.float64) * scale
    return graph.add("linear/1", centered, coef=alphas.T, intercept=np.zeros(alphas.shape[1]))


TRANSFORMERS = {
    "KernelPCA": Lowering(
        kernel_pca,
        "n_components kernel gamma degree coef0 alpha fit_inverse_transform eigen_solver tol max_iter iterated_power "
        "remove_zero_eig random_state copy_X n_jobs",
    ),
}
PREDICTORS = {"KernelRidge": Lowering(kernel_ridge, "alpha kernel gamma degree coef0")}
