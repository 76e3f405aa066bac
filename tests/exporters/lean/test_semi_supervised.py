"""Self-training ends in a classifier like any other."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.tree import DecisionTreeClassifier

from tests import samples
from tests.parity import prove_lean


@pytest.mark.parametrize(
    "base",
    [LogisticRegression(max_iter=500), DecisionTreeClassifier(max_depth=3)],
    ids=lambda base: str(base)[:9],
)
@pytest.mark.parametrize("criterion", ["threshold", "k_best"])
def test_self_training(base, criterion):
    X, y = samples.binary()
    prove_lean(SelfTrainingClassifier(base, criterion=criterion).fit(X, half_known(y)), X)


def test_self_training_behind_the_preparation_of_mixed_columns():
    X, y = samples.patients()
    model = samples.prepared(SelfTrainingClassifier(LogisticRegression()))
    prove_lean(model.fit(X, half_known(y)), X)


def half_known(y):
    """The labels, every other one unknown."""
    return np.where(np.arange(len(y)) % 2, -1, y)
