"""The Open Inference Protocol, version 2, over HTTP: tensors in, tensors out. What is wrong is told in `error` too.

https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md

A table takes one tensor for each field, named for it, or a single one of rows and columns in the order of the fields.
null stands for a missing value, in both directions.
"""

from __future__ import annotations

from leanfn.errors import InvalidRows
from leanfn.http import Refused, answer, encode
from leanfn.platforms import ROWS_LIMIT
from leanfn.signature import describe, point

from .predict import answer_rows, media_type, read_json, read_query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response
    from leanfn.signature import Signature

    Model = Callable[[], Artifact]

INTEGERS = ("UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64")
# datatype -> what JSON may hold for it
DATATYPES: dict[str, tuple[type, ...]] = {
    "BOOL": (bool,),
    **dict.fromkeys(INTEGERS, (int,)),
    **dict.fromkeys(("FP16", "FP32", "FP64", "BF16"), (int, float)),
    "BYTES": (str,),
}
FIELD_DATATYPES = {"number": "FP64", "string": "BYTES", "boolean": "BOOL", "any": "BYTES", "list": "BYTES"}
PROBABILITIES, EXPLANATION = BESIDE = (
    "probabilities",
    "explanation",
)  # what an answer holds when it is asked for


def server(model: Model, _: Request) -> Response:
    from leanfn import __version__

    model()
    return answer(200, {"name": "leanfn", "version": __version__, "extensions": []})


def live(_: Model, __: Request) -> Response:
    return answer(200, {"live": True})


def ready(model: Model, _: Request) -> Response:
    model()
    return answer(200, {"ready": True})


def model_ready(model: Model, request: Request) -> Response:
    artifact = _asked_for(model, request)
    return answer(200, {"name": artifact.name, "ready": True})


def metadata(model: Model, request: Request) -> Response:
    artifact = _asked_for(model, request)
    inputs = [
        {"name": field.name, "datatype": FIELD_DATATYPES[field.type], "shape": [-1]}
        for field in artifact.signature.fields
    ]
    output = artifact.manifest.output
    names = [output] if isinstance(output, str) else output
    several = type((artifact.manifest.classes or [None])[0]) is list  # classes for each output of one answer
    shape = [-1, -1] if several and isinstance(output, str) else [-1]
    outputs = [{"name": name, "datatype": _answers_datatype(artifact), "shape": shape} for name in names]
    if "predict_proba" in artifact.methods:
        datatype = "BYTES" if several else "FP64"
        outputs.append({"name": PROBABILITIES, "datatype": datatype, "shape": [-1, -1]})
    if artifact.manifest.explains is not None:
        outputs.append({"name": EXPLANATION, "datatype": "BYTES", "shape": [-1]})
    return answer(
        200,
        {
            "name": artifact.name,
            "versions": [artifact.version],
            "platform": f"leanfn_{artifact.engine}",
            "inputs": inputs,
            "outputs": outputs,
        },
    )


def infer(model: Model, request: Request) -> Response:
    artifact = _asked_for(model, request)
    asked = read_query(request.query)
    media_type(request)
    body = read_json(request)
    if type(body) is not dict or type(body.get("inputs")) is not list or not body["inputs"]:
        found = body.get("inputs") if type(body) is dict else body
        raise _invalid(
            "/inputs" if type(body) is dict else "", "no tensors", "a list of tensors in inputs", found
        )
    tensors = [_Tensor(f"/inputs/{number}", document) for number, document in enumerate(body["inputs"])]
    wanted = _wanted(body)
    if wanted is not None:
        asked = tuple([flag or name in wanted for flag, name in zip(asked, BESIDE)])
    rows, relocate = _rows(tensors, artifact.signature)
    answers = answer_rows(artifact, request, rows, asked, relocate)
    outputs = _outputs(answers)
    if wanted is not None:
        for name in wanted:
            if name not in outputs and answers:
                raise Refused(
                    400,
                    "an output that is not known here",
                    f"known: {', '.join(outputs)}; found: {name[:60]}",
                )
        outputs = {name: outputs[name] for name in wanted if name in outputs}
    reply: dict[str, Any] = {"model_name": artifact.name, "model_version": artifact.version}
    if type(body.get("id")) is str:
        reply["id"] = body["id"]
    warnings = [entry.get("warnings", []) for entry in answers if type(entry) is dict]
    if any(warnings):
        # Parameters hold strings, numbers and booleans only.
        reply["parameters"] = {"warnings": encode(warnings).decode()}
    reply["outputs"] = list(outputs.values())
    return answer(200, reply)


