"""What float32 costs a graph: its answers beside those of the same graph in float64, where that can be made."""

from math import nan
from typing import Any

from leanfn.certificate import difference, small
from leanfn.engines import onnx as engine

from .candidate import SINGLE
from .original import Original

ROWS = 200


def rounding(original: Original) -> float:
    """The largest relative difference that float32 makes to the sample's rows; NaN where no float64 twin runs."""
    model = original.model
    twin = _widened(model.graph)
    if twin is None:
        return nan
    try:
        session = engine.open_session(twin)
        rows = [row for row in original.rows[:ROWS] if None not in row]
        largest = 0.0
        for row in rows:
            feeds = model.feeds(original.input([row]))
            wide = {
                name: array.astype("float64") if array.dtype == "float32" else array
                for name, array in feeds.items()
            }
            for narrow, exact in zip(model.run(feeds), session.run(None, wide)):
                if narrow.dtype.kind == "f":
                    apart = difference(narrow.ravel().tolist(), exact.ravel().tolist(), small(SINGLE))
                    largest = max(largest, apart)
    except Exception:  # onnxruntime has a class for each of its refusals, and may have no kernel of float64
        return nan
    return largest


def _widened(data: bytes) -> bytes | None:
    """The graph with every float32 a float64; None where an operator has no such form."""
    import onnx

    single, double = onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE
    model = onnx.load_model_from_string(data)
    graph = model.graph

    def wide(tensor: Any) -> Any:
        if tensor.data_type != single:
            return tensor
        return onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype("float64"), tensor.name)

    for node in graph.node:
        if node.domain not in ("", "ai.onnx"):
            return None
        for attribute in node.attribute:
            if attribute.type in (onnx.AttributeProto.GRAPH, onnx.AttributeProto.GRAPHS):
                return None
            if attribute.type == onnx.AttributeProto.TENSOR:
                attribute.t.CopyFrom(wide(attribute.t))
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == single:
                attribute.i = double
            if node.op_type == "Constant" and attribute.name.startswith("value_float"):
                return None
    tensors = [wide(tensor) for tensor in graph.initializer]
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(tensors)
    for end in [*graph.input, *graph.output]:
        if end.type.tensor_type.elem_type == single:
            end.type.tensor_type.elem_type = double
    return model.SerializeToString()  # type: ignore[no-any-return]
