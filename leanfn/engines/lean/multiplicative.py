"""Non-negative weights of components that add up to a row, by multiplicative updates for any beta-divergence."""

from __future__ import annotations

from math import inf, isfinite, log, nan, pow, sqrt

from leanfn.errors import RowError

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .operations import Node, Step

    Vector = list[float]
    Update = Callable[[Vector, Vector, Vector], Vector]

LEAST = 2.0**-23  # nothing is divided by less: the original's own bound
VANISHING = 2.0**-52
TESTED_EVERY = 10  # steps between two looks at the divergence


def _power(x: float, exponent: float) -> float:
    try:
        return pow(x, exponent)
    except OverflowError:
        return inf
    except ValueError:
        return inf if x == 0.0 else nan


def _log(x: float) -> float:
    return log(x) if x > 0.0 else -inf if x == 0.0 else nan


def _sqrt(x: float) -> float:
    return sqrt(x) if x >= 0.0 else nan


def _ratio(x: float, y: float) -> float:
    if y != 0.0:
        return x / y
    return nan if x == 0.0 or x != x else inf if x > 0.0 else -inf


def _total(numbers: Vector) -> float:
    total = 0.0
    for x in numbers:
        total += x
    return total


def _norm(numbers: Vector) -> float:
    square = dot(numbers, numbers)
    if not square < inf and not all(map(isfinite, numbers)):
        raise RowError("the model has no answer for this row: its weights are not finite")
    return sqrt(square)


def _updater(node: Node) -> Callable[[Vector], Callable[[Vector], Vector]]:
    """Of a row, the function that makes better weights of weights."""
    components = node["components"]
    columns = list(zip(*components))
    (beta,), (l1,), (l2,) = node["beta"], node["l1"], node["l2"]
    gram = [[dot(one, other) for other in components] for one in components]
    sums = list(map(_total, components))
    keeps = node["stop"] == "divergence"
    gamma = 1.0 / (2.0 - beta) if beta < 1.0 else 1.0 / (beta - 1.0) if beta > 2.0 else 1.0

    def parts(vector: Vector, weights: Vector, above: Vector, kept: Vector) -> tuple[Vector, Vector]:
        if beta == 2.0:
            return above, [dot(row, weights) for row in gram]
        product = [dot(column, weights) for column in columns]
        bounded = [max(x, LEAST) for x in product] if beta < 2.0 else product
        if beta == 1.0:
            scaled = [x / y for x, y in zip(vector, bounded)]
            return [dot(component, scaled) for component in components], kept
        if beta == 0.0:
            inverses = [1.0 / y for y in bounded]
            scaled = [y * y * x for x, y in zip(vector, inverses)]
        else:
            scaled = [_power(y, beta - 2.0) * x for x, y in zip(vector, bounded)]
        powers = [_power(x, beta - 1.0) for x in (bounded if beta < 1.0 else product)]
        return (
            [dot(component, scaled) for component in components],
            [dot(component, powers) for component in components],
        )

    def of(vector: Vector) -> Callable[[Vector], Vector]:
        above = [dot(component, vector) for component in components]
        kept = sums

        def update(weights: Vector) -> Vector:
            nonlocal kept
            numerators, denominators = parts(vector, weights, above, kept)
            if l1 > 0.0:
                denominators = [x + l1 for x in denominators]
                if keeps and beta == 1.0:
                    kept = denominators  # the original adds the penalty to the sums it keeps, step after step
            if l2 > 0.0:
                denominators = [x + l2 * weight for x, weight in zip(denominators, weights)]
            factors = [x / (y if y != 0.0 else LEAST) for x, y in zip(numerators, denominators)]
            if gamma != 1.0:
                factors = [_power(x, gamma) for x in factors]
            return [weight * factor for weight, factor in zip(weights, factors)]

        return update

    return of


def _divergence(node: Node) -> Callable[[Vector, Vector], float]:
    components = node["components"]
    columns = list(zip(*components))
    sums = list(map(_total, components))
    (beta,) = node["beta"]

    def divergence(vector: Vector, weights: Vector) -> float:
        product = [dot(column, weights) for column in columns]
        if beta == 2.0:
            away = [x - y for x, y in zip(vector, product)]
            return sqrt(dot(away, away))
        pairs = [(x, max(y, LEAST)) for x, y in zip(vector, product) if x > LEAST]
        if beta == 1.0:
            whole = dot(weights, sums) - _total([x for x, _ in pairs])
            found = dot([x for x, _ in pairs], [_log(x / y) for x, y in pairs]) + whole
        elif beta == 0.0:
            ratios = [x / y for x, y in pairs]
            found = _total(ratios) - len(vector) - _total(list(map(_log, ratios)))
        else:
            mixed = dot([x for x, _ in pairs], [_power(y, beta - 1.0) for _, y in pairs])
            found = _total([_power(x, beta) for x, _ in pairs]) - beta * mixed
            found += _total([_power(y, beta) for y in product]) * (beta - 1.0)
            found /= beta * (beta - 1.0)
        return sqrt(2.0 * max(found, 0.0)) if found == found else nan

    return divergence


def _multiply(node: Node) -> Step:
    count, width = node.sizes["k"], node.sizes["n"]
    updater = _updater(node)
    steps = range(1, node["steps"] + 1)
    (tolerance,) = node["tolerance"]
    divergence = _divergence(node)
    vanishes = node["beta"][0] < 1.0

    def start(vector: Vector) -> Vector:
        return [_sqrt(_total(vector) / width / count)] * count

    def by_divergence(vector: Vector) -> Vector:
        weights, update = start(vector), updater(vector)
        first = previous = divergence(vector, weights)
        for step in steps:
            weights = update(weights)
            if vanishes:
                weights = [0.0 if weight < VANISHING else weight for weight in weights]
            if tolerance > 0.0 and step % TESTED_EVERY == 0:
                error = divergence(vector, weights)
                if _ratio(previous - error, first) < tolerance:
                    break
                previous = error
        return weights

    def by_change(vector: Vector) -> Vector:
        weights, update = start(vector), updater(vector)
        for _ in steps:
            before, weights = weights, update(weights)
            change = _norm([x - y for x, y in zip(weights, before)])
            if tolerance > 0.0 and _ratio(change, _norm(weights)) <= tolerance:
                break
        return weights

    return by_divergence if node["stop"] == "divergence" else by_change


def _check_multiply(node: Node) -> None:
    node.expect(node["steps"] > 0, "a step or more")
    node.expect(node.sizes["n"] > 0 and node.sizes["k"] > 0, "a column and a component")


OPERATIONS = {
    # the weights whose sum of components is near the row by the divergence of the given beta; the search ends when the
    # divergence, or when the weights, hardly change
    "multiply/1": Operation(
        _multiply,
        ("vector",),
        "vector",
        "k",
        {"steps": "int", "stop": ("divergence", "change")},
        {"components": "F64 k n", "beta": "F64 1", "tolerance": "F64 1", "l1": "F64 1", "l2": "F64 1"},
        check=_check_multiply,
        nan=True,
        infinite=True,
    ),
}
