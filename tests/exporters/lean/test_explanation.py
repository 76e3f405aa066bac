"""Explanations against scikit-learn's own numbers: coefficients times columns, and paths walked slowly over its trees."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    BaggingRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import (
    LinearRegression,
    LogisticRegression,
    PoissonRegressor,
    Ridge,
    RidgeClassifier,
    SGDOneClassSVM,
)
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from leanfn.errors import RowError
from leanfn.exporters import describe
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import REFUSED, Original
from leanfn.exporters.prove import prove
from leanfn.exporters.rows import proof_rows
from tests.samples import binary, multiclass, patients, prepared, regression

CLOSE = {"rel": 1e-9, "abs": 1e-9}


def taken_apart(model, X):
    """What is explained, and the explanation of every row of the sample, proved to add up."""
    original = Original(model, X)
    candidate = lean.build(original)
    assert candidate.explains is not None
    signature = describe.describe(original, candidate.notes)
    certificate = prove(
        candidate, original, signature, proof_rows(original, signature.fields, candidate.notes)
    )
    assert certificate.methods["explain"]["largest_difference"] <= 1e-9
    run = candidate.compile("explain")
    explanations = []
    for row in original.rows:
        try:
            explanations.append(run(row))
        except RowError:
            explanations.append(REFUSED)
    return (*candidate.explains.values(), explanations)


def explains(model, X):
    return lean.build(Original(model, X)).explains


# Linear models.


@pytest.mark.parametrize(
    ("load", "model", "method"),
    [
        (regression, LinearRegression(), "predict"),
        (regression, Ridge(fit_intercept=False), "predict"),
        (binary, LogisticRegression(max_iter=500), "decision_function"),
        (multiclass, LogisticRegression(max_iter=500), "decision_function"),
        (binary, LinearSVC(), "decision_function"),
        (multiclass, RidgeClassifier(), "decision_function"),
        (multiclass, LinearDiscriminantAnalysis(), "decision_function"),
        (binary, SGDOneClassSVM(random_state=0), "decision_function"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
@pytest.mark.parametrize("scaled", [False, True])
def test_a_field_of_a_linear_model_adds_its_coefficient_times_what_it_differs_from_the_mean(
    load, model, method, scaled
):
    X, y = load()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = make_pipeline(StandardScaler(), model) if scaled else model
        whole.fit(X, y)
    columns = whole[0].transform(X) if scaled else X
    found_method, link, explanations = taken_apart(whole, X)
    assert (found_method, link) == (method, "identity")
    coef = np.atleast_2d(model.coef_)
    wanted = (columns - columns.mean(axis=0))[:, None, :] * coef
    found = np.array(explanations)
    assert found[:, :, 1:] == pytest.approx(wanted, **CLOSE)
    answers = getattr(whole, method)(X)
    assert found[:, :, 0] == pytest.approx(
        np.broadcast_to(answers.reshape(len(X), -1).mean(axis=0), found[:, :, 0].shape), **CLOSE
    )


def by_field(names, columns):
    """The columns summed by the field that their name, "step__field_category", stems from."""
    fields = [name.partition("__")[2] for name in names]
    return np.stack(
        [
            sum(column for name, column in zip(fields, columns.T) if name.startswith(field))
            for field in ("age", "chol", "pain")
        ],
        axis=1,
    )


@pytest.mark.parametrize("drop", [None, "first"])
def test_the_columns_of_a_one_hot_encoding_add_to_their_field(drop):
    X, y = patients()
    model = prepared(LogisticRegression())
    model[0].transformers[1][1].set_params(drop=drop)
    model.fit(X, y == 1)
    columns = model[0].transform(X)
    columns = getattr(columns, "toarray", lambda: columns)()
    added = columns * model[-1].coef_[0]
    wanted = by_field(model[0].get_feature_names_out(), added - added.mean(axis=0))
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations)[:, 0, 1:] == pytest.approx(wanted, **CLOSE)


def test_a_wide_encoding_is_explained_as_the_sparse_row_it_is():
    draw = np.random.default_rng(0)
    X = pd.DataFrame({"code": draw.integers(0, 400, 600).astype(str), "size": draw.normal(size=600)})
    y = X["size"] + X["code"].astype(int) / 100
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["code"]), remainder="passthrough"), Ridge()
    )
    model.fit(X, y)
    coef = model[-1].coef_
    of_codes = np.asarray(model[0].transform(X)[:, :-1] @ coef[:-1])
    _, _, explanations = taken_apart(model, X)
    found = np.array(explanations)[:, 0]
    assert found[:, 1] == pytest.approx(of_codes - of_codes.mean(), **CLOSE)
    assert found[:, 2] == pytest.approx((X["size"] - X["size"].mean()) * coef[-1], **CLOSE)


def test_a_log_link_is_said_and_the_parts_are_those_of_the_logarithm():
    X, y = regression()
    model = PoissonRegressor().fit(X, y)
    method, link, explanations = taken_apart(model, X)
    assert (method, link) == ("predict", "log")
    assert np.exp([sum(parts) for (parts,) in explanations]) == pytest.approx(model.predict(X), rel=1e-9)


def test_a_target_that_was_transformed_has_no_explanation():
    X, y = regression()
    model = TransformedTargetRegressor(LinearRegression(), func=np.sqrt, inverse_func=np.square)
    assert explains(model.fit(X, y), X) is None


def test_several_targets_are_explained_each():
    X, y = regression()
    model = LinearRegression().fit(X, np.c_[y, -2 * y])
    _, _, explanations = taken_apart(model, X)
    first, second = np.array(explanations).transpose(1, 0, 2)
    assert second == pytest.approx(-2 * first, **CLOSE)


def test_rows_that_have_no_answer_have_no_explanation():
    X, y = regression()
    holed = np.vstack([X, np.full((1, X.shape[1]), np.nan)])
    _, _, explanations = taken_apart(LinearRegression().fit(X, y), holed)
    assert explanations[-1] is REFUSED and REFUSED not in explanations[:-1]


def test_where_no_row_of_the_sample_has_an_answer_the_base_is_the_intercept():
    X, y = regression()
    model = LinearRegression().fit(X, y)
    run = lean.build(Original(model, np.full((3, 4), np.nan))).compile("explain")
    assert run([1.0, 0.0, 2.0, 0.0]) == [
        pytest.approx([model.intercept_, model.coef_[0], 0.0, 2 * model.coef_[2], 0.0])
    ]


# Trees.


def means_of(tree, values):
    """Per node the mean of its leaves' values by their weights, from the leaves up."""
    means = np.array(values, dtype=float)
    for node in reversed(range(tree.node_count)):
        left, right = tree.children_left[node], tree.children_right[node]
        if left >= 0:
            weights = tree.weighted_n_node_samples[[left, right]]
            means[node] = weights @ means[[left, right]] / weights.sum()
    return means


