"""Native boosters as originals, and the files that their libraries write."""

import numpy as np
import pytest

import leanfn
from leanfn.errors import ExportError, Refusal
from leanfn.exporters.models import read_model
from leanfn.exporters.original import Original

DRAW = np.random.default_rng(0)
X = DRAW.normal(size=(80, 3))
Y = (X[:, 0] > 0).astype(int)


def xgboost_model(tmp_path, suffix):
    xgboost = pytest.importorskip("xgboost")
    model = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(X, label=Y), 5)
    model.save_model(tmp_path / f"m{suffix}")


def xgboost_classifier(tmp_path, suffix):
    xgboost = pytest.importorskip("xgboost")
    xgboost.XGBClassifier(n_estimators=5).fit(X, Y).save_model(tmp_path / f"m{suffix}")


def lightgbm_model(tmp_path, suffix):
    lightgbm = pytest.importorskip("lightgbm")
    data = lightgbm.Dataset(X, label=Y)
    lightgbm.train({"objective": "binary", "verbose": -1}, data, 5).save_model(tmp_path / f"m{suffix}")


def catboost_classifier(tmp_path, suffix):
    catboost = pytest.importorskip("catboost")
    kept = {"iterations": 5, "verbose": 0, "allow_writing_files": False}
    catboost.CatBoostClassifier(**kept).fit(X, Y).save_model(str(tmp_path / f"m{suffix}"))


@pytest.mark.parametrize(
    ("make", "suffix", "methods"),
    [
        (xgboost_model, ".json", ["predict", "decision_function"]),
        (xgboost_model, ".ubj", ["predict", "decision_function"]),
        (xgboost_classifier, ".json", ["predict", "predict_proba"]),
        (lightgbm_model, ".txt", ["predict", "decision_function"]),
        (catboost_classifier, ".cbm", ["predict", "predict_proba"]),
    ],
)
def test_a_librarys_own_file_is_exported_and_needs_no_trust(tmp_path, make, suffix, methods):
    make(tmp_path, suffix)
    model = read_model(tmp_path / f"m{suffix}", trust=False)
    artifact = leanfn.export(model, X, name="m", out=tmp_path, engine="lean")
    assert artifact.methods == methods
    wanted = Original(model, X).ask("predict", X[:5].tolist())
    assert artifact.call("predict", X[:5].tolist()) == pytest.approx(wanted, rel=1e-9)


@pytest.mark.parametrize("suffix", [".json", ".ubj", ".txt", ".cbm"])
def test_what_is_no_boosters_file_is_refused(tmp_path, suffix):
    for library in ("xgboost", "lightgbm", "catboost"):
        pytest.importorskip(library)
    (tmp_path / f"m{suffix}").write_text("nothing")
    with pytest.raises(ExportError, match="cannot be read as a booster"):
        read_model(tmp_path / f"m{suffix}", trust=False)


def test_no_other_engine_runs_a_booster(tmp_path):
    lightgbm_model(tmp_path, ".txt")
    model = read_model(tmp_path / "m.txt", trust=False)
    for engine in ("onnx", "sklearn"):
        with pytest.raises(Refusal, match=r"LightGBMBooster|a booster of its own"):
            leanfn.export(model, X, name="m", out=tmp_path, engine=engine)
