"""sklearn.compose, lowered: which columns go where, and a target's way back."""

from collections.abc import Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any

from .graph import Graph, Wire
from .lowering import Lowering, Outputs, predict, transform
from .pipeline import join, weighted


def columns(graph: Graph, wire: Wire, numbers: Sequence[int]) -> Wire:
    """Some of a wire's columns, by position."""
    numbers = [int(number) for number in numbers]
    if numbers == list(range(wire.width)):
        return wire
    op = "pick/1" if wire.kind == "values" else "select/1"
    return replace(
        graph.add(op, wire, columns=numbers),
        names=None if wire.names is None else tuple(wire.names[i] for i in numbers),
        types=None if wire.types is None else tuple(wire.types[i] for i in numbers),
    )


def column_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    weights = estimator.transformer_weights or {}
    parts = []
    for name, transformer, selection in estimator.transformers_:
        numbers = estimator._transformer_to_input_indices[name]
        if (isinstance(transformer, str) and transformer == "drop") or len(numbers) == 0:
            continue
        with graph.step(name):
            chosen = replace(columns(graph, wire, numbers), flat=isinstance(selection, (str, Integral)))
            part = transform(graph, transformer, chosen)
            parts.append(weighted(graph, estimator, part, weights.get(name)))
    return join(graph, estimator, parts)


def transformed_target_regressor(graph: Graph, estimator: Any, wire: Wire) -> Outputs:
    from .inverse import inverse  # which needs the columns of this module

    with graph.step("regressor"):
        outputs = predict(graph, estimator.regressor_, wire)
    with graph.step("transformer"):
        return {"predict": inverse(graph, estimator.transformer_, outputs["predict"])}


TRANSFORMERS = {
    "ColumnTransformer": Lowering(
        column_transformer,
        "transformers remainder sparse_threshold n_jobs transformer_weights verbose verbose_feature_names_out "
        "force_int_remainder_cols",
    ),
}
PREDICTORS = {
    "TransformedTargetRegressor": Lowering(
        transformed_target_regressor, "check_inverse func inverse_func regressor transformer"
    ),
}
