"""Categories that boosters hold as whole numbers, and sets of them that trees decide by."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from .compose import columns
from .forest import Array
from .graph import Graph, Wire
from .trees import scaled


def in_bytes(sets: Sequence[int]) -> Array:
    """Sets of categories, category c as bit c, as rows of bytes for codes: bit 0 is for what is no category."""
    size = max(one.bit_length() for one in sets) // 8 + 1
    return np.array([list((one << 1).to_bytes(size, "little")) for one in sets], dtype=np.uint8)


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
