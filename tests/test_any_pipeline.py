"""Pipelines that nobody wrote: steps, parameters, types of columns and missing values drawn, fitted, compared row by row.

ANY_PIPELINE=2000 draws so many; a usual run a few, always the same: --hypothesis-profile=search draws others. A pipeline
that fails is shown as it was drawn: to make it smaller would be to fit hundreds of others.
"""

import os
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.feature_selection import SelectKBest, VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
    TargetEncoder,
)
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from leanfn.certificate import difference, small
from leanfn.errors import Refusal, RowError
from leanfn.exporters.lean import build
from leanfn.exporters.original import REFUSED, Original
from leanfn.exporters.rows import shuffled

EXAMPLES = int(os.environ.get("ANY_PIPELINE", "25"))
PART = 100  # pipelines of one test: tests of this file run side by side with --dist load
ROWS = 40
ASKED = 10  # of these, and as many made of them; scikit-learn takes 20 ms for one row
KINDS = ("float64", "float32", "int64", "bool", "string", "category", "codes")


def made(kind, **parameters):
    """The kind with each parameter drawn."""
    return st.builds(kind, **{name: st.sampled_from(values) for name, values in parameters.items()})


YES = [False, True]
NUMBERS = st.one_of(
    made(StandardScaler, with_mean=YES, with_std=YES),
    made(MinMaxScaler, clip=YES, feature_range=[(0, 1), (-2, 3)]),
    made(RobustScaler, with_centering=YES, with_scaling=YES, unit_variance=YES),
    made(MaxAbsScaler),
    made(Normalizer, norm=["l1", "l2", "max"]),
    made(Binarizer, threshold=[0.0, 0.5]),
    made(PowerTransformer, standardize=YES),
    made(QuantileTransformer, n_quantiles=[5, 20], output_distribution=["uniform", "normal"], random_state=[0]),
    made(KBinsDiscretizer, n_bins=[2, 5], encode=["onehot", "onehot-dense", "ordinal"], strategy=["uniform", "quantile"], quantile_method=["averaged_inverted_cdf"]),
    made(PolynomialFeatures, degree=[2, 3], interaction_only=YES, include_bias=YES),
    made(SplineTransformer, n_knots=[3, 5], degree=[2, 3], extrapolation=["error", "constant", "linear", "continue", "periodic"]),
    made(VarianceThreshold),
    made(PCA, n_components=[1], whiten=YES),
    st.just(FeatureUnion([("a", StandardScaler()), ("b", MinMaxScaler())])),
)  # fmt: skip
IMPUTERS = made(SimpleImputer, strategy=["mean", "median", "most_frequent", "constant"], add_indicator=YES, keep_empty_features=[True])  # fmt: skip
ENCODERS = st.one_of(
    made(OneHotEncoder, drop=[None, "first", "if_binary"], handle_unknown=["error", "ignore"], sparse_output=YES),
    made(OneHotEncoder, min_frequency=[None, 8], max_categories=[None, 2], handle_unknown=["infrequent_if_exist", "ignore"]),
    made(OrdinalEncoder, handle_unknown=["error"], encoded_missing_value=[np.nan, -2]),
    made(OrdinalEncoder, handle_unknown=["use_encoded_value"], unknown_value=[-1, np.nan]),
    made(TargetEncoder, smooth=["auto", 2.0], random_state=[0]),
)  # fmt: skip
BEHIND = st.none() | st.one_of(
    made(SelectKBest, k=[1, "all"]), made(TruncatedSVD, n_components=[1], random_state=[0])
)
FEW = {"n_estimators": [4], "random_state": [0]}
CLASSIFIERS = st.one_of(
    made(LogisticRegression, C=[0.01, 1.0, 100.0], fit_intercept=YES),
    made(SGDClassifier, loss=["hinge", "log_loss", "modified_huber"], random_state=[0]),
    made(RidgeClassifier, alpha=[0.1, 10.0]),
    made(LinearSVC, random_state=[0]),
    made(SVC, kernel=["rbf", "linear", "poly", "sigmoid"], decision_function_shape=["ovr", "ovo"]),
    made(GaussianNB),
    made(LinearDiscriminantAnalysis),
    made(KNeighborsClassifier, n_neighbors=[1, 4], weights=["uniform", "distance"], algorithm=["kd_tree", "ball_tree"]),
    made(DecisionTreeClassifier, max_depth=[2, None], random_state=[0]),
    made(RandomForestClassifier, **FEW, max_depth=[3, None]),
    made(ExtraTreesClassifier, **FEW, bootstrap=YES),
    made(GradientBoostingClassifier, **FEW, learning_rate=[0.1, 1.0]),
    made(HistGradientBoostingClassifier, max_iter=[4], min_samples_leaf=[3]),
    made(AdaBoostClassifier, **FEW),
    made(BaggingClassifier, **FEW, bootstrap_features=YES),
    st.just(VotingClassifier([("a", LogisticRegression()), ("b", GaussianNB())], voting="soft")),
    made(CalibratedClassifierCV, estimator=[GaussianNB(), LinearSVC()], method=["sigmoid", "isotonic"], cv=[2]),
    made(OneVsRestClassifier, estimator=[LogisticRegression(), LinearSVC()]),
    st.just(GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2)),
)  # fmt: skip
REGRESSORS = st.one_of(
    made(Ridge, alpha=[0.1, 10.0]),
    made(Lasso, alpha=[0.01]),
    made(SVR, kernel=["rbf", "linear"]),
    made(KNeighborsRegressor, n_neighbors=[1, 4], algorithm=["kd_tree"]),
    made(DecisionTreeRegressor, max_depth=[2, None], random_state=[0]),
    made(RandomForestRegressor, **FEW),
    made(GradientBoostingRegressor, **FEW, loss=["squared_error", "huber"]),
    made(HistGradientBoostingRegressor, max_iter=[4], min_samples_leaf=[3], loss=["squared_error", "poisson"]),
)  # fmt: skip


