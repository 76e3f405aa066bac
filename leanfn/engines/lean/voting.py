"""Operations that make one answer of the answers of several members."""

from __future__ import annotations

from math import inf

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


def _take(node: Node) -> Step:
    return node["rows"].__getitem__  # type: ignore[no-any-return]


def _check_take(node: Node) -> None:
    node.expect(node.sizes["classes"] == node.sizes["n"], "one row per class")


def _average(node: Node) -> Step:
    weights = node["weights"]
    (divisor,) = node["divide"] or (1.0,)

    def average(*members: Vector) -> Vector:
        total, *others = members
        for other in others:
            total = [x + y for x, y in zip(total, other)]
        return [x / divisor for x in total]

    def weighted(*members: Vector) -> Vector:
        return average(*[[x * weight for x in member] for member, weight in zip(members, weights)])

    return average if weights is None else weighted


def _check_average(node: Node) -> None:
    inputs = node.inputs
    node.expect(bool(inputs) and len({wire.width for wire in inputs}) == 1, "inputs of one width")
    node.expect(node.sizes.get("members", len(inputs)) == len(inputs), "one weight per input")
    node.expect(node["divide"] != [0.0], "no division by zero")


def _median(node: Node) -> Step:
    weights = node["weights"]

    def median(vector: Vector) -> Vector:
        order = sorted(range(len(vector)), key=vector.__getitem__)
        total = 0.0
        sums = []
        for i in order:
            total += weights[i]
            sums.append(total)
        half = 0.5 * total
        for i, so_far in zip(order, sums):
            if so_far >= half:
                return [vector[i]]
        return [vector[order[0]]]  # no sum is a number

    return median


def _check_median(node: Node) -> None:
    node.expect(node.sizes["n"] > 0, "a number to choose")


def _duel(node: Node) -> Step:
    classes = range(node["classes"])
    pairs = [(i, j) for i in classes for j in classes[i + 1 :]]

    def duel(predictions: Vector, confidences: Vector) -> Vector:
        votes = [0.0] * len(classes)
        sums = votes.copy()
        for (i, j), prediction, confidence in zip(pairs, predictions, confidences):
            sums[i] -= confidence
            sums[j] += confidence
            if prediction == 0.0:
                votes[i] += 1.0
            elif prediction == 1.0:
                votes[j] += 1.0
        # a third at most, so that confidences decide between equal votes and nothing else
        return [vote + total / (3.0 * (abs(total) + 1.0)) for vote, total in zip(votes, sums)]

    return duel


def _check_duel(node: Node) -> None:
    classes = node["classes"]
    node.expect(
        classes >= 2 and all(wire.width == classes * (classes - 1) // 2 for wire in node.inputs),
        "a prediction and a confidence per pair of classes",
    )


def _code(node: Node) -> Step:
    codes = [(code, dot(code, code)) for code in node["codes"]]

    def code(vector: Vector) -> int:
        # the expanded square that scikit-learn compares too: far from all codes, its rounding makes ties
        square = dot(vector, vector)
        distances = [max(0.0, square - 2.0 * dot(vector, code) + norm) for code, norm in codes]
        return distances.index(min(distances))

    return code


def _check_code(node: Node) -> None:
    node.expect(node.sizes["classes"] > 0, "a code")


def _highest(node: Node) -> Step:
    places = range(node.sizes["n"])
    order = places if node["last"] else places[::-1]

    def highest(vector: Vector) -> int:
        best, place = -inf, 0
        for i in order:
            x = vector[i]
            if x >= best:
                best, place = x, i
            elif x != x:
                break  # nothing is above NaN
        return place

    return highest


def _bits(node: Node) -> Step:
    (at,) = node["at"]
    return lambda vector: [1 if x > at else 0 for x in vector]


OPERATIONS = {
    # the row that stands for a class
    "take/1": Operation(
        _take,
        ("index",),
        "vector",
        "k",
        arrays={"rows": "F64 classes k"},
        check=_check_take,
        nan=True,
        infinite=True,
    ),
    # the sum of the inputs in their order, each times its weight, over `divide`
    "average/1": Operation(
        _average,
        ("vector", "vector*"),
        "vector",
        "n",
        arrays={"weights": "F64? members", "divide": "F64? 1"},
        check=_check_average,
        nan=True,
        infinite=True,
    ),
    # the number at which the weights, in the order of their numbers, reach half of their sum
    "median/1": Operation(
        _median, ("vector",), "vector", 1, arrays={"weights": "F64 n"}, check=_check_median
    ),
    # per class the votes of all pairs (0: the first, 1: the second wins) and, below one, the sum of their confidences
    "duel/1": Operation(
        _duel, ("vector", "vector"), "vector", "classes", {"classes": "int"}, check=_check_duel
    ),
    # the class whose code is nearest; of several, the first
    "code/1": Operation(
        _code, ("vector",), "index", "classes", arrays={"codes": "F64 classes n"}, check=_check_code
    ),
    # the position of the largest number; of several, the first or the last; NaN ends the search that goes their way
    "highest/1": Operation(_highest, ("vector",), "index", "n", {"last": "bool"}),
    # per number whether it is above `at`: 1 or 0
    "bits/1": Operation(_bits, ("vector",), "many", "n", arrays={"at": "F64 1"}, nan=False, infinite=False),
}
