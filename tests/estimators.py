"""Every estimator of scikit-learn that answers for a new row, fitted with plain arguments on data it takes."""

import warnings
from inspect import signature

import numpy as np
import pandas as pd
import sklearn.experimental.enable_halving_search_cv
import sklearn.experimental.enable_iterative_imputer  # noqa: F401
from sklearn.datasets import load_diabetes, load_iris, make_multilabel_classification
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor
from sklearn.utils import all_estimators

ROWS = 60
random = np.random.default_rng(0)
flowers, kinds = load_iris(return_X_y=True)
picked = random.permutation(len(flowers))[:ROWS]
FLOWERS, KINDS = flowers[picked] + random.normal(0, 0.01, (ROWS, 4)), kinds[picked]
sugar, progress = load_diabetes(return_X_y=True)
SUGAR, PROGRESS = sugar[:ROWS], progress[:ROWS]
TARGETS = np.column_stack([PROGRESS, np.sqrt(PROGRESS), -PROGRESS])
POSITIVE = np.abs(FLOWERS) + 0.01
COUNTS = random.poisson(3, (ROWS, 6)).astype(float)
SIGNS, MARKS = make_multilabel_classification(ROWS, 6, n_classes=3, random_state=0)
GAPS = np.where(random.random(FLOWERS.shape) < 0.15, np.nan, FLOWERS)
TEXTS = [
    f"the quick {a} fox and the {b} dog {c}"
    for a, b, c in zip(["brown", "red", "shy"] * 20, ["lazy", "old"] * 30, range(60))
]
WORDS = pd.DataFrame({"city": ["Rome", "Oslo", "Lima"] * 20, "size": ["s", "m"] * 30})
RECORDS = [{"city": city, "age": float(i % 7)} for i, city in enumerate(["Rome", "Oslo", "Lima"] * 20)]
LISTS = [["a", "b"], ["b"], ["a", "c"], []] * 15
NAMES = np.array(["no", "yes", "maybe"] * 20)

