"""The onnx engine's model: a graph that came as one, or what skl2onnx (and onnxmltools, for boosters) makes.

A converter is not trusted: every form it makes goes through the proof, float64 first, then float32.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from leanfn.engines import onnx as engine
from leanfn.errors import ArtifactError, InvalidRows, Refusal, RowError
from leanfn.manifest import canonical
from leanfn.signature import Signature

from .candidate import EXACT, SINGLE, Candidate, Run
from .converters import NULL, converters_of
from .missing import route_missing
from .onnx_model import OnnxModel
from .original import Original
from .trimming import training_rows_of, trim
from .widen import rounding

OPSETS = {"": 21, "ai.onnx.ml": 3}  # what onnxruntime 1.18 and later load
# Powers of ten: the squares of numbers below stay finite; an estimator refuses the infinite, and a graph computes on.
REACH = {"double": 150, "float": 18}
ROWS_LOOKED_AT = 20
COLUMN = {"number": None, "boolean": None, "string": "string"}  # None: of the form's own type


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a model as a graph: the type of its numbers, and one input of all columns or one for each."""

    type: str
    matrix: bool


def build(original: Original, signature: Signature) -> Iterator[Candidate]:
    """The forms of a model that convert and load; Refusal when there is none."""
    if isinstance(original.model, OnnxModel):
        yield _as_it_came(original, original.model, signature)
        return
    if original.kind == "record" or any(column.type not in COLUMN for column in original.columns):
        raise Refusal(
            "the onnx engine takes tables of numbers, strings and booleans; other rows it does not carry"
        )
    _import_converter()
    model = trim(original.model)
    failures = []
    for form in _forms(original):
        try:
            yield _candidate(original, signature, model, form)
        except (Refusal, ArtifactError) as error:
            failures.append(error)
    if len(failures) == len(_forms(original)):
        raise Refusal(
            f"the onnx engine does not carry {type(original.model).__name__}: {str(failures[0]).splitlines()[0]}"
        )


def _as_it_came(original: Original, model: OnnxModel, signature: Signature) -> Candidate:
    """The candidate of a model that is a graph already."""
    inputs = model.inputs(len(original.columns))
    members = {
        "model.json": canonical({"inputs": inputs, "outputs": model.outputs, "reach": None, "nan": "refuse"}),
        "model.onnx": model.graph,
    }
    return candidate_of(
        members,
        list(model.outputs),
        signature,
        single=model.is_single,
        training_rows=[],
        rounding=rounding(original) if model.is_single else None,
    )


def _import_converter() -> None:
    try:
        import onnxruntime  # noqa: F401
        import skl2onnx  # noqa: F401
    except ImportError as error:
        raise Refusal(
            f"the onnx engine needs onnxruntime and skl2onnx; {error.name} is not installed\n"
            "Install them: pip install 'leanfn[onnx]'"
        ) from None


def _forms(original: Original) -> list[_Form]:
    numeric = all(column.type != "string" for column in original.columns)
    shapes = [True] if original.kind == "bare" else [True, False] if numeric else [False]
    types = ["double", "float"] if any(column.type != "string" for column in original.columns) else ["float"]
    return [_Form(type_, matrix) for type_ in types for matrix in shapes]


def _candidate(original: Original, signature: Signature, model: Any, form: _Form) -> Candidate:
    inputs = _inputs(original, form)
    methods = _methods(original)
    graph = _convert(model, inputs, form, methods)
    outputs = {
        method: _output(original, method, name)
        for method, name in zip(methods, [output.name for output in graph.graph.output])
    }
    members = _members(graph, inputs, outputs, form)
    if outputs.get("decision_function", {}).get("as") == "item" and _is_mirrored(original, members):
        outputs["decision_function"]["as"] = "first"
        members = _members(graph, inputs, outputs, form)
    return candidate_of(
        members,
        list(outputs),
        signature,
        single=form.type == "float",
        training_rows=training_rows_of(model),
        reach=10.0 ** REACH[form.type],
    )


def _members(
    graph: Any, inputs: list[dict[str, Any]], outputs: dict[str, Any], form: _Form
) -> dict[str, bytes]:
    wiring = {"inputs": inputs, "outputs": outputs, "reach": REACH[form.type], "nan": "answer"}
    return {"model.json": canonical(wiring), "model.onnx": graph.SerializeToString(deterministic=True)}


