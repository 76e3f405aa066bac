"""Models that together hold every operation: scikit-learn's own with plain arguments, and some that need more."""

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import SparseCoder
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessClassifier
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.mixture import GaussianMixture
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    LabelEncoder,
    MinMaxScaler,
    OneHotEncoder,
    QuantileTransformer,
)
from sklearn.svm import SVC

import leanfn
from tests import estimators
from tests.estimators import FLOWERS, KINDS, MARKS, PROGRESS, SIGNS, SUGAR, TEXTS, WORDS


def summed(table):
    return table.sum(axis=1, keepdims=True)


@leanfn.register(summed, width=1)
def sum_of_row(row):
    total = 0.0
    for x in row:
        total += x
    return [total]


def own() -> Iterator[tuple[str, object, object]]:
    few = FLOWERS[:20]
    yield "gaussian_process_classifier", GaussianProcessClassifier().fit(few, KINDS[:20] % 2), few
    for name, _, model, rows in estimators.fitted():
        if model is not None:
            yield name, model, rows


def linear() -> Iterator[tuple[str, object, object]]:
    gaps = WORDS.astype(object).mask(np.arange(len(WORDS))[:, None] % 7 == [0, 1])
    yield "missing_words", MissingIndicator().fit(gaps), gaps
    filled = make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(sparse_output=False))
    yield "filled_words", filled.fit(gaps, KINDS), gaps
    mixed = pd.DataFrame({"city": gaps["city"], "size": FLOWERS[:, 0]})
    layout = make_column_transformer((SimpleImputer(), ["size"]), remainder="passthrough")
    yield "numbers_beside_words", layout.fit(mixed), mixed
    yield "several_labels", OneVsRestClassifier(LogisticRegression()).fit(SIGNS, MARKS), SIGNS
    yield "called", make_pipeline(FunctionTransformer(summed), LinearRegression()).fit(SUGAR, PROGRESS), SUGAR
    yield "clipped", MinMaxScaler(clip=True).fit(FLOWERS), FLOWERS
    yield "whole_labels", LabelEncoder().fit(KINDS), KINDS
    warm = CalibratedClassifierCV(LogisticRegression(), method="temperature", ensemble=False)
    yield "temperature", warm.fit(FLOWERS, KINDS), FLOWERS
    back = TransformedTargetRegressor(Ridge(), transformer=QuantileTransformer(n_quantiles=20))
    yield "quantiles_back", back.fit(SUGAR, PROGRESS), SUGAR


def others() -> Iterator[tuple[str, object, object]]:
    signs = make_pipeline(CountVectorizer(analyzer="char_wb", ngram_range=(1, 2)), LogisticRegression())
    yield "characters", signs.fit(TEXTS, KINDS), TEXTS
    dampened = make_pipeline(TfidfVectorizer(sublinear_tf=True), SVC(kernel="linear"))
    yield "text_machines", dampened.fit(TEXTS, KINDS), TEXTS
    near = KNeighborsRegressor(3).fit(csr_matrix(FLOWERS), PROGRESS)
    yield "sparse_neighbours", near, FLOWERS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SVC's own probabilities are deprecated since scikit-learn 1.8
        yield "coupled", SVC(probability=True, random_state=0).fit(FLOWERS, KINDS), FLOWERS
    coder = SparseCoder(
        np.eye(4)[:3] + 0.1, transform_algorithm="threshold", transform_alpha=0.3, split_sign=True
    )
    yield "shrunk", coder.fit(FLOWERS), FLOWERS
    yield "spheres", GaussianMixture(2, covariance_type="spherical", random_state=0).fit(FLOWERS), FLOWERS
    wide = make_union(
        CountVectorizer(ngram_range=(1, 3)), TfidfVectorizer(analyzer="char", ngram_range=(2, 4))
    )
    yield "wide_texts", make_pipeline(wide, Ridge()).fit(TEXTS, PROGRESS), TEXTS
    started = GradientBoostingRegressor(n_estimators=3, max_depth=2, init=Ridge(), random_state=0)
    yield "boosted_from_ridge", started.fit(SUGAR, PROGRESS), SUGAR


def boosters() -> Iterator[tuple[str, object, object]]:
    import catboost
    import xgboost

    small = {"max_depth": 2, "nthread": 1}
    for objective, target in (
        ("binary:logistic", KINDS % 2),
        ("count:poisson", KINDS),
        ("multi:softprob", KINDS),
    ):
        asked = {"objective": objective} | ({"num_class": 3} if objective.startswith("multi") else {})
        model = xgboost.train(small | asked, xgboost.DMatrix(FLOWERS, label=target), 3)
        yield f"xgboost_{objective.partition(':')[2]}", model, FLOWERS
    two = xgboost.XGBClassifier(n_estimators=3, max_depth=2, n_jobs=1).fit(FLOWERS, KINDS % 2)
    yield "xgboost_two_classes", two, FLOWERS
    texts = make_pipeline(TfidfVectorizer(), xgboost.XGBRegressor(n_estimators=3, max_depth=2, n_jobs=1))
    yield "xgboost_texts", texts.fit(TEXTS, PROGRESS), TEXTS
    zeros = xgboost.XGBRegressor(n_estimators=3, max_depth=2, n_jobs=1, missing=0)
    yield "xgboost_missing", zeros.fit(FLOWERS.round(), PROGRESS), FLOWERS.round()
    held = WORDS.astype("category").assign(n=FLOWERS[:, 0].round(), old=KINDS > 0)
    coded = xgboost.XGBRegressor(n_estimators=3, max_depth=2, n_jobs=1, enable_categorical=True)
    yield "xgboost_categories", coded.fit(held, PROGRESS), held
    sparse = make_pipeline(
        make_column_transformer(
            (OneHotEncoder(), ["city", "size"]), ("passthrough", ["n"]), sparse_threshold=1
        ),
        xgboost.XGBRegressor(n_estimators=3, max_depth=2, n_jobs=1),
    )
    table = WORDS.assign(n=FLOWERS[:, 0].round() - 5)
    yield "xgboost_sparse_table", sparse.fit(table, PROGRESS), table
    parameters = {"iterations": 3, "depth": 2, "verbose": 0, "allow_writing_files": False, "thread_count": 1}
    counted = catboost.CatBoost({**parameters, "cat_features": ["city", "size"], "random_seed": 0})
    yield "catboost_categories", counted.fit(table, PROGRESS), table


def models() -> Iterator[tuple[str, object, object]]:
    """Name, fitted model and rows."""
    for group in (own, linear, others, boosters):
        yield from group()
