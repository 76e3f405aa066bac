"""The model that an export builds: nodes, each held against the operation table as it is added.

It knows the operation table and nothing of how an operation runs.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from leanfn.engines.lean import operations
from leanfn.errors import ArtifactError, Refusal
from leanfn.tensors import CODES, Tensor

NUMBER, STRING, BOOLEAN, ANY = "number", "string", "boolean", "any"
NUMPY: dict[str, Any] = {
    "F64": np.float64,
    "F32": np.float32,
    "I64": np.int64,
    "I32": np.int32,
    "U32": np.uint32,
}
NUMPY |= {"I16": np.int16, "U16": np.uint16, "I8": np.int8, "U8": np.uint8}


@dataclass(frozen=True, slots=True)
class Wire:
    """A node's output as a lowering sees it: number, kind, width, what its numbers may be, and its columns' names.

    types: of a `values` wire, the signature's type of each column. flat: of one column, whether scikit-learn sees it as
    a sequence of values and not as a table of one column: what vectorizers and label encoders take. stores: whether the
    original's row is a sparse one, which stores no zeros: the boosters' missing values; a short one is laid out here.
    """

    number: int
    kind: str
    width: int
    nan: bool
    infinite: bool
    names: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    flat: bool = False
    stores: bool = False

    @property
    def is_numeric(self) -> bool:
        """Whether scikit-learn would see an array of numbers."""
        return self.types is None or all(kind in (NUMBER, BOOLEAN) for kind in self.types)


class Graph:
    """Nodes and arrays. Adding what already stands returns the standing node, so methods share their work.

    training_rows: the steps whose operations hold rows of the training data. none_columns: the columns whose nulls the
    sample writes as None, not NaN. category_columns: those that it holds as pandas' categories. frame: whether the model is
    handed a pandas frame. categories, fills, thresholds: what the steps said of the source columns. covers: per
    trees/1, how much of the training data each of its leaves holds. functions: per function that call/1 names, the lines
    that define it and each thing that it uses. undecided: wires with, for what they give, whether the original's answer
    hangs on its rounding.
    """

    def __init__(self, kind: str, names: Sequence[str], types: Sequence[str]) -> None:
        self.nodes: list[dict[str, Any]] = []
        self.tensors: dict[str, Tensor] = {}
        self.outputs: dict[str, int] = {}
        self.training_rows: list[str] = []
        self.none_columns: frozenset[str] = frozenset()
        self.category_columns: frozenset[str] = frozenset()
        self.frame = False
        self.categories: dict[str, list[Any]] = {}
        self.fills: dict[str, list[Any]] = {}
        self.thresholds: dict[str, list[float]] = {}
        self.covers: dict[int, np.ndarray[Any, Any]] = {}
        self.functions: dict[str, dict[str, str]] = {}
        self.undecided: list[tuple[Wire, Callable[[list[float]], bool]]] = []
        self._wires: list[operations.Wire] = []
        self._standing: dict[str, int] = {}
        self._arrays: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._steps: list[str] = []
        row = self.add("input/1", kind="values" if kind != "record" else "record", width=len(names))
        self.row = replace(row, names=tuple(names), types=tuple(types), flat=kind == "bare")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Within it, a refusal says that it met the named step."""
        self._steps.append(name)
        try:
            yield
        finally:
            self._steps.pop()

    def refuse(self, estimator: object, reason: str) -> Refusal:
        """The refusal of an estimator: where it sits and why the lean engine does not carry it."""
        where = f" (step {' > '.join(self._steps)})" if self._steps else ""
        return Refusal(f"the lean engine does not carry {type(estimator).__name__}{where}: {reason}")

    def carries_training_rows(self, estimator: object) -> None:
        """Note that the artifact will hold rows the estimator was trained on."""
        self.training_rows.append(" > ".join([*self._steps, type(estimator).__name__]))

    def note_categories(self, name: str, categories: list[Any]) -> None:
        """A source column's categories, as an encoder knows them."""
        if name:
            self.categories.setdefault(name, _plain(categories))

    def note_fills(self, names: Sequence[str] | None, fills: Sequence[Any]) -> None:
        """What an imputer writes where a source column has no value."""
        for name, fill in zip(names or (), fills):
            self.fills.setdefault(name, []).append(_plain(fill))

    def note_thresholds(
        self, names: Sequence[str] | None, columns: Sequence[int], thresholds: Sequence[float]
    ) -> None:
        """Where trees split a source column: what the certificate tries both sides of."""
        for column, threshold in zip(columns, thresholds):
            name = names[column] if names else ""
            if name:
                self.thresholds.setdefault(name, []).append(float(threshold))

    def add(self, op: str, /, *inputs: Wire, **values: Any) -> Wire:
        """Add an operation: `values` are its parameters and arrays by the names that the table declares."""
        declared = operations.find(op)
        missing = (declared.params.keys() | declared.arrays.keys()) ^ values.keys()
        assert not missing, f"{op} is declared with other parameters: {sorted(missing)}"
        params = {name: _plain(values[name]) for name in declared.params}
        arrays = {name: _tensor(values[name], wanted) for name, wanted in declared.arrays.items()}
        node = operations.Node(op, tuple(self._wires[wire.number] for wire in inputs), params, arrays)
        try:
            out = operations.check(declared, node)
        except ArtifactError as error:
            # a lowering of somebody's own, or a function registered with another width than it has
            where = f" (step {' > '.join(self._steps)})" if self._steps else ""
            raise Refusal(f"the lean engine does not carry this{where}: {error}") from error
        entry = {
            "op": op,
            "in": [wire.number for wire in inputs],
            "params": params,
            "arrays": {name: None if array is None else self._keep(array) for name, array in arrays.items()},
        }
        key = json.dumps(entry, sort_keys=True)
        number = self._standing.get(key)
        if number is None:
            number = self._standing[key] = len(self.nodes)
            self.nodes.append(entry)
            self._wires.append(out)
        return Wire(number, out.kind, out.width, out.nan, out.infinite, stores=out.kind == "sparse")

    def _keep(self, array: Tensor) -> str:
        """The name of an array; equal arrays have one."""
        key = (array.dtype, array.shape, array.flat.tobytes())
        if key not in self._arrays:
            self._arrays[key] = name = str(len(self._arrays))
            self.tensors[name] = array
        return self._arrays[key]

    def inputs(self, wire: Wire, op: str) -> list[Wire] | None:
        """The wires that an operation joined into this one; None when another operation gave it."""
        node = self.nodes[wire.number]
        if node["op"] != op:
            return None
        return [self.wire(i) for i in node["in"]]

    def wire(self, number: int) -> Wire:
        """What a node gives."""
        wire = self._wires[number]
        return Wire(number, wire.kind, wire.width, wire.nan, wire.infinite)

    def array(self, number: int, name: str) -> np.ndarray[Any, Any] | None:
        """One of a node's arrays."""
        kept = self.nodes[number]["arrays"][name]
        if kept is None:
            return None
        tensor = self.tensors[kept]
        return np.frombuffer(tensor.flat, dtype=NUMPY[tensor.dtype]).reshape(tensor.shape)

    def needed(self, numbers: Iterable[int]) -> list[int]:
        """The nodes that these nodes are made of, themselves and the row among them, in the order in which they run."""
        needed, waiting = {0}, list(numbers)
        while waiting:
            number = waiting.pop()
            if number not in needed:
                needed.add(number)
                waiting += self.nodes[number]["in"]
        return sorted(needed)

    def document(self, outputs: Mapping[str, int] | None = None) -> dict[str, Any]:
        """What model.json holds: the nodes that the outputs (by default the methods) need, numbered anew."""
        outputs = self.outputs if outputs is None else outputs
        needed = self.needed(outputs.values())
        number_of = {old: new for new, old in enumerate(needed)}
        nodes = [{**self.nodes[old], "in": [number_of[i] for i in self.nodes[old]["in"]]} for old in needed]
        return {"nodes": nodes, "outputs": {name: number_of[old] for name, old in outputs.items()}}

    def arrays(self, outputs: Mapping[str, int] | None = None) -> dict[str, Tensor]:
        """What model.safetensors holds: the arrays of those nodes."""
        needed = self.needed((self.outputs if outputs is None else outputs).values())
        used = {name for old in needed for name in self.nodes[old]["arrays"].values() if name is not None}
        return {name: array for name, array in self.tensors.items() if name in used}


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays as the JSON values they stand for; NaN as null, a whole float as an integer."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        if value != value:
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    return value


def _tensor(value: Any, declared: str) -> Tensor | None:
    """An array in the first declared dtype that holds it exactly."""
    dtypes, *dimensions = declared.split()
    if value is None:
        return None
    array = np.asarray(value)
    if array.ndim == 0 and len(dimensions) == 1:
        array = array[None]
    *others, last = dtypes.rstrip("?").split("|")
    dtype = next((dtype for dtype in others if np.array_equal(_cast(array, dtype), array)), last)
    cast = _cast(array, dtype)
    flat = memoryview(cast.tobytes()).cast(CODES[dtype][0])
    return Tensor(dtype, cast.shape, flat)


def _cast(array: np.ndarray[Any, Any], dtype: str) -> np.ndarray[Any, Any]:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.ascontiguousarray(array, dtype=NUMPY[dtype]).reshape(array.shape)
