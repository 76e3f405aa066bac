import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder

from leanfn.errors import Refusal
from tests.nodes import step
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


def targets(objective, X):
    """A target that the objective takes, and the parameters that it asks for."""
    score = np.nan_to_num(X[:, 0]) + np.random.default_rng(0).normal(0, 0.1, len(X))
    if objective.startswith("multi"):
        return np.digitize(score, [-0.5, 0.5]), {"num_class": 3}
    if objective.startswith(("binary", "rank")):
        return score > 0, {}
    if objective == "reg:quantileerror":
        return score, {"quantile_alpha": [0.1, 0.5, 0.9]}
    return np.abs(score) + 0.1, {}


@pytest.mark.parametrize("booster", ["gbtree", "dart"])
@pytest.mark.parametrize(
    "objective",
    [
        "reg:squarederror",
        "reg:gamma",
        "reg:tweedie",
        "reg:quantileerror",
        "binary:logistic",
        "binary:logitraw",
        "binary:hinge",
        "multi:softprob",
        "multi:softmax",
        "count:poisson",
        "survival:cox",
        "rank:ndcg",
    ],
)
def test_a_booster_answers_as_it_does_itself_to_the_last_bit(objective, booster):
    X, _ = data(nan=0.1)
    y, asked = targets(objective, X)
    drop = {"rate_drop": 0.5} if booster == "dart" else {}
    parameters = {"objective": objective, "booster": booster, "max_depth": 3, "nthread": 1} | asked | drop
    model = xgboost.train(parameters, xgboost.DMatrix(X, label=y), 8)
    proof = prove_lean(model, X[:60])
    assert set(proof.methods) == {"predict", "decision_function"} and proof.largest == 0.0


def test_a_booster_of_intervals_answers_with_its_times():
    X, _ = data(nan=0.1)
    matrix = xgboost.DMatrix(X)
    low = np.abs(np.nan_to_num(X[:, 0])) + 0.1
    matrix.set_float_info("label_lower_bound", low)
    matrix.set_float_info("label_upper_bound", low + 1.0)
    model = xgboost.train({"objective": "survival:aft", "max_depth": 3}, matrix, 8)
    assert prove_lean(model, X[:60]).largest == 0.0


@pytest.mark.parametrize(
    ("objective", "operation"),
    [("count:poisson", "float32_exp/1"), ("binary:logistic", "float32_sigmoid/1")],
)
def test_exp_and_sigmoid_are_its_own_at_any_raw_score(objective, operation):
    draw = np.random.default_rng(0)
    raw = np.concatenate([draw.uniform(-104, 88.7, 10_000), draw.normal(0, 3, 10_000)]).astype(np.float32)
    start = xgboost.DMatrix(np.zeros((2, 1)), label=[0, 1], base_margin=[0, 0])
    model = xgboost.train({"objective": objective, "base_score": 0.5, "nthread": 1}, start, 0)
    wanted = model.predict(xgboost.DMatrix(np.zeros((len(raw), 1)), base_margin=raw))
    run = step(operation, ("vector", 1))
    assert [run([x])[0] for x in raw.tolist()] == wanted.tolist()


def test_a_booster_uses_all_its_trees_and_its_class_the_best():
    X, y = data()
    matrices = [xgboost.DMatrix(X[half], label=y[half]) for half in (slice(100), slice(100, None))]
    told = {"evals": [(matrices[1], "rest")], "early_stopping_rounds": 9, "verbose_eval": False}
    model = xgboost.train({"objective": "binary:logistic", "eta": 0.9}, matrices[0], 200, **told)
    assert model.best_iteration + 1 < model.num_boosted_rounds()
    assert prove_lean(model, X[:60]).largest == 0.0
    assert prove_lean(model[: model.best_iteration + 1], X[:60]).largest == 0.0


def test_a_booster_knows_its_columns_by_name():
    pandas = pytest.importorskip("pandas")
    X, y = data()
    model = xgboost.train({}, xgboost.DMatrix(X, label=y, feature_names=list("abcdef")), 5)
    prove_lean(model, pandas.DataFrame(X, columns=list("fedcba"))[:60])


def framed():
    pandas = pytest.importorskip("pandas")
    draw = np.random.default_rng(0)
    X, _ = data(nan=0.1)
    frame = pandas.DataFrame(X[:, :2], columns=["a", "b"])
    frame["town"] = pandas.Categorical(draw.choice(["Lima", "Oslo", "Rome", "Rom"], len(X)))
    frame["size"] = pandas.Categorical(draw.choice([3, 5, 9], len(X)))
    frame["old"] = draw.random(len(X)) < 0.5
    y = np.nan_to_num(X[:, 0]) + (frame["town"] == "Oslo") * 2 + (frame["size"] == 5) * 3
    frame.loc[::9, "town"] = None
    return frame, y.to_numpy()


