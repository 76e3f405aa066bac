"""sklearn.preprocessing, lowered."""

from dataclasses import replace
from typing import Any

import numpy as np

from .graph import Graph, Wire
from .impute import is_nan
from .lowering import Lowering, finite, numeric, vector

NOTHING, REFUSED = -1, -2  # as leanfn/engines/lean/columns.py reads them


def scale(graph: Graph, wire: Wire, **arrays: Any) -> Wire:
    """The named steps (subtract, divide, multiply, add) in their order, those that are None left out."""
    steps = [name for name, array in arrays.items() if array is not None]
    if not steps:
        return wire
    named = {name: arrays.get(name) for name in ("subtract", "divide", "multiply", "add")}
    return replace(graph.add("scale/1", wire, steps=steps, **named), names=wire.names)


def standard_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, numeric(graph, estimator, wire), nan=True)
    mean = estimator.mean_ if estimator.with_mean else None
    return scale(graph, source, subtract=mean, divide=estimator.scale_ if estimator.with_std else None)


def min_max_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire), nan=True)
    scaled = scale(graph, source, multiply=estimator.scale_, add=estimator.min_)
    if not estimator.clip:
        return scaled
    low, high = (np.full(scaled.width, float(bound)) for bound in estimator.feature_range)
    return graph.add("clip/1", scaled, low=low, high=high)


def one_hot_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """OneHotEncoder.transform: group infrequent categories, drop, and place what is left."""
    keys, to, otherwise = [], [], []
    width = 0
    for i, categories in enumerate(estimator.categories_):
        group, infrequent = _grouping(estimator, i)
        size = max(group) + 1 if group else 0
        dropped = _dropped(estimator, i)

        def place(number: int, dropped: int | None = dropped, start: int = width) -> int:
            if number == dropped:
                return NOTHING
            return start + number - (dropped is not None and number > dropped)

        keys.append(category_keys(graph, wire, i, categories))
        to += [place(number) for number in group]
        if estimator.handle_unknown == "error":
            otherwise.append(REFUSED)
        elif estimator.handle_unknown in ("infrequent_if_exist", "warn") and infrequent is not None:
            otherwise.append(place(infrequent))
        else:
            otherwise.append(NOTHING)
        width += size - (dropped is not None)
    source = finite(graph, wire, nan=True) if wire.kind == "vector" else wire
    return graph.add(
        "onehot/1", _encodable(graph, estimator, source), width=width, keys=keys, to=to, otherwise=otherwise
    )


def _encodable(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if wire.kind not in ("values", "vector"):
        return vector(graph, estimator, wire)
    return wire


def _grouping(estimator: Any, column: int) -> tuple[list[int], int | None]:
    """Each category's place once the infrequent ones share the last; that place, if there are any."""
    count = len(estimator.categories_[column])
    if getattr(estimator, "_infrequent_enabled", False):
        mapping = estimator._default_to_infrequent_mappings[column]
        if mapping is not None:
            group = [int(place) for place in mapping]
            return group, max(group)
    return list(range(count)), None


def _dropped(estimator: Any, column: int) -> int | None:
    dropped = getattr(estimator, "_drop_idx_after_grouping", estimator.drop_idx_)
    if dropped is None or dropped[column] is None:
        return None
    return int(dropped[column])


def category_keys(graph: Graph, wire: Wire, column: int, categories: Any) -> list[Any]:
    """The JSON values of a column's categories; null stands for the one that the sample's nulls are.

    A category that no row can name (the other of None and NaN) becomes a key that no value equals.
    """
    name = wire.names[column] if wire.names else ""
    null = None if name in graph.none_columns else float("nan")
    keys: list[Any] = []
    for category in categories:
        value = category.item() if isinstance(category, np.generic) else category
        if value is None or is_nan(value):
            keys.append(None if (value is None) == (null is None) else UNREACHABLE)
        else:
            keys.append(value)
    graph.note_categories(name, [key for key in keys if key is not None and key != UNREACHABLE])
    return keys


UNREACHABLE = "\udcff leanfn: no value"  # a lone surrogate, which strict JSON refuses


def ordinal_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    keys, to = [], []
    for i, categories in enumerate(estimator.categories_):
        group, _ = _grouping(estimator, i)
        keys.append(category_keys(graph, wire, i, categories))
        to += [
            [float(estimator.encoded_missing_value) if is_nan(category) else float(place)]
            for category, place in zip(categories, group)
        ]
    unknown = None
    if estimator.handle_unknown == "use_encoded_value":
        unknown = np.full((len(keys), 1), float(estimator.unknown_value))
    source = finite(graph, wire, nan=True) if wire.kind == "vector" else wire
    to_array = np.asarray(to, dtype=np.float64).reshape(len(to), 1)
    return graph.add(
        "lookup/1", _encodable(graph, estimator, source), keys=keys, to=to_array, otherwise=unknown
    )


def function_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    if estimator.func is not None:
        raise graph.refuse(estimator, f"parameter func={estimator.func!r}")
    return wire


TRANSFORMERS = {
    "StandardScaler": Lowering(standard_scaler, "copy with_mean with_std"),
    "MinMaxScaler": Lowering(min_max_scaler, "feature_range copy clip"),
    "OneHotEncoder": Lowering(
        one_hot_encoder,
        "categories drop sparse_output dtype handle_unknown min_frequency max_categories feature_name_combiner",
    ),
    "OrdinalEncoder": Lowering(
        ordinal_encoder,
        "categories dtype handle_unknown unknown_value encoded_missing_value min_frequency max_categories",
    ),
    "FunctionTransformer": Lowering(
        function_transformer,
        "func inverse_func validate accept_sparse check_inverse feature_names_out kw_args inv_kw_args",
    ),
}
