"""Covariances of distances, and refusals of damaged nodes."""

import math

import pytest

from leanfn.engines.lean.covariances import COVARIANCES
from leanfn.errors import ArtifactError
from tests.nodes import step


@pytest.mark.parametrize("kind", COVARIANCES)
def test_a_covariance_is_one_at_no_distance_and_raises_at_none(kind):
    covariance = step("covariance/1", ("vector", 3), kind=kind, length=[2.0], shape=[1.5])
    assert covariance([0.0, 1e200, math.inf])[0] == 1.0


def test_two_vectors_are_multiplied_number_by_number():
    assert step("times/1", ("vector", 2), ("vector", 2))([2.0, 3.0], [5.0, math.inf]) == [10.0, math.inf]


def test_a_latent_value_of_zero_is_half_and_no_variance_is_none():
    laplace = step("laplace/1", ("vector", 1), ("vector", 1), lambdas=[0.4, 0.5], coefs=[3.0, -2.0])
    assert laplace([0.0], [1.0]) == [0.5]
    assert math.isnan(laplace([1.0], [0.0])[0])
    assert math.isnan(laplace([math.inf], [math.nan])[0])


@pytest.mark.parametrize(
    ("op", "inputs", "values"),
    [
        ("covariance/1", [("vector", 2)], {"kind": "periodic", "length": [0.0], "shape": [1.0]}),
        ("covariance/1", [("vector", 2)], {"kind": "bessel", "length": [1.0], "shape": [1.0]}),
        ("times/1", [("vector", 2), ("vector", 3)], {}),
        ("laplace/1", [("vector", 1), ("vector", 2)], {"lambdas": [0.4], "coefs": [1.0]}),
        ("laplace/1", [("vector", 1), ("vector", 1)], {"lambdas": [0.4], "coefs": [1.0, 2.0]}),
    ],
)
def test_a_damaged_node_is_refused(op, inputs, values):
    with pytest.raises(ArtifactError, match=f"operation {op}"):
        step(op, *inputs, **values)
