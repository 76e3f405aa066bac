"""From estimators to operations: the tables of what is lowered, and the checks that every lowering shares.

A lowering is a function of the graph, the fitted estimator and the wire that reaches it. Transformers give one wire,
predictors give a wire per method. The tables say which constructor parameters each lowering has in mind: any other
parameter that is not at its default is a refusal that names it.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..registered import lowering_of
from .graph import NUMBER, Graph, Wire

Transform = Callable[[Graph, Any, Wire], Wire]
Outputs = dict[str, Wire]
Predict = Callable[[Graph, Any, Wire], Outputs]

# one module of this folder per module of scikit-learn and per boosting library, each with TRANSFORMERS and PREDICTORS
MODULES = (
    "calibration",
    "catboost",
    "cluster",
    "compose",
    "covariance",
    "cross_decomposition",
    "curves",
    "decomposition",
    "dictionary",
    "discriminant_analysis",
    "dummy",
    "ensemble",
    "factorization",
    "feature_extraction",
    "feature_selection",
    "frozen",
    "gaussian_process",
    "gradient_boosting",
    "impute",
    "isotonic",
    "labels",
    "lightgbm",
    "linear_model",
    "manifold",
    "mixture",
    "model_selection",
    "multiclass",
    "multioutput",
    "naive_bayes",
    "neural_network",
    "kernel_approximation",
    "kernel_density",
    "kernel_methods",
    "knn_imputer",
    "label_propagation",
    "nearest_centroid",
    "neighbors",
    "pipeline",
    "preprocessing",
    "projections",
    "semi_supervised",
    "svm",
    "trees",
    "xgboost",
)

# estimators that could be lowered in form but not rightly, or not at all
NOT_CARRIED = {
    "Isomap": "far from all training rows its answer is what rounding leaves of squares of distances; "
    "LocallyLinearEmbedding and KernelPCA are carried",
    "PatchExtractor": "it takes images and gives patches, not an answer per row; cut them before the model",
    "PolynomialCountSketch": "small numbers of its answer are what rounding leaves of a Fourier transform; Nystroem, "
    "RBFSampler and PolynomialFeatures are carried",
}


@dataclass(frozen=True, slots=True)
class Lowering:
    """A function that lowers an estimator, the constructor parameters that it has in mind (space-separated), and the
    library whose class it is."""

    function: Callable[..., Any]
    parameters: str
    library: str = "sklearn"


def _table(name: str) -> dict[str, Lowering]:
    table: dict[str, Lowering] = {}
    for module in MODULES:
        table |= getattr(importlib.import_module(f"{__package__}.{module}"), name, {})
    return table


def transform(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The wire behind a transformer; 'passthrough' and None let the wire through."""
    if estimator is None or (isinstance(estimator, str) and estimator == "passthrough"):
        return wire
    result: Wire = _find(graph, estimator, "TRANSFORMERS", "transform")(graph, estimator, wire)
    return replace(result, stores=_stores(estimator, wire, result))


# transformers that give a sparse row for a sparse row, and a dense one for a dense one
AS_GIVEN = [
    "AdditiveChi2Sampler",
    "Binarizer",
    "FunctionTransformer",
    "GenericUnivariateSelect",
    "MaxAbsScaler",
    "MissingIndicator",
    "Normalizer",
    "PolynomialFeatures",
    "RFE",
    "RFECV",
    "RobustScaler",
    "SelectFdr",
    "SelectFpr",
    "SelectFromModel",
    "SelectFwe",
    "SelectKBest",
    "SelectPercentile",
    "SequentialFeatureSelector",
    "SimpleImputer",
    "StandardScaler",
    "VarianceThreshold",
]


def _stores(estimator: Any, before: Wire, after: Wire) -> bool:
    """Whether the original gives a sparse row; meta-estimators leave it to their members, as the wire has it."""
    if type(estimator).__name__ in AS_GIVEN:
        return before.stores
    if getattr(estimator, "encode", None) is not None:  # KBinsDiscretizer
        return bool(estimator.encode == "onehot")
    for name in ("sparse_output_", "sparse_output", "sparse"):  # the first is what a ColumnTransformer chose
        if isinstance(getattr(estimator, name, None), (bool, np.bool_)):
            return bool(getattr(estimator, name))
    return after.stores