@pytest.mark.parametrize("onehot", [1, 50])
def test_columns_of_categories_are_encoded_as_it_encodes_them(onehot):
    frame, y = framed()
    model = fitted("XGBRegressor", frame, y, enable_categorical=True, max_cat_to_onehot=onehot)
    assert prove_lean(model, frame[:80]).largest == 0.0


def test_a_booster_reads_texts_as_its_categories():
    frame, y = framed()
    model = xgboost.train({"max_depth": 3}, xgboost.DMatrix(frame, label=y, enable_categorical=True), 8)
    assert prove_lean(model, frame[:80]).largest == 0.0
    read = frame.assign(town=frame["town"].astype(object), size=frame["size"].astype(int))
    assert prove_lean(model, read[:80]).largest == 0.0


@pytest.mark.parametrize("missing", [0, -999.1])
def test_a_number_may_stand_for_a_missing_one(missing):
    X, y = data(nan=0.2)
    X = np.nan_to_num(np.round(X) if missing == 0 else X, nan=missing)
    assert prove_lean(fitted("XGBClassifier", X, y, missing=missing), X[:60]).largest == 0.0


@pytest.mark.parametrize("share", [0.0, 1.0])
@pytest.mark.parametrize("selected", [False, True])
def test_zeros_of_a_table_are_missing_where_it_comes_sparse(share, selected):
    pandas = pytest.importorskip("pandas")
    draw = np.random.default_rng(0)
    frame = pandas.DataFrame({"n": np.round(draw.normal(size=200)), "k": draw.choice(list("abcdefgh"), 200)})
    frame.loc[::7, "n"] = np.nan
    layout = make_column_transformer(
        (SimpleImputer(), ["n"]), (OneHotEncoder(handle_unknown="ignore"), ["k"]), sparse_threshold=share
    )
    steps = [SelectKBest(k=6)] if selected else []
    model = make_pipeline(layout, *steps, xgboost.XGBRegressor(**SMALL))
    model.fit(frame, np.nan_to_num(frame["n"]) + (frame["k"] == "a"))
    assert layout.sparse_output_ == bool(share)
    assert prove_lean(model, frame[:80]).largest == 0.0


@pytest.mark.parametrize("sparse", [False, True])
def test_an_encoder_says_whether_its_rows_are_sparse(sparse):
    X, y = data()
    X = np.round(X)
    model = make_pipeline(
        OneHotEncoder(handle_unknown="ignore", sparse_output=sparse), xgboost.XGBClassifier(**SMALL)
    )
    assert prove_lean(model.fit(X, y), X[:60]).largest == 0.0


def test_leaves_may_hold_a_number_per_output():
    X, y = data()
    model = fitted(
        "XGBRegressor", X, np.c_[X[:, 0], y, -X[:, 1]], multi_strategy="multi_output_tree", tree_method="hist"
    )
    assert prove_lean(model, X[:60]).largest == 0.0


def test_several_labels_of_a_row():
    X, y = data()
    assert prove_lean(fitted("XGBClassifier", X, np.c_[y, 1 - y, y]), X[:60]).largest == 0.0


@pytest.mark.parametrize(
    "objective", ["binary:logitraw", "binary:hinge", lambda y, raw: (raw - y, raw * 0 + 1)]
)
def test_classes_of_other_objectives(objective):
    X, y = data()
    assert prove_lean(fitted("XGBClassifier", X, y, objective=objective), X[:60]).largest == 0.0


def test_probabilities_that_scipy_makes_are_left_out():
    X, y = data(3)
    model = fitted("XGBClassifier", X, y, objective="multi:softmax")
    assert "predict_proba" not in prove_lean(model, X[:60], ["predict"]).methods


def test_what_cannot_be_carried_is_refused_by_name():
    X, y = data()
    with pytest.raises(Refusal, match="booster='gblinear'"):
        prove_lean(xgboost.XGBRegressor(n_estimators=5, booster="gblinear").fit(X, y), X[:40])


def test_categories_that_it_keeps_in_part_are_refused():
    frame, y = framed()
    frame["town"] = frame["town"].cat.rename_categories({"Rom": "Köln"})
    with pytest.raises(Refusal, match="beyond ASCII"):
        prove_lean(fitted("XGBRegressor", frame, y, enable_categorical=True), frame[:40])