def walked(tree, means, row):
    """The base and each column's part, by a walk over scikit-learn's arrays."""
    row = row.astype(np.float32)
    parts = np.zeros((1 + len(row), means.shape[1]))
    node = 0
    parts[0] = means[0]
    while tree.children_left[node] >= 0:
        column = tree.feature[node]
        left = tree.missing_go_to_left[node] if np.isnan(row[column]) else row[column] <= tree.threshold[node]
        child = (tree.children_left if left else tree.children_right)[node]
        parts[1 + column] += means[child] - means[node]
        node = child
    return parts.T


def forest_parts(model, X, means=lambda tree: tree.value[:, 0]):
    members = [member.tree_ for member in getattr(model, "estimators_", [model])]
    return np.array(
        [np.mean([walked(tree, means(tree), row) for tree in members], axis=0) for row in np.asarray(X)]
    )


@pytest.mark.parametrize("load", [binary, multiclass, regression], ids=lambda load: load.__name__)
@pytest.mark.parametrize(
    ("classifier", "regressor", "params"),
    [
        (DecisionTreeClassifier, DecisionTreeRegressor, {}),
        (RandomForestClassifier, RandomForestRegressor, {"n_estimators": 7}),
        (ExtraTreesClassifier, ExtraTreesRegressor, {"n_estimators": 5, "max_depth": 4}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_parts_of_trees_are_the_changes_of_scikit_learns_own_node_values(
    load, classifier, regressor, params
):
    X, y = load()
    model = (regressor if load is regression else classifier)(random_state=0, **params).fit(X, y)
    method, _, explanations = taken_apart(model, X)
    assert method == ("predict" if load is regression else "predict_proba")
    assert np.array(explanations) == pytest.approx(
        forest_parts(
            model, X, lambda tree: tree.value[:, 0] if load is not regression else tree.value[:, :, 0]
        ),
        **CLOSE,
    )


def test_weights_of_classes_count_in_a_nodes_mean():
    X, y = multiclass()
    weights = {"setosa": 1, "versicolor": 5.5, "virginica": 0.3}
    model = RandomForestClassifier(5, class_weight=weights, random_state=0).fit(X, y)
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations) == pytest.approx(forest_parts(model, X), **CLOSE)


def test_a_missing_number_is_explained_where_trees_take_it():
    X, y = regression()
    X = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    model = RandomForestRegressor(5, random_state=0).fit(X, y)
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations) == pytest.approx(
        forest_parts(model, X, lambda tree: tree.value[:, :, 0]), **CLOSE
    )


def test_trees_of_other_means_than_their_leaves_are_explained_by_the_leaves():
    X, y = regression()
    model = DecisionTreeRegressor(criterion="absolute_error", max_depth=4).fit(X, y)
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations) == pytest.approx(
        forest_parts(model, X, lambda tree: means_of(tree, tree.value[:, :, 0])), **CLOSE
    )


