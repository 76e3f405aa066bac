"""What skl2onnx lacks: an imputer of float64 and of null strings, and boosters, by way of onnxmltools."""

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
        elif kind.__name__ == "SimpleImputer" and kind.__module__.startswith("sklearn."):
            functions[kind], shapes[kind] = _impute, _impute_shape
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
    from skl2onnx.common.data_types import StringTensorType, guess_proto_type
    from skl2onnx.operator_converters.common import concatenate_variables

    imputer = operator.raw_operator
    kind = operator.inputs[0].type
    is_text = isinstance(kind, StringTensorType)
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
