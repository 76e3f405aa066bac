"""sklearn.linear_model, lowered: one linear map, and what a classifier makes of it."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, dense, finite, numeric, predict

# Of a hash's million columns most have no weight, as no text of the training fell into them: those are not kept.
WIDE = 1 << 12


def linear(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """coef_ · x + intercept_, as LinearModel._decision_function has it."""
    coef = np.atleast_2d(dense(estimator.coef_))
    intercept = np.broadcast_to(np.ravel(dense(estimator.intercept_)), (len(coef),))
    source = finite(graph, numeric(graph, estimator, wire))
    if source.kind == "sparse" and source.width > WIDE:
        used = np.flatnonzero(np.any(coef != 0.0, axis=0))
        if len(used) < source.width // 2:
            source, coef = graph.add("select/1", source, columns=used), coef[:, used]
    return graph.add("linear/1", source, coef=coef, intercept=intercept)


def regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return {"predict": linear(graph, estimator, wire)}


def scores(graph: Graph, estimator: Any, wire: Wire) -> tuple[Wire, Wire]:
    """The decision values, and the position of the class they choose (LinearClassifierMixin.predict)."""
    decision = linear(graph, estimator, wire)
    if decision.width == 1:
        return decision, graph.add("exceeds/1", decision, at=0.0, column=0, equal=False)
    return decision, graph.add("argmax/1", decision)


def classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    decision, index = scores(graph, estimator, wire)
    return classification(graph, estimator.classes_, index, decision=decision)


def one_vs_rest(graph: Graph, decision: Wire) -> Wire:
    """LinearClassifierMixin._predict_proba_lr: each class's expit as its share of all of them."""
    shares = graph.add("map/1", decision, function="expit")
    return graph.add("share/1", shares, zero=_share_of_none())


def _share_of_none() -> str:
    """What this version of scikit-learn makes of shares that are all zero: older ones divide by their sum."""
    from sklearn.linear_model._base import LinearClassifierMixin

    class OutOfReach(LinearClassifierMixin):  # type: ignore[misc]
        def decision_function(self, X: Any) -> Any:
            return np.full((len(X), 2), -1e9)

    with np.errstate(invalid="ignore"):
        (share, _), *_ = OutOfReach()._predict_proba_lr(np.zeros((1, 1)))
    return "even" if share == 0.5 else "nan"