def test_bagged_trees_are_explained_over_the_columns_each_was_given():
    X, y = regression()
    model = BaggingRegressor(n_estimators=5, max_features=2, random_state=0).fit(X, y)
    _, _, explanations = taken_apart(model, X)
    wanted = np.zeros((len(X), 1, 1 + X.shape[1]))
    for member, columns in zip(model.estimators_, model.estimators_features_):
        parts = forest_parts(member, X[:, columns], lambda tree: tree.value[:, :, 0])
        wanted[:, :, [0, *(columns + 1)]] += parts / 5
    assert np.array(explanations) == pytest.approx(wanted, **CLOSE)


@pytest.mark.parametrize("load", [binary, multiclass, regression], ids=lambda load: load.__name__)
def test_the_parts_of_boosting_are_those_of_its_stages(load):
    X, y = load()
    kind = GradientBoostingRegressor if load is regression else GradientBoostingClassifier
    model = kind(n_estimators=6, learning_rate=0.3, random_state=0).fit(X, y)
    method, _, explanations = taken_apart(model, X)
    assert method == ("predict" if load is regression else "decision_function")
    wanted = np.zeros((len(X), model.estimators_.shape[1], 1 + X.shape[1]))
    wanted[:, :, 0] = model._raw_predict_init(X[:1].astype(np.float32))
    for stage in model.estimators_:
        for output, member in enumerate(stage):
            means = means_of(member.tree_, member.tree_.value[:, 0])
            for i, row in enumerate(X):
                wanted[i, output] += 0.3 * walked(member.tree_, means, row)[0]
    assert np.array(explanations) == pytest.approx(wanted, **CLOSE)