ROUTES: dict[str, dict[str, Callable[[Model, Request], Response]]] = {
    "/v2": {"GET": server},
    "/v2/health/live": {"GET": live},
    "/v2/health/ready": {"GET": ready},
}
MODEL_ROUTES: dict[str, dict[str, Callable[[Model, Request], Response]]] = {
    "": {"GET": metadata},
    "ready": {"GET": model_ready},
    "infer": {"POST": infer},
}


def find(path: str) -> dict[str, Callable[[Model, Request], Response]] | None:
    """The methods that a path under /v2 takes; whether the model has that name is seen when it is loaded."""
    if path in ROUTES:
        return ROUTES[path]
    place = _place(path)
    return None if place is None else MODEL_ROUTES.get(place[2])


def _place(path: str) -> tuple[str, str, str] | None:
    """Model, version ("" for any) and what is asked of it, in /v2/models/{model}[/versions/{version}][/{what}]."""
    parts = path.split("/")[2:]
    if len(parts) < 2 or parts[0] != "models":
        return None
    name, rest = parts[1], parts[2:]
    version = ""
    if len(rest) > 1 and rest[0] == "versions":
        version, rest = rest[1], rest[2:]
    return (name, version, "".join(rest)) if len(rest) < 2 else None


def _asked_for(model: Model, request: Request) -> Artifact:
    artifact = model()
    place = _place(request.path)
    if place is None or place[0] != artifact.name or place[1] not in ("", artifact.version):
        raise Refused(404, "no such model", f"this is {artifact.name}, version {artifact.version}")
    return artifact


class _Tensor:
    """One input: its name, its shape and its values in a flat list."""

    def __init__(self, pointer: str, document: Any) -> None:
        self.pointer = pointer
        if type(document) is not dict:
            raise _invalid(pointer, "not a tensor", "an object with name, shape, datatype and data", document)
        self.name: str = document.get("name", "")
        shape: list[int] = document.get("shape", [])
        datatype = document.get("datatype")
        if type(self.name) is not str or not self.name:
            raise _invalid(pointer + "/name", "no name", "a string", self.name or None)
        sizes = type(shape) is list and all(type(size) is int and 0 <= size < 2**40 for size in shape)
        if not sizes or len(shape) not in (1, 2):
            raise _invalid(pointer + "/shape", "no shape of rows", "[rows] or [rows, columns]", shape)
        if type(datatype) is not str or datatype not in DATATYPES:
            raise _invalid(
                pointer + "/datatype", "no known datatype", f"one of {', '.join(DATATYPES)}", datatype
            )
        data = document.get("data")
        if type(data) is not list:
            raise _invalid(pointer + "/data", "no data", "a list", data)
        self.rows, self.columns = shape[0], shape[1] if len(shape) == 2 else 1
        self.nested = bool(data) and type(data[0]) is list
        self.values: list[Any] = []
        for position, item in enumerate(data):
            if not self.nested:
                self.values = data
                break
            if type(item) is not list or len(item) != self.columns:
                raise _invalid(f"{pointer}/data/{position}", "not a row", f"a list of {self.columns}", item)
            self.values += item
        if len(self.values) != self.rows * self.columns:
            size = self.rows * self.columns
            raise _invalid(pointer + "/data", "not as long as the shape says", f"{size} values", self.values)
        kinds = (*DATATYPES[datatype], type(None))
        for position, value in enumerate(self.values):
            if type(value) not in kinds:
                raise _invalid(self.point_to(position), f"not {datatype}", datatype, value)

    def point_to(self, position: int) -> str:
        """Where in the body a value stands."""
        if self.nested:
            return f"{self.pointer}/data/{position // self.columns}/{position % self.columns}"
        return f"{self.pointer}/data/{position}"


