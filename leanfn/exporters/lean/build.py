"""The lean engine's model of an estimator."""

from collections.abc import Callable, Mapping
from typing import Any

from leanfn import tensors
from leanfn.certificate import difference
from leanfn.errors import HookError, Refusal, RowError
from leanfn.manifest import canonical

from ..candidate import Candidate
from ..original import REFUSED, Original
from ..rows import Notes
from . import explanation, lowering, shipped
from .explanation import Explanation
from .graph import Graph, Wire

ENGINE = "leanfn.engines.lean.engine"
AVERAGED = 5_000  # rows of the sample, at most, that an explanation's mean is taken of


def build(original: Original) -> Candidate:
    """Lower a model to operations. Refusal names the step and the parameter that stand in the way."""
    graph = _graph(original)
    outputs = _outputs(graph, original)
    for method, wire in outputs.items():
        graph.outputs[method] = _as_answered(graph, original, method, wire).number
    members = _members(graph)
    explained = explanation.explain(graph, outputs)
    if explained is not None:
        if explained.is_linear:
            explained = explanation.centred(graph, explained, _parts(graph, original, members, explained))
        members |= _explain_members(graph, explained)
    return Candidate(
        engine="lean",
        methods=list(graph.outputs),
        members=members,
        compile=_engine(members),
        training_rows=graph.training_rows,
        notes=Notes(graph.categories, graph.fills, graph.thresholds),
        locate=lambda row: _first_difference(original, row),
        explains=None if explained is None else {"method": explained.method, "link": explained.link},
        is_undecided=_undecided(graph),
    )


def notes(original: Original) -> Notes:
    """What lowering learns of the columns, even of a model that it does not carry in the end."""
    graph = _graph(original)
    try:
        _outputs(graph, original)
    except Refusal:
        pass
    return Notes(graph.categories, graph.fills, graph.thresholds)


def _graph(original: Original) -> Graph:
    columns = original.columns
    graph = Graph(original.kind, [column.name for column in columns], [column.type for column in columns])
    graph.none_columns = frozenset(column.name for column in columns if column.null is None)
    graph.frame = original.needs_frame
    graph.category_columns = frozenset(
        column.name for column in columns if hasattr(column.dtype, "categories")
    )
    return graph


def _outputs(graph: Graph, original: Original) -> dict[str, Wire]:
    """The wires of the model's own methods, those that have a lowering."""
    outputs: dict[str, Wire] = {}
    if original.methods != ["transform"]:
        try:
            outputs = lowering.predict(graph, original.model, graph.row)
        except Refusal:
            if "predict" in original.methods or "transform" not in original.methods:
                raise  # a transformer that also scores is carried without its scores
    if "transform" in original.methods:
        try:
            outputs["transform"] = lowering.transform(graph, original.model, graph.row)
        except Refusal:
            if not outputs:
                raise
    found = {method: outputs[method] for method in original.methods if method in outputs}
    if not found:
        raise graph.refuse(original.model, f"no lowering of {', '.join(original.methods)}")
    return found


def _as_answered(graph: Graph, original: Original, method: str, wire: Wire) -> Wire:
    """The wire in the shape of the original's answer: dense, and one number where it gives one."""
    if wire.kind == "values":  # what passes through untouched
        every = list(range(wire.width))
        wire = graph.add("numbers/1", wire) if wire.is_numeric else graph.add("pick/1", wire, columns=every)
    if wire.kind == "sparse":
        wire = graph.add("dense/1", wire)
    if wire.kind == "vector" and wire.width == 1:
        answers = original.ask(method, original.rows[:20])
        if not any(isinstance(answer, list) for answer in answers):
            return graph.add("item/1", wire)
    return wire


def _members(graph: Graph, outputs: Mapping[str, int] | None = None) -> dict[str, bytes]:
    document = graph.document(outputs)
    members = {"model.json": canonical(document), "model.safetensors": tensors.dump(graph.arrays(outputs))}
    called = {node["params"]["function"] for node in document["nodes"] if node["op"] == "call/1"}
    if called:
        members["functions.py"] = shipped.module(graph.functions[name] for name in sorted(called))
    return members


def _explain_members(graph: Graph, explained: Explanation) -> dict[str, bytes]:
    """The explanation as members of its own, which predicting does not read; arrays of the model are not repeated."""
    output = {"explain": explained.wire.number}
    shared = graph.arrays()
    own = {name: array for name, array in graph.arrays(output).items() if name not in shared}
    return {"explain.json": canonical(graph.document(output)), "explain.safetensors": tensors.dump(own)}


def _parts(graph: Graph, original: Original, members: dict[str, bytes], explained: Explanation) -> list[Any]:
    """What the fields of the sample's rows add, of rows that have an answer."""
    run = _engine({**members, **_explain_members(graph, explained)})("explain")
    rows = original.rows
    parts = []
    for row in rows[:: -(-len(rows) // AVERAGED)]:
        try:
            parts.append(run(row))
        except (RowError, HookError):
            continue
    return parts


def _engine(members: dict[str, bytes]) -> Callable[[str], Callable[[Any], Any]]:
    # by name: the exporter knows no execution, and hands the members to the engine as a stranger would
    compile_: Callable[[str], Callable[[Any], Any]] = __import__(ENGINE, fromlist=["load"]).load(
        members.__getitem__
    )
    return compile_


def _undecided(graph: Graph) -> Callable[[Any], bool]:
    """Whether a step's answer to what reaches it of a row hangs on the original's rounding."""
    if not graph.undecided:
        return lambda _: False
    outputs = {str(number): wire.number for number, (wire, _) in enumerate(graph.undecided)}
    compile_ = _engine(_members(graph, outputs))
    tests = [(compile_(str(number)), hangs) for number, (_, hangs) in enumerate(graph.undecided)]

    def is_undecided(row: Any) -> bool:
        try:
            return any(hangs(run(row)) for run, hangs in tests)
        except (RowError, HookError):
            return False

    return is_undecided


def _first_difference(original: Original, row: Any) -> str | None:
    """The first step of a pipeline whose transformed row is not the original's."""
    model = original.model
    if type(model).__name__ != "Pipeline":
        return None
    data = original.input([row])
    for end in range(1, len(model.steps)):
        part = model[:end]
        graph = _graph(original)
        wire = lowering.transform(graph, part, graph.row)
        if wire.kind == "sparse":
            wire = graph.add("dense/1", wire)
        graph.outputs["transform"] = wire.number
        wanted = _transformed(part, data)
        try:
            found = _engine(_members(graph))("transform")(row)
        except (RowError, HookError):
            found = REFUSED
        if found is REFUSED or difference(list(found), wanted) > 1e-9:
            return str(model.steps[end - 1][0])
    return str(model.steps[-1][0])


def _transformed(part: Any, data: Any) -> Any:
    from ..original import rows_of

    try:
        return rows_of(part.transform(data), 1)[0]
    except Exception:  # the original refuses the row at this step
        return REFUSED
