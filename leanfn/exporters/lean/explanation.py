"""How a linear model's or trees' answer comes about, field by field, as one more output of the lean model.

What is explained is read off the nodes: whichever estimators and wrappers led there, an answer that is a linear map or
a sum of trees over columns of known fields can be taken apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .lowering import Outputs
from .sources import NONE, sources_of

METHODS = ("decision_function", "predict", "predict_proba")  # the first that can be taken apart is explained
IDENTITY, LOG = "identity", "log"


@dataclass(frozen=True, slots=True)
class Explanation:
    """An answer's parts: per output of the method, the base and what each field of the row adds.

    link: "identity", their sum is the method's answer; "log", it is the answer's logarithm. is_linear: what the fields
    of a linear map add wants a mean to be counted from; trees bring their own.
    """

    method: str
    link: str
    wire: Wire
    is_linear: bool


def explain(graph: Graph, outputs: Outputs) -> Explanation | None:
    """The parts of the first method that can be taken apart; None when none can, or where a row has no fields."""
    if graph.row.kind != "values" or graph.row.flat:
        return None
    for method in METHODS:
        if method not in outputs:
            continue
        link, number = IDENTITY, outputs[method].number
        node = graph.nodes[number]
        if node["op"] == "map/1" and node["params"]["function"] == "exp":
            link, (number,) = LOG, node["in"]
        take_apart = LOWERINGS.get(graph.nodes[number]["op"])
        wire = None if take_apart is None else take_apart(graph, number)
        if wire is not None:
            return Explanation(method, link, wire, graph.nodes[number]["op"] == "linear/1")
    return None


def centred(graph: Graph, explanation: Explanation, rows: Sequence[Any]) -> Explanation:
    """The same of a linear map, with what each field adds counted from its mean over rows, whose parts are given."""
    number = explanation.wire.number
    finite = [parts for parts in rows if np.isfinite(parts).all()]
    if not finite:
        return explanation
    mean = [
        [fsum(x / len(finite) for x in column) for column in list(zip(*output))[1:]]
        for output in zip(*finite)
    ]
    arrays = {name: graph.array(number, name) for name in ("coef", "intercept", "field")}
    (source,) = graph.nodes[number]["in"]
    wire = graph.add("contributions/1", graph.wire(source), **arrays, mean=mean)
    return replace(explanation, wire=wire)


def _linear(graph: Graph, number: int) -> Wire | None:
    coef, intercept = graph.array(number, "coef"), graph.array(number, "intercept")
    assert coef is not None
    (source,) = graph.nodes[number]["in"]
    field = _fields(graph, source, np.flatnonzero(coef.any(axis=0)))
    if field is None:
        return None
    zeros = np.zeros((len(coef), graph.row.width))
    return graph.add(
        "contributions/1", graph.wire(source), coef=coef, intercept=intercept, field=field, mean=zeros
    )


def _trees(graph: Graph, number: int) -> Wire | None:
    source, *start = graph.nodes[number]["in"]
    split = graph.array(number, "feature")
    assert split is not None
    field = None if start else _fields(graph, source, np.unique(split[split >= 0]))
    if field is None:
        return None
    arrays = {name: graph.array(number, name) for name in graph.nodes[number]["arrays"]}
    cover, fields = graph.covers[number], graph.row.width
    return graph.add("paths/1", graph.wire(source), **arrays, cover=cover, field=field, fields=fields)


LOWERINGS = {"linear/1": _linear, "trees/1": _trees}


def _fields(graph: Graph, source: int, used: Any) -> Any:
    """The field that each used column of a node stems from, -1 for the others; None where one is made of several."""
    sources = sources_of(graph, source)
    if sources is None or (sources[used] == NONE).any():
        return None
    field = np.full(len(sources), NONE)
    field[used] = sources[used]
    return field
