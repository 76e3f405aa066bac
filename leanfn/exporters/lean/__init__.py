"""Estimators lowered to primitive operations: one module per module of scikit-learn."""
