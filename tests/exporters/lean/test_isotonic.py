"""Isotonic regression: inside its points, outside of them, and with hardly any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from leanfn.errors import Refusal
from tests import samples
from tests.parity import lean_answers, prove_lean


@pytest.mark.filterwarnings("ignore:Confidence interval")
@pytest.mark.parametrize("outside", ["nan", "clip", "raise"])
@pytest.mark.parametrize("increasing", [True, False, "auto"])
def test_outside_of_its_points(outside, increasing):
    X, y = samples.regression()
    model = IsotonicRegression(out_of_bounds=outside, increasing=increasing).fit(X[:, :1], y)
    certificate = prove_lean(model, X[:, :1], ["predict", "transform"])
    refused = certificate.kinds["extreme"]["refused"]
    assert refused > 0 if outside == "raise" else refused == 0


def test_a_flat_series_of_numbers():
    X, y = samples.regression()
    prove_lean(IsotonicRegression(y_min=100, y_max=200, out_of_bounds="clip").fit(X[:, 2], y), X[:, 2])


def test_a_single_point_is_a_constant_wherever_the_row_lies():
    X = np.ones((10, 1))
    model = IsotonicRegression(out_of_bounds="raise").fit(X, np.arange(10.0))
    prove_lean(model, np.linspace(0, 2, 10)[:, None])


def test_points_in_float32_are_refused_for_it_rounds_what_it_reads():
    X, y = samples.regression()
    model = IsotonicRegression().fit(X[:, :1].astype(np.float32), y)
    with pytest.raises(Refusal, match="fitted on float32"):
        prove_lean(model, X[:, :1])


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3)), min_size=2, max_size=12),
    st.booleans(),
)
def test_any_points(pairs, increasing):
    X, y = np.array(pairs).T
    model = IsotonicRegression(increasing=increasing, out_of_bounds="clip").fit(X, y)
    rows = np.concatenate([X, np.linspace(-1100, 1100, 23)])[:, None]
    found, wanted = lean_answers(model, rows, "predict")
    assert found == wanted
