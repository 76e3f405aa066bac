"""Functions of one number answer as numpy's (or scipy's) of the same name do, edges and all."""

import warnings

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

from leanfn.certificate import difference
from leanfn.engines.lean.functions import FUNCTIONS
from leanfn.errors import ArtifactError
from tests.nodes import step

EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, 709.7, 710.0, -746.0, 1e16, 1e22, 1e308, -1e308, 5e-324]
EDGES += [float("inf"), float("-inf"), float("nan")]


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=st.one_of(st.sampled_from(EDGES), st.floats(-1e6, 1e6), st.floats(-2, 2)))
def test_every_function_is_numpys(name, x):
    original = getattr(np, name, None) or getattr(scipy.special, name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = float(original(np.float64(x)))
    (found,) = step("map/1", ("vector", 1), function=name)([x])
    assert difference(found, wanted) < 1e-12
    if wanted == 0.0:
        assert np.signbit(found) == np.signbit(wanted)


def test_an_unknown_function_is_refused_by_name():
    with pytest.raises(ArtifactError, match=r"function to be one of .*; it is 'eval'"):
        step("map/1", ("vector", 1), function="eval")
