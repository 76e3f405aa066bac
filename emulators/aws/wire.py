"""How AWS's requests and answers look on the wire: read and written from botocore's own description of each service.

Three of its protocols: rest-json (Lambda), query (IAM, STS) and json (CloudWatch Logs, Secrets Manager, Systems Manager).
https://smithy.io/2.0/aws/protocols/index.html
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from .account import Refused

STATUS = {
    "AccessDenied": 403,
    "AccessDeniedException": 403,
    "ServiceException": 500,
    "ThrottlingException": 400,
}
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a service: the operation, its parameters, and the access key that signed it."""

    service: str
    operation: str
    parameters: dict[str, Any]
    region: str
    key: str


@dataclass(frozen=True, slots=True)
class Message:
    """A request as it came: names of headers in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    headers: dict[str, str]
    body: bytes


@cache
def service_model(service: str) -> Any:
    """What botocore knows of a service."""
    import botocore.session

    return botocore.session.Session().get_service_model(service)


def read(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Call:
    """The call that a request makes; header names in lower case. Refused when it makes none."""
    found = re.search(
        r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request", headers.get("authorization", "")
    )
    if found is None:
        raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
    key, region, service = found.groups()
    url = urlsplit(target)
    message = Message(method, url.path, url.query, headers, body)
    if service == "s3":
        operation, parameters = _read_bucket(message)
    else:
        model = service_model(service)
        reader = {"rest-json": _read_rest, "query": _read_form, "json": _read_json}[
            model.metadata["protocol"]
        ]
        operation, parameters = reader(model, message)
    return Call(service, operation, parameters, region, key)


def _read_rest(model: Any, message: Message) -> tuple[str, dict[str, Any]]:
    name, found = _route(model, message)
    shape = model.operation_model(name).input_shape
    texts = {
        "uri": {key: unquote(value) for key, value in found.groupdict().items()},
        "header": message.headers,
    }
    queried = parse_qs(message.query, keep_blank_values=True)
    parameters: dict[str, Any] = {}
    for key, member in shape.members.items():
        place = member.serialization.get("location")
        wire = member.serialization.get("name", key)
        if place == "querystring" and wire in queried:
            values = queried[wire]
            listed = member.type_name == "list"
            parameters[key] = values if listed else _scalar(member, values[-1])
        elif place in texts and (text := texts[place].get(wire.lower() if place == "header" else wire)):
            parameters[key] = _scalar(member, text)
    payload = shape.serialization.get("payload")
    if payload is not None:
        parameters |= {payload: message.body} if message.body else {}
    elif message.body:
        fields = _from_json(shape, json.loads(message.body))
        parameters |= {key: value for key, value in fields.items() if key not in parameters}
    return name, parameters


def _route(model: Any, message: Message) -> tuple[str, re.Match[str]]:
    for name, method, pattern in _routes(model):
        if method == message.method and (found := pattern.fullmatch(message.path)):
            return name, found
    raise Refused("UnknownOperationException", f"{message.method} {message.path}", 404)


@cache
def _routes(model: Any) -> list[tuple[str, str, re.Pattern[str]]]:
    routes = []
    for name in model.operation_names:
        http = model.operation_model(name).http
        path = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(http["requestUri"].partition("?")[0]))
        routes.append((name, http["method"], re.compile(path)))
    return routes


def _read_json(model: Any, message: Message) -> tuple[str, dict[str, Any]]:
    name = message.headers.get("x-amz-target", "").rpartition(".")[2]
    if name not in model.operation_names:
        raise Refused("UnknownOperationException", name, 400)
    return name, _from_json(model.operation_model(name).input_shape, json.loads(message.body or b"{}"))


def _read_form(model: Any, message: Message) -> tuple[str, dict[str, Any]]:
    form = {
        key: values[-1] for key, values in parse_qs(message.body.decode(), keep_blank_values=True).items()
    }
    name = form.get("Action", "")
    if name not in model.operation_names:
        raise Refused("InvalidAction", f"Could not find operation {name}", 400)
    shape = model.operation_model(name).input_shape
    return name, _from_form(shape, form, "") if shape is not None else {}


def _read_bucket(message: Message) -> tuple[str, dict[str, Any]]:
    """S3 by hand: the few operations on objects, with the bucket first in the path."""
    bucket, _, key = unquote(message.path).lstrip("/").partition("/")
    names = {"PUT": "PutObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}
    if message.method not in names or not key:
        raise Refused("NotImplemented", f"{message.method} {message.path}", 501)
    parameters: dict[str, Any] = {"Bucket": bucket, "Key": key}
    if message.method == "PUT":
        parameters["Body"] = message.body
    return names[message.method], parameters


def _scalar(shape: Any, text: str) -> Any:
    if shape.type_name in ("integer", "long"):
        return int(text)
    return text == "true" if shape.type_name == "boolean" else text


def _from_json(shape: Any, value: Any) -> Any:
    if value is None:
        return None
    if shape.type_name == "structure":
        names = {member.serialization.get("name", key): key for key, member in shape.members.items()}
        return {
            names.get(wire, wire): _from_json(shape.members[names[wire]], item) if wire in names else item
            for wire, item in value.items()
            if item is not None
        }
    if shape.type_name == "list":
        return [_from_json(shape.member, item) for item in value]
    if shape.type_name == "map":
        return {key: _from_json(shape.value, item) for key, item in value.items()}
    return base64.b64decode(value) if shape.type_name == "blob" else value


def _from_form(shape: Any, form: Mapping[str, str], prefix: str) -> Any:
    if shape.type_name == "structure":
        fields = {key: _from_form(member, form, f"{prefix}{key}.") for key, member in shape.members.items()}
        return {key: value for key, value in fields.items() if value not in (None, [], {})}
    if shape.type_name == "list":
        numbers = {
            int(found[1]) for key in form if (found := re.match(re.escape(prefix) + r"member\.(\d+)", key))
        }
        return [_from_form(shape.member, form, f"{prefix}member.{number}.") for number in sorted(numbers)]
    text = form.get(prefix[:-1])
    return None if text is None else _scalar(shape, text)


def write(call: Call, result: Mapping[str, Any]) -> Reply:
    """The answer to a call that was done."""
    if call.service == "s3":
        return Reply(204 if call.operation == "DeleteObject" else 200, {}, b"")
    model = service_model(call.service)
    operation = model.operation_model(call.operation)
    shape = operation.output_shape
    status = operation.http.get("responseCode", 200)
    if model.metadata["protocol"] == "query":
        inner = _to_xml(shape, result) if shape is not None else ""
        name = call.operation
        body = (
            f"<{name}Response><{name}Result>{inner}</{name}Result><ResponseMetadata>"
            f"<RequestId>{REQUEST_ID}</RequestId></ResponseMetadata></{name}Response>"
        )
        return Reply(200, {"content-type": "text/xml"}, body.encode())
    headers = {"content-type": "application/json"}
    if shape is None:
        return Reply(status, headers, b"")
    fields = dict(result)
    for key, member in shape.members.items():
        place = member.serialization.get("location")
        if place == "header" and fields.get(key) is not None:
            headers[member.serialization["name"]] = str(fields[key])
        elif place == "statusCode":
            status = fields.get(key, status)
        if place is not None:
            fields.pop(key, None)
    payload = shape.serialization.get("payload")
    return Reply(status, headers, fields.get(payload, b"") if payload else json.dumps(fields).encode())


def refuse(service: str, error: Refused) -> Reply:
    """The answer to a call that was refused."""
    status = error.status or STATUS.get(error.code) or _status(service, error.code)
    protocol = "s3" if service == "s3" else service_model(service).metadata["protocol"]
    if protocol in ("query", "s3"):
        text = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
        inner = f"<Error><Type>Sender</Type>{text}</Error><RequestId>{REQUEST_ID}</RequestId>"
        body = f"<Error>{text}</Error>" if protocol == "s3" else f"<ErrorResponse>{inner}</ErrorResponse>"
        return Reply(status, {"content-type": "text/xml", **error.headers}, body.encode())
    body = json.dumps(
        {"__type": error.code, "Type": "User", "message": error.message, "Message": error.message}
    )
    return Reply(
        status,
        {"content-type": "application/json", "x-amzn-errortype": error.code, **error.headers},
        body.encode(),
    )


def _status(service: str, code: str) -> int:
    shape = None if service == "s3" else service_model(service).shape_for_error_code(code)
    described: int = (
        (shape.metadata.get("error") or {}).get("httpStatusCode", 400) if shape is not None else 400
    )
    return described


def _to_xml(shape: Any, value: Any) -> str:
    if shape.type_name == "structure":
        known = ((key, member, value.get(key)) for key, member in shape.members.items())
        return "".join(
            f"<{key}>{_to_xml(member, item)}</{key}>" for key, member, item in known if item is not None
        )
    if shape.type_name == "list":
        return "".join(f"<member>{_to_xml(shape.member, item)}</member>" for item in value)
    if shape.type_name == "boolean":
        return "true" if value else "false"
    text = str(value)
    # policies travel percent-encoded, and botocore reads them so
    return escape(quote(text, safe="") if shape.name == "policyDocumentType" else text)
