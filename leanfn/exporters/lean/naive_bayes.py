"""sklearn.naive_bayes, lowered: joint log likelihoods, and the classifier that they make."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, classification, finite, numeric, vector


def posterior(graph: Graph, classes: Any, joint: Wire) -> Outputs:
    """The most likely class, and the exponentials of the normalised log likelihoods."""
    logarithms = graph.add("lognormalize/1", joint)
    return classification(
        graph,
        classes,
        graph.add("argmax/1", joint),
        probabilities=graph.add("map/1", logarithms, function="exp"),
    )


def gaussian(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    with np.errstate(all="ignore"):  # a class without rows, a column without variance
        prior = np.log(estimator.class_prior_)
        constant = [-0.5 * np.sum(np.log(2.0 * np.pi * variance)) for variance in estimator.var_]
    joint = graph.add(
        "gaussians/1",
        finite(graph, vector(graph, estimator, wire)),
        mean=estimator.theta_,
        variance=estimator.var_,
        constant=constant,
        prior=prior,
    )
    return posterior(graph, estimator.classes_, joint)


def multinomial(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    source = finite(graph, numeric(graph, estimator, wire))
    joint = graph.add(
        "linear/1", source, coef=estimator.feature_log_prob_, intercept=estimator.class_log_prior_
    )
    return posterior(graph, estimator.classes_, joint)


def complement(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Without a prior, but for a single class."""
    prior = estimator.class_log_prior_
    source = finite(graph, numeric(graph, estimator, wire))
    joint = graph.add(
        "linear/1",
        source,
        coef=estimator.feature_log_prob_,
        intercept=prior if len(prior) == 1 else np.zeros(len(prior)),
    )
    return posterior(graph, estimator.classes_, joint)


def bernoulli(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Absent features count too: their sum is in the intercept, and comes off where a feature is present."""
    source = finite(graph, numeric(graph, estimator, wire))
    if estimator.binarize is not None:
        source = graph.add("threshold/1", source, at=float(estimator.binarize))
    present = estimator.feature_log_prob_
    with np.errstate(all="ignore"):
        absent = np.log(1 - np.exp(present))
        coef, intercept = present - absent, estimator.class_log_prior_ + absent.sum(axis=1)
    return posterior(graph, estimator.classes_, graph.add("linear/1", source, coef=coef, intercept=intercept))


def categorical(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    tables = [np.asarray(table).T for table in estimator.feature_log_prob_]
    joint = graph.add(
        "category_scores/1",
        finite(graph, vector(graph, estimator, wire)),
        sizes=[len(table) for table in tables],
        scores=np.concatenate(tables),
        constant=estimator.class_log_prior_,
    )
    return posterior(graph, estimator.classes_, joint)


_DISCRETE = "alpha class_prior fit_prior force_alpha"

PREDICTORS = {
    "GaussianNB": Lowering(gaussian, "priors var_smoothing"),
    "MultinomialNB": Lowering(multinomial, _DISCRETE),
    "ComplementNB": Lowering(complement, f"{_DISCRETE} norm"),
    "BernoulliNB": Lowering(bernoulli, f"{_DISCRETE} binarize"),
    "CategoricalNB": Lowering(categorical, f"{_DISCRETE} min_categories"),
}
