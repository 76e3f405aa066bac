"""The share of each topic in a text, by scikit-learn's own steps of variational inference."""

from __future__ import annotations

from math import exp, log

from leanfn.errors import RowError

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]

EULER = 0.577215664901532860606512090082402431
LEAST = 2.0**-52


def digamma(x: float) -> float:
    """Bernardo's three terms, as the original has them: a better one answers otherwise."""
    if x <= 1e-6:
        return -EULER - 1.0 / x
    result = 0.0
    while x < 6.0:
        result -= 1.0 / x
        x += 1.0
    r = 1.0 / x
    result += log(x) - 0.5 * r
    r *= r
    return result - r * ((1.0 / 12.0) - r * ((1.0 / 120.0) - r * (1.0 / 252.0)))


def _topics(node: Node) -> Step:
    words = list(zip(*node["words"]))
    count = node.sizes["k"]
    (prior,), (tolerance,) = node["prior"], node["tolerance"]
    steps = range(node["steps"])
    whole = digamma(float(count))
    even = [exp(digamma(1.0) - whole)] * count

    def topics(row: Vector | dict[int, float]) -> Vector:
        items = row.items() if row.__class__ is dict else enumerate(row)
        found = [(i, x) for i, x in items if x != 0.0]
        counts = [x for _, x in found]
        if counts and min(counts) < 0.0:
            raise RowError("the model has no answer for this row: a number is below 0.0")
        of_words = [words[i] for i, _ in found]
        of_topics = list(zip(*of_words)) or [()] * count
        shares, weights = [1.0] * count, even
        for _ in steps:
            before = shares
            ratios = [x / (dot(weights, word) + LEAST) for x, word in zip(counts, of_words)]
            shares = [weight * dot(ratios, topic) + prior for weight, topic in zip(weights, of_topics)]
            total = 0.0
            for share in shares:
                total += share
            whole = digamma(total)
            weights = [exp(digamma(share) - whole) for share in shares]
            change = 0.0
            for x, y in zip(before, shares):
                change += abs(x - y)
            if change / count < tolerance:
                break
        total = 0.0
        for share in shares:
            total += share
        return [share / total for share in shares]

    return topics


def _check_topics(node: Node) -> None:
    node.expect(node.sizes["k"] > 0, "a topic")
    node.expect(node["prior"][0] > 0.0, "a prior above zero")


OPERATIONS = {
    # the topics' shares in the row's counts; words: how each topic weighs each word
    "topics/1": Operation(
        _topics,
        ("vector|sparse",),
        "vector",
        "k",
        {"steps": "int"},
        {"words": "F64 k n", "prior": "F64 1", "tolerance": "F64 1"},
        check=_check_topics,
        nan=True,
        infinite=False,
    ),
}
