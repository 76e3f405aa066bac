"""sklearn.gaussian_process, lowered: sums of covariances with the training rows."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .kernels import NAMES, kernel_of
from .lowering import Lowering, Outputs, classification, finite, predict, vector
from .preprocessing import scale

Array = np.ndarray[Any, Any]

MATERN = {0.5: "exponential", 1.5: "matern_3_2", 2.5: "matern_5_2", np.inf: "squared_exponential"}


class _Covariances:
    """The wires of a kernel with the training rows, of one estimator and one row."""

    def __init__(self, graph: Graph, estimator: Any, wire: Wire, points: Any) -> None:
        self.graph = graph
        self.estimator = estimator
        self.wire = vector(graph, estimator, wire)
        self.points = np.asarray(points, dtype=np.float64)

    def of(self, kernel: Any) -> Wire:
        """The kernel's covariances of the row with all training rows."""
        name = type(kernel).__name__
        if name not in KERNELS or type(kernel).__module__ != "sklearn.gaussian_process.kernels":
            raise self.graph.refuse(self.estimator, f"parameter kernel={kernel!r}")
        return KERNELS[name](self, kernel)

    def own(self, kernel: Any) -> Wire:
        """The kernel's covariance of the row with itself."""
        name = type(kernel).__name__
        if name in ("Sum", "Product"):
            first, second = self.own(kernel.k1), self.own(kernel.k2)
            return self.plus(first, second) if name == "Sum" else self.times(first, second)
        if name == "DotProduct":
            width = self.wire.width
            square = self.graph.add("mahalanobis/1", self.wire, mean=np.zeros(width), precision=np.eye(width))
            return scale(self.graph, square, add=[float(kernel.sigma_0) ** 2])
        if name in ("Exponentiation", "PairwiseKernel"):
            raise self.graph.refuse(self.estimator, f"parameter kernel={kernel!r} of a classifier")
        return self.constant(float(kernel.diag(self.points[:1])[0]), 1)

    def constant(self, value: float, width: int) -> Wire:
        return self.graph.add("constant/1", self.wire, values=np.full(width, value))

    def plus(self, first: Wire, second: Wire) -> Wire:
        return self.graph.add("average/1", first, second, weights=None, divide=None)

    def times(self, first: Wire, second: Wire) -> Wire:
        return self.graph.add("times/1", first, second)

    def distances(self, lengths: Any = None) -> Wire:
        """Euclidean, each column in its own length where there are several."""
        wire, points = self.wire, self.points
        if lengths is not None:
            wire, points = scale(self.graph, wire, divide=lengths), points / lengths
        return self.graph.add("distances/1", wire, metric="euclidean", products=False, p=None, points=points)

    def stationary(self, kind: str, distances: Wire, length: float = 1.0, shape: float = 1.0) -> Wire:
        return self.graph.add("covariance/1", distances, kind=kind, length=float(length), shape=float(shape))


def _constant(row: _Covariances, kernel: Any) -> Wire:
    return row.constant(float(kernel.constant_value), len(row.points))


def _rbf(row: _Covariances, kernel: Any) -> Wire:
    return row.stationary("squared_exponential", _scaled(row, kernel))


def _scaled(row: _Covariances, kernel: Any) -> Wire:
    lengths = np.broadcast_to(np.asarray(kernel.length_scale, dtype=np.float64), (row.points.shape[1],))
    return row.distances(lengths)


def _matern(row: _Covariances, kernel: Any) -> Wire:
    if kernel.nu not in MATERN:
        raise row.graph.refuse(row.estimator, f"parameter nu={kernel.nu!r} of its kernel: a Bessel function")
    return row.stationary(MATERN[kernel.nu], _scaled(row, kernel))


def _rational_quadratic(row: _Covariances, kernel: Any) -> Wire:
    return row.stationary("rational_quadratic", row.distances(), kernel.length_scale, kernel.alpha)


def _periodic(row: _Covariances, kernel: Any) -> Wire:
    return row.stationary("periodic", row.distances(), kernel.length_scale, kernel.periodicity)


def _dot_product(row: _Covariances, kernel: Any) -> Wire:
    products = kernel_of(row.graph, row.estimator, row.wire, row.points, kernel="linear")
    return scale(row.graph, products, add=np.full(products.width, float(kernel.sigma_0) ** 2))


