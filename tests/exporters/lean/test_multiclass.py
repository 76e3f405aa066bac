"""Many classes by classifiers of two: one against the rest, one against one, and by codes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_multilabel_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.tree import DecisionTreeClassifier

from leanfn.errors import Refusal
from tests import samples
from tests.parity import lean_answers, prove_lean

logistic = LogisticRegression(max_iter=500)
BASES = {
    "both": logistic,
    "decision": Perceptron(),
    "probabilities": RandomForestClassifier(3, max_depth=3, random_state=0),
    "regressor": Ridge(),
}
EVERY_BASE = pytest.mark.parametrize("base", BASES)
CLASSES = pytest.mark.parametrize("data", [samples.binary, samples.multiclass])


def codes(base, code_size=2):
    return OutputCodeClassifier(base, code_size=code_size, random_state=0)


def labels():
    """Rows with four labels, each of which may hold."""
    return make_multilabel_classification(60, 4, n_classes=4, random_state=0)


@pytest.mark.parametrize("kind", [OneVsRestClassifier, OneVsOneClassifier])
@pytest.mark.parametrize("base", [LogisticRegression(), DecisionTreeClassifier()])
def test_of_two_classes_the_first_has_the_score_at_the_threshold(kind, base):
    X, y = np.zeros((4, 1)), ["no", "yes"] * 2
    found, wanted = lean_answers(kind(base).fit(X, y), X[:1], "predict")
    assert found == wanted == ["no"]


@CLASSES
@EVERY_BASE
def test_one_against_the_rest(data, base):
    X, y = data()
    prove_lean(OneVsRestClassifier(BASES[base]).fit(X, y), X)


@EVERY_BASE
def test_several_labels_that_may_all_hold(base):
    X, Y = labels()
    prove_lean(OneVsRestClassifier(BASES[base]).fit(X, Y), X)


@pytest.mark.filterwarnings("ignore:Label .* is present in all training examples")
@pytest.mark.parametrize("column", [0, 2])
@pytest.mark.parametrize("value", [0, 1])
@pytest.mark.parametrize("base", ["both", "probabilities"])
def test_a_label_that_always_or_never_holds_is_a_constant(column, value, base):
    X, Y = labels()
    Y[:, column] = value
    model = OneVsRestClassifier(BASES[base]).fit(X, Y)
    # scikit-learn asks a constant for a decision, which no forest has
    methods = ["predict"] if base == "probabilities" else ["predict", "predict_proba"]
    prove_lean(model, X, methods)


def test_probabilities_that_are_all_zero_stay_zero_or_become_nan_as_this_version_has_it():
    X, y = samples.multiclass()
    model = OneVsRestClassifier(DecisionTreeClassifier(max_depth=1)).fit(X, y)
    for member in model.estimators_:
        member.tree_.value[:, 0] = [1.0, 0.0]
    found, wanted = lean_answers(model, X, "predict_proba")
    assert str(found) == str(wanted)
    assert not np.nan_to_num(found).any()
    prove_lean(model, X)


@CLASSES
@pytest.mark.parametrize("base", ["both", "decision", "probabilities"])
def test_one_against_one(data, base):
    X, y = data()
    prove_lean(OneVsOneClassifier(BASES[base]).fit(X, y), X)


@CLASSES
@pytest.mark.parametrize("base", ["both", "decision", "probabilities"])
def test_codes(data, base):
    X, y = data()
    prove_lean(codes(BASES[base]).fit(X, y), X)


@pytest.mark.parametrize("base", ["both", "decision", "probabilities"])
def test_a_bit_that_all_codes_share_is_a_constant(base):
    X, y = samples.multiclass()
    model = codes(BASES[base], code_size=1).fit(X, y)
    assert "_ConstantPredictor" in {type(member).__name__ for member in model.estimators_}
    prove_lean(model, X)


def test_equal_distances_to_codes_go_to_the_first_class():
    X, y = samples.multiclass()
    prove_lean(codes(DecisionTreeClassifier(max_depth=1), code_size=1).fit(X, y), X)


@pytest.mark.parametrize("kind", [OneVsRestClassifier, OneVsOneClassifier, codes])
def test_of_mixed_columns_inside_a_search(kind):
    X, y = samples.patients()
    if kind is OneVsOneClassifier:  # which makes numbers of its rows before its members see them
        search = GridSearchCV(
            samples.prepared(kind(logistic)), {"onevsoneclassifier__estimator__C": [1.0]}, cv=2
        )
    else:
        search = GridSearchCV(kind(samples.prepared(logistic)), {"n_jobs": [None]}, cv=2)
    prove_lean(search.fit(X, y), X, ["predict"])


def test_text_that_one_against_one_cannot_read_is_refused():
    X, y = samples.binary()
    model = OneVsOneClassifier(logistic).fit(X, y)
    rows = X.astype(object)
    rows[:, 0] = "text"
    with pytest.raises(Refusal, match="columns of text where it takes numbers: x0"):
        prove_lean(model, rows)


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from([OneVsRestClassifier, OneVsOneClassifier, codes]),
    st.sampled_from(["both", "decision", "probabilities"]),
    st.integers(2, 5),
    st.integers(0, 2**16),
)
def test_whatever_the_data(kind, base, classes, seed):
    draw = np.random.default_rng(seed)
    X = draw.normal(size=(40, 3))
    y = np.arange(40) % classes
    X[:, 0] += y * draw.random()
    model = kind(BASES[base]).fit(X, y)
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(model, method):
            found, wanted = lean_answers(model, X, method)
            assert found == wanted if method == "predict" else np.allclose(found, wanted, rtol=1e-9)
