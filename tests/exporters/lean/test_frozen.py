"""A frozen estimator is the estimator."""

import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests import samples
from tests.parity import prove_lean

FrozenEstimator = pytest.importorskip("sklearn.frozen").FrozenEstimator


def test_a_frozen_predictor_and_a_frozen_transformer():
    X, y = samples.multiclass()
    scaler = FrozenEstimator(StandardScaler().fit(X))
    prove_lean(scaler, X, ["transform"])
    prove_lean(make_pipeline(scaler, FrozenEstimator(LogisticRegression().fit(scaler.transform(X), y))), X)


def test_a_frozen_pipeline_of_mixed_columns_that_was_calibrated_afterwards():
    X, y = samples.patients()
    fitted = samples.prepared(LogisticRegression()).fit(X, y)
    prove_lean(CalibratedClassifierCV(FrozenEstimator(fitted), cv=2).fit(X, y), X)
