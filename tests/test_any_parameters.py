"""The estimators beyond those that people use most, their main parameters drawn, proved and asked for rows of no proof.

ANY_PARAMETERS=300 draws so many; a usual run a few, always the same: --hypothesis-profile=search draws others.
"""

import os
import warnings

import numpy as np
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.linear_model import LogisticRegression
from sklearn.utils import all_estimators

from leanfn.certificate import difference, small
from leanfn.errors import Refusal
from leanfn.exporters.lean import build
from leanfn.exporters.original import REFUSED, Original
from tests.estimators import COUNTS, FLOWERS, GAPS, KINDS, POSITIVE, PROGRESS, SUGAR, TARGETS
from tests.parity import answers_to, prove_lean

EXAMPLES = int(os.environ.get("ANY_PARAMETERS", "12"))
YES = [False, True]
TREES = ["kd_tree", "ball_tree"]
METRICS = ["euclidean", "manhattan", "chebyshev"]
SVM = {"kernel": ["linear", "poly", "rbf", "sigmoid"], "gamma": ["scale", "auto", 0.3], "degree": [2, 3], "coef0": [0.0, 1.0]}  # fmt: skip
COORDINATES = {"fit_intercept": YES, "positive": YES, "selection": ["cyclic", "random"]}
PROCESSES = [RBF(), Matern(nu=0.5), Matern(nu=1.5), Matern(nu=2.5), Matern(nu=0.7), RationalQuadratic(), ConstantKernel(2.0) * RBF() + WhiteKernel(0.1), DotProduct() + WhiteKernel(), ExpSineSquared() * RBF()]  # fmt: skip
CENTRES = {"n_clusters": [2, 5], "init": ["k-means++", "random"], "algorithm": ["lloyd", "elkan"]}
SPARSE_CODES = {
    "n_components": [3],
    "max_iter": [10],
    "transform_algorithm": ["lasso_lars", "lasso_cd", "lars", "omp", "threshold"],
    "transform_alpha": [None, 0.1],
    "split_sign": YES,
    "fit_algorithm": ["lars", "cd"],
}
PLS = {"n_components": [1, 2], "scale": YES}

