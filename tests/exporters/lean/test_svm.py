"""Support vector machines: kernels, votes, libsvm's own probabilities, signs and shapes."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM

from leanfn.errors import Refusal
from tests.parity import lean_answers, prove_lean

KERNELS = ["linear", "poly", "rbf", "sigmoid"]


@pytest.fixture(scope="module")
def binary():
    return make_classification(60, 5, n_informative=3, random_state=0)


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    chosen = np.random.default_rng(0).permutation(len(X))[:60]
    return X[chosen], np.array(["setosa", "versicolor", "virginica"])[y[chosen]]


@pytest.fixture(scope="module")
def regression():
    return make_regression(60, 4, noise=3.0, random_state=0)


@pytest.fixture(scope="module")
def patients():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "age": draw.integers(30, 80, 60),
            "chol": np.where(draw.random(60) < 0.1, np.nan, draw.normal(240, 40, 60).round()),
            "pain": draw.choice(["typical", "atypical", "none"], 60),
        }
    )
    return frame, np.where(frame["age"] + 10 * (frame["pain"] == "none") > 58, "ill", "well")


def prepared(model):
    return make_pipeline(
        make_column_transformer(
            (make_pipeline(SimpleImputer(), StandardScaler()), ["age", "chol"]),
            (OneHotEncoder(handle_unknown="ignore"), ["pain"]),
        ),
        model,
    )


def fit(model, X, y=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(X, y)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("gamma", ["scale", "auto", 0.3])
def test_a_binary_machine_has_the_labels_decisions_and_probabilities_of_libsvm(binary, kernel, gamma):
    X, y = binary
    model = SVC(kernel=kernel, gamma=gamma, probability=True, coef0=0.5, degree=2, random_state=0)
    prove_lean(fit(model, X, y), X)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(
    "shape", [{"decision_function_shape": "ovo"}, {}, {"break_ties": True}], ids=["ovo", "ovr", "break_ties"]
)
def test_a_machine_of_three_classes_votes_and_couples_as_libsvm_does(iris, kernel, shape):
    X, y = iris
    prove_lean(fit(SVC(kernel=kernel, probability=True, random_state=0, **shape), X, y), X)


@pytest.mark.parametrize("probability", [True, False])
def test_nu_machines_are_the_same_sums(binary, iris, probability):
    for X, y in (binary, iris):
        prove_lean(fit(NuSVC(nu=0.3, probability=probability, random_state=0), X, y), X)


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("kind", [SVR, NuSVR, OneClassSVM])
def test_regressors_and_one_class_machines_are_one_sum(regression, kind, kernel):
    X, y = regression
    prove_lean(fit(kind(kernel=kernel, C=10.0) if kind is not OneClassSVM else kind(kernel=kernel), X, y), X)


def test_a_regressor_without_support_vectors_answers_its_intercept(regression):
    X, _ = regression
    model = fit(SVR(epsilon=100.0), X, np.linspace(1, 2, len(X)))
    assert not len(model.support_vectors_)
    prove_lean(model, X)


@pytest.mark.parametrize("multi_class", ["ovr", "crammer_singer"])
def test_liblinear_machines_are_linear_models(binary, iris, multi_class):
    for X, y in (binary, iris):
        prove_lean(fit(LinearSVC(multi_class=multi_class), X, y), X)


@pytest.mark.parametrize("loss", ["epsilon_insensitive", "squared_epsilon_insensitive"])
def test_a_linear_regressor_of_liblinear_is_a_linear_model(regression, loss):
    X, y = regression
    prove_lean(fit(LinearSVR(loss=loss, fit_intercept=False), X, y), X)


@pytest.mark.parametrize("model", [SVC(probability=True, random_state=0), SVC(kernel="linear"), LinearSVC()])
def test_a_machine_behind_an_imputer_a_scaler_and_categories_is_carried(patients, model):
    X, y = patients
    prove_lean(fit(prepared(model), X, y), X)


def test_the_label_is_the_vote_and_not_the_largest_probability():
    X, y = make_classification(40, 4, flip_y=0.4, random_state=3)
    model = fit(SVC(probability=True, random_state=0), X, y)
    labels, _ = lean_answers(model, X, "predict")
    probabilities, _ = lean_answers(model, X, "predict_proba")
    assert any(label != int(p[1] > p[0]) for label, p in zip(labels, probabilities))
    prove_lean(model, X)


def test_the_coupling_iterates_for_two_classes_and_stops_early(binary):
    X, y = binary
    model = fit(SVC(probability=True, random_state=0), X, y)
    found, wanted = lean_answers(model, X, "predict_proba")
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    score = -model.decision_function(X) * model._probA[0] + model._probB[0]
    closed = 1 / (1 + np.exp(score))
    assert np.abs(np.array(found)[:, 0] - closed).max() > 1e-4


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("kind", [SVC, SVR, OneClassSVM])
def test_support_vectors_of_a_sparse_fit_are_the_same_points(binary, kind, kernel):
    X, y = binary
    X = np.where(np.abs(X) < 0.5, 0.0, X)
    model = fit(kind(kernel=kernel), sparse.csr_matrix(X), y)
    prove_lean(model, X)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_wide_sparse_row_is_never_laid_out(patients, kernel):
    X, y = patients
    wide = pd.DataFrame({f"c{i}": X["age"].astype(str) + str(i) for i in range(8)})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), SVC(kernel=kernel, gamma=0.1))
    prove_lean(fit(model, wide, y), wide)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        (SVC(kernel=lambda a, b: a @ b.T), "kernel="),
        (SVR(kernel="precomputed"), "kernel='precomputed'"),
        (SVC(break_ties=True, decision_function_shape="ovo"), "break_ties=True"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_its_parameter(model, named):
    X = np.eye(6)
    with pytest.raises(Refusal, match=named):
        prove_lean(fit(model, X, [0, 1, 2, 0, 1, 2]), X)


@pytest.mark.parametrize("kind", [OneClassSVM, SVC])
def test_a_decision_of_zero_is_an_outlier_or_the_second_class(binary, kind):
    X, y = binary
    model = fit(kind(), X, y)
    model._dual_coef_, model._intercept_ = np.zeros_like(model._dual_coef_), np.zeros(1)
    found, wanted = lean_answers(model, X[:2], "predict")
    assert found == wanted == [-1 if kind is OneClassSVM else 1] * 2


def test_an_artifact_says_that_it_carries_support_vectors(binary):
    from leanfn.exporters.lean import build
    from leanfn.exporters.original import Original

    X, y = binary
    assert build.build(Original(fit(SVC(), X, y), X)).training_rows == ["SVC"]
    assert build.build(Original(fit(LinearSVC(), X, y), X)).training_rows == []


@settings(deadline=None, max_examples=15)
@given(
    kernel=st.sampled_from(KERNELS),
    gamma=st.floats(0.01, 2.0),
    coef0=st.floats(-1.0, 1.0),
    degree=st.integers(0, 5),
    cost=st.floats(0.1, 10.0),
    classes=st.integers(2, 4),
    shape=st.sampled_from(["ovr", "ovo"]),
)
def test_any_parameters_of_a_machine_are_carried(kernel, gamma, coef0, degree, cost, classes, shape):
    X, y = make_classification(40, 6, n_informative=4, n_classes=classes, random_state=classes)
    model = SVC(
        kernel=kernel,
        gamma=gamma,
        coef0=coef0,
        degree=degree,
        C=cost,
        decision_function_shape=shape,
        probability=True,
        random_state=0,
    )
    prove_lean(fit(model, X, y), X)
