"""sklearn.decomposition and sklearn.random_projection, lowered: what projects a row linearly."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, dense, finite, numeric, vector
from .preprocessing import scale

CONDITION_LIMIT = 1e5  # of a matrix whose products keep ten digits


def project(graph: Graph, wire: Wire, components: Any, offset: Any = None) -> Wire:
    """components · row, plus an offset per component."""
    coef = dense(components)
    intercept = np.zeros(len(coef)) if offset is None else offset
    return graph.add("linear/1", wire, coef=coef, intercept=intercept)


def pca(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """_BasePCA.transform: since scikit-learn 1.5 the centre comes off behind the projection."""
    source = finite(graph, numeric(graph, estimator, wire))
    if hasattr(estimator, "_transform") or source.kind == "sparse":
        # in the type that they were fitted in, as it is done there
        centre = estimator.mean_ @ estimator.components_.T
        projected = project(graph, source, estimator.components_, -centre)
    else:
        projected = project(graph, scale(graph, source, subtract=estimator.mean_), estimator.components_)
    if not estimator.whiten:
        return projected
    spread = np.sqrt(estimator.explained_variance_)
    return scale(graph, projected, divide=np.maximum(spread, np.finfo(spread.dtype).eps))


def truncated_svd(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return project(graph, finite(graph, numeric(graph, estimator, wire)), estimator.components_)


def factor_analysis(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The expected latent variables (Barber 21.2.33); their covariance does not depend on the row."""
    components = estimator.components_
    weighted = components / estimator.noise_variance_
    covariance = np.linalg.inv(np.eye(len(components)) + weighted @ components.T)
    return project(graph, project(graph, _centered(graph, estimator, wire), weighted), covariance.T)


def fast_ica(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if estimator.whiten:
        return project(graph, _centered(graph, estimator, wire), estimator.components_)
    return project(graph, finite(graph, vector(graph, estimator, wire)), estimator.components_)


def sparse_pca(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """SparsePCA.transform solves a ridge regression for every row: a linear map, solved here for every column."""
    from sklearn.linear_model import ridge_regression

    components = estimator.components_
    if components.dtype != np.float64:
        raise graph.refuse(estimator, f"fitted to {components.dtype}, it rounds every row to that")
    if len(components) == 1:
        raise graph.refuse(
            estimator,
            "parameter n_components=1: it answers one row with a number and several with a list each",
        )
    ways = ridge_regression(
        components.T, np.eye(components.shape[1]), estimator.ridge_alpha, solver="cholesky"
    )
    return project(graph, _centered(graph, estimator, wire), np.transpose(ways))


def _centered(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    return scale(graph, finite(graph, vector(graph, estimator, wire)), subtract=estimator.mean_)


def log_likelihood(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """PCA's and FactorAnalysis' score_samples: a normal density."""
    from sklearn.utils.extmath import fast_logdet

    if wire.kind == "sparse":
        raise graph.refuse(estimator, "it scores no sparse rows")
    covariance = estimator.get_covariance()
    if covariance.dtype != np.float64:
        raise graph.refuse(estimator, f"fitted to {covariance.dtype}, it scores in that")
    if not np.linalg.cond(covariance) < CONDITION_LIMIT:
        raise graph.refuse(estimator, "a covariance so nearly singular that its scores are not exact")
    precision = estimator.get_precision()
    source = finite(graph, vector(graph, estimator, wire))
    squares = graph.add("mahalanobis/1", source, mean=estimator.mean_, precision=precision.T)
    highest = -0.5 * (source.width * np.log(2.0 * np.pi) - fast_logdet(precision))
    return {"score_samples": scale(graph, squares, multiply=[-0.5], add=[highest])}


_SVD = "n_components svd_solver tol iterated_power n_oversamples power_iteration_normalizer random_state copy"
_SPARSE = "n_components alpha ridge_alpha max_iter tol method n_jobs U_init V_init verbose random_state"

_FACTORS = (
    "n_components tol copy max_iter noise_variance_init svd_method iterated_power rotation random_state"
)

TRANSFORMERS = {
    "FactorAnalysis": Lowering(factor_analysis, _FACTORS),
    "FastICA": Lowering(
        fast_ica,
        "n_components algorithm whiten fun fun_args max_iter tol w_init whiten_solver random_state",
    ),
    "GaussianRandomProjection": Lowering(
        truncated_svd, "n_components eps compute_inverse_components random_state"
    ),
    "IncrementalPCA": Lowering(pca, "n_components whiten copy batch_size"),
    "MiniBatchSparsePCA": Lowering(
        sparse_pca, f"{_SPARSE} callback batch_size shuffle max_no_improvement n_iter"
    ),
    "PCA": Lowering(pca, f"{_SVD} whiten"),
    "SparsePCA": Lowering(sparse_pca, _SPARSE),
    "SparseRandomProjection": Lowering(
        truncated_svd, "n_components density eps dense_output compute_inverse_components random_state"
    ),
    "TruncatedSVD": Lowering(truncated_svd, f"{_SVD} algorithm n_iter"),
}
PREDICTORS = {
    "FactorAnalysis": Lowering(log_likelihood, _FACTORS),
    "PCA": Lowering(log_likelihood, f"{_SVD} whiten"),
}
