"""What is made of a row's neighbours: votes, means, a graph, an outlier's score."""

from __future__ import annotations

from leanfn.errors import RowError

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .operations import Node, Step

    Found = list[tuple[float, int]]  # (distance, number of the training row)

ZERO = 2.0**-1024  # 1 / x is infinite for this and for less


def _nearest(node: Node) -> Step:
    count = node["k"]
    numbers = range(node.sizes["n"])
    return lambda distances: sorted(zip(distances, numbers))[:count]


def _check_nearest(node: Node) -> None:
    node.expect(0 < node["k"] <= node.sizes["n"], "as many neighbours as points, or fewer")


def _inverse(found: Found) -> list[float]:
    """Weights by distance; where points are at none, they alone count."""
    if found and min(found)[0] <= ZERO:
        return [1.0 if distance <= ZERO else 0.0 for distance, _ in found]
    return [1.0 / distance for distance, _ in found]


def _tally(node: Node) -> Step:
    labels, empty = node["labels"], node["empty"]
    zeros = [0.0] * node["classes"]
    by_distance = node["weights"] == "distance"

    def tally(found: Found) -> list[float]:
        if not found:
            if empty is None:
                raise RowError("the model has no answer for this row: it has no neighbour")
            return list(empty)
        votes = zeros.copy()
        if not by_distance:
            for _, row in found:
                votes[labels[row]] += 1.0
            return votes
        weights = _inverse(found)
        for weight, (_, row) in zip(weights, found):
            votes[labels[row]] += weight
        if not any(weights):
            raise RowError("the model has no answer for this row: its neighbours are infinitely far")
        return votes

    return tally


def _check_tally(node: Node) -> None:
    classes = node["classes"]
    node.expect(all(0 <= label < classes for label in node["labels"]), "labels that are classes")
    node.expect(node.sizes.get("k", classes) == classes, "one vote per class for no neighbour")


def _mean(node: Node) -> Step:
    targets, empty = node["targets"], node["empty"]
    by_distance = node["weights"] == "distance"

    def mean(found: Found) -> list[float]:
        if not found:
            return list(empty)
        weights = _inverse(found) if by_distance else [1.0] * len(found)
        sums = [0.0] * len(empty)
        total = 0.0
        for weight, (_, row) in zip(weights, found):
            sums = [x + y * weight for x, y in zip(sums, targets[row])]
            total += weight
        return [x / total if total else float("nan") for x in sums]

    return mean


def _scatter(node: Node) -> Step:
    connected = node["values"] == "connectivity"

    def scatter(found: Found) -> dict[int, float]:
        row: dict[int, float] = {}
        for distance, column in found:
            # a row that is found again (for want of any at a finite distance) adds up
            row[column] = row.get(column, 0.0) + (1.0 if connected else distance)
        return row

    return scatter


def _outlier_factor(node: Node) -> Step:
    reach, density = node["reach"], node["density"]

    def outlier_factor(found: Found) -> list[float]:
        far = near = 0.0
        for distance, row in found:
            far += max(distance, reach[row])
            near += density[row]
        count = len(found)
        # scikit-learn's 1e-10 keeps the density of duplicates finite
        return [-(near / count) * (far / count + 1e-10)]

    return outlier_factor


WEIGHTS = {"weights": ("uniform", "distance")}

OPERATIONS = {
    # the k least distances and their numbers
    "nearest/1": Operation(
        _nearest, ("vector",), "neighbours", "n", {"k": "int"}, check=_check_nearest, nan=False
    ),
    # votes per class, by one or by the inverse distance; empty: the votes where there is no neighbour, null a refusal
    "tally/1": Operation(
        _tally,
        ("neighbours",),
        "vector",
        "classes",
        {"classes": "int", **WEIGHTS},
        {"labels": "I32 n", "empty": "F64? k"},
        check=_check_tally,
        nan=False,
        infinite=False,
    ),
    # the mean of the neighbours' targets; empty: the answer where there is no neighbour
    "mean/1": Operation(
        _mean,
        ("neighbours",),
        "vector",
        "k",
        WEIGHTS,
        {"targets": "F64 n k", "empty": "F64 k"},
        nan=True,
        infinite=True,
    ),
    # a column per point: the neighbours' distances, or one for each
    "scatter/1": Operation(
        _scatter, ("neighbours",), "sparse", "n", {"values": ("connectivity", "distance")}
    ),
    # minus how much denser it is where the neighbours are. reach: a point's distance to its own k-th neighbour;
    # density: its reachability density
    "outlier_factor/1": Operation(
        _outlier_factor,
        ("neighbours",),
        "vector",
        1,
        arrays={"reach": "F64 n", "density": "F64 n"},
        nan=True,
        infinite=True,
    ),
}
