import warnings

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification, make_regression
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

lightgbm = pytest.importorskip("lightgbm")

SMALL = {
    "n_estimators": 12,
    "num_leaves": 8,
    "min_child_samples": 5,
    "verbose": -1,
    "n_jobs": 1,
    "random_state": 0,
}


def data(classes=2, nan=0.0, categories=False):
    X, y = make_classification(200, 6, n_informative=5, n_redundant=0, n_classes=classes, random_state=1)
    draw = np.random.default_rng(0)
    if categories:
        X[:, 2] = draw.integers(0, 40, len(X))
        X[:, 4] = draw.integers(0, 5, len(X))
    X[draw.random(X.shape) < nan] = np.nan
    return X, y


def fitted(kind, X, y, **parameters):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = {"categorical_feature": parameters.pop("categorical")} if "categorical" in parameters else {}
        return getattr(lightgbm, kind)(**SMALL | parameters).fit(X, y, **fit)


def assert_equal_to_the_bit(model, X, method="predict"):
    found, wanted = lean_answers(model, X, method)
    assert found == wanted


@pytest.mark.parametrize("nan", [0.0, 0.2])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"boosting_type": "dart"},
        {"boosting_type": "rf", "subsample": 0.6, "subsample_freq": 1},
        {"data_sample_strategy": "goss"},
        {"objective": "multiclassova"},
        {"use_missing": False},
        {"extra_trees": True, "max_bin": 7},
        {"class_weight": "balanced", "reg_lambda": 1.0, "max_depth": 2},
    ],
)
def test_classifiers_answer_as_lightgbm_does(parameters, classes, nan):
    X, y = data(classes, nan)
    if classes == 2 and parameters.get("objective") == "multiclassova":
        parameters = {"sigmoid": 0.7}
    assert prove_lean(fitted("LGBMClassifier", X, y, **parameters), X[:60]).largest < 1e-9


@pytest.mark.parametrize(
    "objective",
    [
        "regression",
        "regression_l1",
        "huber",
        "fair",
        "poisson",
        "quantile",
        "mape",
        "gamma",
        "tweedie",
        "cross_entropy",
        "cross_entropy_lambda",
    ],
)
@pytest.mark.parametrize("nan", [0.0, 0.2])
def test_regressors_answer_as_lightgbm_does(objective, nan):
    X, _ = data(nan=nan)
    y = np.nan_to_num(X[:, 0]) + np.random.default_rng(0).random(len(X))
    y = (y - y.min() + 0.1) / (np.ptp(y) + 0.2)
    prove_lean(fitted("LGBMRegressor", X, y, objective=objective), X[:60])


def test_raw_scores_are_equal_to_the_bit():
    X, y = make_regression(300, 5, noise=1.0, random_state=0)
    assert_equal_to_the_bit(fitted("LGBMRegressor", X, y, n_estimators=60, num_leaves=31), X)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("nan", [0.0, 0.2])
def test_categories_are_sets_of_whole_numbers(classes, nan):
    X, y = data(classes, nan, categories=True)
    model = fitted(
        "LGBMClassifier", X, y, categorical=[2, 4], min_data_per_group=2, cat_smooth=0.1, max_cat_to_onehot=2
    )
    assert "cat_boundaries" in model.booster_.model_to_string()
    odd = X[:12].copy()
    odd[:, 2] = [-1, -0.5, 0, 0.5, 1.9, 39.5, 40, 1e6, -1e6, 2.0, np.nan, 31.999]
    prove_lean(model, np.vstack([X[:50], odd]))


def test_numbers_that_lightgbm_reads_as_zero_go_where_zero_goes():
    X, y = data()
    X[::3] = 0.0
    model = fitted("LGBMClassifier", X, y, min_data_in_bin=1)
    tiny = np.repeat(X[:8], 6, axis=0)
    tiny[:, :] = np.array([0.0, 1e-35, -1e-35, 5e-36, 2e-35, -2e-35] * 8)[:, None]
    prove_lean(model, np.vstack([X[:40], tiny]))


def test_early_stopping_keeps_the_best_iteration():
    X, y = data()
    model = lightgbm.LGBMClassifier(**SMALL | {"n_estimators": 200, "learning_rate": 0.5})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # eval_set has another name since 4.7
        stop = lightgbm.early_stopping(30, verbose=False)
        model.fit(X[:100], y[:100], eval_set=[(X[100:], y[100:])], callbacks=[stop])
    assert model.best_iteration_ < 200
    prove_lean(model, X[:60])


def test_infinite_numbers_that_a_step_makes_go_to_the_outermost_leaves():
    X, y = data()
    X = np.abs(X)
    X[::5, 1], X[::7, 3] = 0.0, np.nan
    with np.errstate(divide="ignore"):
        model = make_pipeline(FunctionTransformer(np.log), lightgbm.LGBMClassifier(**SMALL)).fit(X, y)
        prove_lean(model, X[:60])


