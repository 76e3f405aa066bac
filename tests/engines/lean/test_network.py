"""What lies below zero becomes zero."""

import math

import pytest

from leanfn.errors import ArtifactError
from tests.nodes import step


def test_numbers_below_zero_become_zero_and_nan_stays():
    found = step("relu/1", ("vector", 5))([-1.0, 0.0, 2.0, -math.inf, math.nan])
    assert found[:4] == [0.0, 0.0, 2.0, 0.0]
    assert math.isnan(found[4])


def test_it_reads_a_vector():
    with pytest.raises(ArtifactError, match="operation relu/1"):
        step("relu/1", ("sparse", 2))
