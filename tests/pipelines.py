"""The estimators that people use, each in three pipelines as they write them.

TIER_1 is what 72 %, TIERS what 94 % of the uses in public training scripts are of. A way is how the estimator stands:
raw (alone, on what it takes), prepared (behind imputing, scaling and one-hot encoding, or among them), searched (all
that in a GridSearchCV, or for classifiers in a CalibratedClassifierCV).
"""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import sklearn.experimental.enable_iterative_imputer  # noqa: F401
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import all_estimators

COUNT = 160
FITTED = 120  # the rows behind these are seen by no fit
NUMBERS, WORDS = ["age", "bmi", "dose", "pulse"], ["pain", "ward"]
WAYS = ("raw", "prepared", "searched")
KINDS = dict(all_estimators())


def _table() -> pd.DataFrame:
    draw = np.random.default_rng(7)
    frame = pd.DataFrame(
        {
            "age": draw.integers(20, 90, COUNT),
            "bmi": draw.normal(27, 5, COUNT),
            "dose": draw.lognormal(1, 0.7, COUNT),
            "pulse": draw.normal(80, 12, COUNT),
            "smoker": draw.random(COUNT) < 0.3,
            "pain": draw.choice(["none", "typical", "atypical", "çelişkili"], COUNT),
            "ward": draw.choice(["A", "B", "C"], COUNT),
        }
    )
    frame.loc[draw.random(COUNT) < 0.15, "bmi"] = np.nan
    frame.loc[draw.random(COUNT) < 0.1, "pulse"] = np.nan
    frame.loc[draw.random(COUNT) < 0.1, "ward"] = np.nan
    return frame


TABLE = _table()
FULL = TABLE[NUMBERS].fillna(TABLE[NUMBERS].mean())
RISK = (FULL["age"] / 40 + FULL["bmi"] / 20 + (TABLE["pain"] == "typical")).to_numpy()
TARGETS = {
    "binary": (np.median(RISK) < RISK).astype(int),
    "multiclass": np.array(["low", "middle", "high"])[np.digitize(RISK, np.quantile(RISK, [0.33, 0.66]))],
    "regression": RISK + 0.1 * np.sin(FULL["pulse"].to_numpy()),
}
NOTES = TABLE["pain"] + " pain, " + TABLE["age"].astype(str) + " Jahre; ward " + TABLE["ward"].fillna("—")
RECORDS = [
    {key: value for key, value in row.items() if value == value}
    for row in TABLE[["age", "bmi", "pain", "ward"]].to_dict("records")
]
MARKS = np.column_stack([TARGETS["binary"], TABLE["smoker"].astype(int), RISK.mean() + 0.3 < RISK]).astype(
    int
)
SEVERAL = np.column_stack([TARGETS["regression"], FULL["dose"] + RISK])


@dataclass(frozen=True)
class Row:
    """An estimator as people use it.

    kind: which of the makers below writes its pipelines. arguments: of its constructor. scaler: in its preparation.
    target: other than the task's. tasks: those it is for, by default of its kind.
    """

    kind: str
    arguments: dict[str, Any] = field(default_factory=dict)
    scaler: Any = None
    target: Any = None
    tasks: tuple[str, ...] = ()


TASKS = {
    **dict.fromkeys(("classifier", "counts"), ("binary", "multiclass")),
    "regressor": ("regression",),
    **dict.fromkeys(
        ("scaling", "encoder", "imputer", "reducing", "text", "objects", "wiring"), tuple(TARGETS)
    ),
    "alone": ("multiclass",),
    "labels": ("binary", "multiclass"),
}


def rows(kind: str, names: str, **more: Any) -> dict[str, Row]:
    return {name: Row(kind, **more) for name in names.split()}


def row(
    kind: str, name: str, scaler: Any = None, target: Any = None, tasks: Any = (), **arguments: Any
) -> dict[str, Row]:
    return {name: Row(kind, arguments, scaler, target, tasks)}