def logistic_regression(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Binary: expit of the one decision value; else softmax, or one-vs-rest shares where that was fitted.

    multi_class, until scikit-learn 1.8, could ask for the softmax of two classes: of the decision and its negative.
    """
    decision, index = scores(graph, estimator, wire)
    way = getattr(estimator, "multi_class", "auto")
    if decision.width == 1:
        apart = decision
        if way == "multinomial":
            apart = graph.add("linear/1", decision, coef=[[2.0]], intercept=[0.0])
        probabilities = graph.add("sigmoid_pair/1", apart)
    elif way == "ovr" or estimator.solver == "liblinear":
        probabilities = one_vs_rest(graph, decision)
    else:
        probabilities = graph.add("softmax/1", decision)
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


def sgd_classifier(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """SGDClassifier._predict_proba: log_loss shares the sigmoids, modified_huber the clipped halves (eq. 2 of
    Zadrozny and Elkan, "Transforming classifier scores into multiclass probability estimates")."""
    decision, index = scores(graph, estimator, wire)
    probabilities = None
    if estimator.loss == "log_loss":
        probabilities = (
            graph.add("sigmoid_pair/1", decision) if decision.width == 1 else one_vs_rest(graph, decision)
        )
    elif estimator.loss == "modified_huber":
        ones = np.ones(decision.width)
        clipped = graph.add("clip/1", decision, low=-ones, high=ones)
        halves = graph.add(
            "scale/1",
            clipped,
            steps=["add", "divide"],
            add=ones,
            divide=2 * ones,
            subtract=None,
            multiply=None,
        )
        probabilities = (
            graph.add("pair/1", halves) if decision.width == 1 else graph.add("share/1", halves, zero="even")
        )
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


def generalized_linear(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Poisson, gamma and Tweedie: the inverse of the link of the linear predictor."""
    link = type(estimator._base_loss.link).__name__
    if link not in ("LogLink", "IdentityLink"):
        raise graph.refuse(estimator, f"link {link}")
    predictor = linear(graph, estimator, wire)
    return {"predict": graph.add("map/1", predictor, function="exp") if link == "LogLink" else predictor}


def ransac(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    return predict(graph, estimator.estimator_, finite(graph, numeric(graph, estimator, wire)))


def one_class(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """SGDOneClassSVM: the offset comes off the score; a decision of zero is an inlier."""
    coef = np.atleast_2d(dense(estimator.coef_))
    source = finite(graph, numeric(graph, estimator, wire))
    offset = np.ravel(dense(estimator.offset_))
    decision = graph.add("linear/1", source, coef=coef, intercept=-offset)
    samples = graph.add(
        "scale/1", decision, steps=["add"], add=offset, subtract=None, divide=None, multiply=None
    )
    index = graph.add("exceeds/1", decision, at=0.0, column=0, equal=True)
    outputs = {"predict": graph.add("label/1", index, labels=[-1, 1]), "index": index}
    return {**outputs, "decision_function": decision, "score_samples": samples}


_COMMON = "alpha alphas copy_X cv fit_intercept max_iter n_jobs positive precompute random_state selection tol verbose"
_LARS = "copy_X cv eps fit_intercept fit_path jitter max_iter max_n_alphas n_jobs n_nonzero_coefs positive precompute"
_SGD = (
    "alpha average early_stopping epsilon eta0 fit_intercept l1_ratio learning_rate loss max_iter n_iter_no_change n_jobs "
    "penalty power_t random_state shuffle tol validation_fraction verbose warm_start class_weight C nu"
)
_LOGISTIC = (
    "C Cs class_weight cv dual fit_intercept intercept_scaling l1_ratio l1_ratios max_iter multi_class n_jobs penalty "
    "random_state refit scoring solver tol use_legacy_attributes verbose warm_start"
)
_RIDGE = (
    "alpha_per_target alphas class_weight gcv_mode scoring solver store_cv_results store_cv_values warm_start"
)
_GLM = "alpha fit_intercept link max_iter power solver tol verbose warm_start"
_BAYES = (
    "alpha_1 alpha_2 alpha_init compute_score copy_X fit_intercept lambda_1 lambda_2 lambda_init max_iter n_iter "
    "threshold_lambda tol verbose"
)

PREDICTORS = {
    "LinearRegression": Lowering(regressor, "copy_X fit_intercept n_jobs positive tol"),
    "Ridge": Lowering(regressor, f"{_COMMON} {_RIDGE}"),
    "RidgeCV": Lowering(regressor, f"{_COMMON} {_RIDGE}"),
    **{
        name: Lowering(regressor, f"{_COMMON} eps l1_ratio n_alphas warm_start")
        for name in (
            "Lasso",
            "LassoCV",
            "ElasticNet",
            "ElasticNetCV",
            "MultiTaskLasso",
            "MultiTaskLassoCV",
            "MultiTaskElasticNet",
            "MultiTaskElasticNetCV",
        )
    },
    **{
        name: Lowering(regressor, f"{_LARS} alpha criterion noise_variance random_state tol verbose")
        for name in (
            "Lars",
            "LarsCV",
            "LassoLars",
            "LassoLarsCV",
            "LassoLarsIC",
            "OrthogonalMatchingPursuit",
            "OrthogonalMatchingPursuitCV",
        )
    },
    "BayesianRidge": Lowering(regressor, _BAYES),
    "ARDRegression": Lowering(regressor, _BAYES),
    "HuberRegressor": Lowering(regressor, "alpha epsilon fit_intercept max_iter tol warm_start"),
    "TheilSenRegressor": Lowering(
        regressor,
        "copy_X fit_intercept max_iter max_subpopulation n_jobs n_subsamples random_state tol verbose",
    ),
    "QuantileRegressor": Lowering(regressor, "alpha fit_intercept quantile solver solver_options"),
    "SGDRegressor": Lowering(regressor, _SGD),
    "PassiveAggressiveRegressor": Lowering(regressor, _SGD),
    "PoissonRegressor": Lowering(generalized_linear, _GLM),
    "GammaRegressor": Lowering(generalized_linear, _GLM),
    "TweedieRegressor": Lowering(generalized_linear, _GLM),
    "RANSACRegressor": Lowering(
        ransac,
        "base_estimator estimator is_data_valid is_model_valid loss max_skips max_trials min_samples random_state "
        "residual_threshold stop_n_inliers stop_probability stop_score",
    ),
    "LogisticRegression": Lowering(logistic_regression, _LOGISTIC),
    "LogisticRegressionCV": Lowering(logistic_regression, _LOGISTIC),
    "SGDClassifier": Lowering(sgd_classifier, _SGD),
    "SGDOneClassSVM": Lowering(one_class, _SGD),
    "Perceptron": Lowering(classifier, _SGD),
    "PassiveAggressiveClassifier": Lowering(classifier, _SGD),
    "RidgeClassifier": Lowering(classifier, f"{_COMMON} {_RIDGE}"),
    "RidgeClassifierCV": Lowering(classifier, f"{_COMMON} {_RIDGE}"),
}
