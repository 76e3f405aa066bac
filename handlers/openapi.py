"""GET /openapi.json: the whole contract as OpenAPI 3.1, made from the artifact's signature.

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

from leanfn import __version__
from leanfn.http import JSON, PROBLEM
from leanfn.platforms import ROWS_LIMIT

from .inference import DATATYPES
from .predict import QUERY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leanfn.artifact import Artifact
    from leanfn.signature import Field, Signature

    Schema = dict[str, Any]

TYPES = {
    "number": ["number"],
    "string": ["string"],
    "boolean": ["boolean"],
    "any": ["string", "number", "boolean"],
    "list": ["array"],
}
FLOAT = {"minimum": -1.7976931348623157e308, "maximum": 1.7976931348623157e308}
PROBLEMS = {
    "400": "not strict JSON or CSV, or a query that is not understood",
    "401": "no key, where the function wants one",
    "404": "no such page, or no such model",
    "413": "too large: the body, its rows, or the answer",
    "415": "a body of another kind, or an encoded one",
    "422": "rows that the model cannot read: everything that is wrong with them",
    "500": "something went wrong here",
    "503": "the model could not be loaded",
}
READING = ("401", "500", "503")  # what any GET may answer
PREDICTING = ("400", "401", "413", "415", "422", "500", "503")


def document(artifact: Artifact) -> Schema:
    """The description of a function that serves this artifact."""
    return {
        "openapi": "3.1.0",
        "info": {"title": artifact.name, "version": artifact.version, "x-leanfn": __version__},
        "security": [{}, {"key": []}],
        "paths": _paths(artifact),
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}},
            "schemas": _schemas(artifact),
            "responses": {name: _problem(text) for name, text in PROBLEMS.items()},
        },
    }


def _paths(artifact: Artifact) -> Schema:
    model = "/v2/models/" + artifact.name
    root = _get("What this is and where to look; for a browser a page to try it")
    root["responses"]["200"]["content"]["text/html"] = {"schema": {"type": "string"}}
    paths: Schema = {
        "/": {"get": root, "post": _predict(artifact)},
        "/predict": {"post": _predict(artifact)},
        "/health": {"get": _get("Whether the model is loaded and answers")},
        "/version": {"get": _get("The versions of the model and of leanfn")},
        "/signature": {"get": _get("What a row looks like")},
        "/openapi.json": {"get": _get("This document")},
        "/v2": {"get": _get("The server, as the Open Inference Protocol asks")},
        "/v2/health/live": {"get": _get("Whether the function runs")},
        "/v2/health/ready": {"get": _get("Whether the model is loaded and answers")},
    }
    for place in (model, f"{model}/versions/{artifact.version}"):
        paths[place] = {"get": _get("The model's tensors", "404")}
        paths[place + "/ready"] = {"get": _get("Whether the model is loaded and answers", "404")}
        paths[place + "/infer"] = {"post": _infer()}
    return paths


def _get(summary: str, *statuses: str) -> Schema:
    return {"summary": summary, "responses": _responses({"type": "object"}, (*READING, *statuses))}


def _predict(artifact: Artifact) -> Schema:
    flag = {"type": "boolean", "default": False}
    flags = [{"name": name, "in": "query", "schema": flag} for name in _flags(artifact)]
    reply = {"anyOf": [_ref("Answer"), {"type": "array", "items": _ref("Answer")}, _ref("Predictions")]}
    content: Schema = {JSON: {"schema": _ref("Body")}}
    if artifact.signature.kind == "table":
        content["text/csv"] = {
            "schema": {"type": "string", "description": "the fields' names, then a line a row"}
        }
    return {
        "summary": "An answer for each row",
        "parameters": flags,
        "requestBody": {"required": True, "content": content},
        "responses": _responses(reply, PREDICTING),
    }


def _flags(artifact: Artifact) -> tuple[str, ...]:
    """What can be asked for beside an answer: an explanation where the model has one."""
    return QUERY if artifact.manifest.explains is not None else QUERY[:1]


def _infer() -> Schema:
    return {
        "summary": "Answers as tensors",
        "requestBody": {"required": True, "content": {JSON: {"schema": _ref("Inference")}}},
        "responses": _responses({"type": "object"}, (*PREDICTING, "404")),
    }


def _responses(schema: Schema, statuses: tuple[str, ...]) -> Schema:
    responses: Schema = {"200": {"description": "the answer", "content": {JSON: {"schema": schema}}}}
    for status in sorted(statuses):
        responses[status] = {"$ref": f"#/components/responses/{status}"}
    return responses


def _problem(text: str) -> Schema:
    return {"description": text, "content": {PROBLEM: {"schema": _ref("Problem")}}}


def _schemas(artifact: Artifact) -> Schema:
    signature, flags = artifact.signature, _flags(artifact)
    rows = {"type": "array", "items": _ref("Row"), "maxItems": ROWS_LIMIT}
    bodies = [_one(signature), rows, _envelope("instances", rows, "parameters", flags)]
    bodies.append(_envelope("dataframe_records", rows, "params", flags))
    if signature.kind == "table":
        bodies.append(_envelope("dataframe_split", _split(signature), "params", flags))
    return {
        "Row": _row(signature),
        "Body": {"anyOf": bodies},
        "Answer": _answer(artifact),
        "Predictions": _object({"predictions": {"type": "array", "items": _ref("Answer")}}, ["predictions"]),
        "Inference": _inference(),
        "Problem": _object(
            {
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "array", "items": _ref("Invalid")},
                "count": {"type": "integer"},
            },
            ["title", "status"],
        ),
        "Invalid": _object(
            {name: {"type": "string"} for name in ("pointer", "detail", "expected", "found")},
            ["pointer", "detail", "expected", "found"],
        ),
    }


def _answer(artifact: Artifact) -> Schema:
    if "hooks.py" in artifact.manifest.members:
        return {"description": "what the model's postprocess hook makes of its answer"}
    output = artifact.manifest.output
    names = [output] if isinstance(output, str) else output
    properties: Schema = {name: {} for name in names}
    properties["probabilities"] = {"description": "by class, when asked for"}
    if artifact.manifest.explains is not None:
        properties["explanation"] = {"description": "the base, and what each field adds, when asked for"}
    properties["warnings"] = {"type": "array", "description": "what is suspicious about the row"}
    return _object(properties, list(names))


def _row(signature: Signature) -> Schema:
    """One row, wherever rows are listed."""
    alone = _one(signature)
    if signature.kind == "record" or signature.fields[0].type == "list":
        return alone
    fields = [_field(field) for field in signature.fields]
    values = {"type": "array", "prefixItems": fields, "minItems": len(fields), "maxItems": len(fields)}
    return {"anyOf": [*alone.get("anyOf", [alone]), values]}


def _one(signature: Signature) -> Schema:
    """One row as the whole body: not a list of values, which would be a list of rows."""
    fields = signature.fields
    if signature.kind == "record":
        values = ["string", "number", "boolean"]
        return {
            "type": "object",
            "additionalProperties": {"type": [*values, "array"], "items": {"type": values}},
        }
    required = [field.name for field in fields if not field.nullable]
    row = _object({field.name: _field(field) for field in fields}, required)
    return {"anyOf": [_field(fields[0]), row]} if signature.kind == "bare" else row


def _field(field: Field) -> Schema:
    types = TYPES[field.type]
    schema: Schema = {"type": [*types, "null"] if field.nullable else types}
    if "number" in types:
        schema.update(FLOAT)
    if field.type == "list":
        schema["items"] = {"type": TYPES["any"]}
    if field.categories is not None:
        known = [*field.categories, None] if field.nullable else field.categories
        schema.update({"enum": known} if field.closed else {"examples": known})
    elif field.low is not None and field.high is not None:
        schema["description"] = f"trained on numbers between {field.low:g} and {field.high:g}"
    return schema


def _envelope(name: str, rows: Schema, parameters: str, flags: tuple[str, ...]) -> Schema:
    asked = _object({flag: {"type": "boolean"} for flag in flags}, [])
    asked["additionalProperties"] = False
    envelope = _object({name: rows, parameters: asked}, [name])
    envelope["additionalProperties"] = False
    return envelope


def _split(signature: Signature) -> Schema:
    names = [field.name for field in signature.fields]
    fields = [_field(field) for field in signature.fields]
    values = {"type": "array", "prefixItems": fields, "minItems": len(fields), "maxItems": len(fields)}
    data = {"type": "array", "items": values, "maxItems": ROWS_LIMIT}
    frame = _object({"columns": {"const": names}, "data": data}, ["columns", "data"])
    return {
        **frame,
        "description": "the columns in any order, and some of them, too",
        "additionalProperties": False,
    }


def _inference() -> Schema:
    tensor = _object(
        {
            "name": {"type": "string", "minLength": 1},
            "shape": {
                "type": "array",
                "items": {"type": "integer", "minimum": 0},
                "minItems": 1,
                "maxItems": 2,
            },
            "datatype": {"enum": list(DATATYPES)},
            "data": {"type": "array"},
        },
        ["name", "shape", "datatype", "data"],
    )
    output = _object({"name": {"type": "string"}}, ["name"])
    return _object(
        {
            "id": {"type": ["string", "null"]},
            "inputs": {"type": "array", "items": tensor, "minItems": 1},
            "outputs": {"type": ["array", "null"], "items": output},
        },
        ["inputs"],
    )


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
