"""What the three clouds have in common: three functions in one order, and a call that comes whole through each."""

import base64
import json
from urllib.parse import urlencode

import azure.functions
import flask
import pytest

from handlers import aws, google
from handlers import azure as azure_entry
from handlers.service import Service
from tests.documents import DOCUMENTS
from tests.handlers.fakes import GOOD, Fake

CLOUDS = {"aws": aws, "google": google, "azure": azure_entry}
JSON = {"content-type": "application/json"}


def aws_event(method, path, query, headers, body):
    return {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": urlencode(query),
        "headers": headers,
        "requestContext": {"http": {"method": method}, "stage": "$default"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def google_event(method, path, query, headers, body):
    app = flask.Flask(__name__)
    with app.test_request_context(path, method=method, query_string=query, headers=headers, data=body):
        return flask.request._get_current_object()


def azure_event(method, path, query, headers, body):
    return azure.functions.HttpRequest(
        method,
        f"https://demo.azurewebsites.net{path}?{urlencode({**query, 'code': 'a function key'})}",
        headers=headers,
        route_params={"route": path[1:]} if len(path) > 1 else {},
        body=body,
    )


class Context:
    invocation_id = aws_request_id = "call-1"


def aws_call(handle, event):
    reply = aws.wrap(handle, lambda line: None)(event, Context())
    return reply["statusCode"], reply["headers"], reply["body"].encode()


def google_call(handle, event):
    response = flask.Flask(__name__).make_response(google.wrap(handle, lambda line: None)(event))
    return response.status_code, {name.lower(): value for name, value in response.headers}, response.data


def azure_call(handle, event):
    reply = azure_entry.wrap(handle, lambda line: None)(event, Context())
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return reply.status_code, {**headers, "content-type": reply.mimetype}, reply.get_body()


EVENTS = {"aws": aws_event, "google": google_event, "azure": azure_event}
CALLS = {"aws": aws_call, "google": google_call, "azure": azure_call}


@pytest.fixture(params=CLOUDS)
def cloud(request):
    return request.param


def call(cloud, handle, method="POST", path="/predict", query=None, headers=JSON, body=b""):
    event = EVENTS[cloud](method, path, query or {}, headers, body)
    return CALLS[cloud](handle, event)


def test_the_three_functions_stand_in_one_order(cloud):
    names = [name for name in vars(CLOUDS[cloud]) if name in ("wrap", "read", "write")]
    assert names == ["wrap", "read", "write"]


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", ["/", "/predict", "/v2/models/fake/infer", "/a b"])
def test_a_request_comes_whole_through_each(cloud, method, path):
    query, headers = {"probabilities": "true", "a b": "c&d=é"}, {"Content-Type": "text/CSV", "X-Api-Key": "k"}
    body = bytes(range(256)) * 300 if method == "POST" else b""
    request = CLOUDS[cloud].read(EVENTS[cloud](method, path, query, headers, body))
    assert (request.method, request.path, request.body) == (method, path, body)
    assert dict(request.query) == query
    assert request.headers["content-type"] == "text/CSV" and request.headers["x-api-key"] == "k"


def test_an_answer_comes_whole_through_each(cloud):
    service = Service(Fake, {})
    body = json.dumps({**GOOD, "naïve \u2028": 1}).encode()
    status, headers, found = call(cloud, service, body=body)
    assert status == 200 and json.loads(found)["warnings"][0]["pointer"] == "/naïve \u2028"
    assert headers["content-type"] == "application/json"
    assert headers["x-model-version"] == Fake.version and headers["x-request-id"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", b"", 200),
        ("HEAD", "/health", b"", 200),
        ("OPTIONS", "/predict", b"", 200),
        ("GET", "/nowhere", b"", 404),
        ("DELETE", "/predict", b"", 405),
        ("POST", "/predict", b"", 400),
        ("POST", "/predict", b'{"size": "2"}', 422),
    ],
)
def test_the_clouds_answer_alike(method, path, body, status):
    answers = {}
    for cloud in CLOUDS:
        found, headers, text = call(cloud, Service(Fake, {}), method, path, body=body)
        assert found == status
        answers[cloud] = text, headers.get("content-type"), headers.get("allow")
    if method not in ("HEAD", "OPTIONS"):
        assert len(set(answers.values())) == 1


def test_every_json_document_has_one_verdict_on_all_clouds(cloud):
    service = Service(Fake, {})
    for document, valid in DOCUMENTS:
        status, _, body = call(cloud, service, body=document)
        assert status in ((200, 422) if valid else (400,)), document[:60]
        assert status == 200 or json.loads(body)["status"] == status


def test_the_clouds_own_id_becomes_the_request_id():
    for cloud in ("aws", "azure"):
        assert call(cloud, Service(Fake, {}), body=b"1")[1]["x-request-id"] == "call-1"


def test_one_line_is_told_for_each_request(cloud, patient):
    lines = []
    handler = CLOUDS[cloud].wrap(Service(Fake, {}), lines.append)
    event = EVENTS[cloud]("POST", "/predict", {}, JSON, json.dumps(patient).encode())
    handler(*([event] if cloud == "google" else [event, Context()]))
    (line,) = lines
    assert json.loads(line)["status"] == 422
    assert "chol" not in line


def test_a_problem_says_so_in_its_content_type(cloud):
    _, headers, body = call(cloud, Service(Fake, {}), body=b"[")
    assert headers["content-type"] == "application/problem+json"
    assert json.loads(body)["title"] == "the body is not JSON"
