"""Ensembles of any estimators: votes, averages, stacks, bags and boosts."""

import warnings

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier

from leanfn.errors import Refusal
from leanfn.exporters.lean.graph import Graph
from leanfn.exporters.lean.lowering import predict
from tests import samples
from tests.parity import lean_answers, prove_lean

sklearn_version = tuple(map(int, sklearn.__version__.split(".")[:2]))
logistic = LogisticRegression(max_iter=500)
stump = DecisionTreeClassifier(max_depth=2, random_state=0)
CLASSIFIERS = [("line", logistic), ("tree", stump), ("none", "drop"), ("decision", Perceptron())]
WITH_SHARES = CLASSIFIERS[:3]
REGRESSORS = [
    ("line", Ridge()),
    ("none", "drop"),
    ("tree", DecisionTreeRegressor(max_depth=3, random_state=0)),
]
CLASSES = pytest.mark.parametrize("data", [samples.binary, samples.multiclass])


@CLASSES
@pytest.mark.parametrize("weights", [None, [1, 2, 3, 0.5]])
def test_hard_voting_counts_labels(data, weights):
    X, y = data()
    prove_lean(VotingClassifier(CLASSIFIERS, weights=weights).fit(X, y), X, ["predict", "transform"])


@CLASSES
@pytest.mark.parametrize("weights", [None, [1, 2, 3]])
def test_soft_voting_averages_probabilities(data, weights):
    X, y = data()
    prove_lean(VotingClassifier(WITH_SHARES, voting="soft", weights=weights).fit(X, y), X)


def test_equal_votes_go_to_the_first_class():
    X, y = samples.binary()
    against = LogisticRegression(max_iter=500, class_weight={0: 100.0, 1: 0.01})
    model = VotingClassifier([("one", logistic), ("other", against)]).fit(X, y)
    first, second = (member.predict(X) for member in model.estimators_)
    found, _ = lean_answers(model, X, "predict")
    assert any(first != second)
    assert found == np.minimum(first, second).tolist()


def test_negative_votes_are_refused():
    X, y = samples.binary()
    with pytest.raises(Refusal, match="a negative one"):
        prove_lean(VotingClassifier(CLASSIFIERS, weights=[1, -1, 1, 1]).fit(X, y), X)


def test_a_transform_of_three_dimensions_is_left_out_and_the_prediction_carried():
    X, y = samples.binary()
    model = VotingClassifier(WITH_SHARES, voting="soft", flatten_transform=False).fit(X, y)
    assert set(prove_lean(model, X, ["predict", "predict_proba"]).methods) == {"predict", "predict_proba"}


@pytest.mark.parametrize("weights", [None, [1, 2, 3]])
def test_voting_regressors(weights):
    X, y = samples.regression()
    prove_lean(VotingRegressor(REGRESSORS, weights=weights).fit(X, y), X)


@CLASSES
@pytest.mark.parametrize("method", ["auto", "predict"])
@pytest.mark.parametrize("passthrough", [True, False])
def test_stacked_classifiers(data, method, passthrough):
    X, y = data()
    final = LogisticRegression(max_iter=5000)
    model = StackingClassifier(CLASSIFIERS, final, stack_method=method, passthrough=passthrough, cv=2)
    prove_lean(model.fit(X, y), X, ["predict", "predict_proba", "decision_function", "transform"])


def test_a_stack_ends_in_a_classifier_that_is_no_regression():
    X, y = samples.multiclass()
    model = StackingClassifier(WITH_SHARES, final_estimator=stump, cv=2)
    prove_lean(model.fit(X, y), X)


def test_a_stack_of_fitted_members_whose_labels_are_texts_cannot_take_them_as_numbers():
    X, y = samples.multiclass()
    fitted = [("line", LogisticRegression(max_iter=500).fit(X, y))]
    prove_lean(StackingClassifier(fitted, cv="prefit").fit(X, y), X)
    numbers = np.unique(y, return_inverse=True)[1]
    model = StackingClassifier(
        [("line", LogisticRegression(max_iter=500).fit(X, numbers))], cv="prefit", stack_method="predict"
    ).fit(X, y)
    prove_lean(model, X)
    model.estimators_ = [fitted[0][1]]
    with pytest.raises(Refusal, match="its labels are no numbers"):
        prove_lean(model, X)


