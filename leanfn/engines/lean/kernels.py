"""Kernels of a row with points: what support vector machines and kernel methods are sums of."""

from __future__ import annotations

from itertools import repeat
from math import dist, exp, inf, nan, sqrt, tanh

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .operations import Node, Step

    Vector = Sequence[float]

# a row with a larger number has squares that may overflow; then the original's own formula decides what comes out
SQUARES_OVERFLOW = 1e150


def power(exponent: float) -> Callable[[float], float]:
    """x -> x ** exponent, with C's answers where Python's own would raise."""
    if exponent.is_integer() and 0 <= exponent <= 64:
        return _whole_power(int(exponent))

    def raised(x: float) -> float:
        try:
            result = x**exponent
        except OverflowError:
            return inf
        except ZeroDivisionError:
            return inf
        return nan if result.__class__ is complex else result

    return raised


def _whole_power(exponent: int) -> Callable[[float], float]:
    """By repeated squaring, as libsvm has it."""
    if exponent == 2:
        return lambda x: x * x
    if exponent == 3:
        return lambda x: x * (x * x)

    def raised(x: float) -> float:
        result, times = 1.0, exponent
        while times:
            if times % 2:
                result *= x
            x *= x
            times //= 2
        return result

    return raised


def _exp(x: float) -> float:
    try:
        return exp(x)
    except OverflowError:
        return inf


def _of_products(node: Node) -> Callable[[list[float]], list[float]] | None:
    """The kernel as a function of the dot products, for the kernels that are one."""
    kernel = node["kernel"]
    (gamma,), (coef0,), (degree,) = node["gamma"], node["coef0"], node["degree"]
    if kernel == "linear":
        return lambda products: products
    if kernel == "poly":
        raised = power(degree)
        return lambda products: [raised(gamma * x + coef0) for x in products]
    if kernel == "sigmoid":
        return lambda products: [tanh(gamma * x + coef0) for x in products]
    return None


def _kernel(node: Node) -> Step:
    points = list(map(tuple, node["points"]))
    kernel = node["kernel"]
    finish = _of_products(node)
    if finish is not None:
        return lambda vector: finish([dot(point, vector) for point in points])
    if kernel == "cosine":
        directions = [_direction(point) for point in points]

        def cosine(vector: Vector) -> list[float]:
            vector = _direction(vector)
            return [dot(direction, vector) for direction in directions]

        return cosine
    (gamma,) = node["gamma"]
    if kernel == "rbf":
        return _rbf(points, gamma, node["products"])
    if kernel == "laplacian":
        return lambda vector: [_exp(-gamma * _manhattan(vector, point)) for point in points]
    if kernel == "additive_chi2":
        return lambda vector: [_additive_chi2(vector, point) for point in points]
    return lambda vector: [_exp(gamma * _additive_chi2(vector, point)) for point in points]


def _direction(vector: Vector) -> Vector:
    norm = sqrt(dot(vector, vector)) or 1.0
    return [x / norm for x in vector]


def _rbf(points: list[tuple[float, ...]], gamma: float, products: bool) -> Step:
    norms = [dot(point, point) for point in points]

    def rbf(vector: Vector) -> list[float]:
        vector = tuple(vector)
        if products and max(map(abs, vector), default=0.0) > SQUARES_OVERFLOW:
            norm = dot(vector, vector)
            return [
                _exp(-gamma * max(-2.0 * dot(vector, point) + norm + other, 0.0))
                for point, other in zip(points, norms)
            ]
        return [exp(-gamma * (d * d)) for d in map(dist, repeat(vector), points)]

    return rbf


def _manhattan(vector: Vector, point: Vector) -> float:
    total = 0.0
    for x, y in zip(vector, point):
        total += abs(x - y)
    return total


def _additive_chi2(vector: Vector, point: Vector) -> float:
    total = 0.0
    for x, y in zip(vector, point):
        both = x + y
        if both != 0.0:
            apart = x - y
            total -= apart * apart / both
    return total


def _sparse_kernel(node: Node) -> Step:
    data, rows, starts, norms = node["data"], node["rows"], node["starts"], node["norms"]
    zeros = [0.0] * len(norms)
    (gamma,) = node["gamma"]
    finish = _of_products(node)
    lengths = [sqrt(norm) or 1.0 for norm in norms]
    cosine, distance = node["kernel"] == "cosine", node["kernel"] == "distance"

    def kernel(row: dict[int, float]) -> list[float]:
        products = zeros.copy()
        norm = 0.0
        for i, x in row.items():
            norm += x * x
            start, end = starts[i], starts[i + 1]
            for place, y in zip(rows[start:end], data[start:end]):
                products[place] += x * y
        if finish is not None:
            return finish(products)
        if cosine:
            length = sqrt(norm) or 1.0
            return [x / (length * other) for x, other in zip(products, lengths)]
        squares = [max(norm - 2.0 * x + other, 0.0) for x, other in zip(products, norms)]
        return list(map(sqrt, squares)) if distance else [exp(-gamma * x) for x in squares]

    return kernel


def _check_gamma(node: Node) -> None:
    if node["kernel"] not in ("sigmoid", "poly", "linear", "cosine"):
        node.expect(node["gamma"][0] >= 0.0, "gamma of zero or more")


def _check_sparse(node: Node) -> None:
    _check_gamma(node)
    starts = node["starts"]
    node.expect(len(starts) == node.sizes["n"] + 1, "one start per column and one end")
    node.expect(
        starts[0] == 0 and starts[-1] == node.sizes["z"] and starts == sorted(starts),
        "starts in order, from 0 to the number of data",
    )
    node.expect(all(0 <= place < node.sizes["m"] for place in node["rows"]), "rows that are points")


SCALARS = {"gamma": "F64 1", "coef0": "F64 1", "degree": "F64 1"}

OPERATIONS = {
    # the kernel of the row with each point; products: squared distances of huge numbers overflow as
    # |x|^2 - 2 x·p + |p|^2 does
    "kernel/1": Operation(
        _kernel,
        ("vector",),
        "vector",
        "m",
        {
            "kernel": ("linear", "poly", "rbf", "sigmoid", "cosine", "laplacian", "chi2", "additive_chi2"),
            "products": "bool",
        },
        {"points": "F64 m n", **SCALARS},
        check=_check_gamma,
        nan=True,
        infinite=True,
    ),
    # the same with points that are mostly zero, column by column: rows[starts[i]:starts[i + 1]] have data in column i;
    # norms: the points' squared lengths; distance is the euclidean one, no kernel but made of the same products
    "sparse_kernel/1": Operation(
        _sparse_kernel,
        ("sparse",),
        "vector",
        "m",
        {"kernel": ("linear", "poly", "rbf", "sigmoid", "cosine", "distance")},
        {"data": "F64 z", "rows": "I32 z", "starts": "I64 s", "norms": "F64 m", **SCALARS},
        check=_check_sparse,
        nan=True,
        infinite=True,
    ),
}