def _is_mirrored(original: Original, members: dict[str, bytes]) -> bool:
    """Whether the scores of two classes stand in the graph's other order, as those of its SVMs do."""
    run = engine.load(members.__getitem__)("decision_function")
    rows = original.rows[:ROWS_LOOKED_AT]
    wanted = original.ask("decision_function", rows)
    try:
        return all(isinstance(right, float) and run(row) * right < 0 for row, right in zip(rows, wanted))
    except RowError:
        return False


def candidate_of(
    members: dict[str, bytes],
    methods: list[str],
    signature: Signature,
    *,
    single: bool,
    training_rows: list[str],
    reach: float = float("inf"),
    rounding: float | None = None,
) -> Candidate:
    """A graph and its wiring as they stand for proof; single: whether it computes in float32."""
    compile_ = engine.load(members.__getitem__)
    return Candidate(
        engine="onnx",
        methods=methods,
        members=members,
        compile=lambda method: _behind(signature, compile_(method)),
        requirements=requirements(),
        training_rows=training_rows,
        bound=dict(SINGLE if single else EXACT),
        precision="float32" if single else "float64",
        rounding=rounding,
        reach=reach,
    )


def _behind(signature: Signature, run: Run) -> Run:
    """The function behind the signature, as an artifact has it: a graph answers for rows that the original refuses."""

    def answer(values: Any) -> Any:
        try:
            signature.read(list(values))
        except InvalidRows as error:
            raise RowError(str(error)) from error
        return run(values)

    return answer


def requirements() -> list[str]:
    """What a function must install to run a graph, pinned to the versions that it was proved with."""
    return [f"{name}=={version(name)}" for name in ("numpy", "onnxruntime")]


def _inputs(original: Original, form: _Form) -> list[dict[str, Any]]:
    """The graph's inputs, as model.json has them."""
    every = list(range(len(original.columns)))
    if form.matrix:
        type_ = COLUMN[original.columns[0].type] or form.type
        return [{"name": "row", "type": type_, "columns": every, "rank": 2, "null": NULL}]
    return [
        {
            "name": column.name,
            "type": COLUMN[column.type] or form.type,
            "columns": [i],
            "rank": 2,
            "null": NULL,
        }
        for i, column in enumerate(original.columns)
    ]


def _methods(original: Original) -> list[str]:
    """Whose answers the graph's first outputs are."""
    if "predict" not in original.methods:
        return ["transform"]
    second = next((name for name in ("predict_proba", "decision_function") if name in original.methods), None)
    return ["predict"] if second is None else ["predict", second]


def _output(original: Original, method: str, name: str) -> dict[str, Any]:
    (answer,) = original.ask(method, original.rows[:1])
    classes = None
    if method == "predict" and not isinstance(answer, list):
        found: Any = getattr(original.model, "classes_", None)
        classes = found.tolist() if hasattr(found, "tolist") else None
    return {"names": [name], "as": "list" if isinstance(answer, list) else "item", "classes": classes}


def _convert(model: Any, inputs: list[dict[str, Any]], form: _Form, methods: list[str]) -> Any:
    """The graph of a model; Refusal with what the converter said, whatever it raised."""
    is_classifier = hasattr(model, "classes_")
    scores = {"raw_scores": True} if is_classifier and methods[1:] == ["decision_function"] else {}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                return _converted(model, inputs, {"zipmap": False, **scores} if is_classifier else {})
            except NameError:  # some converters have no such option
                return _converted(model, inputs, scores)
    except Refusal:
        raise
    except Exception as error:  # a converter raises whatever its code meets
        said = " ".join(str(error).split())[:200]
        raise Refusal(
            f"skl2onnx does not convert it to {form.type}: {type(error).__name__}: {said}"
        ) from error


def _converted(model: Any, inputs: list[dict[str, Any]], options: dict[str, bool]) -> Any:
    from skl2onnx import convert_sklearn
    from skl2onnx.common import data_types

    types = {
        "double": data_types.DoubleTensorType,
        "float": data_types.FloatTensorType,
        "string": data_types.StringTensorType,
    }
    functions, shapes = converters_of(model)
    graph = convert_sklearn(
        model,
        "model",
        [(entry["name"], types[entry["type"]]([None, len(entry["columns"])])) for entry in inputs],
        target_opset=OPSETS,
        options={id(model): options} if options else None,
        custom_conversion_functions=functions,
        custom_shape_calculators=shapes,
    )
    route_missing(graph, model)
    return graph
