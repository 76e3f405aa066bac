"""The native boosters, which have no class of scikit-learn's kind: they stand where an estimator stands.

`predict` is the library's own with its own defaults, `decision_function` the raw scores. A model file that a library
wrote is read by the library; none of them runs code. A CatBoost model has such a class always.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from leanfn.errors import ExportError

SUFFIXES = (".json", ".ubj", ".txt", ".cbm")


class NativeBooster:
    """What the boosters have in common. booster: the library's object. names: of its features, none when it counts them."""

    def __init__(self, booster: Any, names: Sequence[str] | None, width: int) -> None:
        self.booster = booster
        self.n_features_in_ = width
        if names is not None:
            self.feature_names_in_ = np.array(names, dtype=object)

    def __deepcopy__(self, memo: dict[int, Any]) -> "NativeBooster":
        del memo  # answers change nothing in it
        return self

    def sample(self, X: Any) -> Any:
        """The sample with the booster's categories in the columns that it knows them of."""
        return X


class XGBoostBooster(NativeBooster):
    """An xgboost.Booster. It uses all its trees, as it does itself: `booster[: booster.best_iteration + 1]` has fewer."""

    missing = np.nan

    def __init__(self, booster: Any) -> None:
        super().__init__(booster, booster.feature_names, booster.num_features())
        self.objective = json.loads(booster.save_config())["learner"]["objective"]["name"]

    def get_booster(self) -> Any:
        return self.booster

    def predict(self, X: Any) -> Any:
        return self.booster.predict(self._matrix(X))

    def decision_function(self, X: Any) -> Any:
        return self.booster.predict(self._matrix(X), output_margin=True)

    def sample(self, X: Any) -> Any:
        types = self.booster.feature_types or []
        names = [name for name, kind in zip(self.booster.feature_names or [], types) if kind == "c"]
        return _as_categories(X, dict.fromkeys(names))

    def _matrix(self, X: Any) -> Any:
        from xgboost import DMatrix

        booster = self.booster
        if hasattr(X, "dtypes"):
            return DMatrix(X, enable_categorical=True, nthread=1)
        types, names = booster.feature_types, booster.feature_names
        return DMatrix(X, feature_types=types, feature_names=names, enable_categorical=True, nthread=1)


class LightGBMBooster(NativeBooster):
    """A lightgbm.Booster, at its best iteration where it has one."""

    def __init__(self, booster: Any) -> None:
        names = booster.feature_name()
        counted = names == [f"Column_{i}" for i in range(len(names))]
        super().__init__(booster, None if counted else names, len(names))

    @property
    def booster_(self) -> Any:
        return self.booster

    def predict(self, X: Any) -> Any:
        return self.booster.predict(X)

    def decision_function(self, X: Any) -> Any:
        return self.booster.predict(X, raw_score=True)

    def sample(self, X: Any) -> Any:
        known = self.booster.pandas_categorical or []
        if not known or not hasattr(X, "dtypes"):
            return X
        infos = self.booster.model_to_string().partition("feature_infos=")[2].partition("\n")[0].split(" ")
        names = [
            name
            for name, info in zip(self.booster.feature_name(), infos)
            if info != "none" and info[0] != "["
        ]
        if len(names) != len(known):  # of a feature that no tree could use it does not say what it was
            return X
        return _as_categories(X, dict(zip(names, known)))


def _as_categories(X: Any, known: dict[str, Any]) -> Any:
    """A frame whose columns of these names hold pandas' categories; others of them are left as they are."""
    if not hasattr(X, "dtypes"):
        return X
    import pandas as pd

    made = {
        name: X[name].astype(pd.CategoricalDtype(categories))
        for name, categories in known.items()
        if name in X and not isinstance(X[name].dtype, pd.CategoricalDtype)
    }
    return X.assign(**made) if made else X


def adopt(model: Any) -> Any:
    """A native booster as what stands in its place; any other model as it is."""
    kind = type(model)
    library = kind.__module__.partition(".")[0]
    if kind.__name__ == "Booster" and library == "xgboost":
        return XGBoostBooster(model)
    if kind.__name__ == "Booster" and library == "lightgbm":
        return LightGBMBooster(model)
    return model


def read_booster(path: Path) -> Any:
    """The model in a file that a boosting library wrote.

    An XGBoost file that its scikit-learn class wrote, and a CatBoost file of a classifier or a regressor, are read into
    that class. Raises ExportError for a file that is no model, or without the library.
    """
    reader = {".txt": _read_lightgbm, ".cbm": _read_catboost}.get(path.suffix, _read_xgboost)
    try:
        return reader(path)
    except ImportError as error:
        raise ExportError(
            f"reading {path} needs {error.name}\nInstall it: pip install 'leanfn[boosters]'"
        ) from None
    except Exception as error:  # each library has its own
        first = str(error).strip().splitlines()[:1]
        raise ExportError(f"{path} cannot be read as a booster: {''.join(first)}") from error


def _read_xgboost(path: Path) -> Any:
    import xgboost

    booster = xgboost.Booster(model_file=str(path))
    said = json.loads(booster.attr("scikit_learn") or "{}").get("_estimator_type")
    kinds = {
        "classifier": xgboost.XGBClassifier,
        "regressor": xgboost.XGBRegressor,
        "ranker": xgboost.XGBRanker,
    }
    if said not in kinds:
        return booster
    model = kinds[said]()
    model.load_model(str(path))
    return model


def _read_lightgbm(path: Path) -> Any:
    import lightgbm

    return lightgbm.Booster(model_file=str(path))


def _read_catboost(path: Path) -> Any:
    import catboost

    model = catboost.CatBoost().load_model(str(path))
    loss = model.get_all_params().get("loss_function")
    if model._is_classification_objective(loss):
        model = catboost.CatBoostClassifier().load_model(str(path))
    elif model._is_regression_objective(loss) or model._is_multiregression_objective(loss):
        model = catboost.CatBoostRegressor().load_model(str(path))
    return model