@st.composite
def tables(draw):
    """A frame of columns of drawn types, some with values missing, and the names of its numbers and words."""
    dice = np.random.default_rng(draw(st.integers(0, 10_000)))
    frame, numbers, words = pd.DataFrame(index=range(ROWS)), [], []
    for i, kind in enumerate(draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=5))):
        name, gaps = f"{kind}_{i}", draw(st.booleans())
        missing = dice.random(ROWS) < (0.15 if gaps else 0.0)
        if kind in ("string", "category"):
            column = pd.Series(
                dice.choice(["b", "a", "Ünï", "1", "c"], ROWS, p=[0.4, 0.3, 0.2, 0.05, 0.05]), dtype=object
            )
            column[missing] = np.nan
            frame[name] = column.astype("category") if kind == "category" else column
            words.append(name)
        elif kind == "bool":
            frame[name] = dice.random(ROWS) < 0.5
            numbers.append(name)
        else:
            values = (
                dice.integers(0, 4, ROWS)
                if kind in ("int64", "codes")
                else dice.normal(0, draw(st.sampled_from([1e-3, 1.0, 1e4])), ROWS)
            )
            values = values.astype(kind if kind.startswith("float") else "int64")
            frame[name] = (
                np.where(missing, np.nan, values).astype(values.dtype if "float" in kind else float)
                if gaps
                else values
            )
            (words if kind == "codes" else numbers).append(name)
    return frame, numbers, words  # fmt: skip


@st.composite
def fitted(draw):
    """A fitted pipeline and its rows."""
    frame, numbers, words = draw(tables())
    parts = []
    if numbers:
        steps = [draw(IMPUTERS), *draw(st.lists(NUMBERS, max_size=2))]
        parts.append(("numbers", make_pipeline(*steps), numbers))
    if words:
        filler = draw(st.none() | st.just(SimpleImputer(strategy="most_frequent")))
        encoder = draw(ENCODERS)
        parts.append(("words", encoder if filler is None else make_pipeline(filler, encoder), words))
    dense = ColumnTransformer(parts, sparse_threshold=draw(st.sampled_from([0.0, 0.3])))
    is_regression = draw(st.booleans())
    model = draw(REGRESSORS if is_regression else CLASSIFIERS)
    behind = draw(BEHIND)
    whole = make_pipeline(dense, *([] if behind is None else [behind]), model)
    dice = np.random.default_rng(draw(st.integers(0, 100)))
    classes = draw(st.sampled_from([[0, 1], ["no", "yes", "may be"], [True, False], [3, -1, 7]]))
    y = dice.gamma(2.0, size=ROWS) if is_regression else np.array(classes)[np.arange(ROWS) % len(classes)]
    try:
        return whole.fit(frame, y), frame
    except Exception:  # scikit-learn does not fit it
        assume(False)


def edges(original):
    """Rows with one value missing, and with a category that no fit saw."""
    for place, column in enumerate(original.columns):
        row = original.rows[place]
        yield [*row[:place], None, *row[place + 1 :]]
        if column.type == "string":
            yield [*row[:place], "never seen", *row[place + 1 :]]


def answer(run, row):
    try:
        return run(row)
    except RowError:
        return REFUSED


@pytest.mark.parametrize("part", range(-(-EXAMPLES // PART)))
@settings(
    max_examples=min(EXAMPLES, PART),
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_any_pipeline_answers_as_scikit_learn_does_row_by_row(part, data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model, frame = data.draw(fitted())
        original = Original(model, frame)
        if all(answered is REFUSED for answered in original.ask(original.methods[0], original.rows[:3])):
            event("no row has an answer")
            return
        try:
            candidate = build.build(original)
        except Refusal as error:
            event(f"refused: {str(error).splitlines()[0]}")
            return
        rows = [*original.rows[:ASKED], *shuffled(original, ASKED), *edges(original)]
        near, relative = small(candidate.bound), candidate.bound["relative"]
        for method in candidate.methods:
            run, wanted = candidate.compile(method), original.answers(method, rows)
            for row, right in zip(rows, wanted):
                found = answer(run, row)
                if found is REFUSED or right is REFUSED:
                    assert found is right, (method, row, found, right, model)
                elif difference(found, right, near) > relative:
                    assert method == "predict" and original.is_tied(row, relative), (
                        method,
                        row,
                        found,
                        right,
                        model,
                    )
