"""What every test shares: a state folder of its own, and small exported artifacts."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A run draws what the last one drew, so that it fails for a change and not by chance. Others: CONTRIBUTING.md, Tests.
settings.register_profile("same", derandomize=True, deadline=None)  # a shared machine has slow moments
settings.register_profile("search", derandomize=False, deadline=None)
settings.register_profile("long", settings.get_profile("search"), max_examples=100_000)
settings.load_profile("same")

os.environ.setdefault("OMP_NUM_THREADS", "1")

LONG = {"test_readme.py", "test_coverage.py", "test_pipelines.py", "test_any_pipeline.py", "test_faults.py"}


def pytest_collection_modifyitems(items):
    """The files that take the longest come first, or a run would end with one busy worker."""
    items.sort(key=lambda item: item.path.name not in LONG)


@pytest.fixture(autouse=True)
def state(monkeypatch, tmp_path_factory):
    """The trust file of a test is its own, not the user's."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(scope="session")
def hearts():
    """The heart-disease pipeline, fitted on the project's own table, and its rows."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    table = pd.read_csv(Path(__file__).parent.parent / "datasets" / "default.csv")
    rows = table.drop(columns="target")
    numeric = ["age", "trestbps", "chol", "thalach", "oldpeak"]
    categorical = [name for name in rows if name not in numeric]
    measured = Pipeline([("imputer", SimpleImputer(strategy="median")), ("scaler", StandardScaler())])
    codes = Pipeline(
        [
            ("imputer", SimpleImputer(strategy="constant")),
            ("onehot", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    columns = ColumnTransformer([("num", measured, numeric), ("cat", codes, categorical)])
    model = Pipeline([("columns", columns), ("classifier", LogisticRegression(max_iter=1000))])
    return model.fit(rows, table["target"]), rows


@pytest.fixture(scope="session")
def heart_folder(hearts, tmp_path_factory):
    """The folder of the exported heart-disease pipeline: not to be changed by a test."""
    import leanfn

    model, rows = hearts
    artifact = leanfn.export(
        model,
        rows,
        name="hearts",
        out=tmp_path_factory.mktemp("artifacts"),
        output="diagnosis",
        labels={0: "clear", 1: "heart-disease"},
        metrics={"accuracy": 0.875},
    )
    return artifact.path


@pytest.fixture
def patient():
    """A row that the model was trained on the likes of."""
    return {
        "age": 63,
        "sex": 1,
        "cp": 3,
        "trestbps": 145,
        "chol": 233,
        "fbs": 1,
        "restecg": 0,
        "thalach": 150,
        "exang": 0,
        "oldpeak": 2.3,
        "slope": 0,
        "ca": 0,
        "thal": 1,
    }


def pytest_make_parametrize_id(config, val, argname):
    """Names of cases that are the same in every process: no address, no time stamp of a packed file."""
    if isinstance(val, (bytes, bytearray)):
        return f"{len(val)} bytes"
    if hasattr(val, "get_params"):
        return type(val).__name__
    return None
