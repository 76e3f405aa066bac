"""What skl2onnx lacks: imputers and encoders that are exact in float64, and boosters, by way of onnxmltools."""

from collections.abc import Callable
from typing import Any

from leanfn.errors import Refusal

from .original import parts_of

NULL = "‹null›"  # stands for a missing string: as unknown to an encoder as null is, and what an imputer fills
Converters = dict[type, Callable[..., None]]

BOOSTERS = {
    ("lightgbm", "LGBMClassifier"): "lightgbm.operator_converters.LightGbm:convert_lightgbm",
    ("lightgbm", "LGBMRegressor"): "lightgbm.operator_converters.LightGbm:convert_lightgbm",
    ("xgboost", "XGBClassifier"): "xgboost.operator_converters.XGBoost:convert_xgboost",
    ("xgboost", "XGBRegressor"): "xgboost.operator_converters.XGBoost:convert_xgboost",
}


def converters_of(model: Any) -> tuple[Converters, Converters]:
    """The conversion functions and the functions of shapes of a model's parts that skl2onnx's own do not serve."""
    functions: Converters = {}
    shapes: Converters = {}
    for part in parts_of(model):
        kind = type(part)
        booster = BOOSTERS.get((kind.__module__.partition(".")[0], kind.__name__))
        if booster is not None:
            _register(kind, booster)
        elif kind.__module__.startswith("sklearn.") and kind.__name__ in OWN:
            functions[kind], shapes[kind] = OWN[kind.__name__]
    return functions, shapes


def _register(kind: type, place: str) -> None:
    """Tell skl2onnx of onnxmltools' converter of a booster."""
    from importlib import import_module

    try:
        import onnxmltools  # noqa: F401
    except ImportError:
        raise Refusal(
            f"the onnx engine converts {kind.__name__} with onnxmltools, which is not installed\n"
            "Install it: pip install onnxmltools"
        ) from None
    from skl2onnx import update_registered_converter
    from skl2onnx.common import shape_calculator

    module, _, name = place.partition(":")
    convert = getattr(import_module(f"onnxmltools.convert.{module}"), name)
    if kind.__name__.endswith("Classifier"):
        shape = shape_calculator.calculate_linear_classifier_output_shapes
        options = {"nocl": [True, False], "zipmap": [True, False, "columns"], "raw_scores": [True, False]}
    else:
        shape, options = shape_calculator.calculate_linear_regressor_output_shapes, {"split": None}
    update_registered_converter(
        kind, f"Leanfn{kind.__name__}", shape, convert, overwrite=True, options=options
    )


def _impute_shape(operator: Any) -> None:
    first = operator.inputs[0].type
    operator.outputs[0].type = type(first)([first.shape[0], int(operator.raw_operator.statistics_.size)])


def _impute(scope: Any, operator: Any, container: Any) -> None:
    """ONNX's own Imputer holds float32 values; a choice between column and value is exact in any type."""
    from skl2onnx.common.data_types import guess_proto_type
    from skl2onnx.operator_converters.common import concatenate_variables

    imputer = operator.raw_operator
    kind = operator.inputs[0].type
    is_text = _is_text(kind)
    missing = imputer.missing_values
    if not (missing is None or missing != missing) or imputer.add_indicator:
        raise NotImplementedError(
            "SimpleImputer with other missing_values than NaN and None, or an indicator"
        )
    fills = imputer.statistics_.tolist()
    if any(fill is None or fill != fill or isinstance(fill, str) != is_text for fill in fills):
        raise NotImplementedError("SimpleImputer of columns that were all missing, or of several types")
    row = concatenate_variables(scope, operator.inputs, container)
    values, missed = scope.get_unique_variable_name("fills"), scope.get_unique_variable_name("missed")
    container.add_initializer(values, guess_proto_type(kind), [1, len(fills)], fills)
    if is_text:
        null = scope.get_unique_variable_name("null")
        container.add_initializer(null, guess_proto_type(kind), [1], [NULL])
        container.add_node("Equal", [row, null], missed, name=scope.get_unique_operator_name("Equal"))
    else:
        container.add_node("IsNaN", row, missed, name=scope.get_unique_operator_name("IsNaN"))
    container.add_node(
        "Where",
        [missed, values, row],
        operator.outputs[0].full_name,
        name=scope.get_unique_operator_name("Where"),
    )


def _encode_shape(operator: Any) -> None:
    first = operator.inputs[0].type
    kinds = [entry.type for entry in operator.inputs]
    number = next((kind for kind in kinds if not _is_text(kind)), None)
    width = len(operator.raw_operator.get_feature_names_out())
    operator.outputs[0].type = type(number or _single())([first.shape[0], width])


def _encode(scope: Any, operator: Any, container: Any) -> None:
    """skl2onnx makes whole numbers of a column before it looks for its categories, and takes 1.5 for 1."""
    from skl2onnx.common.data_types import guess_proto_type
    from skl2onnx.proto import onnx_proto

    encoder = operator.raw_operator
    if encoder._infrequent_enabled:
        raise NotImplementedError("OneHotEncoder with infrequent categories")
    proto = guess_proto_type(operator.outputs[0].type)
    columns = [(entry, i) for entry in operator.inputs for i in range(entry.type.shape[1])]
    hot = []
    for place, ((entry, i), categories) in enumerate(zip(columns, encoder.categories_)):
        kept = [item for j, item in enumerate(categories.tolist()) if not _is_dropped(encoder, place, j)]
        if any(
            item is None or item != item or isinstance(item, str) != _is_text(entry.type) for item in kept
        ):
            raise NotImplementedError("OneHotEncoder of a missing category, or of numbers as texts")
        names = {
            name: scope.get_unique_variable_name(name) for name in ("at", "column", "known", "is", "hot")
        }
        container.add_initializer(names["at"], onnx_proto.TensorProto.INT64, [1], [i])
        container.add_initializer(names["known"], guess_proto_type(entry.type), [1, len(kept)], kept)
        for operation, inputs, output, attributes in (
            ("Gather", [entry.full_name, names["at"]], names["column"], {"axis": 1}),
            ("Equal", [names["column"], names["known"]], names["is"], {}),
            ("Cast", [names["is"]], names["hot"], {"to": proto}),
        ):
            container.add_node(
                operation, inputs, output, name=scope.get_unique_operator_name(operation), **attributes
            )
        hot.append(names["hot"])
    container.add_node(
        "Concat", hot, operator.outputs[0].full_name, name=scope.get_unique_operator_name("Concat"), axis=1
    )


def _is_dropped(encoder: Any, column: int, category: int) -> bool:
    return bool(encoder.drop_idx_ is not None and encoder.drop_idx_[column] == category)


def _is_text(kind: Any) -> bool:
    from skl2onnx.common.data_types import StringTensorType

    return isinstance(kind, StringTensorType)


def _single() -> Any:
    from skl2onnx.common.data_types import FloatTensorType

    return FloatTensorType()


OWN = {"SimpleImputer": (_impute, _impute_shape), "OneHotEncoder": (_encode, _encode_shape)}
