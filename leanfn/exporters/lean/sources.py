"""Which field of the row each column of a wire stems from, found by walking the nodes back to the row.

What an imputer fills in, and a column that an encoder makes, belong to the field that they stand for. A column that
is computed of several fields stems from none.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from leanfn.engines.lean.operations import DENSE_LIMIT

from .graph import Graph, Wire

Sources = np.ndarray[Any, Any]  # per column the number of a field
NONE = -1
WITH_COLUMNS = ("values", "vector", "sparse")  # any other wire counts as one column


def sources_of(graph: Graph, number: int) -> Sources | None:
    """Of a node's columns; None for an open row, or one that is too wide to look at column by column."""
    if graph.row.kind != "values":
        return None
    found = {0: np.arange(graph.row.width)}
    for reached in graph.needed([number])[1:]:
        node, wire = graph.nodes[reached], graph.wire(reached)
        if wire.width > DENSE_LIMIT:
            return None
        parts = [found[i] for i in node["in"]]
        found[reached] = RULES.get(node["op"], _mixed)(graph, wire, parts)
    return found[number]


def _mixed(_: Graph, wire: Wire, parts: list[Sources]) -> Sources:
    """What is made of one field alone is that field's, whatever makes it."""
    fields = np.unique(np.concatenate([*parts, []]))
    width = wire.width if wire.kind in WITH_COLUMNS else 1
    return np.full(width, fields[0] if len(fields) == 1 else NONE, dtype=int)


def _same(_: Graph, __: Wire, parts: list[Sources]) -> Sources:
    return parts[0]


def _chosen(graph: Graph, wire: Wire, parts: list[Sources]) -> Sources:
    columns: list[int] = graph.nodes[wire.number]["params"]["columns"]
    return np.take(parts[0], columns)


def _joined(_: Graph, __: Wire, parts: list[Sources]) -> Sources:
    return np.concatenate(parts)


def _repeated(_: Graph, wire: Wire, parts: list[Sources]) -> Sources:
    """As many columns for each of the input's, one stretch behind the other."""
    return np.repeat(parts[0], wire.width // max(len(parts[0]), 1))


def _encoded(graph: Graph, wire: Wire, parts: list[Sources]) -> Sources:
    """The columns of each input column's categories; what two of them share stems from none."""
    to, otherwise = (_listed(graph, wire, name) for name in ("to", "otherwise"))
    fields, seen = np.full(wire.width, NONE), np.zeros(wire.width, dtype=bool)
    position = 0
    for source, keys, other in zip(parts[0], graph.nodes[wire.number]["params"]["keys"], otherwise):
        own = {place for place in (*to[position : position + len(keys)], other) if place >= 0}
        position += len(keys)
        for place in own:
            fields[place] = source if not seen[place] or fields[place] == source else NONE
            seen[place] = True
    return fields


def _multiplied(graph: Graph, wire: Wire, parts: list[Sources]) -> Sources:
    sources = parts[0].tolist()
    for a, b in zip(_listed(graph, wire, "first"), _listed(graph, wire, "second")):
        sources.append(sources[a] if sources[a] == sources[b] else NONE)
    return np.array(sources)


def _listed(graph: Graph, wire: Wire, name: str) -> list[int]:
    array = graph.array(wire.number, name)
    return [] if array is None else array.tolist()


Rule = Callable[[Graph, Wire, list[Sources]], Sources]
COLUMN_BY_COLUMN = (
    *("numbers/1", "values/1", "required/1", "fill/1", "impute/1", "scale/1", "clip/1", "finite/1"),
    *("blank/1", "ordered/1", "hashed/1"),
    *(
        "threshold/1",
        "map/1",
        "rounds/1",
        "power/1",
        "quantile/1",
        "quantile_inverse/1",
        "bins/1",
        "float32/1",
    ),
    *("dense/1", "sparse/1", "sublinear/1", "relu/1", "cut/1", "whole/1"),
)
RULES: dict[str, Rule] = {
    **dict.fromkeys(COLUMN_BY_COLUMN, _same),
    **dict.fromkeys(("pick/1", "select/1", "indicate/1", "absent/1", "donors/1"), _chosen),
    **dict.fromkeys(("concat/1", "stack/1"), _joined),
    **dict.fromkeys(("lookup/1", "spline/1"), _repeated),
    "onehot/1": _encoded,
    "products/1": _multiplied,
}