# estimator -> its rows, its target, and the values of its parameters
FAMILIES = {
    "Lars": (SUGAR, PROGRESS, {"fit_intercept": YES, "n_nonzero_coefs": [2, 500]}),
    "LassoLars": (SUGAR, PROGRESS, {"alpha": [0.1, 1.0], "fit_intercept": YES, "positive": YES}),
    "ElasticNet": (SUGAR, PROGRESS, {"alpha": [0.1, 1.0], "l1_ratio": [0.1, 0.9], **COORDINATES}),
    "MultiTaskLasso": (SUGAR, TARGETS, {"alpha": [0.1, 1.0], "fit_intercept": YES}),
    "HuberRegressor": (SUGAR, PROGRESS, {"epsilon": [1.1, 1.9], "fit_intercept": YES}),
    "TweedieRegressor": (SUGAR, PROGRESS, {"power": [0, 1, 1.5, 2, 3], "link": ["auto", "identity", "log"], "fit_intercept": YES}),
    "SGDOneClassSVM": (FLOWERS, None, {"nu": [0.1, 0.5], "fit_intercept": YES, "average": YES}),
    "OneClassSVM": (FLOWERS, None, {"nu": [0.1, 0.5], **SVM}),
    "NuSVC": (FLOWERS, KINDS, {"nu": [0.1, 0.3], "decision_function_shape": ["ovr", "ovo"], **SVM}),
    "NuSVR": (SUGAR, PROGRESS, {"nu": [0.2, 0.7], "C": [0.1, 10.0], **SVM}),
    "RadiusNeighborsRegressor": (FLOWERS, KINDS * 1.5, {"radius": [0.5, 3.0], "weights": ["uniform", "distance"], "algorithm": TREES, "metric": METRICS}),
    "RadiusNeighborsClassifier": (FLOWERS, KINDS, {"radius": [0.5, 3.0], "weights": ["uniform", "distance"], "algorithm": TREES, "metric": METRICS, "outlier_label": [None, "most_frequent", 9]}),
    "KNeighborsTransformer": (FLOWERS, None, {"n_neighbors": [1, 4], "mode": ["distance", "connectivity"], "algorithm": TREES, "metric": METRICS}),
    "LocalOutlierFactor": (FLOWERS, None, {"novelty": [True], "n_neighbors": [3, 20], "algorithm": TREES, "metric": METRICS, "contamination": ["auto", 0.1]}),
    "NearestCentroid": (FLOWERS, KINDS, {"metric": ["euclidean", "manhattan"], "shrink_threshold": [None, 0.2], "priors": ["uniform", "empirical"]}),
    "KernelDensity": (FLOWERS, None, {"kernel": ["gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine"], "bandwidth": [0.3, 2.0, "scott"], "metric": METRICS}),
    "GaussianProcessRegressor": (FLOWERS, KINDS * 1.5, {"kernel": PROCESSES, "alpha": [1e-2, 1.0], "normalize_y": YES, "optimizer": [None]}),
    "GaussianProcessClassifier": (FLOWERS, KINDS, {"kernel": PROCESSES, "multi_class": ["one_vs_rest", "one_vs_one"], "optimizer": [None]}),
    "KernelRidge": (SUGAR, PROGRESS, {"kernel": ["linear", "poly", "rbf", "laplacian", "sigmoid", "cosine"], "alpha": [0.1, 1.0], "gamma": [None, 0.3], "degree": [2, 3]}),
    "KernelPCA": (FLOWERS, None, {"kernel": ["linear", "poly", "rbf", "sigmoid", "cosine"], "n_components": [2], "gamma": [None, 0.3]}),
    "Nystroem": (FLOWERS, None, {"kernel": ["rbf", "laplacian", "poly", "cosine"], "n_components": [4], "gamma": [None, 0.3]}),
    "RBFSampler": (FLOWERS, None, {"gamma": ["scale", 1.0, 0.1], "n_components": [5]}),
    "AdditiveChi2Sampler": (POSITIVE, None, {"sample_steps": [1, 2, 3], "sample_interval": [None, 0.6]}),
    "SkewedChi2Sampler": (POSITIVE, None, {"skewedness": [0.5, 2.0], "n_components": [5]}),
    "PLSRegression": (SUGAR, TARGETS, PLS),
    "PLSCanonical": (SUGAR, TARGETS, {**PLS, "algorithm": ["nipals", "svd"]}),
    "CCA": (SUGAR, TARGETS, PLS),
    "PLSSVD": (SUGAR, TARGETS, PLS),
    "NMF": (POSITIVE, None, {"n_components": [2], "solver": ["cd", "mu"], "init": ["random", "nndsvda"], "beta_loss": ["frobenius", "kullback-leibler"], "alpha_W": [0.0, 0.01], "l1_ratio": [0.0, 0.5]}),
    "MiniBatchNMF": (POSITIVE, None, {"n_components": [2], "beta_loss": ["frobenius", "kullback-leibler"], "fresh_restarts": YES}),
    "LatentDirichletAllocation": (COUNTS, None, {"n_components": [2, 4], "doc_topic_prior": [None, 0.5], "learning_method": ["batch", "online"]}),
    "DictionaryLearning": (FLOWERS, None, SPARSE_CODES),
    "FastICA": (FLOWERS, None, {"n_components": [2, None], "whiten": ["unit-variance", "arbitrary-variance"], "fun": ["logcosh", "exp", "cube"]}),
    "FactorAnalysis": (FLOWERS, None, {"n_components": [1, 2], "rotation": [None, "varimax", "quartimax"], "svd_method": ["lapack", "randomized"]}),
    "SparsePCA": (FLOWERS, None, {"n_components": [1, 2], "alpha": [0.1, 1.0], "method": ["lars", "cd"]}),
    "IncrementalPCA": (FLOWERS, None, {"n_components": [1, 2], "whiten": YES}),
    "SparseRandomProjection": (FLOWERS, None, {"n_components": [2], "density": ["auto", 0.5], "dense_output": YES}),
    "LocallyLinearEmbedding": (FLOWERS, None, {"n_neighbors": [5, 8], "reg": [1e-3, 1e-2], "method": ["standard", "ltsa"]}),
    "KMeans": (FLOWERS, None, CENTRES),
    "BisectingKMeans": (FLOWERS, None, {**CENTRES, "bisecting_strategy": ["biggest_inertia", "largest_cluster"]}),
    "MeanShift": (FLOWERS, None, {"bandwidth": [None, 0.5], "bin_seeding": YES, "cluster_all": YES}),
    "AffinityPropagation": (FLOWERS, None, {"damping": [0.5, 0.9]}),
    "Birch": (FLOWERS, None, {"threshold": [0.3, 0.8], "n_clusters": [None, 3]}),
    "GaussianMixture": (FLOWERS, None, {"n_components": [1, 3], "covariance_type": ["full", "tied", "diag", "spherical"]}),
    "BayesianGaussianMixture": (FLOWERS, None, {"n_components": [2], "covariance_type": ["full", "tied", "diag", "spherical"], "weight_concentration_prior_type": ["dirichlet_process", "dirichlet_distribution"]}),
    "EllipticEnvelope": (FLOWERS, None, {"contamination": [0.05, 0.3], "assume_centered": YES}),
    "IsolationForest": (FLOWERS, None, {"n_estimators": [5], "contamination": ["auto", 0.2], "max_samples": [0.5, 1.0], "bootstrap": YES, "max_features": [0.5, 1.0]}),
    "RandomTreesEmbedding": (FLOWERS, None, {"n_estimators": [4], "max_depth": [2, 4], "sparse_output": YES}),
    "QuadraticDiscriminantAnalysis": (FLOWERS, KINDS, {"reg_param": [0.0, 0.3], "priors": [None, [0.2, 0.3, 0.5]]}),
    "LabelPropagation": (FLOWERS, KINDS, {"kernel": ["rbf", "knn"], "gamma": [1.0, 5.0], "n_neighbors": [5]}),
    "OutputCodeClassifier": (FLOWERS, KINDS, {"estimator": [LogisticRegression()], "code_size": [1.0, 2.5]}),
    "ClassifierChain": (FLOWERS, np.column_stack([KINDS % 2, KINDS > 0]).astype(int), {"estimator": [LogisticRegression()], "order": [None, [1, 0]], "chain_method": ["predict", "predict_proba"]}),
    "KNNImputer": (GAPS, None, {"n_neighbors": [2, 5], "weights": ["uniform", "distance"], "add_indicator": YES}),
    "IterativeImputer": (GAPS, None, {"max_iter": [2, 5], "initial_strategy": ["mean", "median"], "add_indicator": YES, "imputation_order": ["ascending", "roman"]}),
    "BernoulliRBM": (POSITIVE / POSITIVE.max(), None, {"n_components": [3], "n_iter": [2, 5]}),
    "CategoricalNB": (COUNTS, KINDS, {"alpha": [0.1, 1.0], "fit_prior": YES, "min_categories": [None, 20]}),
    "ComplementNB": (COUNTS, KINDS, {"alpha": [0.1, 1.0], "norm": YES}),
}  # fmt: skip
KIND_OF = dict(all_estimators())


