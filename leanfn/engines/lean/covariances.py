"""Covariances of Gaussian processes, from distances, and the probability that a latent value gives."""

from __future__ import annotations

from math import erf, exp, inf, isfinite, nan, pi, sin, sqrt

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Vector = list[float]
    Covariance = Callable[[float], float]


def _matern_3_2(length: float, _: float) -> Covariance:
    def covariance(d: float) -> float:
        x = d / length * sqrt(3.0)
        return (1.0 + x) * exp(-x) if x < inf else nan

    return covariance


def _matern_5_2(length: float, _: float) -> Covariance:
    def covariance(d: float) -> float:
        x = d / length * sqrt(5.0)
        return (1.0 + x + x * x / 3.0) * exp(-x) if x * x < inf else nan

    return covariance


def _rational_quadratic(length: float, shape: float) -> Covariance:
    width = 2.0 * shape * (length * length)

    def covariance(d: float) -> float:
        power: float = (1.0 + d * d / width) ** -shape
        return power

    return covariance


def _periodic(length: float, period: float) -> Covariance:
    def covariance(d: float) -> float:
        angle = pi * d / period
        wave = sin(angle) / length if isfinite(angle) else nan
        return exp(-2.0 * (wave * wave))

    return covariance


# of a distance, by a length and, where it has one, a second parameter
COVARIANCES: dict[str, Callable[[float, float], Covariance]] = {
    "squared_exponential": lambda length, _: lambda d: exp(-0.5 * ((d / length) * (d / length))),
    "exponential": lambda length, _: lambda d: exp(-(d / length)),
    "matern_3_2": _matern_3_2,
    "matern_5_2": _matern_5_2,
    "rational_quadratic": _rational_quadratic,
    "periodic": _periodic,
}


def _covariance(node: Node) -> Step:
    (length,), (shape,) = node["length"], node["shape"]
    function = COVARIANCES[node["kind"]](length, shape)
    return lambda distances: list(map(function, distances))


def _check_covariance(node: Node) -> None:
    node.expect(0.0 < node["length"][0] < inf and 0.0 < node["shape"][0] < inf, "length and shape above zero")


def _times(node: Node) -> Step:
    return lambda first, second: [x * y for x, y in zip(first, second)]


def _check_same_width(node: Node) -> None:
    node.expect(node.inputs[0].width == node.inputs[1].width, "inputs of one width")


def _laplace(node: Node) -> Step:
    terms = list(zip(node["lambdas"], node["coefs"]))
    half = 0.0
    for coef in node["coefs"]:
        half += coef
    half *= 0.5

    def laplace(latent: Vector, variance: Vector) -> Vector:
        f, v = latent[0], variance[0]
        if not v > 0.0:
            return [nan]  # as scikit-learn's square root of it has it
        alpha = 1.0 / (2.0 * v)
        total = 0.0
        for factor, coef in terms:
            bend = erf(factor * f * sqrt(alpha / (alpha + factor * factor)))
            total += coef * (sqrt(pi / alpha) * bend / (2.0 * sqrt(v * 2.0 * pi)))
        return [total + half]

    return laplace


def _check_laplace(node: Node) -> None:
    node.expect([wire.width for wire in node.inputs] == [1, 1], "a latent value and its variance")


OPERATIONS = {
    # one covariance of each distance
    "covariance/1": Operation(
        _covariance,
        ("vector",),
        "vector",
        "n",
        {"kind": tuple(COVARIANCES)},
        {"length": "F64 1", "shape": "F64 1"},
        check=_check_covariance,
        nan=True,
        infinite=False,
    ),
    # number by number
    "times/1": Operation(
        _times, ("vector", "vector"), "vector", "n", check=_check_same_width, nan=True, infinite=True
    ),
    # the share of a normal distribution's logistic curve that lies on the second class's side, by error functions
    "laplace/1": Operation(
        _laplace,
        ("vector", "vector"),
        "vector",
        1,
        arrays={"lambdas": "F64 terms", "coefs": "F64 terms"},
        check=_check_laplace,
        nan=True,
        infinite=False,
    ),
}