LOGISTIC, FEW = LogisticRegression(max_iter=500), {"n_estimators": 15}
MEMBERS = [("a", LOGISTIC), ("b", GaussianNB())]
SOME = [("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3, random_state=0))]
TIER_1 = {
    **rows("wiring", "Pipeline ColumnTransformer FeatureUnion"),
    **row("encoder", "OneHotEncoder", handle_unknown="ignore"),
    **row("encoder", "OrdinalEncoder", handle_unknown="use_encoded_value", unknown_value=-1),
    **rows("scaling", "StandardScaler MinMaxScaler RobustScaler MaxAbsScaler Normalizer"),
    **rows("imputer", "SimpleImputer"),
    **row("scaling", "FunctionTransformer", func=np.arcsinh),
    **rows("labels", "LabelEncoder"),
    **rows("text", "CountVectorizer TfidfVectorizer"),
    **rows("reducing", "TfidfTransformer", scaler=MinMaxScaler()),
    **rows("classifier", "LogisticRegression LogisticRegressionCV", arguments={"max_iter": 500}),
    **rows("regressor", "LinearRegression Ridge RidgeCV Lasso LassoCV ElasticNet ElasticNetCV"),
    **row("classifier", "SGDClassifier", loss="log_loss"),
    **rows("regressor", "SGDRegressor", scaler=MinMaxScaler()),
    **rows("classifier", "RidgeClassifier LinearSVC"),
    **rows("regressor", "LinearSVR"),
    **rows("classifier", "DecisionTreeClassifier"),
    **rows("regressor", "DecisionTreeRegressor"),
    **rows(
        "classifier", "RandomForestClassifier ExtraTreesClassifier GradientBoostingClassifier", arguments=FEW
    ),
    **rows("regressor", "RandomForestRegressor ExtraTreesRegressor GradientBoostingRegressor", arguments=FEW),
    **rows("classifier", "HistGradientBoostingClassifier", arguments={"max_iter": 15}),
    **rows("regressor", "HistGradientBoostingRegressor", arguments={"max_iter": 15}),
    **rows("classifier", "MultinomialNB", scaler=MinMaxScaler(clip=True)),
    **rows("classifier", "GaussianNB"),
    **row("classifier", "GridSearchCV", estimator=LOGISTIC, param_grid={"C": [0.1, 1.0]}),
    **row(
        "classifier",
        "RandomizedSearchCV",
        estimator=LOGISTIC,
        param_distributions={"C": [0.1, 1.0]},
        n_iter=2,
    ),
}
TIER_2 = {
    **rows("scaling", "PolynomialFeatures"),
    **row("scaling", "KBinsDiscretizer", n_bins=4, quantile_method="averaged_inverted_cdf"),
    **row("scaling", "Binarizer", threshold=0.3),
    **row("scaling", "PowerTransformer"),
    **row("scaling", "QuantileTransformer", n_quantiles=50, output_distribution="normal"),
    **rows("scaling", "SplineTransformer"),
    **rows("encoder", "TargetEncoder"),
    **rows("labels", "LabelBinarizer MultiLabelBinarizer"),
    **rows("objects", "DictVectorizer"),
    **row("text", "HashingVectorizer", n_features=256),
    **row("objects", "FeatureHasher", n_features=64),
    **rows("imputer", "MissingIndicator KNNImputer IterativeImputer"),
    **row("reducing", "SelectKBest", k=4),
    **row("reducing", "SelectPercentile", percentile=50),
    **row("reducing", "SelectFromModel", estimator=Ridge()),
    **rows("reducing", "VarianceThreshold"),
    **row("reducing", "RFE", estimator=Ridge()),
    **row("reducing", "RFECV", estimator=Ridge()),
    **rows("reducing", "PCA TruncatedSVD IncrementalPCA", arguments={"n_components": 3}),
    **rows("classifier", "SVC NuSVC"),
    **rows("regressor", "SVR NuSVR"),
    **rows("classifier", "KNeighborsClassifier"),
    **rows("regressor", "KNeighborsRegressor"),
    **rows("classifier", "MLPClassifier", arguments={"hidden_layer_sizes": (8,), "max_iter": 200}),
    **rows("regressor", "MLPRegressor", arguments={"hidden_layer_sizes": (8,), "max_iter": 200}),
    **rows("classifier", "ComplementNB", scaler=MinMaxScaler(clip=True)),
    **rows("classifier", "BernoulliNB"),
    **row("counts", "CategoricalNB", min_categories=8),
    **rows("classifier", "LinearDiscriminantAnalysis"),
    **row("classifier", "QuadraticDiscriminantAnalysis", reg_param=0.1),
    **rows("classifier", "Perceptron PassiveAggressiveClassifier RidgeClassifierCV"),
    **rows(
        "regressor",
        "HuberRegressor BayesianRidge PoissonRegressor GammaRegressor TweedieRegressor QuantileRegressor",
    ),
    **rows("classifier", "AdaBoostClassifier BaggingClassifier", arguments={"n_estimators": 5}),
    **rows("regressor", "AdaBoostRegressor BaggingRegressor", arguments={"n_estimators": 5}),
    **row("classifier", "VotingClassifier", estimators=MEMBERS, voting="soft"),
    **row("regressor", "VotingRegressor", estimators=SOME),
    **row("classifier", "StackingClassifier", estimators=MEMBERS, cv=2),
    **row("regressor", "StackingRegressor", estimators=SOME, cv=2),
    **row("classifier", "CalibratedClassifierCV", estimator=GaussianNB(), cv=2),
    **row("classifier", "OneVsRestClassifier", estimator=LOGISTIC),
    **row("regressor", "TransformedTargetRegressor", regressor=Ridge(), func=np.log, inverse_func=np.exp),
    **row("classifier", "FixedThresholdClassifier", estimator=LOGISTIC, threshold=0.4, tasks=("binary",)),
    **row("classifier", "TunedThresholdClassifierCV", estimator=LOGISTIC, cv=2, tasks=("binary",)),
    **row("wiring", "FrozenEstimator"),
    **row("classifier", "MultiOutputClassifier", estimator=LOGISTIC, target=MARKS, tasks=("multilabel",)),
    **row("regressor", "MultiOutputRegressor", estimator=Ridge(), target=SEVERAL),
    **row("alone", "IsolationForest", n_estimators=15),
    **rows("alone", "KMeans MiniBatchKMeans", arguments={"n_clusters": 3, "n_init": 2}),
    **rows("classifier", "DummyClassifier"),
    **rows("regressor", "DummyRegressor"),
}
TIERS = {**TIER_1, **TIER_2}


@dataclass(frozen=True)
class Case:
    """A row of the tiers in one way, for one task; fit gives the model, its sample and rows that it never saw."""

    name: str
    way: str
    task: str
    fit: Callable[[], tuple[Any, Any, Any]]


def cases(name: str) -> Iterator[Case]:
    """Every way and task of a row."""
    entry = TIERS[name]
    for task in entry.tasks or TASKS[entry.kind]:
        for way in WAYS:
            made = MAKERS[entry.kind](name, entry, way, task)
            if made is not None:
                yield Case(
                    name, way, task, lambda made=made, task=task, entry=entry: _fitted(*made, entry, task)
                )


def _fitted(model: Any, X: Any, entry: Row, task: str) -> tuple[Any, Any, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if entry.kind == "labels":
            return model.fit(X[:FITTED]), X[:FITTED], X[FITTED:]
        y = TARGETS.get(task) if entry.target is None else entry.target
        return model.fit(X[:FITTED], y[:FITTED]), X[:FITTED], X[FITTED:]


def made(name: str, entry: Row) -> Any:
    """The estimator itself; what it draws, it draws from one seed."""
    model = clone(KINDS[name](**entry.arguments))
    return model.set_params(random_state=0) if "random_state" in model.get_params(deep=False) else model


def prepare(
    scaler: Any = None, imputer: Any = None, encoder: Any = None, last: Any = None
) -> ColumnTransformer:
    """The preparation of a mixed table: numbers imputed and scaled (and what comes last), words one-hot."""
    numbers = [imputer or SimpleImputer(), scaler or StandardScaler(), *([] if last is None else [last])]
    words = [SimpleImputer(strategy="most_frequent"), encoder or OneHotEncoder(handle_unknown="ignore")]
    return make_column_transformer(
        (make_pipeline(*numbers), NUMBERS), (make_pipeline(*words), WORDS), remainder="passthrough"
    )


def model_for(task: str) -> Any:
    return Ridge() if task == "regression" else clone(LOGISTIC)


def searched(model: Any, task: str) -> Any:
    """A search over nothing, which refits and answers as its best."""
    del task
    return GridSearchCV(model, {}, cv=KFold(2), scoring=_no_score)


def _no_score(*_: Any) -> float:
    return 0.0


def calibrated(model: Any, task: str) -> Any:
    return CalibratedClassifierCV(model, cv=2) if task in ("binary", "multiclass") else searched(model, task)


def _predictor(name: str, entry: Row, way: str, task: str) -> Any:
    if way == "raw":
        return made(name, entry), FULL
    model = make_pipeline(prepare(entry.scaler), made(name, entry))
    inside = searched if name in ("CalibratedClassifierCV", "StackingClassifier") else calibrated
    return (model if way == "prepared" else inside(model, task)), TABLE


def _counts(name: str, entry: Row, way: str, task: str) -> Any:
    """Behind bins: it takes whole numbers."""
    bins = KBinsDiscretizer(3, encode="ordinal", quantile_method="averaged_inverted_cdf")
    if way == "raw":
        return made(name, entry), FULL.round(-1) // 10 % 8
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=7)
    model = make_pipeline(prepare(encoder=codes, last=bins), made(name, entry))
    return (model if way == "prepared" else calibrated(model, task)), TABLE


def _scaling(name: str, entry: Row, way: str, task: str) -> Any:
    """In the scaler's place, or behind it."""
    if way == "raw":
        return (made(name, entry), FULL) if task == "binary" else None
    place = {"last": made(name, entry)} if name != "FunctionTransformer" else {"scaler": made(name, entry)}
    model = make_pipeline(prepare(**place), model_for(task))
    return (model if way == "prepared" else calibrated(model, task)), TABLE


def _encoder(name: str, entry: Row, way: str, task: str) -> Any:
    if way == "raw":
        return made(name, entry), TABLE[WORDS]
    model = make_pipeline(prepare(encoder=made(name, entry)), model_for(task))
    return (model if way == "prepared" else calibrated(model, task)), TABLE


def _imputer(name: str, entry: Row, way: str, task: str) -> Any:
    if way == "raw":
        return (made(name, entry), TABLE[NUMBERS]) if task == "binary" else None
    model = make_pipeline(prepare(imputer=made(name, entry)), model_for(task))
    return (model if way == "prepared" else calibrated(model, task)), TABLE


def _reducing(name: str, entry: Row, way: str, task: str) -> Any:
    """Behind the whole preparation, in front of a model."""
    reducer = made(name, entry)
    if hasattr(reducer, "estimator"):
        reducer.set_params(estimator=model_for(task))
    if way == "raw":
        return reducer, FULL
    model = make_pipeline(prepare(entry.scaler), reducer, model_for(task))
    return (model if way == "prepared" else calibrated(model, task)), TABLE


def _text(name: str, entry: Row, way: str, task: str) -> Any:
    """Alone, in front of a model, and as one column's preparation among others."""
    if way == "raw":
        return (made(name, entry), NOTES.tolist()) if task == "binary" else None
    if way == "prepared":
        return make_pipeline(made(name, entry), model_for(task)), NOTES.tolist()
    columns = ColumnTransformer(
        [
            ("note", made(name, entry), "note"),
            ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        ]
    )
    return calibrated(make_pipeline(columns, model_for(task)), task), TABLE.assign(note=NOTES)


def _objects(name: str, entry: Row, way: str, task: str) -> Any:
    if way == "raw":
        return (made(name, entry), RECORDS) if task == "binary" else None
    model = make_pipeline(made(name, entry), StandardScaler(with_mean=False), model_for(task))
    return (model if way == "prepared" else searched(model, task)), RECORDS


def _wiring(name: str, entry: Row, way: str, task: str) -> Any:
    model = model_for(task)
    if name == "Pipeline":
        whole = Pipeline([("scale", StandardScaler()), ("model", model)])
        raw, table = whole, Pipeline([("prepare", prepare()), ("again", whole)])
    elif name == "ColumnTransformer":
        raw = ColumnTransformer([("a", StandardScaler(), ["age", "dose"]), ("b", MinMaxScaler(), ["age"])])
        table = make_pipeline(prepare(), model)
    elif name == "FeatureUnion":
        both = KINDS[name]([("a", StandardScaler()), ("b", MinMaxScaler())])
        raw, table = both, make_pipeline(prepare(), clone(both), model)
        table.steps[1][1].transformer_list[0][1].set_params(with_mean=False)
    else:
        frozen = KINDS[name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            y = TARGETS[task][:FITTED]
            raw = frozen(clone(model).fit(FULL[:FITTED], y))
            ready = frozen(prepare().fit(TABLE[:FITTED]))
        table = make_pipeline(ready, model)
    return {"raw": (raw, FULL), "prepared": (table, TABLE), "searched": (calibrated(table, task), TABLE)}[way]


def _alone(name: str, entry: Row, way: str, task: str) -> Any:
    """Without a target."""
    if way == "raw":
        return made(name, entry), FULL
    model = make_pipeline(prepare(), made(name, entry))
    return (model if way == "prepared" else searched(model, task)), TABLE


def _labels(name: str, entry: Row, way: str, task: str) -> Any:
    """Labels have no pipeline: words, whole numbers and booleans in their place, or lists of them."""
    values = {"raw": TABLE["pain"], "prepared": TABLE["age"], "searched": TABLE["smoker"]}[way]
    if name == "MultiLabelBinarizer":
        if task == "binary":
            return None
        return made(name, entry), [
            [x, y] if x != y else [x] for x, y in zip(values.tolist(), values.tolist()[::-1])
        ]
    if task == "binary":
        values = values == values.iloc[0]
        return (made(name, entry), values.to_numpy()) if way == "raw" else None
    return made(name, entry), values.to_numpy()


MAKERS: dict[str, Callable[[str, Row, str, str], Any]] = {
    "classifier": _predictor,
    "regressor": _predictor,
    "counts": _counts,
    "scaling": _scaling,
    "encoder": _encoder,
    "imputer": _imputer,
    "reducing": _reducing,
    "text": _text,
    "objects": _objects,
    "wiring": _wiring,
    "alone": _alone,
    "labels": _labels,
}
