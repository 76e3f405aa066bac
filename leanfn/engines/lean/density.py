"""The density of points, from the row's distances to them."""

from __future__ import annotations

from math import exp, inf, log

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

# the logarithm of a kernel, one at its middle; t is the distance over the bandwidth
KERNELS: dict[str, Callable[[float], float]] = {
    "gaussian": lambda t: -0.5 * (t * t),
    "exponential": lambda t: -t,
}


def _density(node: Node) -> Step:
    kernel = KERNELS[node["kernel"]]
    (bandwidth,), (norm,) = node["bandwidth"], node["norm"]
    weights = node["weights"]

    def density(distances: list[float]) -> list[float]:
        terms = [kernel(distance / bandwidth) for distance in distances]
        if weights is not None:
            terms = [x + weight for x, weight in zip(terms, weights)]
        largest = max(terms)
        if largest == -inf:
            return [largest]
        total = 0.0
        for x in terms:
            total += exp(x - largest)
        return [largest + log(total) + norm]

    return density


def _check_density(node: Node) -> None:
    node.expect(node.sizes["n"] > 0, "a point")
    node.expect(0.0 < node["bandwidth"][0] < inf, "a bandwidth above zero")


OPERATIONS = {
    # log of the sum of the kernels of all distances, and norm; weights: a point's own, as a logarithm
    "density/1": Operation(
        _density,
        ("vector",),
        "vector",
        1,
        {"kernel": tuple(KERNELS)},
        {"bandwidth": "F64 1", "weights": "F64? n", "norm": "F64 1"},
        check=_check_density,
        nan=True,
        infinite=True,
    ),
}
