"""sklearn.discriminant_analysis, lowered."""

from typing import Any

import numpy as np

from .graph import Graph, Wire
from .linear_model import scores
from .lowering import Lowering, Outputs, classification, finite, vector
from .naive_bayes import posterior
from .preprocessing import scale


def linear_discriminant(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """Binary: the sigmoid of the one decision value, which is a log likelihood ratio already."""
    decision, index = scores(graph, estimator, vector(graph, estimator, wire))
    probabilities = graph.add("sigmoid_pair/1" if decision.width == 1 else "softmax/1", decision)
    return classification(graph, estimator.classes_, index, decision=decision, probabilities=probabilities)


def discriminant_axes(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """LinearDiscriminantAnalysis.transform: the row on the axes that part the classes."""
    if estimator.solver == "lsqr":
        raise graph.refuse(estimator, "parameter solver='lsqr', which transforms nothing")
    source = finite(graph, vector(graph, estimator, wire))
    if estimator.solver == "svd":
        source = scale(graph, source, subtract=estimator.xbar_)
    axes = np.asarray(estimator.scalings_)[:, : estimator._max_components].T
    return graph.add("linear/1", source, coef=axes, intercept=np.zeros(len(axes)))


def quadratic_discriminant(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    constant = np.log(estimator.priors_) - 0.5 * np.array([np.log(s).sum() for s in estimator.scalings_])
    roots = [
        (rotation * scaling**-0.5).T
        for rotation, scaling in zip(estimator.rotations_, estimator.scalings_, strict=True)
    ]
    if len({root.shape for root in roots}) > 1:
        raise graph.refuse(estimator, "classes of different rank")
    source = finite(graph, vector(graph, estimator, wire))
    joint = graph.add("ellipsoids/1", source, mean=estimator.means_, root=np.stack(roots), constant=constant)
    decision = joint
    if len(estimator.classes_) == 2:
        decision = graph.add("linear/1", joint, coef=[[-1.0, 1.0]], intercept=[0.0])
    return {**posterior(graph, estimator.classes_, joint), "decision_function": decision}


TRANSFORMERS = {
    "LinearDiscriminantAnalysis": Lowering(
        discriminant_axes, "solver shrinkage priors n_components store_covariance tol covariance_estimator"
    ),
}
PREDICTORS = {
    "LinearDiscriminantAnalysis": Lowering(
        linear_discriminant, "solver shrinkage priors n_components store_covariance tol covariance_estimator"
    ),
    "QuadraticDiscriminantAnalysis": Lowering(
        quadratic_discriminant, "solver shrinkage priors reg_param store_covariance tol covariance_estimator"
    ),
}
