"""Powers, quantiles, bins, products, splines, norms and centres: what they compute, and damaged nodes refused."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.interpolate import BSpline

from leanfn.certificate import difference
from leanfn.engines.lean.quantile import HIGHEST, LOWEST, interpolate
from leanfn.errors import ArtifactError, RowError
from tests.nodes import step, tensor

ONE, TWO = ("vector", 1), ("vector", 2)
numbers = st.floats(-1e6, 1e6)


@given(numbers, st.floats(-4, 6))
def test_yeo_johnson_is_scipys_and_comes_back(x, power):
    arrays = {"powers": [power], "rests": [2 - power]}
    (found,) = step("power/1", ONE, method="yeo-johnson", **arrays)([x])
    assert difference(found, float(stats.yeojohnson(np.array([x]), power)[0])) < 1e-12


def test_box_cox_refuses_what_is_not_positive_and_lets_nan_through():
    power = step("power/1", ONE, method="box-cox", powers=[0.5], rests=[1.5])
    assert power([4.0]) == [2.0]
    assert math.isnan(power([math.nan])[0])
    with pytest.raises(RowError, match="positive numbers"):
        power([0.0])


@given(st.lists(numbers, min_size=1, max_size=5).map(sorted), st.one_of(numbers, st.just(math.nan)))
def test_interpolation_is_numpys_also_where_points_are_the_same(xs, x):
    ys = list(range(len(xs)))
    if x == x:
        assert interpolate(x, xs, ys) == np.interp(x, xs, ys)


@given(st.floats(LOWEST, HIGHEST))
def test_a_share_of_the_normal_distribution_is_scipys_point(share):
    quantile = step("quantile/1", ONE, normal=True, quantiles=[[-1e9, 1e9]], references=[0.0, 1.0])
    (found,) = quantile([(share - 0.5) * 2e9])
    assert difference(found, float(stats.norm.ppf(np.clip(share, LOWEST, HIGHEST)))) < 1e-6
    back = step("quantile_inverse/1", ONE, normal=True, quantiles=[[0.0, 1.0]], references=[0.0, 1.0])
    assert abs(back([found])[0] - share) < 1e-6


def test_a_number_falls_into_the_bin_above_the_edge_it_equals():
    bins = step("bins/1", TWO, edges=[0.0, 1.0, 5.0], counts=[2, 1])
    assert [bins([x, x]) for x in (-1.0, 0.0, 1.0, 9.0)] == [[0, 0], [1, 0], [2, 0], [2, 1]]


def test_products_may_be_factors_of_later_products():
    row = step("products/1", TWO, first=[0, 1, 2, 4], second=[0, 1, 1, 4])([2.0, 3.0])
    assert row == [2.0, 3.0, 4.0, 9.0, 12.0, 144.0]
    assert step("products/1", TWO, first=[], second=[])([2.0, 3.0]) == [2.0, 3.0]


SPLINE = {
    "degree": 2,
    "outside": "continue",
    "bias": True,
    "spread": True,
    "knots": [[-2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0]],
    "bounds": [[-math.inf, math.inf]],
    "lines": None,
}


@given(st.floats(-10, 10))
def test_splines_are_scipys(x):
    knots = SPLINE["knots"][0]
    wanted = BSpline(np.array(knots), np.eye(4), 2)(x)
    assert difference(step("spline/1", ONE, **SPLINE)([x]), wanted.tolist()) < 1e-12


def test_splines_sum_to_one_inside_leave_one_out_and_are_zero_at_nan():
    assert sum(step("spline/1", ONE, **SPLINE)([0.3])) == pytest.approx(1.0)
    assert len(step("spline/1", ONE, **SPLINE | {"bias": False})([0.3])) == 3
    assert step("spline/1", ("vector", 1, True), **SPLINE)([math.nan]) == [0.0] * 4


def test_outside_of_their_bounds_splines_are_refused_or_straight_lines_or_begin_again():
    bounds = {"bounds": [[0.0, 2.0]]}
    with pytest.raises(RowError, match="outside the knots"):
        step("spline/1", ONE, **SPLINE | bounds | {"outside": "refuse"})([2.1])
    lines = [[1, 0, 0, 0], [0.5, 0, 0, 0], [0, 0, 0, 1], [0, 0, 0, 2]]
    line = step("spline/1", ONE, **SPLINE | bounds | {"outside": "line", "lines": lines})
    assert line([-2.0]) == [0.0, 0.0, 0.0, 0.0]
    assert line([3.0]) == [0.0, 0.0, 0.0, 3.0]
    periodic = step("spline/1", ONE, **SPLINE | {"outside": "periodic"})
    assert periodic([0.25]) == periodic([2.25]) == periodic([-1.75])


@pytest.mark.parametrize(("norm", "wanted"), [("l1", 7.0), ("l2", 5.0), ("max", 4.0)])
def test_a_row_is_brought_to_length_one_unless_it_has_none(norm, wanted):
    assert step("normalize/1", TWO, norm=norm, least=[1e-9])([3.0, -4.0]) == [3 / wanted, -4 / wanted]
    assert step("normalize/1", TWO, norm=norm, least=[1e-9])([1e-10, 0.0]) == [1e-10, 0.0]
    sparse = step("normalize/1", ("sparse", 9), norm=norm, least=[5e-324])
    assert sparse({2: 3.0, 8: -4.0}) == {2: 3 / wanted, 8: -4 / wanted}
    assert sparse({}) == {}


def test_a_row_of_a_kernel_is_centred():
    center = step("center/1", TWO, rows=[1.0, 2.0], all=[0.5])
    assert center([3.0, 5.0]) == [3 - 1 - 4 + 0.5, 5 - 2 - 4 + 0.5]


@pytest.mark.parametrize(
    ("op", "wire", "values"),
    [
        ("power/1", TWO, {"method": "yeo-johnson", "powers": [1], "rests": [1]}),
        ("power/1", ONE, {"method": "square", "powers": [1], "rests": [1]}),
        ("power/1", ONE, {"method": "box-cox", "powers": [1], "rests": tensor("F32", [1])}),
        ("quantile/1", ONE, {"normal": False, "quantiles": [[0, 1]], "references": [0]}),
        ("quantile/1", ONE, {"normal": False, "quantiles": [[1, 0]], "references": [0, 1]}),
        ("quantile/1", ONE, {"normal": False, "quantiles": [[]], "references": []}),
        ("quantile_inverse/1", ONE, {"normal": 1, "quantiles": [[0, 1]], "references": [0, 1]}),
        ("bins/1", TWO, {"edges": [0, 1], "counts": [1]}),
        ("bins/1", TWO, {"edges": [0, 1], "counts": [3, -1]}),
        ("bins/1", TWO, {"edges": [0, 1], "counts": [1, 2]}),
        ("products/1", TWO, {"first": [2], "second": [0]}),
        ("products/1", TWO, {"first": [0, 1], "second": [0, 3]}),
        ("products/1", TWO, {"first": [0, -1], "second": [0, 0]}),
        ("products/1", TWO, {"first": [0], "second": [0, 1]}),
        ("spline/1", ONE, SPLINE | {"degree": 3}),
        ("spline/1", ONE, SPLINE | {"degree": -1}),
        ("spline/1", ONE, SPLINE | {"outside": "line"}),
        ("spline/1", ONE, SPLINE | {"outside": "line", "lines": [[0] * 4] * 3}),
        ("spline/1", ONE, SPLINE | {"lines": [[0] * 4] * 4}),
        ("spline/1", ONE, SPLINE | {"bounds": [[0, 1, 2]]}),
        ("spline/1", TWO, SPLINE),
        ("normalize/1", ONE, {"norm": "l3", "least": [1]}),
        ("normalize/1", ONE, {"norm": "l2", "least": [0]}),
        ("center/1", TWO, {"rows": [1], "all": [1]}),
        ("center/1", ("vector", 0), {"rows": [], "all": [1]}),
    ],
)
def test_a_damaged_node_is_refused(op, wire, values):
    with pytest.raises(ArtifactError, match=f"{op} wants"):
        step(op, wire, **values)
