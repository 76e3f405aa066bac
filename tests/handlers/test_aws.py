"""The events are files, written from the vendor's documents:

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
"""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import aws
from handlers.service import Service
from leanfn.http import Response, answer
from tests.handlers.fakes import GOOD, Fake

EVENTS = Path(__file__).parent.parent / "events"
NAMES = sorted(path.stem for path in EVENTS.glob("aws_*.json"))
PROBABILITIES = {"probabilities": "true"}

READ = {  # name of the file: method, path, query, whether there is a body
    "aws_url": ("POST", "/predict", {}, True),
    "aws_url_base64": ("POST", "/predict", {}, True),
    "aws_url_without_body": ("GET", "/health", {}, False),
    "aws_url_null_body": ("POST", "/", {}, False),
    "aws_url_query_repeated_and_encoded": ("POST", "/predict", PROBABILITIES, True),
    "aws_url_head": ("HEAD", "/health", {}, False),
    "aws_url_preflight": ("OPTIONS", "/predict", {}, False),
    "aws_url_path_encoded_and_unicode": ("GET", "/été/日本", {}, False),
    "aws_http_api_stage_in_path": ("POST", "/predict", {}, True),
    "aws_http_api_mounted_below_a_path": ("POST", "/predict", {}, True),
    "aws_http_api_payload_1_stage_in_path": ("POST", "/predict", {}, True),
    "aws_rest_without_version": ("POST", "/predict", {}, True),
    "aws_rest_custom_domain_base_path": ("POST", "/predict", {}, True),
    "aws_rest_only_multi_value_query": ("POST", "/predict", PROBABILITIES, True),
    "aws_rest_null_body_and_headers": ("GET", "/health", {}, False),
    "aws_rest_root": ("POST", "/", {}, True),
    "aws_alb_query_still_encoded": ("POST", "/predict", PROBABILITIES, True),
    "aws_alb_multi_value": ("POST", "/predict", PROBABILITIES, True),
    "aws_alb_multi_value_null_headers": ("POST", "/predict", {}, True),
    "aws_alb_health_check": ("GET", "/health", {}, False),
    "aws_lattice_says_2_0_too": ("POST", "/predict", PROBABILITIES, True),
    "aws_direct_object": ("POST", "/", {}, True),
    "aws_direct_list": ("POST", "/", {}, True),
    "aws_direct_null": ("POST", "/", {}, True),
    "aws_direct_number": ("POST", "/", {}, True),
    "aws_direct_instances": ("POST", "/", {}, True),
    "aws_direct_scheduled_event": ("POST", "/", {}, True),
    "aws_direct_that_looks_like_an_event": ("POST", "/", {}, True),
    "aws_url_not_base64_though_it_says_so": ("POST", "/predict", {}, True),
}


def event(name):
    return json.loads((EVENTS / f"{name}.json").read_text("utf-8"))


def test_every_event_file_is_read_here():
    assert sorted(READ) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_an_event_is_read(name, patient):
    request = aws.read(event(name))
    method, path, query, has_body = READ[name]
    assert (request.method, request.path, dict(request.query), bool(request.body)) == (
        method,
        path,
        query,
        has_body,
    )
    assert all(header == header.lower() for header in request.headers)
    if method == "POST" and has_body:
        assert request.headers["content-type"] == "application/json"
    if has_body and "direct" not in name and "not_base64" not in name:
        assert json.loads(request.body) == patient


@pytest.mark.parametrize("name", [name for name in NAMES if "direct" not in name])
def test_an_event_is_answered_in_its_own_shape(name):
    found = event(name)
    reply = aws.write(answer(422, {"verdict": "é"}), found)
    assert reply["statusCode"] == 422 and reply["isBase64Encoded"] is False
    assert json.loads(reply["body"]) == {"verdict": "é"}
    if "multiValueHeaders" in found and "alb" in name:
        assert reply["multiValueHeaders"]["content-type"] == ["application/json"] and "headers" not in reply
    else:
        assert reply["headers"]["content-type"] == "application/json" and "multiValueHeaders" not in reply
    assert ("statusDescription" in reply) == ("alb" in name)
    json.dumps(reply, allow_nan=False)


def test_a_load_balancer_gets_the_words_of_a_status():
    found = event("aws_alb_health_check")
    assert aws.write(answer(404, {}), found)["statusDescription"] == "404 Not Found"
    assert aws.write(answer(418, {}), found)["statusDescription"] == "418 "


@pytest.mark.parametrize("name", [name for name in NAMES if "direct" in name])
def test_a_direct_invocation_is_its_own_payload_and_gets_the_answer_alone(name):
    found = event(name)
    assert json.loads(aws.read(found).body) == found
    if name != "aws_direct_that_looks_like_an_event":
        assert aws.write(answer(200, [1]), found) == [1]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "\ud800"], ids=ascii)
def test_what_the_runtime_parsed_loosely_is_still_refused(value):
    lines = []
    handler = aws.wrap(Service(Fake, {}), lines.append)
    assert handler({"size": 2, "kind": "x", "other": value}, None)["status"] == 400


def test_a_direct_event_too_deep_to_be_written_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert aws.wrap(Service(Fake, {}), lambda line: None)(deep, None)["status"] == 400


def test_the_request_id_is_lambdas_own_and_one_line_is_logged():
    class Context:
        aws_request_id = "8f5d1c3e"

    lines = []
    reply = aws.wrap(Service(Fake, {}), lines.append)(
        {**event("aws_url"), "body": json.dumps(GOOD)}, Context()
    )
    assert reply["headers"]["x-request-id"] == "8f5d1c3e"
    assert reply["body"] == '{"verdict":"yes"}'
    (line,) = lines
    assert json.loads(line)["request_id"] == "8f5d1c3e"


def test_head_and_empty_answers_have_an_empty_body():
    assert aws.write(Response(200, b"", {}), event("aws_url_head"))["body"] == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
MEMBERS = [
    *[
        "requestContext",
        "http",
        "elb",
        "serviceNetworkArn",
        "stage",
        "method",
        "rawPath",
        "path",
        "httpMethod",
        "headers",
    ],
    *[
        "multiValueHeaders",
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "rawQueryString",
        "body",
        "version",
    ],
    *["isBase64Encoded", "resource", "routeKey", "pathParameters", "proxy"],
]
EVENTFUL = st.recursive(
    JSON | st.sampled_from(["POST", "/predict", "/{proxy+}", "2.0", "prod"]),
    lambda inner: st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=8),
    max_leaves=20,
)


@given(EVENTFUL)
def test_no_event_is_too_odd_for_an_answer(odd):
    reply = aws.wrap(Service(Fake, {}), lambda line: None)(odd, None)
    reply = reply if isinstance(reply, dict) else {}
    assert reply.get("statusCode", reply.get("status", 200)) in (200, 400, 404, 405, 413, 415, 422, 500)


def test_only_a_caller_of_the_api_itself_is_let_in_without_a_key(patient):
    """A client context comes with Invoke alone: no address, gateway or load balancer passes one on."""
    seen = []

    def handle(request):
        seen.append(request.authorized)
        return answer(200, {})

    function = aws.wrap(handle, lambda line: None)
    function(patient, SimpleNamespace(aws_request_id="1", client_context=None))
    function(patient, SimpleNamespace(aws_request_id="1", client_context=SimpleNamespace(custom={})))
    function({**patient, "client_context": {"custom": {}}}, SimpleNamespace(aws_request_id="1"))
    assert seen == [False, True, False]
