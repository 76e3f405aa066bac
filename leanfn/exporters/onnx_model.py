"""A model that came as an ONNX file, standing where an estimator stands: the graph itself is the original.

Nothing of the file is loaded before it was looked at.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from leanfn.engines import onnx as engine
from leanfn.engines import onnx_file
from leanfn.errors import ArtifactError, ExportError
from leanfn.manifest import MB, MEMBERS

from .onnx_graph import read_graph, wire

LIMIT = MEMBERS["model.onnx"]


class OnnxModel:
    """What a graph answers, a batch at a time, as an estimator would.

    Its methods are set one by one, for those that the graph has outputs for; classes_, feature_names_in_ and
    n_features_in_ where it says so much. outputs: as model.json has them.
    """

    def __init__(self, data: bytes) -> None:
        graph = read_graph(data)
        try:
            onnx_file.check(graph.data)
            self._session = engine.open_session(graph.data)
        except ArtifactError as error:
            raise ExportError(str(error)) from error
        self.graph = graph.data
        self._inputs = [_input(entry) for entry in self._session.get_inputs()]
        self._one_by_one = any(isinstance(entry.shape[0], int) for entry in self._session.get_inputs())
        self._names = [entry.name for entry in self._session.get_outputs()]
        self.outputs = wire(graph, self._session.get_outputs())
        for method in self.outputs:
            setattr(self, method, self._answering(method))
        self._describe()

    def __deepcopy__(self, memo: dict[int, Any]) -> "OnnxModel":
        del memo  # a session cannot be copied, and answers change nothing in it
        return self

    def _describe(self) -> None:
        """Say of oneself what a fitted estimator says."""
        label = self.outputs["predict"]
        if label["classes"]:
            self.classes_ = np.array(label["classes"])
        if label["classes"] or len(self.outputs) > 1:
            self._estimator_type = "classifier"
        elif all(self._type_of(name) in ("tensor(float)", "tensor(double)") for name in label["names"]):
            self._estimator_type = "regressor"
        widths = [entry["width"] for entry in self._inputs]
        if len(widths) > 1 and set(widths) == {1}:
            self.feature_names_in_ = np.array([entry["name"] for entry in self._inputs], dtype=object)
        if None not in widths and sum(widths) > 1:
            self.n_features_in_ = sum(widths)

    def _type_of(self, output: str) -> str:
        (found,) = [entry.type for entry in self._session.get_outputs() if entry.name == output]
        return str(found)

    @property
    def is_single(self) -> bool:
        """Whether it computes in float32."""
        ends = [*self._session.get_inputs(), *self._session.get_outputs()]
        return any(entry.type == "tensor(float)" for entry in ends)

    def inputs(self, columns: int) -> list[dict[str, Any]]:
        """The inputs as model.json has them: the columns are dealt to them in order."""
        known = sum(entry["width"] or 0 for entry in self._inputs)
        dealt, start = [], 0
        for entry in self._inputs:
            width = columns - known if entry["width"] is None else entry["width"]
            places = list(range(start, start + width))
            same = {key: entry[key] for key in ("name", "type", "rank")}
            dealt.append({**same, "columns": places, "null": None})
            start += width
        if start != columns or not all(entry["columns"] for entry in dealt):
            raise ExportError(
                f"the sample has other columns than the graph takes\n  wanted: {known}\n  found:  {columns}\n"
                "Give a sample with the model's own columns alone, in their order"
            )
        return dealt

    def feeds(self, rows: Any) -> dict[str, np.ndarray[Any, Any]]:
        """The arrays that the graph takes for rows: a frame, an array, or a list of one column's values."""
        columns = _columns(rows)
        feeds = {}
        for entry in self.inputs(len(columns)):
            read, dtype = engine.reader(entry["type"]), engine.TYPES[entry["type"]]
            parts = [[read(_null(x)) for x in columns[i]] for i in entry["columns"]]
            array = np.array(parts, dtype=dtype)
            feeds[entry["name"]] = array[0] if entry["rank"] == 1 else array.T
        return feeds

    def run(self, feeds: dict[str, Any]) -> list[Any]:
        """All outputs of the graph."""
        answers: list[Any] = self._session.run(None, feeds)
        return answers

    def _answering(self, method: str) -> Callable[[Any], list[Any]]:
        output = self.outputs[method]

        def answer(rows: Any) -> list[Any]:
            feeds = self.feeds(rows)
            count = len(next(iter(feeds.values())))
            steps = [slice(i, i + 1) for i in range(count)] if self._one_by_one else [slice(0, count)]
            answers: list[Any] = []
            for step in steps:
                part = {name: array[step] for name, array in feeds.items()}
                found = dict(zip(self._names, self.run(part)))
                _refuse_null(part, found)
                answers += _dressed(output, [found[name] for name in output["names"]])
            return answers

        return answer


def _input(entry: Any) -> dict[str, Any]:
    """One of the graph's inputs; ExportError for a shape or a type that no row of a table makes."""
    type_ = entry.type.removeprefix("tensor(").removesuffix(")")
    shape = entry.shape
    if type_ not in engine.TYPES or len(shape) not in (1, 2) or (isinstance(shape[0], int) and shape[0] != 1):
        raise ExportError(
            f"the graph's input {entry.name!r} is not one that a row of a table makes\n"
            f"  wanted: rows by columns, of {', '.join(engine.TYPES)}\n  found:  {shape} of {entry.type}"
        )
    width = 1 if len(shape) == 1 else shape[1] if isinstance(shape[1], int) else None
    return {"name": entry.name, "type": type_, "rank": len(shape), "width": width}


def _columns(rows: Any) -> list[list[Any]]:
    if hasattr(rows, "iloc") and hasattr(rows, "columns"):
        return [rows.iloc[:, i].tolist() for i in range(rows.shape[1])]
    if getattr(rows, "ndim", 1) == 2:
        return [rows[:, i].tolist() for i in range(rows.shape[1])]
    return [list(rows)]


def _null(value: Any) -> Any:
    return None if value is None or value != value else value


def _refuse_null(feeds: dict[str, Any], answers: dict[str, Any]) -> None:
    """Raise where a missing value comes out as NaN: the graph has no answer to it."""
    if any(array.dtype.kind == "f" and np.isnan(array).any() for array in feeds.values()):
        if any(array.dtype.kind == "f" and np.isnan(array).any() for array in answers.values()):
            raise ValueError("the graph answers a missing value with NaN")


def _dressed(output: dict[str, Any], arrays: list[np.ndarray[Any, Any]]) -> list[Any]:
    """A batch of answers, one entry a row."""
    rows = [array.reshape(len(array), -1) for array in arrays]
    if output["as"] == "argmax":
        return [output["classes"][place] for place in rows[0].argmax(axis=1)]
    if output["as"] == "item":
        return rows[0][:, -1].tolist()  # type: ignore[no-any-return]
    return arrays[0].tolist() if len(arrays) == 1 else np.concatenate(rows, axis=1).tolist()  # type: ignore[no-any-return]


def read_onnx(path: Path) -> OnnxModel:
    """The model in an ONNX file; ExportError for one that is refused."""
    size = path.stat().st_size
    if size > LIMIT:
        raise ExportError(
            f"{path} is oversized\n  wanted: at most {LIMIT / MB:.0f} MB\n  found:  {size / MB:.0f} MB"
        )
    try:
        return OnnxModel(path.read_bytes())
    except ExportError as error:
        raise ExportError(f"{path} cannot be exported: {error}") from error
