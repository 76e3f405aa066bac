"""The onnx engine: a graph run by onnxruntime, in one thread; numpy and onnxruntime are all that it needs.

model.json says which columns make which input of the graph, and which of its outputs are whose answer. The graph is
looked at before onnxruntime sees it.
"""

from __future__ import annotations

import json

from leanfn.errors import ArtifactError, RowError

from . import onnx_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    Values = Sequence[Any]

TYPES = {
    "float": "float32",
    "double": "float64",
    "int64": "int64",
    "int32": "int32",
    "bool": "bool",
    "string": "object",
}
LARGEST = {
    "float": 3.4028234663852886e38,
    "double": 1.7976931348623157e308,
    "int64": 2**63 - 1,
    "int32": 2**31 - 1,
}
FORMS = ("item", "first", "list", "argmax")


def load(read: Callable[[str], bytes]) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values.

    Raises ArtifactError for a graph that is refused, or without onnxruntime.
    """
    wiring = _wiring(read("model.json"))
    graph = read("model.onnx")
    onnx_file.check(graph)
    session = open_session(graph)
    feed = _feeder(wiring["inputs"], wiring["reach"])
    refuses_nan = wiring["nan"] == "refuse"
    named = [output.name for output in session.get_outputs()]

    def compile_(method: str) -> Callable[[Any], Any]:
        output = wiring["outputs"][method]
        dress = _dresser(output["as"], output["classes"])
        wanted = output["names"]

        def run(values: Values) -> Any:
            feeds = feed(values)
            if refuses_nan and None in values:
                return dress(_answer_to_null(session, feeds, named, wanted))
            return dress(_ask(session, feeds, wanted))

        return run

    return compile_


def open_session(graph: bytes) -> Any:
    """The graph as onnxruntime runs it: one thread within and between operators, in order, on the processor."""
    try:
        import onnxruntime
    except ImportError:
        raise ArtifactError(
            "the onnx engine needs onnxruntime and numpy, which are not installed\nInstall them: pip install 'leanfn[onnx]'"
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 4  # what it has to say it raises
    try:
        return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # one class per status of its own
        raise ArtifactError(
            f"onnxruntime {onnxruntime.__version__} does not load model.onnx\n  it said: {_one_line(error)}"
        ) from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:400]


def _ask(session: Any, feeds: dict[str, Any], names: list[str]) -> list[Any]:
    try:
        answers: list[Any] = session.run(names, feeds)
    except Exception as error:
        raise RowError(f"the model has no answer for this row: {_one_line(error)}") from error
    return answers


def _answer_to_null(session: Any, feeds: dict[str, Any], named: list[str], wanted: list[str]) -> list[Any]:
    """A null goes in as NaN; where NaN comes out of any output, the graph has no answer for a null there.

    So it is with a graph that came as one; of an estimator the signature knows which nulls it takes.
    """
    answers = dict(zip(named, _ask(session, feeds, named)))
    if any(array.dtype.kind == "f" and bool((array != array).any()) for array in answers.values()):
        raise RowError("the model has no answer for a null in this row")
    return [answers[name] for name in wanted]


def _feeder(inputs: list[dict[str, Any]], reach: int | None) -> Callable[[Values], dict[str, Any]]:
    """The function that makes the graph's inputs of one row's values."""
    import numpy as np

    parts = []
    for entry in inputs:
        read, dtype = reader(entry["type"], reach, entry["null"]), TYPES[entry["type"]]
        shape = (1,) if entry["rank"] == 1 else (1, len(entry["columns"]))
        parts.append((entry["name"], entry["columns"], read, dtype, shape))

    def feed(values: Values) -> dict[str, Any]:
        return {
            name: np.array([read(values[i]) for i in columns], dtype=dtype).reshape(shape)
            for name, columns, read, dtype, shape in parts
        }

    return feed


def reader(type_: str, reach: int | None = None, null: str | None = None) -> Callable[[Any], Any]:
    """The function that makes one value of an input's type.

    reach: as a power of ten, the largest number that is taken; null: the string that stands for a missing one.
    Raises RowError for a value that the graph cannot take.
    """
    if type_ == "string":
        return _string(null)
    if type_ == "bool":
        return _boolean
    largest = LARGEST[type_] if reach is None else min(LARGEST[type_], 10**reach)
    return _whole(largest) if type_ in ("int64", "int32") else _number(float(largest))


def _number(largest: float) -> Callable[[Any], float]:
    nan = float("nan")

    def read(x: Any) -> float:
        if x is None:
            return nan
        if not -largest <= x <= largest:
            raise RowError(f"the model takes numbers up to {largest:.1e}")
        return float(x)

    return read


def _whole(largest: float) -> Callable[[Any], int]:
    def read(x: Any) -> int:
        if x is None or x != x // 1 or not -largest <= x <= largest:
            raise RowError(f"the model takes whole numbers up to {largest:.1e} here")
        return int(x)

    return read


def _boolean(x: Any) -> bool:
    if x is None:
        raise RowError("the model takes true or false here")
    return bool(x)


def _string(null: str | None) -> Callable[[Any], str]:
    def read(x: Any) -> str:
        if x is None:
            if null is None:
                raise RowError("the model takes a string here")
            return null
        return str(x)

    return read


def _dresser(form: str, classes: list[Any] | None) -> Callable[[list[Any]], Any]:
    """The function that reads a method's answer out of the graph's outputs.

    item: their last number; first: their first; list: all of them; argmax: the class with the first largest number.
    """
    if form == "argmax":
        assert classes is not None
        return lambda answers: classes[int(answers[0].reshape(-1).argmax())]
    if form == "list":
        return lambda answers: (
            answers[0][0].tolist()
            if len(answers) == 1
            else [x for answer in answers for x in answer.reshape(-1).tolist()]
        )
    place = 0 if form == "first" else -1
    if classes is None:
        return lambda answers: answers[0].reshape(-1).tolist()[place]
    known = {cls: cls for cls in classes}  # a graph knows no booleans: 1 stands for true

    def label(answers: list[Any]) -> Any:
        found = answers[0].reshape(-1).tolist()[place]
        return known.get(found, found)

    return label


def _wiring(data: bytes) -> dict[str, Any]:
    """model.json, once it holds together."""
    try:
        document = json.loads(data)
        right = sorted(document) == ["inputs", "nan", "outputs", "reach"] and bool(document["inputs"])
        right = right and document["nan"] in ("answer", "refuse")
        reach = document["reach"]
        right = right and (reach is None or (type(reach) is int and 0 < reach < 300))
        for entry in document["inputs"]:
            right = right and (
                sorted(entry) == ["columns", "name", "null", "rank", "type"]
                and type(entry["name"]) is str
                and type(entry["null"]) in (str, type(None))
                and entry["type"] in TYPES
                and entry["rank"] in (1, 2)
                and bool(entry["columns"])
                and all(type(i) is int and i >= 0 for i in entry["columns"])
                and (entry["rank"] == 2 or len(entry["columns"]) == 1)
            )
        for entry in document["outputs"].values():
            right = right and (
                sorted(entry) == ["as", "classes", "names"]
                and entry["as"] in FORMS
                and bool(entry["names"])
                and all(type(name) is str for name in entry["names"])
                and (type(entry["classes"]) is list or (entry["classes"] is None and entry["as"] != "argmax"))
            )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        right, document = False, {}
    if not right:
        raise ArtifactError("model.json does not say how the graph's inputs and outputs are read")
    checked: dict[str, Any] = document
    return checked
