"""Trees whose leaves are added up in float32, and what is made of such a sum there: XGBoost's arithmetic.

Every result is rounded to float32 before the next step takes it. exp is the polynomial that the GNU C library's expf
is, for a correctly rounded one is another number now and then: at 1.8 million numbers of its whole range it was equal
to that expf at every one. float32_sigmoid/1 was equal to what XGBoost 3.2 predicts from 1,000,000 margins, at every one.
"""

from __future__ import annotations

from array import array
from math import inf, isfinite, nan

from .operations import Operation
from .trees import FOREST, Forest, blocks_of, check_forest, leaf_values, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .operations import Node, Step
    from .trees import Exits

    Vector = list[float]

STEPS = 32  # expf's table holds 2 ** (i / 32)
TABLE = [2.0 ** (i / STEPS) for i in range(STEPS)]
PER_STEP = float.fromhex("0x1.71547652b82fep+0") * STEPS  # 32 / log(2)
CUBIC = float.fromhex("0x1.c6af84b912394p-5") / STEPS**3
SQUARE = float.fromhex("0x1.ebfce50fac4f3p-3") / STEPS**2
LINEAR = float.fromhex("0x1.62e42ff0c52d6p-1") / STEPS
OVERFLOW, UNDERFLOW = float.fromhex("0x1.62e42ep6"), float.fromhex("-0x1.9fe368p6")
MOST = 88.69999694824219  # XGBoost's sigmoid takes no larger power than 88.7, as a float32 holds it


def single(x: float) -> float:
    """x as a cast to float32 leaves it."""
    rounded: float = array("f", (x,))[0]
    return rounded


def expf(x: float) -> float:
    """exp of a float32, in float32."""
    if not UNDERFLOW <= x <= OVERFLOW:
        return inf if x > OVERFLOW else 0.0 if x < UNDERFLOW else x
    scaled = PER_STEP * x
    whole = round(scaled)
    r = scaled - whole
    power, step = divmod(whole, STEPS)
    return single(((CUBIC * r + SQUARE) * (r * r) + (LINEAR * r + 1.0)) * (TABLE[step] * 2.0**power))


def _trees(node: Node) -> Step:
    forest = Forest(node)
    values = leaf_values(node)
    blocks = blocks_of(forest)
    if not blocks:
        return _sums(node, *walk(forest, values))
    from .quickscorer import scorer

    quick = _sums(node, *scorer(forest, values, blocks))
    wire = node.inputs[0]
    if not (wire.nan and wire.infinite):
        return quick
    slow = _sums(node, *walk(forest, values))  # a bisection does not tell NaN from -inf
    return lambda vector: (slow if -inf in vector else quick)(vector)


def _sums(node: Node, exits: Exits, first: Sequence[int]) -> Step:
    from bisect import bisect_left

    base, group = node["base"], node["group"]
    ends = [first[bisect_left(group, output + 1)] for output in range(len(base))]
    stretches = [slice(start, end) for start, end in zip([0, *ends], ends)]

    def total(vector: Vector) -> Vector:
        cell = array("f", (0.0,))  # what is stored in it is rounded to float32
        answers = list(exits(vector))
        outputs = []
        for value, stretch in zip(base, stretches):
            for x in answers[stretch]:
                cell[0] = value + x
                value = cell[0]
            outputs.append(value)
        return outputs

    return total


def _check(node: Node) -> None:
    sizes, group = node.sizes, node["group"]
    check_forest(node, sizes["r"])
    node.expect(sizes["v"] == 1, "one value per leaf")
    node.expect(group == sorted(group) and group[-1] < sizes["k"], "trees grouped by their output")
    numbers = [*node["base"], *[x for row in node["values"] for x in row]]
    node.expect(all([single(x) == x for x in numbers]), "values that are float32")
    largest = sum(map(abs, numbers)) * sizes["trees"]
    node.expect(isfinite(single(largest)), "values whose sums are finite")


def _sigmoid(node: Node) -> Step:
    def sigmoid(vector: Vector) -> Vector:
        return [single(1.0 / single(expf(min(-x, MOST)) + 1.0)) for x in vector]

    return sigmoid


def _exp(node: Node) -> Step:
    return lambda vector: [expf(x) for x in vector]


def _softmax(node: Node) -> Step:
    def softmax(vector: Vector) -> Vector:
        largest = max(vector)
        powers = [expf(single(x - largest)) for x in vector]
        total = 0.0
        for power in powers:
            total += power
        total = single(total)
        return [single(power / total) for power in powers]

    return softmax


def _pair(node: Node) -> Step:
    return lambda vector: [single(1.0 - vector[0]), vector[0]]


def _stored(node: Node) -> Step:
    width = node.sizes["n"]

    def stored(row: dict[int, float]) -> Vector:
        vector = [nan] * width
        for column, x in row.items():
            if x:
                vector[column] = x
        return vector

    return stored


OPERATIONS = {
    # as trees/1, each sum rounded to float32 before the next leaf is added; every tree adds to its group's output
    "float32_trees/1": Operation(
        _trees,
        ("vector",),
        "vector",
        "k",
        arrays={**FOREST, "values": "F32 r v", "group": "U16 trees", "base": "F32 k"},
        check=_check,
        nan=False,
        infinite=False,
    ),
    # 1 / (1 + exp(-x)) of float32 numbers, in float32
    "float32_sigmoid/1": Operation(_sigmoid, ("vector",), "vector", "n", infinite=False),
    # exp of float32 numbers, in float32
    "float32_exp/1": Operation(_exp, ("vector",), "vector", "n", infinite=True),
    # exp of each float32 number over the sum of all, in float32
    "float32_softmax/1": Operation(_softmax, ("vector",), "vector", "n", infinite=False),
    # [1 - p, p], in float32
    "float32_pair/1": Operation(
        _pair,
        ("vector",),
        "vector",
        2,
        check=lambda node: node.expect(node.sizes["n"] == 1, "an input of one column"),
    ),
    # what a sparse row stores, NaN where it stores nothing
    "stored/1": Operation(_stored, ("sparse",), "vector", "n", nan=True),
}
