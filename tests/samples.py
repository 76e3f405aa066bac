"""Small tables that tests of lowerings fit models to: numbers, and columns of every type with missing values."""

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROWS = 60


def _some(load, columns=4):
    X, y = load(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:ROWS]
    return X[chosen, :columns], y[chosen]


def binary():
    return _some(load_breast_cancer)


def multiclass():
    """Three classes, their labels texts."""
    X, y = _some(load_iris)
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


def regression():
    return _some(load_diabetes)


def patients():
    """A frame of numbers with missing ones and of texts; how ill each patient is, from 0 to 2."""
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": draw.integers(30, 80, 40),
            "chol": np.where(draw.random(40) < 0.1, np.nan, draw.normal(240, 40, 40).round()),
            "pain": draw.choice(["typical", "atypical", "none"], 40),
        }
    )
    return frame, np.digitize(frame["age"] + 10 * (frame["pain"] == "none"), [50, 65])


def prepared(model):
    """A model behind the preparation that such a frame needs: imputed, scaled, one-hot."""
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore")
    return make_pipeline(make_column_transformer((numbers, ["age", "chol"]), (texts, ["pain"])), model)
