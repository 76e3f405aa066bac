"""The last rung: what is trimmed, what must be installed, and the user's own classes."""

import importlib
import sys
import textwrap

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import leanfn
from leanfn.errors import Refusal, TrustError
from leanfn.exporters.original import parts_of
from leanfn.exporters.trimming import training_rows_of, trim
from tests import samples

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0], "b": [4.0, 1.0, 3.0, 2.0]})


def export(model, rows, folder, **options):
    return leanfn.export(model, rows, **{"name": "m", "out": folder, "engine": "sklearn", **options})


def size(model, tmp_path):
    joblib.dump(model, tmp_path / "model", compress=("zlib", 6))
    return (tmp_path / "model").stat().st_size


MODELS = {
    "forest": (RandomForestClassifier(20, random_state=0), 0.85),
    "boosting": (GradientBoostingClassifier(n_estimators=20, subsample=0.8, random_state=0), 0.85),
    "histograms": (HistGradientBoostingClassifier(max_iter=10, random_state=0), 1.0),
    "neighbours": (KNeighborsClassifier(algorithm="kd_tree"), 0.75),
    "network": (MLPClassifier(max_iter=300, tol=0.1, random_state=0), 0.5),
    "search": (GridSearchCV(LogisticRegression(max_iter=5000), {"C": [0.1, 1, 10]}, cv=3), 0.6),
    "clusters": (KMeans(3, n_init=1, random_state=0), 1.0),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_trimmed_model_is_smaller_and_answers_with_the_same_bits(name, tmp_path):
    model, share = MODELS[name]
    X, y = load_breast_cancer(return_X_y=True)
    X, y = X[:200], y[:200]
    model.fit(X, y)
    trimmed = trim(model)
    assert size(trimmed, tmp_path) <= share * size(model, tmp_path)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        if hasattr(model, method):
            np.testing.assert_array_equal(getattr(trimmed, method)(X), getattr(model, method)(X))


def test_the_users_own_model_is_not_touched():
    X, y = samples.binary()
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    before = joblib.hash(model)
    trim(model)
    assert joblib.hash(model) == before


def test_an_isolation_forest_keeps_the_counts_that_its_scores_are_made_of():
    X, _ = samples.binary()
    model = IsolationForest(n_estimators=5, random_state=0).fit(X)
    np.testing.assert_array_equal(trim(model).score_samples(X), model.score_samples(X))


def test_a_search_is_its_best_estimator_wherever_it_stands():
    X, y = samples.binary()
    search = GridSearchCV(
        make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [1, 2]}, cv=2
    )
    stack = StackingClassifier([("searched", search), ("forest", RandomForestClassifier(3))], cv=2)
    model = make_pipeline(StandardScaler(), stack).fit(X, y)
    fitted = [part for part in parts_of(trim(model)) if hasattr(part, "cv_results_")]
    assert fitted == []
    np.testing.assert_array_equal(trim(model).predict_proba(X), model.predict_proba(X))


def test_scores_that_a_selection_reads_are_kept():
    X, y = samples.binary()
    model = SelectKBest(k=2).fit(X, y)
    np.testing.assert_array_equal(trim(model).transform(X), model.transform(X))


def test_what_keeps_training_rows_is_named(tmp_path):
    X, y = samples.binary()
    model = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X, y)
    assert training_rows_of(model) == ["KNeighborsClassifier"]
    assert export(model, X, tmp_path).manifest.training_rows == ["KNeighborsClassifier"]


def test_requirements_are_pinned_to_what_fitted_the_model(tmp_path):
    from importlib.metadata import version

    model = Ridge().fit(ROWS.to_numpy(), [1.0, 2.0, 3.0, 4.0])
    assert export(model, ROWS.to_numpy(), tmp_path).manifest.requirements == [
        f"{name}=={version(name)}" for name in ("joblib", "numpy", "scikit-learn", "scipy")
    ]
    framed = export(Ridge().fit(ROWS, [1.0, 2.0, 3.0, 4.0]), ROWS, tmp_path)
    assert f"pandas=={version('pandas')}" in framed.manifest.requirements


