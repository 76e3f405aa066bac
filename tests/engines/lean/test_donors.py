"""Missing values from the nearest rows, and refusals of a damaged node."""

import math

import pytest

from leanfn.errors import ArtifactError
from tests.nodes import step

NAN = math.nan
NODE = {
    "columns": [0, 1],
    "k": 1,
    "weights": "uniform",
    "unreached": False,
    "points": [[0.0, 10.0], [1.0, 20.0], [NAN, 30.0], [5.0, NAN]],
    "means": [2.0, 20.0],
}


def donors(**values):
    return step("donors/1", ("vector", 2), **{**NODE, **values})


def test_the_nearest_row_that_has_the_column_gives_it():
    assert donors()([0.9, NAN]) == [0.9, 20.0]
    assert donors(k=2)([0.9, NAN]) == [0.9, 15.0]


def test_a_row_that_shares_no_column_gets_the_mean():
    assert donors()([NAN, NAN]) == [2.0, 20.0]


def test_a_point_that_shares_no_column_counts_only_where_it_did_in_the_original():
    assert donors(k=9)([NAN, 9.0]) == [0.5, 9.0]
    assert donors(k=9, unreached=True)([NAN, 9.0]) == [2.0, 9.0]


def test_a_row_without_gaps_passes_with_its_columns():
    assert donors(columns=[1])([7.0, 8.0]) == [8.0]


def test_a_donor_at_no_distance_gives_alone():
    assert donors(k=3, weights="distance")([1.0, NAN]) == [1.0, 20.0]


def test_a_row_whose_squares_overflow_gets_the_mean():
    assert donors()([1e200, NAN]) == [1e200, 20.0]


@pytest.mark.parametrize(
    "damage", [{"k": 0}, {"columns": [2]}, {"columns": [-1]}, {"means": [1.0]}, {"points": [[1.0]]}]
)
def test_damaged_donors_are_refused(damage):
    with pytest.raises(ArtifactError, match="operation donors/1"):
        donors(**damage)
