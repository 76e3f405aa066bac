"""Operations on the scores of pairs of classes: 0 against 1, 0 against 2, …, 1 against 2, …"""

from __future__ import annotations

from math import exp, isqrt

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]

LEAST = 1e-7  # libsvm keeps the probabilities of pairs from zero and one


def _classes(pairs: int) -> int:
    """How many classes have so many pairs."""
    return (1 + isqrt(1 + 8 * pairs)) // 2


def _pairs(classes: int) -> list[tuple[int, int]]:
    return [(i, j) for i in range(classes) for j in range(i + 1, classes)]


def _check_pairs(node: Node) -> None:
    pairs = node.sizes["n"]
    classes = _classes(pairs)
    node.expect(pairs > 0 and classes * (classes - 1) // 2 == pairs, "one score per pair of classes")
    node.sizes["classes"] = classes


def _machines(node: Node) -> Step:
    """libsvm's layout: a support vector of class i has k - 1 coefficients, one per other class."""
    coef, counts, intercept = node["coef"], node["counts"], node["intercept"]
    blocks = []
    start = 0
    for count in counts:
        blocks.append(slice(start, start + count))
        start += count
    plan = [
        (coef[j - 1][blocks[i]] + coef[i][blocks[j]], blocks[i], blocks[j], constant)
        for (i, j), constant in zip(_pairs(len(counts)), intercept)
    ]

    def machines(kernel: Vector) -> Vector:
        return [
            _in_order(weights, kernel[first] + kernel[second]) + constant
            for weights, first, second, constant in plan
        ]

    return machines


def _machine(node: Node) -> Step:
    (weights,), (constant,) = node["coef"], node["intercept"]
    return lambda kernel: [_in_order(weights, kernel) + constant]


def _in_order(weights: Vector, values: Vector) -> float:
    """The sum of products as libsvm adds it: its terms cancel by design, so what is left depends on the order."""
    total = 0.0
    for weight, value in zip(weights, values):
        total += weight * value
    return total


def _check_machines(node: Node) -> None:
    counts, classes = node["counts"], node.sizes["k"]
    node.expect(classes >= 2 and node.sizes["others"] == classes - 1, "one coefficient per other class")
    node.expect(
        min(counts) >= 0 and sum(counts) == node.sizes["n"], "counts that add up to its input's columns"
    )
    node.expect(node.sizes["pairs"] == classes * (classes - 1) // 2, "one intercept per pair of classes")


def _votes(node: Node) -> Step:
    pairs = _pairs(node.sizes["classes"])
    zeros = [0.0] * node.sizes["classes"]

    def votes(scores: Vector) -> Vector:
        counts = zeros.copy()
        for score, (i, j) in zip(scores, pairs):
            counts[i if score > 0.0 else j] += 1.0
        return counts

    return votes


def _rank(node: Node) -> Step:
    pairs = _pairs(node.sizes["classes"])
    zeros = [0.0] * node.sizes["classes"]

    def rank(scores: Vector) -> Vector:
        counts, sums = zeros.copy(), zeros.copy()
        for score, (i, j) in zip(scores, pairs):
            sums[i] -= score
            sums[j] += score
            counts[j if score > 0.0 else i] += 1.0
        return [count + total / (3.0 * (abs(total) + 1.0)) for count, total in zip(counts, sums)]

    return rank


def _couple(node: Node) -> Step:
    plan = list(zip(_pairs(node.sizes["classes"]), node["a"], node["b"]))
    classes = node.sizes["classes"]

    def couple(scores: Vector) -> Vector:
        shares = [[0.0] * classes for _ in range(classes)]
        for score, ((i, j), a, b) in zip(scores, plan):
            share = min(
                1.0 - LEAST, max(LEAST, _platt(score * a + b))
            )  # in this order a NaN becomes the least, as in C
            shares[i][j] = share
            shares[j][i] = 1.0 - share
        return _coupled(shares)

    return couple


def _platt(x: float) -> float:
    if x >= 0.0:
        power = exp(-x)
        return power / (1.0 + power)
    return 1.0 / (1.0 + exp(x))


def _coupled(shares: list[Vector]) -> Vector:
    """libsvm's iteration to its own stopping rule, for two classes too: it ends before the sums are exact.

    Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling", method 2.
    """
    classes = len(shares)
    numbers = range(classes)
    q = [[-shares[j][t] * shares[t][j] for j in numbers] for t in numbers]
    for t in numbers:
        total = 0.0
        for j in numbers:
            if j != t:
                total += shares[j][t] * shares[j][t]
        q[t][t] = total
    p = [1.0 / classes] * classes
    for _ in range(max(100, classes)):
        qp = [dot(row, p) for row in q]
        pqp = dot(p, qp)
        if max([abs(x - pqp) for x in qp]) < 0.005 / classes:
            break
        for t in numbers:
            step = (pqp - qp[t]) / q[t][t]
            p[t] += step
            pqp = (pqp + step * (step * q[t][t] + 2.0 * qp[t])) / (1.0 + step) / (1.0 + step)
            qp = [(x + step * y) / (1.0 + step) for x, y in zip(qp, q[t])]
            p = [x / (1.0 + step) for x in p]
    return p


OPERATIONS = {
    # the sum of products, added in their order, and the intercept
    "machine/1": Operation(
        _machine,
        ("vector",),
        "vector",
        1,
        arrays={"coef": "F64 1 n", "intercept": "F64 1"},
        nan=True,
        infinite=True,
    ),
    # the scores of libsvm's machines from the kernels of the row with the support vectors, which lie class by class
    "machines/1": Operation(
        _machines,
        ("vector",),
        "vector",
        "pairs",
        arrays={"coef": "F64 others n", "counts": "I32 k", "intercept": "F64 pairs"},
        check=_check_machines,
        nan=True,
        infinite=True,
    ),
    # votes per class, a score above zero being one for the first of its pair
    "votes/1": Operation(
        _votes, ("vector",), "vector", "classes", check=_check_pairs, nan=False, infinite=False
    ),
    # votes per class, a score above zero being one for the second of its pair; sums of scores break ties between them
    "rank/1": Operation(_rank, ("vector",), "vector", "classes", check=_check_pairs, nan=True),
    # probabilities of the classes, from those of the pairs: 1 / (1 + exp(a score + b)) for the first
    "couple/1": Operation(
        _couple,
        ("vector",),
        "vector",
        "classes",
        arrays={"a": "F64 n", "b": "F64 n"},
        check=_check_pairs,
        nan=False,
        infinite=False,
    ),
}
