"""One contract on every runtime: the same calls get the same answers, which are those of the service alone.

Each case is asked of the service in this process first; every runtime must give the same status, the same headers and
the same bytes, and after each one the same good answer.
"""

import json
import socket

import pytest

from leanfn.platforms import BODY_LIMIT
from tests.contract.cases import CASES, GOOD, KEY, post
from tests.contract.runtimes import RUNTIMES, service
from tests.documents import DOCUMENTS

LISTENING = [name for name in RUNTIMES if name not in ("awslambdaric", "runtime-interface-emulator")]
STATUSES = {200, 400, 401, 404, 405, 413, 415, 422}


@pytest.fixture(scope="module")
def alone(heart_folder, tmp_path_factory):
    """The service in this process: the answers that all runtimes must give."""
    with service(heart_folder, tmp_path_factory.mktemp("alone")) as ask:
        yield ask


@pytest.fixture(scope="module", params=RUNTIMES)
def runtime(request, heart_folder, tmp_path_factory):
    with RUNTIMES[request.param](heart_folder, tmp_path_factory.mktemp("bundles")) as ask:
        yield ask


@pytest.fixture(scope="module")
def good(alone):
    answer = alone(GOOD)
    assert answer.status == 200 and json.loads(answer.body)["diagnosis"] == "heart-disease"
    return answer


def differing(runtime, alone, good, calls):
    """The names of the calls that the runtime answers otherwise, or after which a good one is."""
    return [
        (name, found[:2], wanted[:2])
        for name, call in calls
        for found, wanted in ((runtime(call), alone(call)), (runtime(GOOD), good))
        if found != wanted
    ]


def test_every_case_has_a_documented_answer(alone):
    for name, call in CASES.items():
        answer = alone(call)
        assert answer.status in STATUSES, name
        if call.method != "HEAD" and answer.headers.get("content-type", "").endswith("json"):
            value = json.loads(answer.body)
            assert answer.status == 200 or value["status"] == answer.status, name
    assert {alone(call).status for call in CASES.values()} == STATUSES


def test_every_json_document_has_one_verdict(alone, good):
    for document, valid in DOCUMENTS:
        answer = alone(post(document))
        assert answer.status in ((200, 422) if valid else (400,)), document[:60]
        assert alone(GOOD) == good


def test_every_case_is_answered_alike(runtime, alone, good):
    assert differing(runtime, alone, good, CASES.items()) == []


def test_every_json_document_is_answered_alike(runtime, alone, good):
    calls = [(document[:60], post(document)) for document, _ in DOCUMENTS]
    assert differing(runtime, alone, good, calls) == []


@pytest.mark.parametrize("runtime", LISTENING, indirect=True)
def test_a_chunked_body_over_the_cap_is_413_and_not_cut(runtime, good):
    """The body is spaces up to the cap and past it: cut there it would be an empty one, and another answer."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", runtime.port), 30) as connection:
        head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}X-Api-Key: {KEY}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        connection.sendall(chunk * (BODY_LIMIT // 0x10000) + b"2\r\n[]\r\n0\r\n\r\n")
        assert connection.recv(65536).split(b" ")[1] == b"413"
    assert runtime(GOOD) == good