SOURCE = '''
"""A step of the user's own."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

FACTOR = 10


class Tenfold(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.n_features_in_ = X.shape[1]
        return self

    def transform(self, X):
        return np.asarray(X) * FACTOR


def halved(X):
    return np.asarray(X) / 2
'''


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module of the user's own, beside the script that fits the model."""

    def write(source, name="own_steps"):
        (tmp_path / f"{name}.py").write_text(textwrap.dedent(source))
        monkeypatch.syspath_prepend(tmp_path)
        sys.modules.pop(name, None)
        return importlib.import_module(name)

    yield write
    for name in ("own_steps", "neighbour"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize("step", ["class", "function"])
def test_a_class_of_the_users_own_module_ships_with_its_module(module, tmp_path, step):
    own = module(SOURCE)
    first = own.Tenfold() if step == "class" else FunctionTransformer(own.halved)
    model = make_pipeline(first, Ridge()).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, ROWS, tmp_path / "artifacts")
    wanted = model.predict(ROWS[:1])[0]
    assert set(artifact.manifest.code) == {"pipeline.joblib", "functions.py"}
    del sys.modules["own_steps"]
    (tmp_path / "own_steps.py").unlink()  # in the function there is no such file
    loaded = leanfn.load(artifact.path)
    assert loaded.predict({"a": 1.0, "b": 4.0})["prediction"] == pytest.approx(wanted)


def test_the_shipped_source_wins_over_a_newer_one(module, tmp_path):
    own = module(SOURCE)
    model = make_pipeline(own.Tenfold(), Ridge()).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, ROWS, tmp_path / "artifacts")
    wanted = artifact.predict({"a": 1.0, "b": 4.0})
    newer = module(SOURCE.replace("FACTOR = 10", "FACTOR = 99"))
    assert leanfn.load(artifact.path).predict({"a": 1.0, "b": 4.0}) == wanted
    assert sys.modules["own_steps"] is newer


def test_code_that_ships_runs_only_where_it_is_trusted(module, tmp_path, monkeypatch):
    model = make_pipeline(module(SOURCE).Tenfold(), Ridge()).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    artifact = export(model, ROWS, tmp_path / "artifacts")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(TrustError, match=r"pipeline\.joblib, functions\.py"):
        leanfn.load(artifact.path)
    assert leanfn.load(artifact.path, digest=artifact.manifest.digest).predict({"a": 1.0, "b": 4.0})


def test_a_module_that_needs_its_neighbours_is_refused_with_how_to_do_it(module, tmp_path):
    module("HALF = 0.5\n", "neighbour")
    own = module("import neighbour\n" + SOURCE)
    model = make_pipeline(own.Tenfold(), Ridge()).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(
        Refusal, match=r"own_steps imports what no package installs: neighbour\nPut the classes"
    ):
        export(model, ROWS, tmp_path / "artifacts")


class Here(BaseEstimator):
    """A class of a script."""

    def predict(self, X):
        return np.zeros(len(X))


def test_a_class_of_a_script_is_refused_with_how_to_do_it(tmp_path):
    kind = type("Scripted", (Here,), {"__module__": "__main__"})
    sys.modules["__main__"].Scripted = kind
    try:
        with pytest.raises(Refusal, match=r"a script or a notebook defines itself.*\nPut the classes"):
            export(kind(), ROWS, tmp_path)
    finally:
        del sys.modules["__main__"].Scripted


def test_a_lambda_is_refused_with_how_to_do_it(tmp_path):
    model = make_pipeline(FunctionTransformer(lambda X: X), Ridge()).fit(ROWS, [1.0, 2.0, 3.0, 4.0])
    with pytest.raises(Refusal, match="cannot be pickled(.|\n)*Put the classes"):  # noqa: RUF043
        export(model, ROWS, tmp_path)


TOLD = '''
import numpy as np
from sklearn.base import BaseEstimator


class Told(BaseEstimator):
    """Answers with what it was given, cell by cell, so that the proof compares all of it."""

    def fit(self, frame):
        self.feature_names_in_ = np.array(frame.columns, dtype=object)
        return self

    def predict(self, frame):
        known = [str(list(getattr(dtype, "categories", ()))[:3]) for dtype in frame.dtypes]
        rows = frame.astype(object).itertuples(index=False)
        return np.array(["|".join([*map(repr, row), *known]) for row in rows], dtype=object)
'''


def test_a_frame_with_every_kind_of_column_is_laid_out_as_it_was(module, tmp_path):
    frame = pd.DataFrame(
        {
            "whole": [1, 2, 3, 4],
            "number": [0.5, np.nan, 1.5, 2.5],
            "text": ["x", "y", None, "x"],
            "none": pd.Series(["u", None, "v", "u"], dtype=object),
            "flag": [True, False, True, True],
            "kind": pd.Categorical(["p", "q", "p", None], categories=["q", "p", "r"]),
            "code": pd.Categorical([10, 20, 10, 20]),
        }
    )
    model = module(TOLD).Told().fit(frame)
    artifact = export(model, frame, tmp_path / "artifacts")
    answer = artifact.predict({**dict.fromkeys(frame.columns), "whole": 1, "flag": True, "code": 30})
    assert answer["prediction"] == "1|nan|nan|None|True|nan|30|[]|[]|[]|[]|[]|['q', 'p', 'r']|[10, 20, 30]"