def histogram_parts(predictor, row, known):
    """As `walked`, over the nodes of a histogram tree."""
    nodes = predictor.nodes
    parts = np.zeros(1 + len(row))

    def mean(i):
        node = nodes[i]
        if node["is_leaf"]:
            return node["value"], node["count"]
        (left, a), (right, b) = mean(node["left"]), mean(node["right"])
        return (a * left + b * right) / (a + b), a + b

    i = 0
    parts[0] = mean(0)[0]
    while not nodes[i]["is_leaf"]:
        node = nodes[i]
        x = row[node["feature_idx"]]
        if np.isnan(x):
            left = node["missing_go_to_left"]
        elif node["is_categorical"]:
            bits = predictor.raw_left_cat_bitsets[node["bitset_idx"]]
            left = bits[int(x) // 32] >> (int(x) % 32) & 1
        else:
            left = x <= node["num_threshold"]
        child = node["left"] if left else node["right"]
        parts[1 + node["feature_idx"]] += mean(child)[0] - mean(i)[0]
        i = child
    return parts


@pytest.mark.parametrize("load", [binary, multiclass, regression], ids=lambda load: load.__name__)
@pytest.mark.parametrize("categorical", [None, [1]])
def test_the_parts_of_histogram_boosting_are_those_of_its_stages(load, categorical):
    X, y = load()
    X[:, 1] = np.digitize(X[:, 1], np.quantile(X[:, 1], [0.2, 0.4, 0.6, 0.8]))
    X[3, 0] = np.nan
    kind = HistGradientBoostingRegressor if load is regression else HistGradientBoostingClassifier
    model = kind(max_iter=4, min_samples_leaf=5, categorical_features=categorical).fit(X, y)
    _, _, explanations = taken_apart(model, X)
    wanted = np.zeros((len(X), model.n_trees_per_iteration_, 1 + X.shape[1]))
    wanted[:, :, 0] = model._baseline_prediction
    order = [0, 1, 2, 3] if categorical is None else [1, 0, 2, 3]
    for stage in model._predictors:
        for output, predictor in enumerate(stage):
            for i, row in enumerate(X):
                parts = histogram_parts(predictor, row[order], None)
                wanted[i, output, [0, *(np.array(order) + 1)]] += parts
    assert np.array(explanations) == pytest.approx(wanted, **CLOSE)


def test_trees_behind_a_preparation_are_explained_by_its_fields():
    X, y = patients()
    model = prepared(RandomForestClassifier(5, random_state=0)).fit(X, y)
    columns = model[0].transform(X)
    parts = forest_parts(model[-1], getattr(columns, "toarray", lambda: columns)())
    names = model[0].get_feature_names_out()
    wanted = np.stack([by_field(names, parts[:, output, 1:]) for output in range(3)], axis=1)
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations)[:, :, 1:] == pytest.approx(wanted, **CLOSE)


# What has explanations, and what has none.


@pytest.mark.parametrize(
    "preparation",
    [
        OrdinalEncoder(),
        KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf"),
        SplineTransformer(n_knots=3),
        make_pipeline(StandardScaler(), KBinsDiscretizer(3, quantile_method="averaged_inverted_cdf")),
    ],
    ids=lambda preparation: type(preparation).__name__,
)
def test_columns_made_of_one_field_are_that_fields(preparation):
    X, y = regression()
    X = X[:, 2:]
    model = make_pipeline(preparation, LinearRegression()).fit(X, y)
    columns = model[:-1].transform(X)
    columns = getattr(columns, "toarray", lambda: columns)()
    added = (columns - columns.mean(axis=0)) * model[-1].coef_
    names = model[:-1].get_feature_names_out()
    wanted = [sum(c for name, c in zip(names, added.T) if name.startswith(f"x{i}")) for i in range(2)]
    _, _, explanations = taken_apart(model, X)
    assert np.array(explanations)[:, 0, 1:] == pytest.approx(np.transpose(wanted), **CLOSE)


