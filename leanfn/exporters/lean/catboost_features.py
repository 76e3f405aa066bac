"""What CatBoost's trees decide by, as one vector: numbers, ones for categories, statistics that lie under categories."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .category_sets import category_columns
from .compose import columns
from .float32 import round_thresholds
from .graph import BOOLEAN, Graph, Wire
from .lowering import vector
from .members import concat
from .trees import scaled

EMPTY = (1 << 64) - 1  # the key of a place in a table that holds nothing
ALL_BELOW = 0.5  # parts zero and one

Split = tuple[int, float, bool]


@dataclass(frozen=True, slots=True)
class Features:
    """The vector, and how a tree's split reads it.

    floats: per number its column and whether what is missing is below all borders. ones: the column of a category's
    one. statistics: the first split's number, and per further number the column.
    """

    wire: Wire
    floats: dict[int, tuple[int, bool]]
    ones: dict[tuple[int, int], int]
    statistics: tuple[int, list[int]]

    def decider(self, split: dict[str, Any]) -> Split:
        """The column, the border (float32) and whether what is missing stays below it."""
        kind = split.get("split_type", "FloatFeature")
        if kind == "FloatFeature":
            column, below = self.floats[split["float_feature_index"]]
            return column, split["border"], below
        if kind == "OneHotFeature":
            return self.ones[split["cat_feature_index"], split["value"]], ALL_BELOW, True
        first, places = self.statistics
        return places[split["split_index"] - first], split["border"], True


def features(graph: Graph, estimator: Any, wire: Wire, document: dict[str, Any]) -> Features:
    info = document["features_info"]
    numeric, categorical = info.get("float_features", []), info.get("categorical_features", [])
    below = {one["feature_index"]: one["nan_value_treatment"] != "AsTrue" for one in numeric}
    if not categorical:
        flat = {
            one["feature_index"]: (one["flat_feature_index"], below[one["feature_index"]]) for one in numeric
        }
        return Features(vector(graph, estimator, wire), flat, {}, (0, []))
    parts = []
    if numeric:
        flat_numbers = [one["flat_feature_index"] for one in numeric]
        parts.append(vector(graph, estimator, columns(graph, wire, flat_numbers)))
    hashes = _hashes(graph, estimator, wire, [one["flat_feature_index"] for one in categorical])
    known = [(one["feature_index"], value) for one in categorical for value in one.get("values", ())]
    ones = _ones(graph, hashes, known)
    parts += ones
    width = sum(part.width for part in parts)
    ctrs = info.get("ctrs", [])
    floats = {one["feature_index"]: (place, below[one["feature_index"]]) for place, one in enumerate(numeric)}
    one_columns = {pair: len(numeric) + place for place, pair in enumerate(known)}
    places: list[int] = []
    for ctr in ctrs:
        places += [width] * len(ctr["borders"])
        width += 1
    tables = document.get("ctr_data", {})
    for start, end in _stretches(ctrs):
        parts.append(
            _statistics(graph, parts[0] if numeric else None, below, hashes, ctrs[start:end], tables)
        )
    borders = sum(len(one["borders"] or ()) for one in numeric)
    whole = concat(graph, parts)
    names = (*(parts[0].names or ()),) if numeric else ()
    names = (*names, *[""] * (whole.width - len(names)))
    return Features(replace(whole, names=names), floats, one_columns, (borders + len(known), places))


def _hashes(graph: Graph, estimator: Any, wire: Wire, chosen: list[int]) -> Wire:
    if wire.kind != "values":
        raise graph.refuse(estimator, "categorical features that are computed numbers")
    types = wire.types or ()
    odd = [
        i
        for i in chosen
        if types[i] == BOOLEAN or (i in category_columns(graph, wire) and types[i] != "string")
    ]
    if odd:
        name = (wire.names or ())[odd[0]]
        raise graph.refuse(
            estimator, f"categorical feature {name!r} of booleans or numbers as pandas' categories"
        )
    return graph.add("hashed/1", columns(graph, wire, chosen))


def _ones(graph: Graph, hashes: Wire, known: list[tuple[int, int]]) -> list[Wire]:
    """One column per category that a tree asks for: one for a row of it."""
    if not known:
        return []
    keys: list[list[int]] = [[] for _ in range(hashes.width)]
    for column, value in known:
        keys[column].append(value & 0xFFFFFFFF)
    hot = graph.add(
        "onehot/1",
        hashes,
        width=len(known),
        keys=keys,
        to=np.arange(len(known)),
        otherwise=np.full(hashes.width, -1),
    )
    return [graph.add("dense/1", hot)]


def _stretches(ctrs: list[dict[str, Any]]) -> list[tuple[int, int]]:
    """The statistics one behind the other that lie in one table."""
    starts = [i for i, ctr in enumerate(ctrs) if not i or ctr["identifier"] != ctrs[i - 1]["identifier"]]
    return list(zip(starts, [*starts[1:], len(ctrs)]))


def _statistics(
    graph: Graph,
    numbers: Wire | None,
    below: dict[int, bool],
    hashes: Wire,
    ctrs: list[dict[str, Any]],
    tables: dict[str, Any],
) -> Wire:
    chosen: list[int] = []
    marks: list[Wire] = []
    for element in ctrs[0]["elements"]:
        kind = element["combination_element"]
        if kind == "cat_feature_value":
            chosen.append(element["cat_feature_index"])
        elif kind == "float_feature":
            assert numbers is not None
            number = element["float_feature_index"]
            marks.append(_above(graph, numbers, number, element["border"], below[number]))
        else:
            marks += _ones(graph, hashes, [(element["cat_feature_index"], element["value"])])
    inputs = [hashes, *([concat(graph, marks)] if marks else [])]
    keys, values, otherwise = _table(tables[ctrs[0]["identifier"]], ctrs)
    return graph.add(
        "statistics/1",
        *inputs,
        columns=chosen,
        flags=list(range(len(marks))),
        keys=keys,
        values=values,
        otherwise=otherwise,
    )


def _above(graph: Graph, numbers: Wire, column: int, border: float, below: bool) -> Wire:
    """Above zero where the number, as a float32, is above the border."""
    (moved,) = round_thresholds(np.array([np.float32(border)], dtype=np.float64))
    chosen = graph.add("select/1", numbers, columns=[column])
    filled = graph.add("impute/1", chosen, fill=[-np.inf if below else np.inf], missing=None)
    return graph.add("threshold/1", scaled(graph, filled, subtract=float(moved)), at=[0.0])


def _table(table: dict[str, Any], ctrs: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    """Keys, the statistics under each, and those of what has no key, in float32 as the library computes them."""
    stride = table["hash_stride"]
    entries = table["hash_map"]
    counts: dict[int, list[float]] = {}
    for place in range(0, len(entries), stride):
        key = int(entries[place])
        if key != EMPTY:
            counts[key] = entries[place + 1 : place + stride]
    keys = np.array([key if key < 1 << 63 else key - (1 << 64) for key in counts], dtype=np.int64)
    rows = np.array(list(counts.values()), dtype=np.float64).reshape(len(counts), stride - 1)
    nothing = np.zeros((1, stride - 1))
    values = np.column_stack([_calculated(table, ctr, rows) for ctr in ctrs])
    otherwise = np.column_stack([_calculated(table, ctr, nothing) for ctr in ctrs])
    return keys, values, otherwise[0]


def _calculated(table: dict[str, Any], ctr: dict[str, Any], counts: Any) -> Any:
    kind, at = ctr["ctr_type"], ctr["target_border_idx"]
    if kind in ("Counter", "FeatureFreq"):
        good, total = counts[:, 0], np.full(len(counts), table["counter_denominator"])
    elif kind in ("BinarizedTargetMeanValue", "FloatTargetMeanValue"):
        good, total = counts[:, 0], counts[:, 1]
    elif kind == "Buckets":
        good, total = counts[:, at], counts.sum(axis=1)
    else:
        good, total = counts[:, at + 1 :].sum(axis=1), counts.sum(axis=1)
    single = np.float32
    share = (good.astype(single) + single(ctr["prior_numerator"])) / (
        total.astype(single) + single(ctr["prior_denomerator"])
    )
    return (share + single(ctr["shift"])) * single(ctr["scale"])
