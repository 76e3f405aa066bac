"""Operations on each number of a row; damaged nodes are refused."""

import math

import numpy as np
import pytest

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step, tensor

TWO, HOLES = ("vector", 2), ("vector", 2, True)
NAN = math.nan


def test_a_missing_number_is_filled():
    assert step("impute/1", HOLES, fill=[1, 2], missing=None)([NAN, 5.0]) == [1.0, 5.0]
    assert step("impute/1", TWO, fill=[1, 2], missing=[-1])([-1.0, 5.0]) == [1.0, 5.0]


def test_a_missing_number_is_shown():
    assert step("indicate/1", HOLES, columns=[1, 0], missing=None, refuse=False)([NAN, 5.0]) == [0.0, 1.0]
    assert step("indicate/1", TWO, columns=[0], missing=[-1], refuse=False)([-1.0, -1.0]) == [1.0]


@pytest.mark.parametrize(("missing", "hole"), [(None, NAN), ([-1], -1.0)])
def test_a_number_missing_where_none_was_before_may_refuse_the_row(missing, hole):
    indicate = step("indicate/1", HOLES, columns=[0], missing=missing, refuse=True)
    assert indicate([hole, 1.0]) == [1.0]
    with pytest.raises(RowError, match="where none was before"):
        indicate([1.0, hole])


NO_STEPS = {"subtract": None, "divide": None, "multiply": None, "add": None}


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        (["subtract", "divide"], [(5 - 1) / 3, (7 - 2) / 4]),
        (["multiply", "add"], [5 * 5 + 7, 7 * 6 + 8]),
        (["divide"], [5 / 3, 7 / 4]),
        (["add", "multiply"], [(5 + 7) * 5, (7 + 8) * 6]),
        (["subtract", "divide", "multiply", "add"], [(5 - 1) / 3 * 5 + 7, (7 - 2) / 4 * 6 + 8]),
    ],
)
def test_steps_are_taken_in_their_order(steps, wanted):
    arrays = {"subtract": [1, 2], "divide": [3, 4], "multiply": [5, 6], "add": [7, 8]}
    taken = NO_STEPS | {name: array for name, array in arrays.items() if name in steps}
    assert step("scale/1", TWO, steps=steps, **taken)([5.0, 7.0]) == wanted


def test_a_sparse_row_is_multiplied_and_divided_where_it_is_not_zero():
    scale = step("scale/1", ("sparse", 2), steps=["multiply"], **NO_STEPS | {"multiply": [5, 6]})
    assert scale({1: 2.0}) == {1: 12.0}
    scale = step("scale/1", ("sparse", 2), steps=["divide"], **NO_STEPS | {"divide": [5, 4]})
    assert scale({1: 2.0}) == {1: 0.5}


def test_small_numbers_are_blanked():
    blank = step("blank/1", ("vector", 3), at=[0.0, 1e-35, -1.0])
    found = blank([-0.0, -1e-35, 0.0])
    assert [x != x for x in found] == [True, True, False]
    assert blank([5e-324, 2e-35, 1.0]) == [5e-324, 2e-35, 1.0]


def test_numbers_are_clipped_and_nan_is_not():
    clipped = step("clip/1", ("vector", 3, True), low=[0, 0, 0], high=[1, 1, 1])([-1.0, NAN, 2.0])
    assert clipped[::2] == [0.0, 1.0]
    assert math.isnan(clipped[1])


LARGEST = float(np.finfo(np.float32).max)


@pytest.mark.parametrize(
    ("x", "dtype", "nan", "holds"),
    [
        (1e308, "float64", False, True),
        (math.inf, "float64", True, False),
        (-math.inf, "float64", True, False),
        (NAN, "float64", False, False),
        (NAN, "float64", True, True),
        (NAN, "float32", True, True),
        (LARGEST, "float32", False, True),
        (np.nextafter(LARGEST * (1 + 2.0**-25), 0), "float32", False, True),
        (LARGEST * (1 + 2.0**-24), "float32", False, False),
        (-1e39, "float32", True, False),
    ],
)
@pytest.mark.parametrize("kind", ["vector", "sparse"])
def test_a_row_is_refused_where_scikit_learns_check_of_numbers_raises(kind, x, dtype, nan, holds):
    finite = step("finite/1", (kind, 3, True, True), dtype=dtype, nan=nan)
    row = [0.5, float(x), -2.0] if kind == "vector" else {1: float(x), 2: -2.0}
    if holds:
        assert finite(row) is row
    else:
        with pytest.raises(RowError, match=f"too large for {dtype}"):
            finite(row)


def test_large_numbers_that_add_up_to_infinity_are_still_finite():
    row = [1e308, 1e308]
    assert step("finite/1", TWO, dtype="float64", nan=False)(row) is row


def test_what_is_strictly_above_a_threshold_is_one():
    assert step("threshold/1", TWO, at=[0.5])([0.5, 0.6]) == [0.0, 1.0]
    assert step("threshold/1", ("sparse", 3), at=[0.5])({0: 0.5, 2: 0.6}) == {2: 1.0}


@pytest.mark.parametrize(
    ("op", "wire", "values"),
    [
        ("impute/1", TWO, {"fill": [1], "missing": None}),
        ("impute/1", TWO, {"fill": [1, 2], "missing": [1, 2]}),
        ("impute/1", TWO, {"fill": tensor("F32", [1, 2]), "missing": None}),
        ("impute/1", ("sparse", 2), {"fill": [1, 2], "missing": None}),
        ("indicate/1", TWO, {"columns": [2], "missing": None, "refuse": False}),
        ("indicate/1", TWO, {"columns": [0], "missing": None, "refuse": 1}),
        ("scale/1", TWO, {"steps": ["divide"], **NO_STEPS, "divide": [1, 0]}),
        ("scale/1", TWO, {"steps": ["divide"], **NO_STEPS}),
        ("scale/1", TWO, {"steps": [], **NO_STEPS, "add": [1, 2]}),
        ("scale/1", TWO, {"steps": ["add", "add"], **NO_STEPS, "add": [1, 2]}),
        ("scale/1", TWO, {"steps": ["raise"], **NO_STEPS}),
        ("scale/1", ("sparse", 2), {"steps": ["add"], **NO_STEPS, "add": [1, 2]}),
        ("clip/1", TWO, {"low": [0, 0], "high": [1]}),
        ("finite/1", TWO, {"dtype": "float16", "nan": True}),
        ("threshold/1", ("sparse", 2), {"at": [-1]}),
        ("threshold/1", TWO, {"at": [1, 2]}),
    ],
)
def test_a_damaged_node_is_refused(op, wire, values):
    with pytest.raises(ArtifactError, match=f"{op} wants"):
        step(op, wire, **values)
