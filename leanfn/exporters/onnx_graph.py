"""An ONNX file as a graph that stands alone, and whose answers its outputs are; nothing is run here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from leanfn.errors import ExportError

LABELS = ("tensor(int64)", "tensor(int32)", "tensor(string)", "tensor(bool)")
NUMBERS = ("tensor(float)", "tensor(double)")
CLASSES = ("classlabels_int64s", "classlabels_ints", "classlabels_strings")


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph of tensors alone. classes: in the order of its scores, where it names them. softmax: the outputs that
    come out of a Softmax."""

    data: bytes
    classes: list[Any] | None
    softmax: frozenset[str]


def read_graph(data: bytes) -> Graph:
    """The graph with local functions inlined and without ZipMap, which makes objects of an array."""
    try:
        import onnx
        from google.protobuf.message import DecodeError
    except ImportError:
        raise ExportError(
            "ONNX models need onnx and onnxruntime\nInstall them: pip install 'leanfn[onnx]'"
        ) from None
    try:
        model = onnx.load_model_from_string(data)
    except DecodeError as error:
        raise ExportError("it is no ONNX file, or a damaged one") from error
    if model.functions:
        import onnx.inliner

        model = onnx.inliner.inline_local_functions(model)
        data = model.SerializeToString(deterministic=True)
    classes = _classes(model.graph)
    maps = [node for node in model.graph.node if node.op_type == "ZipMap"]
    for node in maps:
        _unzip(model.graph, node)
    softmax = {name for node in model.graph.node if node.op_type == "Softmax" for name in node.output}
    return Graph(model.SerializeToString(deterministic=True) if maps else data, classes, frozenset(softmax))


def _unzip(graph: Any, node: Any) -> None:
    """Let the array that a ZipMap reads be the output in its place."""
    import onnx

    (output,) = [entry for entry in graph.output if entry.name == node.output[0]]
    array = onnx.helper.make_tensor_value_info(node.input[0], onnx.TensorProto.FLOAT, [None, None])
    graph.output.insert(list(graph.output).index(output), array)
    graph.output.remove(output)
    graph.node.remove(node)


def _classes(graph: Any) -> list[Any] | None:
    """The classes that a classifier's node names, or the array of them that skl2onnx keeps."""
    import onnx

    for node in reversed(graph.node):
        for attribute in node.attribute:
            if attribute.name in CLASSES and (attribute.ints or attribute.strings):
                return list(attribute.ints) or [text.decode() for text in attribute.strings]
    for array in graph.initializer:
        if array.name.startswith("classes") and array.data_type in (
            onnx.TensorProto.INT64,
            onnx.TensorProto.STRING,
        ):
            found = onnx.numpy_helper.to_array(array).ravel().tolist()
            return [item.decode() if isinstance(item, bytes) else item for item in found]
    return None


def wire(graph: Graph, outputs: Sequence[Any]) -> dict[str, dict[str, Any]]:
    """Method -> the outputs that are its answer, as model.json has it.

    outputs: as onnxruntime describes them. A label is a classifier's answer (its scores beside it), and so is the
    place of the largest number that comes out of a Softmax; other numbers are what a regression predicts.
    """
    labels = [output for output in outputs if output.type in LABELS]
    numbers = [output for output in outputs if output.type in NUMBERS]
    if len(labels) + len(numbers) != len(outputs) or len(labels) > 1 or (labels and len(numbers) > 1):
        found = ", ".join(f"{output.name}: {output.type}" for output in outputs)
        raise ExportError(
            "the graph's outputs are not one model's answer\n"
            f"  wanted: one label and its scores, or numbers\n  found:  {found}\n"
            "Leave the other outputs out: onnx.utils.Extractor"
        )
    if labels:
        methods = {
            "predict": _method([labels[0]], "list" if _width(labels[0]) > 1 else "item", graph.classes)
        }
        if numbers:
            name = "predict_proba" if "prob" in numbers[0].name.lower() else "decision_function"
            methods[name] = _method(numbers, "list")
        return methods
    if len(numbers) == 1 and numbers[0].name in graph.softmax and _width(numbers[0]) > 1:
        classes = graph.classes or list(range(_width(numbers[0])))
        return {"predict": _method(numbers, "argmax", classes), "predict_proba": _method(numbers, "list")}
    many = len(numbers) > 1 or (len(numbers[0].shape) > 1 and _width(numbers[0]) != 1)
    return {"predict": _method(numbers, "list" if many else "item")}


def _width(output: Any) -> int:
    """Numbers in a row of an output; 0 where the graph does not say."""
    if len(output.shape) < 2:
        return 1
    return output.shape[1] if isinstance(output.shape[1], int) else 0


def _method(outputs: Sequence[Any], form: str, classes: list[Any] | None = None) -> dict[str, Any]:
    return {"names": [output.name for output in outputs], "as": form, "classes": classes}
