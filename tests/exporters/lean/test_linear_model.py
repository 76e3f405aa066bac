import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import linear_model
from sklearn.datasets import make_classification, make_regression
from sklearn.preprocessing import FunctionTransformer

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

X, Y = make_regression(60, 4, noise=5.0, random_state=0)
_, TWO = make_regression(60, 4, n_targets=2, random_state=0)
A, TARGETS = make_classification(60, 5, n_informative=3, n_redundant=0, n_classes=3, random_state=0)
COUNTS = np.random.default_rng(0).poisson(3, 60) + 1.0
LABELS = {2: TARGETS % 2, 3: np.array(["no", "maybe", "yes"])[TARGETS]}

REGRESSORS = [
    "ARDRegression",
    "BayesianRidge",
    "ElasticNet",
    "ElasticNetCV",
    "HuberRegressor",
    "Lars",
    "LarsCV",
    "Lasso",
    "LassoCV",
    "LassoLars",
    "LassoLarsCV",
    "LassoLarsIC",
    "LinearRegression",
    "OrthogonalMatchingPursuit",
    "OrthogonalMatchingPursuitCV",
    "PassiveAggressiveRegressor",
    "QuantileRegressor",
    "RANSACRegressor",
    "Ridge",
    "RidgeCV",
    "SGDRegressor",
    "TheilSenRegressor",
]
SEVERAL = [
    "LinearRegression",
    "Ridge",
    "RidgeCV",
    "MultiTaskElasticNet",
    "MultiTaskElasticNetCV",
    "MultiTaskLasso",
]
SEVERAL += ["MultiTaskLassoCV", "Lars", "OrthogonalMatchingPursuit", "RANSACRegressor"]
CLASSIFIERS = ["LogisticRegression", "LogisticRegressionCV", "PassiveAggressiveClassifier", "Perceptron"]
CLASSIFIERS += ["RidgeClassifier", "RidgeClassifierCV", "SGDClassifier"]


def make(name, **parameters):
    kind = getattr(linear_model, name)
    if "random_state" in kind().get_params():
        parameters.setdefault("random_state", 0)
    return kind(**parameters)


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_linear_regressor_is_one_linear_map(name):
    assert prove_lean(make(name).fit(X, Y), X).largest < 1e-9


@pytest.mark.parametrize("name", SEVERAL)
def test_several_targets_are_a_row_of_answers(name):
    model = make(name).fit(X, TWO)
    prove_lean(model, X)
    assert np.shape(lean_answers(model, X, "predict")[0]) == (60, 2)


def test_one_target_in_a_column_keeps_the_column():
    model = make("LinearRegression").fit(X, Y[:, None])
    assert np.shape(lean_answers(model, X, "predict")[0]) == (60, 1)
    prove_lean(model, X)


@pytest.mark.parametrize("name", ["PoissonRegressor", "GammaRegressor", "TweedieRegressor"])
def test_a_generalized_model_goes_through_the_inverse_of_its_link(name):
    prove_lean(make(name).fit(X, COUNTS), X)


@pytest.mark.parametrize("power", [0, 1, 1.5, 2, 3])
def test_a_tweedie_model_has_the_link_of_its_power(power):
    prove_lean(make("TweedieRegressor", power=power).fit(X, COUNTS), X)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_linear_classifier_answers_with_its_labels_and_scores(name, classes):
    prove_lean(make(name).fit(A, LABELS[classes]), A)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("loss", ["log_loss", "modified_huber", "hinge", "huber"])
def test_each_loss_of_sgd_has_its_own_probabilities(loss, classes):
    prove_lean(make("SGDClassifier", loss=loss).fit(A, LABELS[classes]), A)


@pytest.mark.parametrize("loss", ["log_loss", "modified_huber"])
def test_sgd_probabilities_where_every_class_is_out_of_reach_are_even(loss):
    model = make("SGDClassifier", loss=loss).fit(A, LABELS[3])
    model.intercept_ -= 1e6
    prove_lean(model, A)


def test_liblinear_fits_one_against_the_rest_for_two_classes():
    prove_lean(make("LogisticRegression", solver="liblinear").fit(A, LABELS[2]), A)


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("way", ["ovr", "multinomial"])
def test_both_ways_to_many_classes_of_older_versions(way, classes):
    if "multi_class" not in linear_model.LogisticRegression().get_params():
        pytest.skip("scikit-learn has given multi_class up")
    prove_lean(make("LogisticRegression", multi_class=way).fit(A, LABELS[classes]), A)


def test_scores_of_any_size_do_not_overflow():
    for classes in (2, 3):
        model = make("LogisticRegression").fit(A, LABELS[classes])
        model.coef_ *= 1e5
        prove_lean(model, A)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_decision_of_zero_is_the_first_class(name):
    model = make(name).fit(A, LABELS[2])
    model.coef_, model.intercept_ = np.zeros((1, 5)), np.zeros(1)
    assert lean_answers(model, A[:3], "predict") == ([0, 0, 0], [0, 0, 0])


def test_the_outlier_detector_calls_a_decision_of_zero_an_inlier():
    model = make("SGDOneClassSVM").fit(A)
    prove_lean(model, A)
    model.coef_[:], model.offset_[:] = 0.0, 0.0
    assert set(lean_answers(model, A, "predict")[0]) == {1}
    prove_lean(model, A)


def test_a_function_of_the_users_own_is_refused_with_its_step():
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(FunctionTransformer(lambda x: x + 1), make("Ridge")).fit(X, Y)
    with pytest.raises(Refusal, match=r"FunctionTransformer \(step functiontransformer\): .*func"):
        prove_lean(model, X)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(2, 4),
    st.booleans(),
    st.sampled_from([0.01, 1.0, 100.0]),
    st.sampled_from([1e-6, 1.0, 1e6]),
    st.integers(0, 1000),
)
def test_any_logistic_regression_is_carried(columns, classes, intercept, strength, size, seed):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(40, columns)) * size
    targets = random.integers(0, classes, 40)
    targets[:classes] = range(classes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make("LogisticRegression", C=strength, fit_intercept=intercept, max_iter=20).fit(
            rows, targets
        )
    prove_lean(model, rows)