def _rows(tensors: list[_Tensor], signature: Signature) -> tuple[list[Any], Callable[[str], str]]:
    """The rows that tensors stand for, and from a pointer into them to one into the body."""
    first = tensors[0]
    names = [field.name for field in signature.fields]
    if max(tensor.rows for tensor in tensors) > ROWS_LIMIT:
        raise Refused(413, "too many rows", f"at most {ROWS_LIMIT} at a time")
    if len(tensors) == 1 and signature.kind != "record" and first.name not in names:
        width = first.columns
        rows = [first.values[number * width : (number + 1) * width] for number in range(first.rows)]

        def relocate_cell(pointer: str) -> str:
            _, number, *field = pointer.split("/", 2)
            for position, name in enumerate(names):
                if field and point(name) == "/" + field[0]:
                    return first.point_to(int(number) * width + position)
            return first.pointer + "/shape"

        return rows, relocate_cell
    by_name: dict[str, _Tensor] = {}
    for tensor in tensors:
        if tensor.columns != 1 or tensor.rows != first.rows or tensor.name in by_name:
            raise _invalid(
                tensor.pointer,
                "not a column",
                f"one tensor for each field, of shape [{first.rows}]",
                tensor.name,
            )
        by_name[tensor.name] = tensor

    def relocate(pointer: str) -> str:
        _, number, *field = pointer.split("/", 2)
        for name, tensor in by_name.items():
            if field and point(name) == "/" + field[0]:
                return tensor.point_to(int(number))
        return "/inputs"

    columns = [tensor.values for tensor in by_name.values()]
    records = [dict(zip(by_name, values)) for values in zip(*columns)]
    if signature.kind == "record":  # null stands for a field that a row does not have
        records = [{name: value for name, value in row.items() if value is not None} for row in records]
    return records, relocate


def _wanted(body: dict[str, Any]) -> list[str] | None:
    """The outputs that are asked for by name; None for all."""
    outputs = body.get("outputs")
    if outputs is None:
        return None
    if type(outputs) is not list or not all(
        type(item) is dict and type(item.get("name")) is str for item in outputs
    ):
        raise _invalid("/outputs", "not outputs", "a list of objects with a name", outputs)
    return [item["name"] for item in outputs]


def _outputs(answers: list[Any]) -> dict[str, dict[str, Any]]:
    """The answers as tensors, one for each name they have; what a hook made of them, as JSON texts."""
    first = answers[0] if answers else {}
    if type(first) is not dict or any(type(entry) is not dict for entry in answers):
        return {"answer": _tensor("answer", [encode(entry).decode() for entry in answers])}
    tensors = {}
    for name in first:
        if name == "warnings":
            continue
        column = [entry.get(name) for entry in answers]
        if name == PROBABILITIES and all(type(shares) is dict for shares in column):
            labels = list(column[0])
            tensors[name] = _tensor(name, [list(shares.values()) for shares in column])
            tensors[name]["parameters"] = {"labels": encode(labels).decode()}
        else:
            tensors[name] = _tensor(name, column)
    return tensors


def _tensor(name: str, column: list[Any]) -> dict[str, Any]:
    """One output: a value for each row, or a list of as many values for each row; else JSON texts."""
    shape = [len(column)]
    values = column
    if column and all(type(item) is list and len(item) == len(column[0]) for item in column):
        shape.append(len(column[0]))
        values = [value for item in column for value in item]
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {bool}:
        datatype = "BOOL"
    elif kinds <= {int}:
        datatype = "INT64"
    elif kinds <= {int, float}:
        datatype = "FP64"
    else:
        datatype = "BYTES"
        values = [
            value if type(value) is str or value is None else encode(value).decode() for value in values
        ]
    return {"name": name, "shape": shape, "datatype": datatype, "data": values}


def _answers_datatype(artifact: Artifact) -> str:
    manifest = artifact.manifest
    classes = manifest.classes or []
    answers = [label for _, label in manifest.labels] if manifest.labels else classes
    if not answers:
        return "FP64"
    if type(answers[0]) is list:  # several outputs
        answers = [item for classes in answers for item in classes]
    if any(type(item) is str for item in answers):
        return "BYTES"
    return (
        "BOOL"
        if all(type(item) is bool for item in answers)
        else "INT64"
        if all(type(item) is int for item in answers)
        else "FP64"
    )


def _invalid(pointer: str, detail: str, expected: str, found: object) -> InvalidRows:
    return InvalidRows(
        [{"pointer": pointer, "detail": detail, "expected": expected, "found": describe(found)}], 1
    )
