import numpy as np
import pytest
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
    ["RMSE", "MAE", "Quantile:alpha=0.7", "MAPE", "Poisson", "Huber:delta=0.5", "Tweedie:variance_power=1.5"],
)
def test_regressors_answer_as_catboost_does(loss):
    X, _ = data(nan=0.1)
    y = np.nan_to_num(np.abs(X[:, 0])) + 0.5
    prove_lean(catboost.CatBoostRegressor(**SMALL, loss_function=loss).fit(X, y), X[:50])


def test_raw_scores_are_equal_to_the_bit():
    X, y = data(nan=0.1)
    model = catboost.CatBoostRegressor(**SMALL | {"iterations": 60, "depth": 5}).fit(X, y * 2.5)
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted


def test_a_pipeline_with_labels_of_text():
    X, y = data(3)
    model = make_pipeline(StandardScaler(), catboost.CatBoostClassifier(**SMALL))
    prove_lean(model.fit(X, np.array(["x", "y", "z"])[y]), X[:50])


def test_categories_of_its_own_are_refused_by_name():
    pandas = pytest.importorskip("pandas")
    X, y = data()
    frame = pandas.DataFrame(X, columns=list("abcdef"))
    frame["g"] = np.arange(len(X)) % 5
    model = catboost.CatBoostClassifier(**SMALL, cat_features=["g"]).fit(frame, y)
    with pytest.raises(Refusal, match="categorical features"):
        prove_lean(model, frame[:40])
