"""Trees and forests: the same bits as scikit-learn, on both sides of every threshold."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from leanfn.engines.lean import program
from leanfn.errors import RowError
from leanfn.exporters.lean import lowering
from leanfn.exporters.lean.graph import Graph
from tests.parity import lean_answers, prove_lean


def compiled(model, width, method):
    graph = Graph("table", [f"x{i}" for i in range(width)], ["number"] * width)
    outputs = lowering.predict(graph, model, graph.row)
    graph.outputs = {method: outputs[method].number}
    read = program.read(json.dumps(graph.document()).encode(), graph.tensors)
    return read.compile(method)


def splits_of(model):
    members = getattr(model, "estimators_", [model])
    trees = [member.tree_ for member in np.ravel(members)]
    splits = np.concatenate([np.c_[t.feature, t.threshold][t.feature >= 0] for t in trees])
    return splits[np.isfinite(splits[:, 1])]  # a split of missing numbers alone is at infinity


def planted(model, X, rows=300, missing=False):
    """Sample rows with numbers on, and one float32 or float64 beside, the thresholds of their columns."""
    chooser = np.random.default_rng(0)
    splits = splits_of(model)
    made = X[chooser.integers(len(X), size=rows)].astype(float)
    for row in made:
        for column, threshold in splits[chooser.integers(len(splits), size=X.shape[1] // 2 + 1)]:
            single = np.float32(threshold)
            beside = [np.float64(np.nextafter(single, np.float32(end))) for end in (-np.inf, np.inf)]
            points = [threshold, np.float64(single), *beside, *((np.float64(single) + b) / 2 for b in beside)]
            point = points[chooser.integers(len(points))]
            row[int(column)] = np.nextafter(point, chooser.choice([-np.inf, point, np.inf]))
    if missing:
        made[chooser.random(made.shape) < 0.1] = np.nan
    return made


def values(rows):
    return [[None if x != x else x for x in row] for row in rows.tolist()]


@pytest.fixture(scope="module")
def cancer():
    return load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="module")
def cancer_with_missing(cancer):
    X, y = cancer
    return np.where(np.random.default_rng(0).random(X.shape) < 0.1, np.nan, X), y


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True)


@pytest.fixture(scope="module")
def diabetes():
    return load_diabetes(return_X_y=True)


CLASSIFIERS = [
    DecisionTreeClassifier(random_state=0),
    DecisionTreeClassifier(random_state=0, max_leaf_nodes=7),  # grown best first: not in preorder
    ExtraTreeClassifier(random_state=0, max_depth=4),
    RandomForestClassifier(30, random_state=0),
    RandomForestClassifier(30, random_state=0, max_depth=3),
    RandomForestClassifier(10, random_state=0, max_leaf_nodes=9, class_weight="balanced"),
    ExtraTreesClassifier(30, random_state=0),
    ExtraTreesClassifier(5, random_state=0, bootstrap=True, max_samples=0.5, min_samples_leaf=4),
]
REGRESSORS = [
    DecisionTreeRegressor(random_state=0),
    DecisionTreeRegressor(random_state=0, criterion="absolute_error", max_depth=5),
    ExtraTreeRegressor(random_state=0, max_depth=5),
    RandomForestRegressor(20, random_state=0, max_depth=5),
    RandomForestRegressor(5, random_state=0),
    ExtraTreesRegressor(20, random_state=0, max_depth=5),
]


@pytest.mark.parametrize("model", CLASSIFIERS)
@pytest.mark.parametrize("data", ["cancer", "iris"])
def test_probabilities_are_the_same_bits_at_every_threshold(model, data, request):
    X, y = request.getfixturevalue(data)
    model.fit(X, y, sample_weight=np.random.default_rng(1).random(len(y)))
    rows = planted(model, X)
    run = compiled(model, X.shape[1], "predict_proba")
    assert [run(row) for row in values(rows)] == model.predict_proba(rows).tolist()
    run = compiled(model, X.shape[1], "predict")
    assert [run(row) for row in values(rows)] == model.predict(rows).tolist()


@pytest.mark.parametrize("model", CLASSIFIERS)
@pytest.mark.parametrize("trained_with_missing", [True, False])
def test_missing_numbers_go_where_scikit_learn_sends_them(
    model, trained_with_missing, cancer, cancer_with_missing
):
    X, y = cancer_with_missing if trained_with_missing else cancer
    model.fit(X, y)
    rows = planted(model, X, missing=True)
    run = compiled(model, X.shape[1], "predict_proba")
    assert [run(row) for row in values(rows)] == model.predict_proba(rows).tolist()


@pytest.mark.parametrize("model", REGRESSORS)
@pytest.mark.parametrize("outputs", [1, 2])
def test_regressions_are_the_same_bits_at_every_threshold(model, outputs, diabetes):
    X, y = diabetes
    model.fit(X, np.c_[y, y**2][:, :outputs].squeeze())
    rows = planted(model, X)
    run = compiled(model, X.shape[1], "predict")
    assert [run(row) for row in values(rows)] == model.predict(rows).reshape(-1, outputs).tolist()


@pytest.mark.parametrize("model", CLASSIFIERS[1::2])
def test_several_outputs_are_answered_one_by_one(model, iris):
    X, y = iris
    model.fit(X, np.c_[y, y % 2, np.ones_like(y)])
    assert prove_lean(model, X).largest == 0.0
    rows = planted(model, X, 50)
    run = compiled(model, X.shape[1], "predict_proba")
    outputs = model.predict_proba(rows)
    assert [run(row) for row in values(rows)] == [[p[i].tolist() for p in outputs] for i in range(len(rows))]


def test_a_tie_goes_to_the_first_class():
    model = DecisionTreeClassifier().fit([[0], [0], [1], [1]], ["b", "a", "c", "c"])
    assert compiled(model, 1, "predict_proba")([0]) == [0.5, 0.5, 0.0]
    assert compiled(model, 1, "predict")([0]) == "a"


def test_a_forest_of_one_class_and_no_split_is_carried(iris):
    X, y = iris
    model = RandomForestClassifier(5).fit(X[:50], y[:50])
    assert prove_lean(model, X[:50]).largest == 0.0


def test_trees_that_take_no_missing_number_refuse_it(iris):
    X, y = iris
    model = ExtraTreeClassifier(splitter="best", random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="NaN"):
        model.predict([[np.nan, 1, 1, 1]])
    with pytest.raises(RowError, match="missing"):
        compiled(model, 4, "predict")([None, 1, 1, 1])


@pytest.mark.filterwarnings("ignore:overflow encountered")
@pytest.mark.parametrize("number", [3.5e38, -3.5e38, 1e300])
def test_a_number_beyond_float32_has_no_answer(number, iris):
    X, y = iris
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    with pytest.raises(ValueError, match="float32"):
        model.predict([[number, 1, 1, 1]])
    with pytest.raises(RowError, match="float32"):
        compiled(model, 4, "predict")([number, 1, 1, 1])


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {"max_features": 0.5, "contamination": 0.1},
        {"max_samples": 1},
        {"max_samples": 2},
        {"bootstrap": True},
    ],
)
def test_isolation_forests_agree_in_scores_and_labels(parameters, iris):
    X, _ = iris
    model = IsolationForest(n_estimators=20, random_state=0, **parameters).fit(X)
    assert prove_lean(model, X[:40]).largest < 1e-12
    rows = planted(model, X, 50, missing=True) if not parameters else X[:50]
    run = compiled(model, X.shape[1], "score_samples")
    assert [run(row)[0] for row in values(rows)] == pytest.approx(model.score_samples(rows), rel=1e-14)


def test_an_isolation_forest_calls_a_decision_of_zero_an_inlier():
    X = np.zeros((20, 1))
    model = IsolationForest(n_estimators=3, contamination=0.1).fit(X)  # its offset is everybody's score
    assert model.decision_function(X[:1]) == 0.0
    assert lean_answers(model, X[:1], "predict") == ([1], [1])


@pytest.mark.filterwarnings("ignore:overflow encountered")
def test_an_isolation_forest_takes_what_overflows_float32(cancer):
    X, _ = cancer
    model = IsolationForest(n_estimators=50, random_state=0).fit(X)
    run = compiled(model, X.shape[1], "predict")
    for number in (1e39, -1e39):
        row = [number, *X[0, 1:].tolist()]
        assert run(row) == model.predict([row])[0]


@pytest.mark.parametrize("sparse", [True, False])
def test_an_embedding_is_one_column_per_leaf(sparse, iris):
    X, _ = iris
    model = RandomTreesEmbedding(7, random_state=0, sparse_output=sparse).fit(X)
    assert prove_lean(model, X).largest == 0.0


def test_an_embedding_feeds_the_next_step(iris):
    X, y = iris
    model = make_pipeline(RandomTreesEmbedding(5, random_state=0), LogisticRegression()).fit(X, y)
    assert prove_lean(model, X).largest < 1e-12


def test_a_forest_reads_counts_of_words():
    texts = ["a good day", "a bad day", "good good night", "bad bad luck", "no luck", "good luck"] * 3
    model = make_pipeline(CountVectorizer(), RandomForestClassifier(10, random_state=0))
    model.fit(texts, [1, 0, 1, 0, 0, 1] * 3)
    ours, theirs = lean_answers(model, texts, "predict_proba")
    assert ours == theirs


def test_a_table_with_booleans_and_gaps_is_carried():
    chooser = np.random.default_rng(0)
    X = pd.DataFrame(
        {"age": chooser.normal(50, 9, 80), "smoker": chooser.random(80) < 0.5, "count": range(80)}
    )
    X.loc[::7, "age"] = np.nan
    y = np.where(X["smoker"] & (X["count"] > 30), "ill", "well")
    assert prove_lean(RandomForestClassifier(15, random_state=0).fit(X, y), X).largest == 0.0
