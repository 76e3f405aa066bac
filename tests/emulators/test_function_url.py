"""HTTP into an event and a reply into HTTP, as the documents of function URLs and HTTP APIs have it."""

import base64
import json

import pytest

from emulators.function_url import Call, event, response


def test_an_event_has_the_members_of_the_documented_one(events):
    written = event(Call("POST", "/predict?a=1&a=2&b=", {"content-type": "application/json"}, b"{}"))
    documented = json.loads((events / "aws_url.json").read_text("utf-8"))
    assert written.keys() - {"queryStringParameters"} == documented.keys()
    assert written["requestContext"].keys() == documented["requestContext"].keys()
    assert written["requestContext"]["http"].keys() == documented["requestContext"]["http"].keys()
    assert written["rawPath"] == "/predict" and written["rawQueryString"] == "a=1&a=2&b="
    assert written["queryStringParameters"] == {"a": "1,2", "b": ""}
    json.dumps(written, allow_nan=False)


def test_the_path_of_a_stage_begins_with_it(events):
    written = event(Call("GET", "/prod/health", {}, b""), "prod")
    documented = json.loads((events / "aws_http_api_stage_in_path.json").read_text("utf-8"))
    assert written["requestContext"]["stage"] == documented["requestContext"]["stage"] == "prod"
    assert written["rawPath"] == "/prod/health" and "body" not in written


@pytest.mark.parametrize(
    ("kind", "body", "encoded"),
    [
        ("application/json", b'{"a":"\xc3\xa9"}', False),
        ("text/csv; charset=utf-8", b"a,b", False),
        ("application/json", b"\xff", True),
        ("image/png", b"abc", True),
        ("", b"abc", True),
    ],
)
def test_a_body_is_base64_where_it_is_no_text(kind, body, encoded):
    found = event(Call("POST", "/", {"content-type": kind}, body))
    assert found["isBase64Encoded"] is encoded
    assert (base64.b64decode(found["body"]) if encoded else found["body"].encode()) == body


@pytest.mark.parametrize(
    ("reply", "status", "body", "headers"),
    [
        ({"statusCode": 422, "headers": {"X-A": "1"}, "body": "é"}, 422, "é".encode(), {"x-a": "1"}),
        ({"statusCode": "200", "body": "YWJj", "isBase64Encoded": True}, 200, b"abc", {}),
        ({"statusCode": 204, "headers": None, "body": None}, 204, b"", {}),
        ({"a": 1}, 200, b'{"a": 1}', {}),
        ("hello", 200, b'"hello"', {}),
    ],
    ids=repr,
)
def test_a_reply_becomes_a_response(reply, status, body, headers):
    found = response(json.dumps(reply).encode())
    assert (found.status, found.body) == (status, body)
    assert found.headers == {"content-type": "application/json", **headers}
