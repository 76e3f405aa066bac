"""Operations that make one answer of the answers of several members."""

from __future__ import annotations

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
    places = range(len(weights))
    nan_last = node.inputs[0].nan

    def median(vector: Vector) -> Vector:
        if nan_last:
            order = sorted(places, key=lambda i: (vector[i] != vector[i], vector[i]))
        else:
            order = sorted(places, key=vector.__getitem__)
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
}
