import json

import pytest

from handlers.openapi import document
from handlers.routes import ROUTES
from handlers.service import Service
from leanfn.http import Request
from leanfn.signature import Field, Signature
from tests.handlers.fakes import Fake, told


def described(signature=None, **members):
    fake = Fake()
    fake.signature = signature or fake.signature
    for name, value in members.items():
        setattr(fake, name, value)
    return document(fake)


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for child in node.values():
            yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


@pytest.mark.parametrize("kind", ["table", "bare", "record"])
def test_every_reference_leads_somewhere(kind):
    fields = {
        "table": [Field("a", "number"), Field("b", "any", True)],
        "bare": [Field("text", "string")],
        "record": [],
    }
    found = described(Signature(kind, fields[kind]))
    for reference in references(found):
        node = found
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
        assert node
    json.dumps(found, allow_nan=False)


def test_every_page_and_method_that_is_there_is_described_and_the_other_way_round():
    service = Service(Fake, {})
    paths = told(service(Request("GET", "/openapi.json")))["paths"]
    assert {path: {method.lower() for method in methods} for path, methods in ROUTES.items()}.items() <= {
        path: set(operations) for path, operations in paths.items()
    }.items()
    for path, operations in paths.items():
        for method in operations:
            assert service(Request(method.upper(), path)).status not in (404, 405)


def test_every_status_that_a_wrong_request_gets_is_described():
    service = Service(Fake, {})
    responses = described()["paths"]["/predict"]["post"]["responses"]
    headers = {"content-type": "application/json"}
    for body, kind in (
        (b"[", "application/json"),
        (b"{}", "application/json"),
        (b"", "text/html"),
        (b"a", "text/csv"),
    ):
        status = service(Request("POST", "/predict", None, {**headers, "content-type": kind}, body)).status
        assert str(status) in responses


def test_a_field_says_what_it_takes():
    fields = [
        Field("age", "number", True, 29.0, 77.0),
        Field("kind", "string", categories=["x", "y"], closed=True),
        Field("code", "any", True, categories=[1, "2"], closed=True),
        Field("seen", "string", categories=["x"]),
        Field("old", "boolean"),
    ]
    row = described(Signature("table", fields))["components"]["schemas"]["Row"]["anyOf"][0]
    assert row["required"] == ["kind", "seen", "old"]
    age, kind, code, seen, old = (row["properties"][field.name] for field in fields)
    assert age["type"] == ["number", "null"] and age["description"] == "trained on numbers between 29 and 77"
    assert kind["enum"] == ["x", "y"] and code["enum"] == [1, "2", None]
    assert seen["examples"] == ["x"] and "enum" not in seen
    assert old == {"type": ["boolean"]}


def test_a_row_of_labels_is_a_list():
    schemas = described(Signature("bare", [Field("labels", "list")]))["components"]["schemas"]
    assert "array" in json.dumps(schemas["Row"])


def test_an_answer_has_its_outputs_by_name():
    schemas = described()["components"]["schemas"]
    assert schemas["Answer"]["required"] == ["verdict"]


def test_an_explanation_is_described_where_the_model_has_one():
    class Manifest(type(Fake.manifest)):
        explains = None

    for found, names in (
        (described(), ["probabilities", "explain"]),
        (described(manifest=Manifest()), ["probabilities"]),
    ):
        query = found["paths"]["/predict"]["post"]["parameters"]
        assert [parameter["name"] for parameter in query] == names
        bodies = found["components"]["schemas"]["Body"]["anyOf"]
        asked = [body["properties"].get("parameters") for body in bodies if "properties" in body]
        assert list(next(filter(None, asked))["properties"]) == names
        answer = found["components"]["schemas"]["Answer"]["properties"]
        assert ("explanation" in answer) is ("explain" in names)


def test_an_answer_that_a_hook_makes_is_not_promised():
    class Manifest(type(Fake.manifest)):
        output = ("one", "two")
        members = ("hooks.py",)

    schemas = described(manifest=Manifest())["components"]["schemas"]
    assert "required" not in schemas["Answer"]
    Manifest.members = ()
    assert described(manifest=Manifest())["components"]["schemas"]["Answer"]["required"] == ["one", "two"]
