"""sklearn.preprocessing, lowered."""

from typing import Any

import numpy as np

from .functions import apply
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
    return graph.add("scale/1", wire, steps=steps, **named)


def standard_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    read = vector if estimator.with_mean else numeric
    source = finite(graph, read(graph, estimator, wire), nan=True)
    mean = estimator.mean_ if estimator.with_mean else None
    return scale(graph, source, subtract=mean, divide=estimator.scale_ if estimator.with_std else None)


def robust_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    read = vector if estimator.with_centering else numeric
    source = finite(graph, read(graph, estimator, wire), nan=True)
    center = estimator.center_ if estimator.with_centering else None
    return scale(graph, source, subtract=center, divide=estimator.scale_ if estimator.with_scaling else None)


def min_max_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire), nan=True)
    scaled = scale(graph, source, multiply=estimator.scale_, add=estimator.min_)
    return _clipped(graph, scaled, *estimator.feature_range) if estimator.clip else scaled


def max_abs_scaler(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    clip = getattr(estimator, "clip", False)
    source = finite(graph, (vector if clip else numeric)(graph, estimator, wire), nan=True)
    scaled = scale(graph, source, divide=estimator.scale_)
    return _clipped(graph, scaled, -1.0, 1.0) if clip else scaled


def _clipped(graph: Graph, wire: Wire, low: float, high: float) -> Wire:
    return graph.add(
        "clip/1", wire, low=np.full(wire.width, float(low)), high=np.full(wire.width, float(high))
    )


def normalizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Rows of zeros stay as they are; of dense rows, those near zero too (_handle_zeros_in_scale)."""
    source = finite(graph, numeric(graph, estimator, wire))
    least = SMALLEST if source.kind == "sparse" else 10 * np.finfo(np.float64).eps
    return graph.add("normalize/1", source, norm=estimator.norm, least=least)


SMALLEST = 5e-324  # the first number above zero


def binarizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    read = numeric if estimator.threshold >= 0 else vector
    source = finite(graph, read(graph, estimator, wire))
    return graph.add("threshold/1", source, at=float(estimator.threshold))


def kernel_centerer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    source = finite(graph, vector(graph, estimator, wire))
    return graph.add("center/1", source, rows=estimator.K_fit_rows_, all=float(estimator.K_fit_all_))


def function_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """Of functions, those that are known by identity; None lets everything through, text too."""
    if estimator.func is not None or estimator.validate:
        wire = vector(graph, estimator, wire)
    if estimator.validate:
        wire = finite(graph, wire)
    return apply(graph, estimator, wire, "func", "kw_args")


def one_hot_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """OneHotEncoder.transform: group infrequent categories, drop, and place what is left."""
    source = encodable(graph, estimator, wire)
    keys, to, otherwise = [], [], []
    width = 0
    for i, categories in enumerate(estimator.categories_):
        group, infrequent = _grouping(estimator, i)
        dropped = _dropped(estimator, i)

        def place(number: int, dropped: int | None = dropped, start: int = width) -> int:
            if number == dropped:
                return NOTHING
            return start + number - (dropped is not None and number > dropped)

        keys.append(category_keys(graph, source, i, categories))
        to += [place(number) for number in group]
        if estimator.handle_unknown == "error":
            otherwise.append(REFUSED)
        elif estimator.handle_unknown in ("infrequent_if_exist", "warn") and infrequent is not None:
            otherwise.append(place(infrequent))
        else:
            otherwise.append(NOTHING)
        width += len(set(group)) - (dropped is not None)
    return graph.add("onehot/1", source, width=width, keys=keys, to=to, otherwise=otherwise)


def encodable(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The wire as an encoder reads it: raw values, or numbers that are not infinite."""
    if wire.kind == "values":
        return wire
    return finite(graph, vector(graph, estimator, wire), nan=True)


def _grouping(estimator: Any, column: int) -> tuple[list[int], int | None]:
    """Each category's place once the infrequent ones share the last; that place, if there are any.

    OrdinalEncoder leaves a NaN, its last category, out of the grouping: it has the last place of all.
    """
    count = len(estimator.categories_[column])
    if getattr(estimator, "_infrequent_enabled", False):
        mapping = estimator._default_to_infrequent_mappings[column]
        if mapping is not None:
            group = [int(place) for place in mapping]
            return [*group, *range(len(group), count)], max(group)
    return list(range(count)), None


def _dropped(estimator: Any, column: int) -> int | None:
    dropped = getattr(estimator, "_drop_idx_after_grouping", estimator.drop_idx_)
    if dropped is None or dropped[column] is None:
        return None
    return int(dropped[column])


def category_keys(graph: Graph, wire: Wire, column: int, categories: Any) -> list[Any]:
    """The JSON values of a column's categories; null stands for the one that the sample's nulls are.

    A category that no row can name (the other of None and NaN) becomes a key that no text is.
    """
    name = wire.names[column] if wire.names else ""
    null_is_none = wire.kind == "values" and name in graph.none_columns
    keys: list[Any] = []
    for category in categories:
        value = category.item() if isinstance(category, np.generic) else category
        if value is None or is_nan(value):
            keys.append(None if (value is None) == null_is_none else UNREACHABLE)
        else:
            keys.append(value)
    graph.note_categories(name, [key for key in keys if key is not None and key != UNREACHABLE])
    return keys


UNREACHABLE = "\ufdd0 no value"  # begins with a code point that Unicode keeps out of all text


def ordinal_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """OrdinalEncoder.transform: NaN is missing, where None is a category like others."""
    source = encodable(graph, estimator, wire)
    keys, to = [], []
    for i, categories in enumerate(estimator.categories_):
        group, _ = _grouping(estimator, i)
        keys.append(category_keys(graph, source, i, categories))
        to += [
            estimator.encoded_missing_value if is_nan(category) else place
            for category, place in zip(categories, group)
        ]
    unknown = None
    if estimator.handle_unknown == "use_encoded_value":
        unknown = np.full((len(keys), 1), estimator.unknown_value).astype(estimator.dtype)
    codes = np.asarray(to, dtype=np.float64).astype(estimator.dtype).reshape(-1, 1)
    return graph.add("lookup/1", source, keys=keys, to=codes, otherwise=unknown)


def target_encoder(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """TargetEncoder.transform: for several classes as many numbers per column; the target's mean for the unknown."""
    source = encodable(graph, estimator, wire)
    width = len(estimator.encodings_) // len(estimator.categories_)
    keys = [category_keys(graph, source, i, each) for i, each in enumerate(estimator.categories_)]
    to = [
        np.column_stack(estimator.encodings_[start : start + width])
        for start in range(0, len(estimator.encodings_), width)
    ]
    otherwise = np.tile(np.ravel(estimator.target_mean_), (len(keys), 1))
    return graph.add("lookup/1", source, keys=keys, to=np.concatenate(to), otherwise=otherwise)


TRANSFORMERS = {
    "StandardScaler": Lowering(standard_scaler, "copy with_mean with_std"),
    "MinMaxScaler": Lowering(min_max_scaler, "feature_range copy clip"),
    "MaxAbsScaler": Lowering(max_abs_scaler, "copy clip"),
    "RobustScaler": Lowering(robust_scaler, "with_centering with_scaling quantile_range copy unit_variance"),
    "Normalizer": Lowering(normalizer, "norm copy"),
    "Binarizer": Lowering(binarizer, "threshold copy"),
    "KernelCenterer": Lowering(kernel_centerer, ""),
    "OneHotEncoder": Lowering(
        one_hot_encoder,
        "categories drop sparse_output dtype handle_unknown min_frequency max_categories feature_name_combiner",
    ),
    "OrdinalEncoder": Lowering(
        ordinal_encoder,
        "categories dtype handle_unknown unknown_value encoded_missing_value min_frequency max_categories",
    ),
    "TargetEncoder": Lowering(target_encoder, "categories target_type smooth cv shuffle random_state"),
    "FunctionTransformer": Lowering(
        function_transformer,
        "func inverse_func validate accept_sparse check_inverse feature_names_out kw_args inv_kw_args",
    ),
}