def test_stacks_of_several_outputs_are_refused():
    X, y = samples.regression()
    Y = (np.column_stack([y, X[:, 0]]) > np.median(y)).astype(int)
    Y[::2, 1] = 1
    tree = DecisionTreeClassifier(max_depth=2)
    model = StackingClassifier([("tree", tree)], final_estimator=tree, cv=2).fit(X, Y)
    with pytest.raises(Refusal, match="several outputs"):
        prove_lean(model, X)


@pytest.mark.parametrize("passthrough", [True, False])
@pytest.mark.parametrize("final", [None, Ridge()])
def test_stacked_regressors(passthrough, final):
    X, y = samples.regression()
    model = StackingRegressor(REGRESSORS, final_estimator=final, passthrough=passthrough, cv=2)
    prove_lean(model.fit(X, y), X)


def test_members_that_prepare_mixed_columns_share_what_they_have_in_common():
    X, y = samples.patients()
    members = [("line", samples.prepared(logistic)), ("tree", samples.prepared(stump))]
    model = StackingClassifier(members, cv=2).fit(X, y)
    prove_lean(model, X, ["predict"])
    graph = Graph("table", list(X), ["number", "number", "string"])
    predict(graph, model, graph.row)
    assert [node["op"] for node in graph.nodes].count("onehot/1") == 1


def test_a_stack_that_passes_text_through_is_refused():
    X, y = samples.patients()
    members = [("line", samples.prepared(logistic))]
    final = make_pipeline(OneHotEncoder(handle_unknown="ignore"), logistic)
    model = StackingClassifier(members, final_estimator=final, passthrough=True, cv=2).fit(X, y)
    with pytest.raises(Refusal, match="columns of text where it takes numbers: pain"):
        prove_lean(model, X)


@CLASSES
@pytest.mark.parametrize(
    "base", [None, ExtraTreeClassifier(max_depth=3), logistic, Perceptron()], ids=lambda base: str(base)[:9]
)
@pytest.mark.parametrize("chosen", [{}, {"max_features": 0.5}, {"bootstrap_features": True}])
def test_bags_of_classifiers(data, base, chosen):
    X, y = data()
    model = BaggingClassifier(base, n_estimators=3, random_state=0, **chosen)
    prove_lean(model.fit(X, y), X)


@pytest.mark.parametrize("base", [logistic, Perceptron(), stump], ids=lambda base: str(base)[:9])
def test_a_member_that_never_saw_a_class(base):
    X, y = samples.multiclass()
    # a pipeline takes no weights, so that its member is fitted on its own rows alone
    members = make_pipeline(StandardScaler(), base)
    model = BaggingClassifier(members, n_estimators=6, max_samples=5, bootstrap=False, random_state=3)
    model.fit(X, y)
    assert any(len(member.classes_) < 3 for member in model.estimators_)
    prove_lean(model, X, ["predict", "predict_proba"])


def test_missing_numbers_in_a_bag_of_trees():
    X, y = samples.multiclass()
    X[::7, 1] = np.nan
    certificate = prove_lean(BaggingClassifier(n_estimators=3, max_features=2).fit(X, y), X)
    assert certificate.kinds["null"]["refused"] == 0


def test_a_bag_of_trees_over_a_single_column():
    X, y = samples.multiclass()
    prove_lean(BaggingClassifier(n_estimators=3, random_state=0).fit(X[:, :1], y), X[:, :1])


def test_a_bag_of_pipelines_with_text():
    X, y = samples.patients()
    base = make_pipeline(OneHotEncoder(handle_unknown="ignore"), logistic)
    prove_lean(BaggingClassifier(base, n_estimators=2, random_state=0).fit(X[["pain", "age"]], y), X)


@pytest.mark.parametrize("base", [None, Ridge()])
@pytest.mark.parametrize("chosen", [{}, {"max_features": 2, "bootstrap_features": True}])
def test_bags_of_regressors(base, chosen):
    X, y = samples.regression()
    prove_lean(BaggingRegressor(base, n_estimators=3, random_state=0, **chosen).fit(X, y), X)


def test_a_bag_of_trees_with_several_targets():
    X, y = samples.regression()
    prove_lean(BaggingRegressor(n_estimators=3).fit(X, np.column_stack([y, X[:, 0]])), X)