def predict(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    """The wires behind a predictor, by method; a classifier's also holds "index", the position of its class."""
    result: Outputs = _find(graph, estimator, "PREDICTORS", "predict")(graph, estimator, wire)
    return result


def carried() -> dict[str, tuple[str, ...]]:
    """The estimators that the lean engine carries, each with what it does there: transform, predict."""
    names: dict[str, tuple[str, ...]] = {}
    for table, does in (("TRANSFORMERS", "transform"), ("PREDICTORS", "predict")):
        for name in _table(table):
            if not name.startswith("_"):  # a part that scikit-learn keeps to itself
                names[name] = (*names.get(name, ()), does)
    return dict(sorted(names.items()))


def _find(graph: Graph, estimator: Any, table: str, does: str) -> Callable[..., Any]:
    kind = type(estimator)
    lowerings = _table(table)
    lowering = lowerings.get(kind.__name__)
    # only the library's own classes: a subclass may answer otherwise
    if lowering is None or kind.__module__.partition(".")[0] != lowering.library:
        own = lowering_of(kind, does)
        if own is None:
            missing = f"no lowering of {kind.__module__}.{kind.__qualname__}.{does}"
            is_known = kind.__module__.startswith("sklearn.")
            raise graph.refuse(estimator, NOT_CARRIED.get(kind.__name__, missing) if is_known else missing)
        lowering = Lowering(*own)
    known = set(lowering.parameters.split())
    for name, default in _defaults(kind).items():
        if name not in known and not _same(getattr(estimator, name, default), default):
            raise graph.refuse(
                estimator, f"parameter {name}={getattr(estimator, name)!r} is not one it knows"
            )
    return lowering.function


def _defaults(kind: type) -> Mapping[str, Any]:
    signature = inspect.signature(kind.__init__)  # type: ignore[misc]
    return {
        name: parameter.default
        for name, parameter in signature.parameters.items()
        if name != "self" and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
    }


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and bool(np.all(value == default)))


def vector(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The wire as a vector of floats, as scikit-learn's check_array makes one."""
    if wire.kind == "values":
        if not wire.is_numeric:
            names = [
                name
                for name, kind in zip(wire.names or (), wire.types or ())
                if kind not in (NUMBER, "boolean")
            ]
            raise graph.refuse(estimator, f"columns of text where it takes numbers: {', '.join(names)}")
        return replace(graph.add("numbers/1", wire), names=wire.names)
    if wire.kind == "sparse":
        return replace(graph.add("dense/1", wire), names=wire.names)
    if wire.kind != "vector":
        raise graph.refuse(estimator, f"it cannot read {wire.kind}")
    return wire


def numeric(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The wire as a vector, or as the sparse row it is."""
    return wire if wire.kind == "sparse" else vector(graph, estimator, wire)


def finite(graph: Graph, wire: Wire, *, nan: bool = False, dtype: str = "float64") -> Wire:
    """The wire behind scikit-learn's check of finite numbers; nothing is added where it cannot fail.

    nan: the estimator takes missing values. dtype: what the estimator casts its input to.
    """
    if not wire.infinite and (nan or not wire.nan) and dtype == "float64":
        return wire
    parts = graph.inputs(wire, "concat/1")
    if parts is not None and wire.kind == "vector":  # only the parts that can fail are looked at, row by row
        guarded = [finite(graph, part, nan=nan, dtype=dtype) for part in parts]
        return replace(graph.add("concat/1", *guarded), names=wire.names)
    return replace(graph.add("finite/1", wire, nan=nan, dtype=dtype), names=wire.names)


def dense(array: Any) -> np.ndarray[Any, Any]:
    """A fitted attribute as a dense array of float64."""
    return np.asarray(array.toarray() if hasattr(array, "toarray") else array, dtype=np.float64)


def classification(
    graph: Graph,
    classes: Any,
    index: Wire,
    *,
    decision: Wire | None = None,
    probabilities: Wire | None = None,
) -> Outputs:
    """A classifier's outputs: its label, and what scores it has."""
    outputs: Outputs = {"index": index, "predict": graph.add("label/1", index, labels=list(classes))}
    if decision is not None:
        outputs["decision_function"] = decision
    if probabilities is not None:
        outputs["predict_proba"] = probabilities
    return outputs