def _pairwise(row: _Covariances, kernel: Any) -> Wire:
    name = NAMES.get(kernel.metric) if isinstance(kernel.metric, str) else None
    if kernel.pairwise_kernels_kwargs or name is None or "chi2" in name:
        raise row.graph.refuse(row.estimator, f"parameter kernel={kernel!r}")
    return kernel_of(
        row.graph,
        row.estimator,
        row.wire,
        row.points,
        kernel=name,
        gamma=kernel.gamma,
        coef0=1.0,
        products=True,
    )


def _exponentiation(row: _Covariances, kernel: Any) -> Wire:
    """A whole power, by multiplication."""
    exponent = kernel.exponent
    if not (float(exponent).is_integer() and 1 <= exponent <= 8):
        raise row.graph.refuse(row.estimator, f"parameter exponent={exponent!r} of its kernel")
    wire = base = row.of(kernel.kernel)
    for _ in range(int(exponent) - 1):
        wire = row.times(wire, base)
    return wire


KERNELS: dict[str, Callable[[_Covariances, Any], Wire]] = {
    "ConstantKernel": _constant,
    "WhiteKernel": lambda row, _: row.constant(
        0.0, len(row.points)
    ),  # noise has no covariance with another row
    "RBF": _rbf,
    "Matern": _matern,
    "RationalQuadratic": _rational_quadratic,
    "ExpSineSquared": _periodic,
    "DotProduct": _dot_product,
    "PairwiseKernel": _pairwise,
    "Exponentiation": _exponentiation,
    "Sum": lambda row, kernel: row.plus(row.of(kernel.k1), row.of(kernel.k2)),
    "Product": lambda row, kernel: row.times(row.of(kernel.k1), row.of(kernel.k2)),
}


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The mean of the process, in the targets' own units."""
    if not hasattr(estimator, "X_train_"):
        raise graph.refuse(estimator, "it was not fitted")
    graph.carries_training_rows(estimator)
    source = finite(graph, vector(graph, estimator, wire))
    covariances = _Covariances(graph, estimator, source, estimator.X_train_).of(estimator.kernel_)
    alpha = np.atleast_2d(np.asarray(estimator.alpha_, dtype=np.float64).T)
    mean = graph.add("linear/1", covariances, coef=alpha, intercept=np.zeros(len(alpha)))
    units = {
        "multiply": np.broadcast_to(np.ravel(estimator._y_train_std), (len(alpha),)),
        "add": np.broadcast_to(np.ravel(estimator._y_train_mean), (len(alpha),)),
    }
    return {"predict": scale(graph, mean, **units)}


def binary_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Laplace's approximation: the label by the latent mean, the probability by its variance too."""
    from sklearn.gaussian_process import _gpc

    graph.carries_training_rows(estimator)
    row = _Covariances(graph, estimator, wire, estimator.X_train_)
    covariances = row.of(estimator.kernel_)
    weights = np.atleast_2d(estimator.y_train_ - estimator.pi_)
    latent = graph.add("linear/1", covariances, coef=weights, intercept=[0.0])
    # v = L^-1 (W^1/2 k); the variance is the row's own covariance less |v|^2
    solved = np.linalg.solve(estimator.L_, np.diag(estimator.W_sr_))
    checked = finite(graph, covariances)  # the solver checks them, of the probability alone
    v = graph.add("linear/1", checked, coef=solved, intercept=np.zeros(len(solved)))
    squares = graph.add("map/1", v, function="square")
    explained = graph.add("linear/1", squares, coef=-np.ones((1, squares.width)), intercept=[0.0])
    variance = row.plus(row.own(estimator.kernel_), explained)
    share = graph.add(
        "laplace/1", latent, variance, lambdas=np.ravel(_gpc.LAMBDAS), coefs=np.ravel(_gpc.COEFS)
    )
    index = graph.add("exceeds/1", latent, at=0.0, column=0, equal=False)
    return classification(graph, estimator.classes_, index, probabilities=graph.add("pair/1", share))


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    source = finite(graph, vector(graph, estimator, wire))
    outputs = predict(graph, estimator.base_estimator_, source)
    if estimator.n_classes_ > 2 and estimator.multi_class == "one_vs_one":
        outputs.pop("predict_proba", None)
    return {name: wire for name, wire in outputs.items() if name != "decision_function"}


_PARAMETERS = (
    "kernel alpha optimizer n_restarts_optimizer normalize_y copy_X_train n_targets random_state max_iter_predict "
    "warm_start multi_class n_jobs"
)

PREDICTORS = {
    "GaussianProcessRegressor": Lowering(regressor, _PARAMETERS),
    "GaussianProcessClassifier": Lowering(classifier, _PARAMETERS),
    "_BinaryGaussianProcessClassifierLaplace": Lowering(binary_classifier, _PARAMETERS),
}
