"""Normal densities, and sums of logarithms."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from leanfn.engines.lean.densities import pairwise_sum
from leanfn.errors import ArtifactError
from tests.nodes import step

WIDE = st.floats(-1e9, 1e9)


@given(st.lists(WIDE, max_size=300))
def test_the_sum_is_numpys_to_the_last_bit(terms):
    assert pairwise_sum(terms) == np.add.reduce(np.array(terms, dtype=float))


def gaussians(mean, variance, constant, prior):
    return step(
        "gaussians/1",
        ("vector", np.shape(mean)[-1]),
        mean=mean,
        variance=variance,
        constant=constant,
        prior=prior,
    )


def test_gaussians_along_the_axes():
    run = gaussians([[0.0, 1.0], [2.0, 2.0]], [[1.0, 4.0], [0.5, 1.0]], [0.1, 0.2], [-1.0, -2.0])
    assert run([1.0, 3.0]) == [-1.0 + (0.1 - 0.5 * 2.0), -2.0 + (0.2 - 0.5 * 3.0)]


def test_a_variance_of_zero_divides_as_numpy_divides():
    run = gaussians([[0.0, 1.0]], [[0.0, 1.0]], [0.0], [0.0])
    assert run([1.0, 1.0]) == [-math.inf]
    assert math.isnan(run([0.0, 1.0])[0])


def test_a_square_too_large_for_floats_is_infinite():
    assert gaussians([[0.0]], [[1.0]], [0.0], [0.0])([1e200]) == [-math.inf]


def test_ellipsoids():
    root = [[[1.0, 1.0], [0.0, 2.0]]]
    run = step("ellipsoids/1", ("vector", 2), mean=[[1.0, 0.0]], root=root, constant=[0.5])
    assert run([2.0, 1.0]) == [0.5 - 0.5 * (2.0**2 + 2.0**2)]


def test_spheres():
    run = step(
        "spheres/1",
        ("vector", 2),
        mean=[[1.0, 0.0]],
        factor=[3.0],
        precision=[2.0],
        square=[2.0],
        constant=[0.5],
    )
    assert run([2.0, 1.0]) == [0.5 - 0.5 * (2.0 - 2.0 * (2.0 * 3.0) + 5.0 * 2.0)]


@given(st.lists(WIDE, min_size=1, max_size=6))
def test_the_log_of_the_sum_is_scipys(logarithms):
    (found,) = step("logsumexp/1", ("vector", len(logarithms)))(logarithms)
    assert found == pytest.approx(logsumexp(logarithms), rel=1e-15)


@given(st.lists(st.sampled_from([0.0, 1.0, -800.0, math.inf, -math.inf, math.nan]), min_size=1, max_size=4))
def test_infinite_and_missing_logarithms_are_normalised_as_scipy_does(logarithms):
    found = step("lognormalize/1", ("vector", len(logarithms)))(logarithms)
    with np.errstate(invalid="ignore"):
        wanted = np.array(logarithms) - logsumexp(logarithms)
    np.testing.assert_allclose(found, wanted, rtol=1e-15)


@pytest.mark.parametrize(
    ("op", "arrays"),
    [
        ("gaussians/1", {"mean": [[1.0]], "variance": [[1.0, 1.0]], "constant": [0.0], "prior": [0.0]}),
        (
            "gaussians/1",
            {"mean": [[1.0, 1.0]], "variance": [[1.0, 1.0]], "constant": [0.0, 1.0], "prior": [0.0]},
        ),
        ("gaussians/1", {"mean": [[1.0, 1.0]], "variance": None, "constant": [0.0], "prior": [0.0]}),
        (
            "spheres/1",
            {
                "mean": [[1.0, 1.0]],
                "factor": [1.0],
                "precision": [1.0],
                "square": [1.0],
                "constant": [0.0, 1.0],
            },
        ),
        ("ellipsoids/1", {"mean": [[1.0, 1.0]], "root": [[1.0, 1.0]], "constant": [0.0]}),
        ("ellipsoids/1", {"mean": [[1.0, 1.0]], "root": [[[1.0]]], "constant": [0.0]}),
    ],
    ids=["width", "constants", "no variance", "spheres", "dimensions", "root"],
)
def test_damaged_densities_are_refused(op, arrays):
    with pytest.raises(ArtifactError, match=op):
        step(op, ("vector", 2), **arrays)


@pytest.mark.parametrize("op", ["lognormalize/1", "logsumexp/1"])
def test_nothing_has_no_largest(op):
    with pytest.raises(ArtifactError, match=op):
        step(op, ("vector", 0))
