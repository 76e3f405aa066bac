"""Every comparison in float64 with a moved threshold decides as the one after numpy's own cast to float32."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn.exporters.lean.float32 import round_thresholds

LARGEST = float(np.finfo(np.float32).max)
OVERFLOW = (2.0 - 2.0**-24) * 2.0**127

singles = st.floats(width=32, allow_nan=False)
thresholds = st.one_of(
    singles,
    st.floats(allow_nan=False),
    st.floats(-2 * LARGEST, 2 * LARGEST),
    st.floats(-1e-37, 1e-37),  # where float32 is denormal
    st.tuples(singles, singles).map(lambda pair: pair[0] / 2 + pair[1] / 2),  # as a tree makes them
    singles.map(lambda x: _middles(x)[0]),
)


def _middles(single):
    """Halfway to the float32 below and to the one above."""
    with np.errstate(over="ignore"):
        around = [float(np.nextafter(np.float32(single), np.float32(end))) for end in (-np.inf, np.inf)]
    return [float(single) / 2 + other / 2 for other in around]


def _rows_near(threshold):
    """All that lies on an edge: the float32 numbers around, the middles between them, the float64 numbers beside."""
    rows = [threshold, OVERFLOW, -OVERFLOW, LARGEST, -LARGEST, 0.0, -0.0]
    with np.errstate(over="ignore"):
        near = np.float32(threshold)
        singles = [near, *(np.nextafter(near, np.float32(end)) for end in (-np.inf, np.inf))]
    for single in singles:
        rows += [float(single), *_middles(single)]
    rows += [np.nextafter(row, end) for row in rows for end in (-np.inf, np.inf)]
    return np.array(rows)


def _decides_as_float32(threshold, rows):
    (moved,) = round_thresholds(np.array([threshold]))
    with np.errstate(over="ignore"):
        wanted = rows.astype(np.float32).astype(np.float64) <= threshold
    assert ((rows <= moved) == wanted).all(), (threshold, moved, rows[(rows <= moved) != wanted])


@given(thresholds, st.lists(st.floats(allow_nan=False)))
def test_a_moved_threshold_decides_as_float32_does(threshold, others):
    _decides_as_float32(threshold, np.concatenate([_rows_near(threshold), np.array(others, dtype=float)]))


@pytest.mark.parametrize(
    "threshold",
    [0.0, -0.0, 1e-46, -1e-46, 1.4e-45, LARGEST, -LARGEST, OVERFLOW, -OVERFLOW, 1e39, -1e39, np.inf, -np.inf],
)
def test_the_ends_of_float32_are_no_exception(threshold):
    _decides_as_float32(threshold, np.append(_rows_near(threshold), [np.inf, -np.inf, 1e308, -1e308]))


def test_thresholds_are_moved_all_at_once():
    many = np.random.default_rng(0).normal(size=1000)
    assert round_thresholds(many).tolist() == [round_thresholds(np.array([one]))[0] for one in many]
