"""sklearn.preprocessing's encoders of labels, lowered: their rows are single values, or lists of labels."""

from typing import Any

import numpy as np

from .graph import BOOLEAN, NUMBER, STRING, Graph, Wire
from .lowering import Lowering
from .preprocessing import NOTHING, REFUSED, category_keys, scale

LONGEST = 2**31 - 1  # characters: a label that is not cut loses the NULs at its end, as any of numpy's does


def one_label(graph: Graph, estimator: Any, wire: Wire, types: tuple[str, ...]) -> str:
    """The signature's type of the rows, if it is one of `types`."""
    if not wire.flat or wire.types is None:
        raise graph.refuse(estimator, "it reads labels, and these are no sequence of single values")
    (found,) = wire.types
    if found not in types:
        raise graph.refuse(
            estimator, f"rows of another type than its classes: {found}, not {' or '.join(types)}"
        )
    return found


def label_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """LabelEncoder.transform casts labels to the classes' dtype, and raises for one that is none of them."""
    classes = estimator.classes_
    source = wire
    if classes.dtype.kind == "U":
        one_label(graph, estimator, wire, (STRING,))
        source = graph.add("cut/1", wire, length=max(classes.dtype.itemsize // 4, 1))
    elif classes.dtype in (np.int64, np.int32):
        one_label(graph, estimator, wire, (NUMBER,))
        source = graph.add("whole/1", wire, fractions="cut")
    elif classes.dtype == np.float64:
        one_label(graph, estimator, wire, (NUMBER,))
    elif classes.dtype == bool:
        one_label(graph, estimator, wire, (BOOLEAN,))
    elif classes.dtype != object:
        raise graph.refuse(estimator, f"classes of dtype {classes.dtype}")
    keys = category_keys(graph, wire, 0, classes)
    places = list(range(len(keys)))
    if classes.dtype == bool and True in classes:
        keys, places = [*keys, None], [*places, places[-1]]  # a missing one is NaN, which numpy casts to True
    to = np.array(places, dtype=np.float64).reshape(-1, 1)
    return graph.add("lookup/1", source, keys=[keys], to=to, otherwise=None)


def label_binarizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """label_binarize of one label: a column per class, one column for two; an unknown label is in none."""
    if estimator.y_type_.startswith("multilabel"):
        raise graph.refuse(estimator, "it was fitted with several labels a row")
    classes = estimator.classes_
    words = classes.dtype.kind in "UO"
    source = wire
    found = one_label(graph, estimator, wire, (STRING,) if words else (NUMBER, BOOLEAN))
    if found == STRING:
        source = graph.add("cut/1", wire, length=LONGEST)
    elif found == NUMBER:
        source = graph.add("whole/1", wire, fractions="refuse")
    width = 1 if len(classes) <= 2 else len(classes)
    # a missing label is refused; of two classes the second has the only column, a single class has none
    to = [NOTHING] * len(classes) if width == 1 else list(range(width))
    if len(classes) == 2:
        to[1] = 0
    keys = [[*category_keys(graph, wire, 0, classes), None]]
    row = graph.add("onehot/1", source, width=width, keys=keys, to=[*to, REFUSED], otherwise=[NOTHING])
    low, high = float(estimator.neg_label), float(estimator.pos_label)
    if (low, high) == (0.0, 1.0):
        return row
    return scale(
        graph, graph.add("dense/1", row), multiply=np.full(width, high - low), add=np.full(width, low)
    )


def multi_label_binarizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """A one for each class that is in the list, whatever else is."""
    if wire.types != ("list",):
        raise graph.refuse(estimator, "it reads lists of labels, and these are none")
    return graph.add("count/1", graph.add("listed/1", wire), vocabulary=list(estimator.classes_), binary=True)


TRANSFORMERS = {
    "LabelEncoder": Lowering(label_encoder, ""),
    "LabelBinarizer": Lowering(label_binarizer, "neg_label pos_label sparse_output"),
    "MultiLabelBinarizer": Lowering(multi_label_binarizer, "classes sparse_output"),
}
