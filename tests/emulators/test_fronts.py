"""The front of each cloud: the function answers through it, and where the cloud would not ask it, the cloud does."""

import json
import time

import pytest

from emulators.fronts import FRONTS, aws
from emulators.instances import Instances
from emulators.lambda_runtime import PAYLOAD_LIMIT
from emulators.local import application
from handlers import aws as aws_entry
from handlers import azure as azure_entry
from handlers import google as google_entry
from handlers.service import Service
from leanfn.platforms import AWS, MB
from tests.handlers.fakes import GOOD, Fake

ENTRIES = {"aws": aws_entry, "google": google_entry, "azure": azure_entry}
JSON = {"content-type": "application/json"}


class Folder:
    def changed(self):
        return False

    def load(self):
        return Fake()


def instances(cloud, handle=None, timeout=5.0):
    def start(load):
        return ENTRIES[cloud].wrap(handle or Service(load, {}), lambda line: None)

    return Instances(Folder(), start, timeout=timeout, alone=cloud == "aws")


@pytest.fixture(params=FRONTS)
def cloud(request):
    return request.param


def client(cloud, **options):
    return application(FRONTS[cloud](instances(cloud, **options))).test_client()


def test_a_request_gets_the_functions_answer(cloud):
    answer = client(cloud).post("/predict?probabilities=true", json=GOOD)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.json == {"verdict": "yes", "probabilities": {"no": 0.25, "yes": 0.75}}
    assert answer.headers["x-model-version"] == Fake.version


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/", 200), ("HEAD", "/health", 200), ("OPTIONS", "/predict", 200), ("GET", "/a%20b/é", 404)],
)
def test_every_page_is_the_functions(cloud, method, path, status):
    answer = client(cloud).open(path, method=method)
    assert answer.status_code == status and answer.headers["x-request-id"]


def test_a_call_that_takes_too_long_gets_the_clouds_own_answer(cloud):
    answer = client(cloud, handle=lambda request: time.sleep(5), timeout=0.1).post("/", json=GOOD)
    assert answer.status_code == {"aws": 502, "google": 504, "azure": 504}[cloud]
    assert "x-request-id" not in answer.headers


@pytest.mark.parametrize(("cloud", "megabytes"), [("aws", 7), ("google", 33), ("azure", 101)])
def test_a_body_over_the_clouds_limit_never_reaches_the_function(cloud, megabytes):
    answer = client(cloud).post("/", data=bytes(megabytes * MB), headers=JSON)
    assert answer.status_code == 413 and "x-request-id" not in answer.headers


@pytest.mark.parametrize("kind", ["application/json", "application/octet-stream"])
def test_lambda_counts_the_event_and_not_the_body(kind):
    """Quotes become two bytes in an event, and base64 makes four bytes of three."""
    body = b'"' * (AWS.request - 100_000)
    assert client("aws").post("/", data=body, headers={"content-type": kind}).status_code == 413


def test_a_binary_body_comes_through_lambda_whole():
    answer = client("aws").post("/", data=b'{"size":\xff}', headers=JSON)
    assert answer.json["detail"] == "byte 8 is not UTF-8"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/prod/predict", 200), ("/prod", 200), ("/predict", 404), ("/", 404), ("/production", 404)],
)
def test_below_a_stage_only_its_addresses_are_there(path, status):
    answer = application(aws(instances("aws"), "prod")).test_client().post(path, json=GOOD)
    assert answer.status_code == status
    assert answer.json == ({"verdict": "yes"} if status == 200 else {"message": "Not Found"})


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
def test_googles_framework_keeps_two_pages_for_itself(path):
    assert client("google").get(path).text == "Not Found"


def test_the_last_value_of_a_query_wins_on_every_cloud(cloud):
    path = "/predict?probabilities=true&probabilities=false"
    assert client(cloud).post(path, json=GOOD).json == {"verdict": "yes"}


def test_a_reply_that_is_too_large_for_lambda_is_its_502():
    def start(_):
        return lambda event, context: {"statusCode": 200, "body": "x" * PAYLOAD_LIMIT}

    front = aws(Instances(Folder(), start, timeout=5, alone=True))
    answer = application(front).test_client().get("/")
    assert (answer.status_code, json.loads(answer.data)) == (502, {"message": "Internal Server Error"})