def test_a_ranker_answers_with_its_score():
    X, y = data(3)
    model = lightgbm.LGBMRanker(**SMALL).fit(X, y, group=[20] * 10)
    prove_lean(model, X[:60])


def test_a_pipeline_of_frames_with_labels_of_text():
    pandas = pytest.importorskip("pandas")
    X, y = data(3, nan=0.1)
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    layout = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b"]), remainder="passthrough"
    )
    layout.set_output(transform="pandas")
    model = make_pipeline(layout, lightgbm.LGBMClassifier(**SMALL)).fit(frame, np.array(["x", "y", "z"])[y])
    prove_lean(model, frame[:60])


def test_a_model_of_no_split_answers_with_its_base():
    X, y = data()
    prove_lean(fitted("LGBMClassifier", X, y, min_child_samples=500), X[:40])


@pytest.mark.parametrize(
    "parameters, named",
    [
        ({"linear_tree": True}, "linear_tree"),
        ({"pred_early_stop": True}, "pred_early_stop"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(parameters, named):
    X, _ = data()
    X = np.round(X)
    y = np.random.default_rng(0).random(len(X))
    with pytest.raises(Refusal, match=named):
        prove_lean(fitted("LGBMRegressor", X, y, **parameters), X[:40])


NATIVE = {"num_leaves": 6, "min_data_in_leaf": 5, "verbose": -1, "num_threads": 1, "min_data_per_group": 5}


@pytest.mark.parametrize(
    "parameters",
    [
        {"objective": "regression"},
        {"objective": "poisson"},
        {"objective": "binary"},
        {"objective": "cross_entropy_lambda"},
        {"objective": "multiclass", "num_class": 3},
        {"objective": "multiclassova", "num_class": 3},
        {"objective": "lambdarank"},
        {"objective": "rank_xendcg"},
        {"boosting": "dart"},
        {"boosting": "rf", "bagging_freq": 1, "bagging_fraction": 0.6},
    ],
    ids=str,
)
def test_a_booster_answers_as_it_does_itself(parameters):
    X, y = data(3, nan=0.1)
    objective = parameters.get("objective", "")
    grouped = {"group": [20] * 10} if "rank" in objective else {}
    label = y if "rank" in objective or "multi" in objective else y > 0
    model = lightgbm.train(NATIVE | parameters, lightgbm.Dataset(X, label=label, **grouped), 8)
    proof = prove_lean(model, X[:60])
    assert proof.methods["decision_function"]["largest_difference"] == 0.0


@pytest.mark.parametrize("nan", [0.0, 0.2])
def test_zero_may_stand_for_a_missing_number(nan):
    X, y = data(nan=nan)
    X = np.round(X)
    model = fitted("LGBMClassifier", X, y, zero_as_missing=True)
    X[:8, 0] = [1e-36, -1e-36, 1e-35, -1e-35, 2e-35, -2e-35, 0.0, -0.0]
    prove_lean(model, X[:60])


def test_a_root_of_the_target_is_squared_again():
    X, _ = data()
    prove_lean(fitted("LGBMRegressor", X, X[:, 0] * 3, reg_sqrt=True), X[:60])


def framed():
    pandas = pytest.importorskip("pandas")
    draw = np.random.default_rng(0)
    X, _ = data(nan=0.1)
    frame = pandas.DataFrame(X[:, :2], columns=["a", "b"])
    frame["town"] = pandas.Categorical(draw.choice(["Lima", "Oslo", "Köln"], len(X)))
    frame["size"] = pandas.Categorical(draw.choice([3, 5, 9], len(X)))
    frame["half"] = pandas.Categorical(draw.choice([0.5, 1.5], len(X)))
    frame["old"] = draw.random(len(X)) < 0.5
    y = np.nan_to_num(X[:, 0]) + (frame["town"] == "Oslo") * 2 + (frame["size"] == 5) * 3
    frame.loc[::9, "town"] = None
    return frame, y.to_numpy()


def test_columns_of_categories_are_encoded_as_it_encodes_them():
    frame, y = framed()
    prove_lean(fitted("LGBMRegressor", frame, y, min_data_per_group=5), frame[:80])
    layout = make_column_transformer((StandardScaler(), ["a", "b"]), remainder="passthrough")
    layout.set_output(transform="pandas")
    model = make_pipeline(layout, lightgbm.LGBMRegressor(**SMALL, min_data_per_group=5)).fit(frame, y)
    prove_lean(model, frame[:80])


def test_a_booster_reads_texts_as_its_categories():
    frame, y = framed()
    model = lightgbm.train(NATIVE, lightgbm.Dataset(frame, label=y), 8)
    prove_lean(model, frame[:80])
    plain = {"town": object, "size": int, "half": float}
    prove_lean(model, frame.astype(plain)[:80])


def test_a_subclass_is_refused():
    X, y = data()

    class LGBMClassifier(lightgbm.LGBMClassifier):
        pass

    with pytest.raises(Refusal, match="no lowering"):
        prove_lean(LGBMClassifier(**SMALL).fit(X, y), X[:40])
