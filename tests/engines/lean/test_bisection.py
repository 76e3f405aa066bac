"""A descent through bisections, and refusals of one that would not end."""

import pytest

from leanfn.errors import ArtifactError
from tests.nodes import step

TREE = {"clusters": 3, "left": [1, 3, 0, 0, 0], "right": [2, 4, 0, 0, 0], "cluster": [0, 0, 0, 1, 2]}


def bisect(**values):
    return step("bisect/1", ("vector", 5), **{**TREE, **values})


def test_the_higher_score_is_followed_and_of_equals_the_left_one():
    assert bisect()([0.0, 1.0, 2.0, 0.0, 0.0]) == 0
    assert bisect()([0.0, 2.0, 1.0, 0.0, 1.0]) == 2
    assert bisect()([0.0, 1.0, 1.0, 1.0, 1.0]) == 1


@pytest.mark.parametrize(
    "damage",
    [
        {"left": [0, 3, 0, 0, 0]},
        {"left": [1, 1, 0, 0, 0]},
        {"right": [2, 5, 0, 0, 0]},
        {"cluster": [0, 0, 0, 1, 3]},
        {"cluster": [0, 0, 0, 1]},
    ],
)
def test_a_damaged_tree_is_refused(damage):
    with pytest.raises(ArtifactError, match="operation bisect/1"):
        bisect(**damage)
