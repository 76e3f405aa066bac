"""What estimators made of estimators ask of their members: a method's answer, in scikit-learn's order of preference."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Outputs


def first_method(estimator: Any, methods: Sequence[str]) -> str:
    """The first of the methods that an estimator has."""
    return next((method for method in methods if hasattr(estimator, method)), methods[-1])


def answer(graph: Graph, estimator: Any, outputs: Outputs, method: str) -> Wire:
    """A member's wire for a method, which must be carried."""
    if method not in outputs:
        raise graph.refuse(estimator, f"no lowering of its {method}, which its ensemble asks for")
    return outputs[method]


def response(graph: Graph, estimator: Any, outputs: Outputs, method: str) -> Wire:
    """A classifier's scores as sklearn.utils._response has them: of two classes the second's alone."""
    if method == "predict":
        return numbers(graph, estimator, outputs)
    if method == "predict_log_proba":
        scores = response(graph, estimator, outputs, "predict_proba")
        return graph.add("map/1", scores, function="log")
    scores = answer(graph, estimator, outputs, method)
    if method == "predict_proba" and len(estimator.classes_) == 1:
        raise graph.refuse(estimator, f"it knows one class alone: {estimator.classes_[0]!r}")
    if method == "predict_proba" and len(estimator.classes_) == 2:
        return column(graph, scores, 1)
    return scores


def column(graph: Graph, wire: Wire, number: int) -> Wire:
    """One column of a vector."""
    return wire if wire.width == 1 else graph.add("select/1", wire, columns=[number])


def numbers(graph: Graph, estimator: Any, outputs: Outputs) -> Wire:
    """A member's prediction as a number, or as several: a classifier's labels as they are."""
    if "index" in outputs:
        classes = np.asarray(estimator.classes_)
        if classes.dtype.kind not in "biuf":
            raise graph.refuse(estimator, f"its labels are no numbers: {classes[0]!r}")
        return graph.add("take/1", outputs["index"], rows=classes.astype(np.float64)[:, None])
    prediction = answer(graph, estimator, outputs, "predict")
    if prediction.kind != "vector":
        raise graph.refuse(estimator, "its prediction is no number")
    return prediction


def is_classifier(estimator: Any) -> bool:
    from sklearn.base import is_classifier

    return bool(is_classifier(estimator))


def is_regressor(estimator: Any) -> bool:
    from sklearn.base import is_regressor

    return bool(is_regressor(estimator))


def spread(graph: Graph, wire: Wire, places: Sequence[int], width: int) -> Wire:
    """The columns of a vector in their places of a wider one, of several in one place the last; zero elsewhere."""
    places = [int(place) for place in places]
    if places == list(range(width)):
        return wire
    zero = graph.add("constant/1", wire, values=[0.0])
    where = dict(zip(places, range(len(places))))
    columns = [where.get(place, wire.width) for place in range(width)]
    return graph.add("select/1", graph.add("concat/1", wire, zero), columns=columns)


def concat(graph: Graph, wires: Sequence[Wire]) -> Wire:
    return wires[0] if len(wires) == 1 else graph.add("concat/1", *wires)


def beside(graph: Graph, wire: Wire, others: Sequence[Wire]) -> Wire:
    """A row with further numbers behind it, sparse where it is."""
    if not others:
        return wire
    return graph.add("stack/1" if wire.kind == "sparse" else "concat/1", wire, *others)


def average(graph: Graph, wires: Sequence[Wire], *, weights: Any = None, divide: Any = None) -> Wire:
    """The sum of equally wide vectors in their order, each times its weight, over a number."""
    return graph.add("average/1", *wires, weights=weights, divide=None if divide is None else [float(divide)])
