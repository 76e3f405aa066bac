"""Categories that boosters hold as whole numbers, and sets of them that trees decide by."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .compose import columns
from .forest import Array
from .graph import BOOLEAN, Graph, Wire
from .lowering import vector
from .trees import scaled


def in_bytes(sets: Sequence[int]) -> Array:
    """Sets of categories, category c as bit c, as rows of bytes for codes: bit 0 is for what is no category."""
    size = max(one.bit_length() for one in sets) // 8 + 1
    return np.array([list((one << 1).to_bytes(size, "little")) for one in sets], dtype=np.uint8)


def encoded(
    graph: Graph, estimator: Any, wire: Wire, known: Mapping[int, Sequence[Any]], *, ordered: bool = False
) -> Wire:
    """The row as numbers; in columns that the sample holds as pandas' categories, the position among those known.

    A missing category is NaN, and so is an unknown one; ordered: it counts as the next in order, as XGBoost has it. A
    missing boolean is refused: it makes its column one of objects, which these libraries read from no frame.
    """
    booleans = [i for i, kind in enumerate(wire.types or ()) if kind == BOOLEAN]
    if graph.frame and booleans:
        checked = graph.add("required/1", wire, columns=booleans)
        wire = replace(checked, names=wire.names, types=wire.types)
    names = wire.names or ("",) * wire.width
    chosen = category_columns(graph, wire)
    if not chosen:
        return vector(graph, estimator, wire)
    for i in chosen:
        if i not in known:
            raise graph.refuse(estimator, f"it does not keep the categories of column {names[i]!r}")
        graph.note_categories(names[i], list(known[i]))
    encode = _in_order if ordered else _listed
    codes = encode(graph, columns(graph, wire, chosen), [known[i] for i in chosen])
    rest = [i for i in range(wire.width) if i not in chosen]
    parts = [vector(graph, estimator, columns(graph, wire, rest))] if rest else []
    place = np.argsort([*rest, *chosen]).tolist()
    whole = columns(graph, graph.add("concat/1", *parts, codes), place)
    return replace(whole, names=tuple("" if i in chosen else name for i, name in enumerate(names)))


def category_columns(graph: Graph, wire: Wire) -> list[int]:
    """The columns that reach an estimator as pandas' categories."""
    if wire.kind != "values":
        return []
    return [i for i, name in enumerate(wire.names or ()) if name in graph.category_columns]


def _listed(graph: Graph, wire: Wire, known: list[Sequence[Any]]) -> Wire:
    to = np.concatenate([np.arange(float(len(own))) for own in known])
    nothing = np.full((wire.width, 1), np.nan)
    return graph.add("lookup/1", wire, keys=[list(own) for own in known], to=to[:, None], otherwise=nothing)


def _in_order(graph: Graph, wire: Wire, known: list[Sequence[Any]]) -> Wire:
    order = [sorted(range(len(own)), key=own.__getitem__) for own in known]
    keys = [[own[i] for i in places] for own, places in zip(known, order)]
    return graph.add("ordered/1", wire, keys=keys, to=np.concatenate(order).astype(np.float64))


def categories_last(
    graph: Graph, wire: Wire, chosen: Sequence[int], *, whole: str, single: bool = False
) -> tuple[Wire, Array]:
    """Numbers, then each category's whole part plus one, negative ones as zero; and each column's new place.

    whole: the function that gives the whole part. single: after a cast to float32.
    """
    rest = [number for number in range(wire.width) if number not in chosen]
    codes: Any = columns(graph, wire, chosen)
    if single:
        codes = graph.add("float32/1", codes)
    codes = scaled(graph, graph.add("map/1", codes, function=whole), add=1.0)
    zeros = np.zeros(len(chosen))
    codes = graph.add("clip/1", codes, low=zeros, high=zeros + np.inf)
    place = np.empty(wire.width, dtype=np.int64)
    place[[*rest, *chosen]] = np.arange(wire.width)
    if not rest:
        return codes, place
    numbers = columns(graph, wire, rest)
    joined = graph.add("concat/1", numbers, codes)
    names = None if numbers.names is None else (*numbers.names, *[""] * len(chosen))
    return replace(joined, names=names), place