def test_a_wrapper_explains_as_what_it_wraps():
    X, y = binary()
    search = GridSearchCV(RandomForestClassifier(random_state=0), {"n_estimators": [3]}, cv=2).fit(X, y)
    assert np.array(taken_apart(search, X)[2]) == pytest.approx(
        forest_parts(search.best_estimator_, X), **CLOSE
    )


def test_a_text_among_other_fields_adds_as_a_whole():
    X = pd.DataFrame(
        {"text": ["a good day", "bad", "good", "a bad day"] * 5, "size": [1.0, 2.0, 3.0, 5.0] * 5}
    )
    preparation = make_column_transformer((TfidfVectorizer(), "text"), remainder="passthrough")
    model = make_pipeline(preparation, LogisticRegression()).fit(X, [1, 0, 1, 0] * 5)
    _, _, explanations = taken_apart(model, X)
    assert len(explanations[0][0]) == 3


def test_a_column_of_several_fields_is_no_matter_where_no_tree_asks_it():
    X = np.c_[np.arange(40.0), np.zeros(40)]
    y = np.arange(40) % 2
    X[:, 0] = y * 10 + X[:, 0] / 100
    products = PolynomialFeatures(
        2, interaction_only=True, include_bias=False
    )  # x0, x1, x0 x1, which is zero
    model = make_pipeline(products, DecisionTreeClassifier()).fit(X, y)
    assert explains(model, X) == {"method": "predict_proba", "link": "identity"}


@pytest.mark.parametrize(
    "model",
    [
        make_pipeline(PCA(2), LogisticRegression()),
        make_pipeline(PolynomialFeatures(2), RidgeClassifier()),
        make_pipeline(Normalizer(), DecisionTreeClassifier()),
        KNeighborsClassifier(),
        CalibratedClassifierCV(LogisticRegression(max_iter=500), cv=2),
        IsolationForest(n_estimators=5, random_state=0),
        GradientBoostingClassifier(n_estimators=2, init=LogisticRegression(max_iter=500)),
    ],
    ids=str,
)
def test_what_is_no_sum_over_fields_has_no_explanation(model):
    X, y = binary()
    assert explains(model.fit(X, y), X) is None


def test_rows_without_fields_have_no_explanation():
    texts = ["a good day", "bad", "good", "a bad day"]
    assert (
        explains(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, [1, 0, 1, 0]), texts)
        is None
    )
    records = [{"a": 1.0}, {"b": 2.0}, {"a": 3.0}, {"b": 1.0}]
    model = make_pipeline(DictVectorizer(), LogisticRegression()).fit(records, [1, 0, 1, 0])
    assert explains(model, records) is None


def test_classes_of_several_outputs_have_no_explanation():
    X, y = binary()
    assert explains(DecisionTreeClassifier(random_state=0).fit(X, np.c_[y, 1 - y]), X) is None


def test_an_explanation_shares_the_models_arrays_and_adds_few_of_its_own():
    X, y = binary()
    members = lean.build(Original(RandomForestClassifier(50, random_state=0).fit(X, y), X)).members
    assert len(members["explain.safetensors"]) < len(members["model.safetensors"]) / 5
    assert members.keys() == {"model.json", "model.safetensors", "explain.json", "explain.safetensors"}


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    depth=st.integers(1, 6),
    trees=st.integers(1, 5),
    classes=st.integers(2, 4),
    scale=st.sampled_from([1e-6, 1.0, 1e6]),
    weighted=st.booleans(),
)
def test_any_forest_is_explained_as_by_a_slow_walk(seed, depth, trees, classes, scale, weighted):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(40, 3)) * scale
    y = draw.integers(0, classes, 40)
    y[:classes] = range(classes)
    model = ExtraTreesClassifier(
        trees, max_depth=depth, random_state=0, class_weight="balanced" if weighted else None
    )
    _, _, explanations = taken_apart(model.fit(X, y), X)
    assert np.array(explanations) == pytest.approx(forest_parts(model, X), **CLOSE)
