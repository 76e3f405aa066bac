"""Each number's place among its column's quantiles, and the number at a place."""

from __future__ import annotations

from bisect import bisect_right
from math import erf, erfc, log, sqrt

from .operations import Operation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .operations import Node, Step

BOUNDS = 1e-7  # within this of the first and last quantile, a number counts as there (normal output)
LOWEST = BOUNDS - 2.0**-52  # the shares beyond which the normal output is cut off
HIGHEST = 1.0 - LOWEST


def interpolate(x: float, xs: Sequence[float], ys: Sequence[float]) -> float:
    """numpy's interp of one number: the ends' values outside, a straight line between two points."""
    place = bisect_right(xs, x) - 1
    if place < 0:
        return ys[0]
    left = xs[place]
    if place == len(xs) - 1 or left == x:
        return ys[place]
    return (ys[place + 1] - ys[place]) / (xs[place + 1] - left) * (x - left) + ys[place]


def _normal_share(x: float) -> float:
    z = x * sqrt(0.5)
    if abs(z) < sqrt(0.5):
        return 0.5 + 0.5 * erf(z)
    return 0.5 * erfc(-z)


# M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution": numerator and denominator of
# three rational approximations, highest power first
CENTRE = (
    (
        2.5090809287301226727e3,
        3.3430575583588128105e4,
        6.7265770927008700853e4,
        4.5921953931549871457e4,
        1.3731693765509461125e4,
        1.9715909503065514427e3,
        1.3314166789178437745e2,
        3.3871328727963666080e0,
    ),
    (
        5.2264952788528545610e3,
        2.8729085735721942674e4,
        3.9307895800092710610e4,
        2.1213794301586595867e4,
        5.3941960214247511077e3,
        6.8718700749205790830e2,
        4.2313330701600911252e1,
        1.0,
    ),
)
TAIL = (
    (
        7.74545014278341407640e-4,
        2.27238449892691845833e-2,
        2.41780725177450611770e-1,
        1.27045825245236838258e0,
        3.64784832476320460504e0,
        5.76949722146069140550e0,
        4.63033784615654529590e0,
        1.42343711074968357734e0,
    ),
    (
        1.05075007164441684324e-9,
        5.47593808499534494600e-4,
        1.51986665636164571966e-2,
        1.48103976427480074590e-1,
        6.89767334985100004550e-1,
        1.67638483018380384940e0,
        2.05319162663775882187e0,
        1.0,
    ),
)


def _ratio(parts: tuple[tuple[float, ...], tuple[float, ...]], r: float) -> float:
    above = below = 0.0
    for a, b in zip(*parts):
        above = above * r + a
        below = below * r + b
    return above / below


def _normal_point(share: float) -> float:
    """The number with this share of the normal distribution below it, for shares between LOWEST and HIGHEST."""
    q = share - 0.5
    if abs(q) <= 0.425:
        return q * _ratio(CENTRE, 0.180625 - q * q)
    point = _ratio(TAIL, sqrt(-log(share if q < 0.0 else 1.0 - share)) - 1.6)
    return -point if q < 0.0 else point


def _ends(node: Node) -> Callable[[float, float, float], int]:
    """Whether a number counts as the first (-1) or the last (1) of a column, or lies between (0)."""
    if node["normal"]:
        return lambda x, first, last: -1 if x - BOUNDS < first else 1 if x + BOUNDS > last else 0
    return lambda x, first, last: -1 if x == first else 1 if x == last else 0


def _quantile(node: Node) -> Step:
    references = node["references"]
    falling = [-y for y in reversed(references)]
    columns = [(xs, [-x for x in reversed(xs)]) for xs in node["quantiles"]]
    normal, end_of = node["normal"], _ends(node)

    def share(x: float, rising: list[float], turned: list[float]) -> float:
        if x != x:
            return x
        end = end_of(x, rising[0], rising[-1])
        if end:
            y = 1.0 if end > 0 else 0.0
        else:  # from both sides: the middle of quantiles that are the same
            y = 0.5 * (interpolate(x, rising, references) - interpolate(-x, turned, falling))
        return _normal_point(min(max(y, LOWEST), HIGHEST)) if normal else y

    return lambda vector: [share(x, rising, turned) for x, (rising, turned) in zip(vector, columns)]


def _quantile_inverse(node: Node) -> Step:
    references, columns = node["references"], node["quantiles"]
    normal, end_of = node["normal"], _ends(node)

    def point(x: float, quantiles: list[float]) -> float:
        if normal:
            x = _normal_share(x)
        if x != x:
            return x
        end = end_of(x, 0.0, 1.0)
        if end:
            return quantiles[-1] if end > 0 else quantiles[0]
        return interpolate(x, references, quantiles)

    return lambda vector: list(map(point, vector, columns))


def _check_quantiles(node: Node) -> None:
    node.expect(node.sizes["q"] > 0, "at least one quantile")
    columns = [*node["quantiles"], node["references"]]
    node.expect(all([sorted(column) == column for column in columns]), "rising quantiles")


ARRAYS = {"quantiles": "F64 n q", "references": "F64 q"}

OPERATIONS = {
    # the share of its column's quantiles below each number, as it is or as a point of the normal distribution
    "quantile/1": Operation(
        _quantile,
        ("vector",),
        "vector",
        "n",
        {"normal": "bool"},
        ARRAYS,
        check=_check_quantiles,
        infinite=False,
    ),
    # the number of its column at each share (or point of the normal distribution)
    "quantile_inverse/1": Operation(
        _quantile_inverse,
        ("vector",),
        "vector",
        "n",
        {"normal": "bool"},
        ARRAYS,
        check=_check_quantiles,
        infinite=True,
    ),
}