@st.composite
def fitted(draw):
    """A fitted estimator, its rows and others that it takes."""
    name = draw(st.sampled_from(sorted(FAMILIES)))
    X, y, parameters = FAMILIES[name]
    model = KIND_OF[name](**{key: draw(st.sampled_from(values)) for key, values in parameters.items()})
    if "random_state" in model.get_params(deep=False):
        model.set_params(random_state=0)
    try:
        model.fit(X) if y is None else model.fit(X, y)
    except Exception:  # scikit-learn does not fit it
        assume(False)
    return model, X, X[:, ::-1] if (X.round() == X).all() else X * 1.013 + 0.0071


def refusal(model, X):
    """Why the lean engine does not carry a model, by name; nothing where it does."""
    try:
        build.build(Original(model, X))
    except Refusal as error:
        return str(error).splitlines()[0]
    return ""


def check(model, X, fresh):
    """Prove it, and compare anew on rows that the proof never saw."""
    proof = prove_lean(model, X, ())
    rows = [[None if x != x else x for x in row] for row in fresh[:20].tolist()]
    both = answers_to(model, X, rows)
    for method in set(proof.methods) - {"explain"}:
        for row, found, wanted in zip(rows, *both(method)):
            if REFUSED in (found, wanted):
                assert found is wanted, (method, row, found, wanted)
            else:
                assert difference(found, wanted, small(proof.bound)) <= proof.bound["relative"], (method, row)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(fitted())
def test_any_parameters_are_carried_rightly_or_refused_by_name(drawn):
    model, X, fresh = drawn
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        refused = refusal(model, X)
        if refused:
            event(refused)
            assert "no lowering" not in refused
        else:
            check(model, X, fresh)
