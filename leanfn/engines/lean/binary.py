"""Operations that make a class, or several, of the scores of classifiers of two."""

from __future__ import annotations

from math import inf

from .arithmetic import dot
from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Vector = list[float]


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
