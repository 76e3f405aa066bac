"""Lines between points as numpy draws them, logits of probabilities, and refusals of a damaged node."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn.errors import ArtifactError, RowError
from tests.nodes import step, tensor

XS, YS = [0.0, 0.5, 2.0], [1.0, 0.25, -3.0]


def line(outside="clip", xs=XS, ys=YS):
    return step("interpolate/1", ("vector", 1), outside=outside, xs=xs, ys=ys)


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=6, unique=True).map(sorted),
    st.lists(st.floats(0, 1), min_size=6, max_size=6),
    st.floats(allow_nan=False, allow_infinity=False),
)
def test_it_is_numpys_interpolation_to_the_bit(xs, ys, x):
    (found,) = line(xs=xs, ys=ys[: len(xs)])([x])
    assert found == np.interp(x, xs, ys[: len(xs)])


def test_outside_of_the_points_it_clips_or_knows_nothing_or_refuses():
    assert [line()([x]) for x in (-1.0, 9.0)] == [[1.0], [-3.0]]
    assert all(math.isnan(line("nan")([x])[0]) for x in (-1.0, 9.0, math.nan))
    with pytest.raises(RowError, match=r"outside the trained range of 0\.0 to 2\.0"):
        line("raise")([2.5])
    assert math.isnan(line("clip")([math.nan])[0])


def test_what_looks_like_probabilities_becomes_logarithms():
    logits = step("logits/1", ("vector", 3))
    assert logits([0.5, 0.5, 0.0]) == [math.log(0.5 + 1e-12), math.log(0.5 + 1e-12), math.log(1e-12)]


@pytest.mark.parametrize("row", [[0.5, 0.6, 0.0], [1.5, -0.5, 0.0], [3.0, 1.0, -2.0], [math.nan, 0.5, 0.5]])
def test_any_other_row_is_logits_already(row):
    assert step("logits/1", ("vector", 3))(row) is row


@pytest.mark.parametrize(
    "damage",
    [
        {"xs": [0.0, 0.0, 2.0]},
        {"xs": [0.0, 2.0, 1.0]},
        {"xs": [0.0, 1.0, math.nan]},
        {"xs": [-math.inf, 0.0, 1.0]},
        {"xs": [0.0, 1.0]},
        {"xs": [0.0], "ys": [1.0]},
        {"ys": [0.0, math.inf, 1.0]},
        {"ys": tensor("F32", YS)},
        {"outside": "guess"},
    ],
)
def test_a_damaged_line_is_refused(damage):
    with pytest.raises(ArtifactError, match="operation interpolate/1"):
        step("interpolate/1", ("vector", 1), **{"outside": "clip", "xs": XS, "ys": YS, **damage})


def test_a_line_reads_one_column():
    with pytest.raises(ArtifactError, match="an input of one column"):
        step("interpolate/1", ("vector", 2), outside="clip", xs=XS, ys=YS)