# estimator -> X, y; the others are tried on flowers, then on sugar
DATA = {
    **dict.fromkeys(("CCA", "PLSCanonical", "PLSRegression", "PLSSVD"), (SUGAR, TARGETS)),
    **dict.fromkeys(
        (
            "MultiTaskElasticNet",
            "MultiTaskElasticNetCV",
            "MultiTaskLasso",
            "MultiTaskLassoCV",
            "MultiOutputRegressor",
            "RegressorChain",
        ),
        (SUGAR, TARGETS),
    ),
    **dict.fromkeys(("MultiOutputClassifier", "ClassifierChain"), (SIGNS, MARKS)),
    **dict.fromkeys(
        (
            "MultinomialNB",
            "ComplementNB",
            "BernoulliNB",
            "CategoricalNB",
            "LatentDirichletAllocation",
            "TfidfTransformer",
        ),
        (COUNTS, KINDS),
    ),
    **dict.fromkeys(("NMF", "MiniBatchNMF", "AdditiveChi2Sampler", "SkewedChi2Sampler"), (POSITIVE, KINDS)),
    **dict.fromkeys(("KNNImputer", "IterativeImputer", "SimpleImputer", "MissingIndicator"), (GAPS, KINDS)),
    **dict.fromkeys(("CountVectorizer", "TfidfVectorizer", "HashingVectorizer"), (TEXTS, KINDS)),
    **dict.fromkeys(("OneHotEncoder", "OrdinalEncoder", "TargetEncoder"), (WORDS, KINDS % 2)),
    **dict.fromkeys(("DictVectorizer", "FeatureHasher"), (RECORDS, KINDS)),
    **dict.fromkeys(("LabelEncoder", "LabelBinarizer"), (NAMES, None)),
    **dict.fromkeys(("GammaRegressor", "PoissonRegressor", "TweedieRegressor"), (SUGAR, PROGRESS)),
    "MultiLabelBinarizer": (LISTS, None),
    "IsotonicRegression": (SUGAR[:, 2], PROGRESS),
    "KernelCenterer": (FLOWERS @ FLOWERS.T, KINDS),
    "TransformedTargetRegressor": (SUGAR, PROGRESS),
}
MEMBERS = [("a", LogisticRegression(max_iter=500)), ("b", GaussianNB())]
SOME = [("a", Ridge()), ("b", DecisionTreeRegressor(max_depth=3, random_state=0))]
GRID = {"C": [0.1, 1.0]}
ARGUMENTS = {
    "ColumnTransformer": {"transformers": [("n", StandardScaler(), [0, 2]), ("o", "passthrough", [1])]},
    "FeatureUnion": {"transformer_list": [("n", StandardScaler()), ("o", StandardScaler(with_mean=False))]},
    "Pipeline": {"steps": [("n", StandardScaler()), ("m", LogisticRegression(max_iter=500))]},
    "VotingClassifier": {"estimators": MEMBERS, "voting": "soft"},
    "StackingClassifier": {"estimators": MEMBERS},
    "VotingRegressor": {"estimators": SOME},
    "StackingRegressor": {"estimators": SOME},
    "GridSearchCV": {"estimator": LogisticRegression(max_iter=500), "param_grid": GRID},
    "RandomizedSearchCV": {
        "estimator": LogisticRegression(max_iter=500),
        "param_distributions": GRID,
        "n_iter": 2,
    },
    "HalvingGridSearchCV": {"estimator": LogisticRegression(max_iter=500), "param_grid": GRID},
    "HalvingRandomSearchCV": {"estimator": LogisticRegression(max_iter=500), "param_distributions": GRID},
    "RFE": {"estimator": LogisticRegression(max_iter=500)},
    "RFECV": {"estimator": LogisticRegression(max_iter=500)},
    "SelectFromModel": {"estimator": LogisticRegression(max_iter=500)},
    "SequentialFeatureSelector": {"estimator": LogisticRegression(max_iter=500)},
    "SparseCoder": {"dictionary": np.eye(4)[:3] + 0.1},
    "ClassifierChain": {"estimator": LogisticRegression(max_iter=500)},
    "RegressorChain": {"estimator": Ridge()},
    "MultiOutputClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "MultiOutputRegressor": {"estimator": Ridge()},
    "OneVsRestClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "OneVsOneClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "OutputCodeClassifier": {"estimator": LogisticRegression(max_iter=500), "random_state": 0},
    "FixedThresholdClassifier": {"estimator": LogisticRegression(max_iter=500), "threshold": 0.7},
    "TunedThresholdClassifierCV": {"estimator": LogisticRegression(max_iter=500)},
    "SelfTrainingClassifier": {"estimator": LogisticRegression(max_iter=500)},
    "FrozenEstimator": {"estimator": LogisticRegression(max_iter=500).fit(FLOWERS, KINDS)},
    "LocalOutlierFactor": {"novelty": True},
    "GaussianRandomProjection": {"n_components": 2},
    "SparseRandomProjection": {"n_components": 2},
    "TruncatedSVD": {"n_components": 2},
    "HashingVectorizer": {"n_features": 512},
    "FeatureHasher": {"n_features": 64},
    "RadiusNeighborsClassifier": {"radius": 50.0},
    "RadiusNeighborsRegressor": {"radius": 50.0},
    "RadiusNeighborsTransformer": {"radius": 50.0},
    "NMF": {"n_components": 2},
    "MiniBatchNMF": {"n_components": 2},
    "DictionaryLearning": {"n_components": 3, "max_iter": 10},
    "MiniBatchDictionaryLearning": {"n_components": 3, "max_iter": 10},
    "LatentDirichletAllocation": {"n_components": 3},
    "BayesianGaussianMixture": {"n_components": 2},
    "GaussianMixture": {"n_components": 2},
    "SkewedChi2Sampler": {"n_components": 5},
    "RBFSampler": {"n_components": 5},
    "Nystroem": {"n_components": 5},
    "PolynomialCountSketch": {"n_components": 8},
    **{
        name: {"n_estimators": 10}
        for name in ("RandomForestClassifier", "RandomForestRegressor", "ExtraTreesClassifier")
    },
    **{
        name: {"n_estimators": 10}
        for name in ("ExtraTreesRegressor", "GradientBoostingClassifier", "IsolationForest")
    },
    **{
        name: {"n_estimators": 10}
        for name in ("GradientBoostingRegressor", "RandomTreesEmbedding", "AdaBoostClassifier")
    },
    **{
        name: {"max_iter": 10} for name in ("HistGradientBoostingClassifier", "HistGradientBoostingRegressor")
    },
}
TWO_CLASSES = ("FixedThresholdClassifier", "TunedThresholdClassifierCV")


def fitted():
    """Name, class, fitted estimator (None where it fits no such data) and its rows."""
    for name, kind in all_estimators():
        candidates = [DATA[name]] if name in DATA else [(FLOWERS, KINDS), (SUGAR, PROGRESS)]
        if name in TWO_CLASSES:
            candidates = [(FLOWERS, KINDS % 2)]
        yield name, kind, *_fit(kind, _spelled(kind, ARGUMENTS.get(name, {})), candidates)


def _spelled(kind, arguments):
    """The arguments as this scikit-learn calls them: chains and self-training took `base_estimator` before 1.6."""
    if "estimator" in arguments and "estimator" not in signature(kind).parameters:
        return {"base_estimator": arguments["estimator"]}
    return arguments


def _fit(kind, arguments, candidates):
    for rows, target in candidates:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = kind(**arguments)
                if "random_state" in model.get_params(deep=False):
                    model.set_params(random_state=0)
                model.fit(rows) if target is None else model.fit(rows, target)
                return model, rows
        except Exception:  # noqa: S112 it fits other data, or none
            continue
    return None, None
