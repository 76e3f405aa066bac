"""sklearn.feature_selection, lowered: a choice of columns."""

from typing import Any

from .compose import columns
from .graph import Graph, Wire
from .lowering import Lowering, Outputs, finite, numeric, predict


def selector(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """SelectorMixin.transform, which checks its input unless the estimator it asks takes missing values."""
    source = numeric(graph, estimator, wire)
    if not _allows_nan(estimator):
        source = finite(graph, source)
    return columns(graph, source, estimator.get_support(indices=True))


def _allows_nan(estimator: Any) -> bool:
    try:
        from sklearn.utils import get_tags
    except ImportError:  # before scikit-learn 1.6
        from sklearn.utils._tags import _safe_tags

        return bool(_safe_tags(estimator, key="allow_nan"))
    return bool(get_tags(estimator).input_tags.allow_nan)


def eliminated(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """RFE and RFECV predict with the estimator fitted to what was left."""
    return predict(graph, estimator.estimator_, selector(graph, estimator, wire))


_RFE = "estimator n_features_to_select step verbose importance_getter"
_RFECV = f"{_RFE} min_features_to_select cv scoring n_jobs"

TRANSFORMERS = {
    "GenericUnivariateSelect": Lowering(selector, "score_func mode param"),
    "RFE": Lowering(selector, _RFE),
    "RFECV": Lowering(selector, _RFECV),
    "SelectFdr": Lowering(selector, "score_func alpha"),
    "SelectFpr": Lowering(selector, "score_func alpha"),
    "SelectFromModel": Lowering(
        selector, "estimator threshold prefit norm_order max_features importance_getter"
    ),
    "SelectFwe": Lowering(selector, "score_func alpha"),
    "SelectKBest": Lowering(selector, "score_func k"),
    "SelectPercentile": Lowering(selector, "score_func percentile"),
    "SequentialFeatureSelector": Lowering(
        selector, "estimator n_features_to_select tol direction scoring cv n_jobs"
    ),
    "VarianceThreshold": Lowering(selector, "threshold"),
}
PREDICTORS = {"RFE": Lowering(eliminated, _RFE), "RFECV": Lowering(eliminated, _RFECV)}