@CLASSES
@pytest.mark.parametrize("base", [None, stump, logistic], ids=lambda base: str(base)[:9])
def test_boosted_classifiers_predict_from_their_decision_and_not_from_probabilities(data, base):
    X, y = data()
    prove_lean(AdaBoostClassifier(base, n_estimators=6, random_state=0).fit(X, y), X)


def test_boosted_votes_that_cancel_are_the_first_class():
    X, y = samples.binary()
    model = AdaBoostClassifier(n_estimators=2, random_state=0).fit(X, y)
    model.estimator_weights_[:] = 0.5, 0.5
    first = model.estimators_[0]
    model.estimators_[1] = DecisionTreeClassifier(max_depth=1, random_state=0).fit(X, 1 - first.predict(X))
    assert not model.decision_function(X).any()
    found, wanted = lean_answers(model, X, "predict")
    assert found == wanted == [0] * len(X)


def test_boosted_votes_of_trees_are_added_up_in_one_operation():
    X, y = samples.multiclass()
    graph = Graph("table", ["a", "b", "c", "d"], ["number"] * 4)
    predict(graph, AdaBoostClassifier(n_estimators=20).fit(X, y), graph.row)
    assert [node["op"] for node in graph.nodes].count("trees/1") == 1
    assert len(graph.nodes) < 10


@pytest.mark.skipif(sklearn_version >= (1, 6), reason="scikit-learn has given SAMME.R up")
@CLASSES
@pytest.mark.parametrize("base", [None, logistic], ids=lambda base: str(base)[:9])
@pytest.mark.parametrize("algorithm", ["SAMME", "SAMME.R"])
@pytest.mark.filterwarnings("ignore:The SAMME.R algorithm")
def test_both_algorithms_of_older_versions(data, base, algorithm):
    X, y = data()
    model = AdaBoostClassifier(base, n_estimators=6, algorithm=algorithm, random_state=0)
    prove_lean(model.fit(X, y), X)


@pytest.mark.skipif(sklearn_version < (1, 6), reason="scikit-learn still has SAMME.R")
def test_samme_r_is_refused_by_name_where_scikit_learn_has_given_it_up():
    X, y = samples.binary()
    model = AdaBoostClassifier(n_estimators=3).fit(X, y)
    model.algorithm = "SAMME.R"  # as a model from an older version has it
    with pytest.raises(Refusal, match=r"parameter algorithm='SAMME\.R'"):
        prove_lean(model, X)


@pytest.mark.parametrize("base", [None, Ridge()])
@pytest.mark.parametrize("loss", ["linear", "square", "exponential"])
def test_boosted_regressors_take_the_weighted_median(base, loss):
    X, y = samples.regression()
    prove_lean(AdaBoostRegressor(base, n_estimators=7, loss=loss, random_state=0).fit(X, y), X)


def test_boosts_and_bags_of_mixed_columns_inside_a_search():
    X, y = samples.patients()
    model = samples.prepared(AdaBoostClassifier(n_estimators=4, random_state=0))
    search = GridSearchCV(model, {"adaboostclassifier__learning_rate": [0.5, 1.0]}, cv=2)
    prove_lean(search.fit(X, y), X)


@settings(max_examples=12, deadline=None)
@given(
    st.sampled_from(["vote", "soft", "bag", "boost"]),
    st.lists(st.floats(0, 3), min_size=3, max_size=3).filter(any),
    st.integers(2, 4),
    st.integers(0, 2**16),
)
def test_whatever_the_data_and_the_weights(kind, weights, classes, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(40, 3))
    y = np.arange(40) % classes
    X[:, 0] += y * draw.random()
    trees = [
        (str(depth), DecisionTreeClassifier(max_depth=depth, max_features=2, random_state=depth))
        for depth in (1, 2, 3)
    ]
    models = {
        "vote": VotingClassifier(trees, weights=weights),
        "soft": VotingClassifier(trees, voting="soft", weights=weights),
        "bag": BaggingClassifier(
            trees[2][1], n_estimators=4, max_samples=0.2, max_features=2, random_state=0
        ),
        "boost": AdaBoostClassifier(trees[0][1], n_estimators=4, random_state=0),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = models[kind].fit(X, y)
    for method in ("predict", "predict_proba", "transform"):
        if hasattr(model, method):
            found, wanted = lean_answers(model, X, method)
            assert found == wanted if method == "predict" else np.allclose(found, wanted, rtol=1e-12, atol=0)
