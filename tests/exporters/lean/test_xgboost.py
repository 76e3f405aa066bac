import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

xgboost = pytest.importorskip("xgboost")

SMALL = {"n_estimators": 10, "max_depth": 3, "n_jobs": 1, "random_state": 0}


def data(classes=2, nan=0.0, categories=False):
    X, y = make_classification(200, 6, n_informative=5, n_redundant=0, n_classes=classes, random_state=1)
    draw = np.random.default_rng(0)
    if categories:
        X[:, 2] = draw.integers(0, 40, len(X))
        X[:, 4] = draw.integers(0, 5, len(X))
    X[draw.random(X.shape) < nan] = np.nan
    return X, y


def fitted(kind, X, y, **parameters):
    return getattr(xgboost, kind)(**SMALL | parameters).fit(X, y)


@pytest.mark.parametrize("nan", [0.0, 0.2])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"booster": "dart", "rate_drop": 0.5},
        {"tree_method": "exact"},
        {"grow_policy": "lossguide", "max_leaves": 5, "max_depth": 0},
        {"num_parallel_tree": 3, "subsample": 0.6},
        {"base_score": 0.3, "reg_lambda": 0.1, "gamma": 0.2},
    ],
    ids=str,
)
def test_classifiers_answer_as_xgboost_does_to_the_last_bit(parameters, classes, nan):
    X, y = data(classes, nan)
    assert prove_lean(fitted("XGBClassifier", X, y, **parameters), X[:60]).largest == 0.0


@pytest.mark.parametrize(
    "objective",
    [
        "reg:squarederror",
        "reg:squaredlogerror",
        "reg:absoluteerror",
        "reg:pseudohubererror",
        "reg:logistic",
        "count:poisson",
        "reg:gamma",
        "reg:tweedie",
    ],
)
@pytest.mark.parametrize("booster", ["gbtree", "dart"])
def test_regressors_answer_as_xgboost_does_to_the_last_bit(objective, booster):
    X, _ = data(nan=0.1)
    y = np.nan_to_num(X[:, 0]) + np.random.default_rng(0).random(len(X))
    y = (y - y.min() + 0.1) / (np.ptp(y) + 0.2)
    drop = {"rate_drop": 0.5} if booster == "dart" else {}
    model = fitted("XGBRegressor", X, y, objective=objective, booster=booster, **drop)
    assert prove_lean(model, X[:60]).largest == 0.0


@pytest.mark.parametrize("kind", ["XGBRFClassifier", "XGBRFRegressor", "XGBRanker"])
def test_forests_and_rankers_answer_as_xgboost_does(kind):
    X, y = data()
    model = getattr(xgboost, kind)(**SMALL)
    model.fit(X, y, group=[20] * 10) if kind == "XGBRanker" else model.fit(X, y)
    assert prove_lean(model, X[:60]).largest == 0.0


def test_a_deep_model_sums_in_float32():
    X, _ = data()
    y = X @ np.arange(1.0, 7.0) * 1e3
    model = fitted("XGBRegressor", X, y, n_estimators=100, max_depth=6)
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted


def test_several_outputs_are_trees_of_their_own():
    X, y = data()
    prove_lean(fitted("XGBRegressor", X, np.c_[X[:, 0], y * 2.0]), X[:60])


@pytest.mark.parametrize("nan", [0.0, 0.2])
@pytest.mark.parametrize("onehot", [1, 50])
def test_categories_are_sets_of_whole_numbers(nan, onehot):
    X, y = data(2, nan, categories=True)
    types = ["q", "q", "c", "q", "c", "q"]
    model = fitted(
        "XGBClassifier", X, y, feature_types=types, enable_categorical=True, max_cat_to_onehot=onehot
    )
    odd = X[:9].copy()
    odd[:, 2] = [0, 0.5, 1.9, 39.5, 40, 1e6, 2.0, np.nan, 31.999]
    found, wanted = lean_answers(model, np.vstack([X, odd]), "predict_proba")
    assert found == wanted


def test_early_stopping_keeps_the_best_iteration():
    X, y = data()
    model = xgboost.XGBClassifier(
        **SMALL | {"n_estimators": 200, "learning_rate": 0.9, "early_stopping_rounds": 9}
    )
    model.fit(X[:100], y[:100], eval_set=[(X[100:], y[100:])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    prove_lean(model, X[:60])


def test_what_a_sparse_row_does_not_store_is_missing():
    texts = [" ".join(np.random.default_rng(i).choice(list("klmnopqr"), 5)) for i in range(200)]
    vectorizer = TfidfVectorizer(analyzer="char")
    _, y = data(3)
    prove_lean(make_pipeline(vectorizer, xgboost.XGBClassifier(**SMALL)).fit(texts, y), texts[:60])


def test_infinite_numbers_that_a_step_makes_go_to_the_outermost_leaves():
    X, y = data()
    X = np.abs(X)
    X[::7, 3] = np.nan
    model = make_pipeline(FunctionTransformer(np.log1p), xgboost.XGBClassifier(**SMALL)).fit(X, y)
    prove_lean(model, X[:60])


@pytest.mark.parametrize(
    "parameters, named",
    [
        ({"missing": -1.0}, "missing"),
        ({"booster": "gblinear"}, "gblinear"),
        ({"multi_strategy": "multi_output_tree", "tree_method": "hist"}, "multi_output_tree"),
        ({"objective": "binary:hinge"}, "hinge"),
    ],
    ids=str,
)
def test_what_cannot_be_carried_is_refused_by_name(parameters, named):
    X, y = data()
    parameters = parameters | {"verbosity": 0}
    y = np.c_[y, 1 - y] if "multi_strategy" in parameters else y
    with pytest.raises(Refusal, match=named):
        prove_lean(fitted("XGBRegressor", X, y, **parameters), X[:40])
