import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

catboost = pytest.importorskip("catboost")

SMALL = {
    "iterations": 8,
    "depth": 3,
    "verbose": 0,
    "thread_count": 1,
    "allow_writing_files": False,
    "random_seed": 0,
}


def data(classes=2, nan=0.0):
    X, y = make_classification(150, 6, n_informative=5, n_redundant=0, n_classes=classes, random_state=1)
    X[np.random.default_rng(0).random(X.shape) < nan] = np.nan
    return X, y


@pytest.mark.parametrize("nan", [0.0, 0.2])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"grow_policy": "Lossguide", "max_leaves": 6},
        {"grow_policy": "Depthwise"},
        {"nan_mode": "Max"},
        {"boosting_type": "Ordered", "border_count": 6},
        {"loss_function": "MultiClassOneVsAll"},
    ],
    ids=str,
)
def test_classifiers_answer_as_catboost_does(parameters, classes, nan):
    X, y = data(classes, nan)
    if classes == 2 and "loss_function" in parameters:
        parameters = {"loss_function": "CrossEntropy"}
    prove_lean(catboost.CatBoostClassifier(**SMALL | parameters).fit(X, y), X[:50])


@pytest.mark.parametrize(
    "loss",
    [
        "RMSE",
        "MAE",
        "Quantile:alpha=0.7",
        "MAPE",
        "Poisson",
        "Huber:delta=0.5",
        "Tweedie:variance_power=1.5",
        "LogLinQuantile",
        "LogCosh",
        "RMSEWithUncertainty",
        "Cox",
        "MultiRMSE",
        "SurvivalAft",
    ],
)
def test_regressors_answer_as_catboost_does(loss):
    X, _ = data(nan=0.1)
    y = np.nan_to_num(np.abs(X[:, 0])) + 0.5
    y = np.c_[y, y + 1.0] if loss in ("MultiRMSE", "SurvivalAft") else y
    prove_lean(catboost.CatBoostRegressor(**SMALL, loss_function=loss).fit(X, y), X[:50])


@pytest.mark.parametrize("loss", ["Focal:focal_alpha=0.5;focal_gamma=2", "MultiLogloss", "MultiCrossEntropy"])
def test_classifiers_of_other_losses(loss):
    X, y = data()
    y = np.c_[y, X[:, 1] > 0].astype(int) if loss.startswith("Multi") else y
    prove_lean(catboost.CatBoostClassifier(**SMALL, loss_function=loss).fit(X, y), X[:50])


@pytest.mark.parametrize("loss", ["QueryRMSE", "YetiRank", "PairLogit", "QuerySoftMax"])
def test_rankers_answer_with_raw_scores(loss):
    X, y = data()
    model = catboost.CatBoostRanker(**SMALL, loss_function=loss).fit(X, y, group_id=np.arange(150) // 15)
    assert prove_lean(model, X[:50]).largest == 0.0


@pytest.mark.parametrize("loss", ["RMSE", "Poisson", "Logloss", "MultiClass"])
def test_the_class_without_a_task_answers_with_raw_scores(loss):
    X, y = data(3, nan=0.1)
    y = y > 0 if loss == "Logloss" else y
    model = catboost.CatBoost({**SMALL, "loss_function": loss}).fit(X, y)
    assert prove_lean(model, X[:50]).largest == 0.0


def test_raw_scores_are_equal_to_the_bit():
    X, y = data(nan=0.1)
    model = catboost.CatBoostRegressor(**SMALL | {"iterations": 60, "depth": 5}).fit(X, y * 2.5)
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted


def test_a_pipeline_with_labels_of_text():
    X, y = data(3)
    model = make_pipeline(StandardScaler(), catboost.CatBoostClassifier(**SMALL))
    prove_lean(model.fit(X, np.array(["x", "y", "z"])[y]), X[:50])


def table():
    pandas = pytest.importorskip("pandas")
    draw = np.random.default_rng(0)
    count = 300
    frame = pandas.DataFrame(
        {
            "a": draw.normal(size=count),
            "town": draw.choice(
                ["Lima", "Oslo", "Köln", "a town whose name is of more than thirty-two letters"], count
            ),
            "size": draw.choice([3, 5, 9, 11, 12], count),
            "kind": draw.choice(["m", "f"], count),
            "b": draw.normal(size=count),
        }
    )
    y = (
        frame["a"]
        + (frame["town"] == "Oslo")
        + (frame["size"] == 5) * 2
        + (frame["kind"] == "m") * frame["b"]
    )
    y += ((frame["town"] == "Lima") & (frame["size"] == 3)) * 4
    frame.loc[::7, "a"] = np.nan
    return frame, np.nan_to_num(y.to_numpy())


CATEGORIES = ["town", "size", "kind"]


@pytest.mark.parametrize(
    "parameters",
    [
        {"one_hot_max_size": 10},
        {"one_hot_max_size": 2},
        {"max_ctr_complexity": 1},
        {"max_ctr_complexity": 3, "nan_mode": "Max"},
        {"simple_ctr": ["Borders", "Buckets", "BinarizedTargetMeanValue", "Counter"]},
        {"combinations_ctr": ["Borders", "Counter"]},
        {"grow_policy": "Lossguide", "max_leaves": 6},
        {"grow_policy": "Depthwise", "one_hot_max_size": 10},
    ],
    ids=str,
)
def test_categories_and_statistics_of_them_to_the_last_bit(parameters):
    frame, y = table()
    learned = SMALL | {"iterations": 12, "depth": 4, "learning_rate": 0.5} | parameters
    model = catboost.CatBoostRegressor(**learned, cat_features=CATEGORIES).fit(frame, y)
    assert prove_lean(model, frame[:80]).largest == 0.0


def test_statistics_of_several_classes():
    frame, y = table()
    parameters = SMALL | {"simple_ctr": ["Borders", "Buckets"], "cat_features": CATEGORIES}
    prove_lean(catboost.CatBoostClassifier(**parameters).fit(frame, np.digitize(y, [0, 2])), frame[:80])


def test_categories_without_a_number_of_pandas_own_and_of_an_array():
    frame, y = table()
    model = catboost.CatBoost({**SMALL, "cat_features": CATEGORIES})
    prove_lean(model.fit(frame[CATEGORIES], y), frame[CATEGORIES][:80])
    held = frame.astype({"town": "category"})
    prove_lean(model.copy().fit(held, y), held[:80])
    array = frame.to_numpy(dtype=object)
    prove_lean(catboost.CatBoost({**SMALL, "cat_features": [1, 2, 3]}).fit(array, y), array[:80])


def test_categories_behind_a_pipeline_of_frames():
    frame, y = table()
    layout = make_column_transformer(
        (StandardScaler(), ["a", "b"]), remainder="passthrough", verbose_feature_names_out=False
    ).set_output(transform="pandas")
    model = make_pipeline(layout, catboost.CatBoostRegressor(**SMALL, cat_features=CATEGORIES))
    prove_lean(model.fit(frame, y), frame[:80])


def test_what_cannot_be_carried_is_refused_by_name():
    frame, y = table()
    model = catboost.CatBoost({**SMALL, "cat_features": [*CATEGORIES, "old"]})
    odd = frame.assign(old=frame["b"] > 0)
    with pytest.raises(Refusal, match="'old' of booleans"):
        prove_lean(model.fit(odd, y), odd[:40])
    texts = frame[["a", "b"]].assign(said="a word " + frame["town"])
    model = catboost.CatBoost({**SMALL, "text_features": ["said"], "loss_function": "Logloss"})
    with pytest.raises(Refusal, match="text_features"):
        prove_lean(model.fit(texts, y > 1), texts[:40])
