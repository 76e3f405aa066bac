"""Estimators of scikit-learn that tell of the rows they were fitted with and answer for no other: why, and what does."""

from typing import Any

LAID_OUT = (
    "it lays out the rows of its fit together and learns no map",
    "Fit PCA, KernelPCA or LocallyLinearEmbedding, which place new rows; or train a regressor on the layout it found",
)
GROUPS = (
    "its clusters are groups of the rows of its fit and it learns no rule",
    "Fit KMeans, BisectingKMeans or MeanShift; or train a classifier, KNeighborsClassifier say, on the labels it found",
)
COVARIANCE = (
    "it estimates a covariance, which is no answer to a row",
    "Fit EllipticEnvelope or GaussianMixture, which score rows by a covariance",
)
BICLUSTERS = (
    "it groups the rows and the columns of one table together",
    "Fit KMeans on the rows; or train a classifier on the labels it found",
)
SEARCH = (
    "kneighbors and radius_neighbors are no methods of a model that is served",
    "Fit KNeighborsTransformer or RadiusNeighborsTransformer, whose transform gives the neighbours",
)
OUTLIERS = (
    "without novelty=True it judges the rows of its fit alone",
    "Fit LocalOutlierFactor(novelty=True)",
)
OF_THE_FIT = {
    **dict.fromkeys(("ClassicalMDS", "MDS", "SpectralEmbedding", "TSNE"), LAID_OUT),
    **dict.fromkeys(("AgglomerativeClustering", "DBSCAN", "HDBSCAN", "OPTICS", "SpectralClustering"), GROUPS),
    **dict.fromkeys(("SpectralBiclustering", "SpectralCoclustering"), BICLUSTERS),
    **dict.fromkeys(
        (
            "EmpiricalCovariance",
            "GraphicalLasso",
            "GraphicalLassoCV",
            "LedoitWolf",
            "MinCovDet",
            "OAS",
            "ShrunkCovariance",
        ),
        COVARIANCE,
    ),
    "NearestNeighbors": SEARCH,
    "LocalOutlierFactor": OUTLIERS,
}


def why(model: Any) -> tuple[str, str, str]:
    """The name of the estimator that answers for no new row, the reason, and what to use instead.

    Of a pipeline it is the last step, of a search the estimator that was searched.
    """
    while True:
        if hasattr(model, "steps"):
            model = model.steps[-1][1]
        elif hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            break
    name = type(model).__name__
    reason, instead = OF_THE_FIT.get(
        name, ("it has no method that takes one", "Export a fitted estimator or pipeline")
    )
    return name, reason, instead
