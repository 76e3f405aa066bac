import json
import sys
import threading
import time

import pytest

from handlers.service import Service
from leanfn.errors import ArtifactError, HookError, InvalidRows, MethodError
from leanfn.http import Request
from leanfn.platforms import BODY_LIMIT, RESPONSE_LIMIT
from tests.handlers.fakes import GOOD, Fake, post, told


@pytest.fixture
def service():
    return Service(Fake, {})


def test_an_object_gives_an_object_and_a_list_gives_a_list(service):
    assert service(post(GOOD)).body == b'{"verdict":"yes"}'
    assert service(post([GOOD, {"size": 3, "kind": "y"}])).body == b'[{"verdict":"yes"},{"verdict":"no"}]'
    assert service(post([])).body == b"[]"


def test_post_to_the_root_is_post_to_predict(service):
    assert (
        service(post(path="/")).body
        == service(post(path="/predict")).body
        == service(post(path="/predict/")).body
    )


def test_every_answer_names_the_model_and_the_request_and_is_not_kept_or_guessed_at(service):
    for request in (post(), post(b"["), Request("GET", "/nowhere"), Request("GET", "/health")):
        service(post())
        headers = service(request).headers
        assert headers["x-model-version"] == Fake.version
        assert len(headers["x-request-id"]) == 32
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_the_clouds_own_request_id_is_kept(service):
    request = post()
    request.id = "cloud-1"
    assert service(request).headers["x-request-id"] == "cloud-1"


@pytest.mark.parametrize(
    "path", ["/", "/health", "/version", "/signature", "/openapi.json", "/v2/models/fake"]
)
def test_a_page_answers_get_and_head_alike_but_for_the_body(service, path):
    got, headed = service(Request("GET", path)), service(Request("HEAD", path))
    assert got.status == headed.status == 200
    assert told(got) and headed.body == b""
    assert got.headers.keys() == headed.headers.keys()


def test_head_has_no_body_even_where_something_is_wrong(service):
    assert service(Request("HEAD", "/nowhere")).body == b""
    assert service(Request("HEAD", "/predict")).status == 405


def test_the_root_says_what_this_is_and_where_to_look(service):
    about = told(service(Request("GET", "/")))
    assert about["name"] == "fake" and about["version"] == Fake.version and about["explanation"] is True
    for path in about["links"].values():
        assert service(Request("GET", path)).status in (200, 405)


def test_health_and_version_name_what_runs(service):
    assert told(service(Request("GET", "/health"))) == {
        "status": "ok",
        "name": "fake",
        "version": Fake.version,
        "engine": "lean",
    }
    assert "leanfn" in told(service(Request("GET", "/version")))


def test_the_signature_says_what_goes_in_and_what_comes_out(service):
    found = told(service(Request("GET", "/signature")))
    assert [field["name"] for field in found["fields"]] == ["size", "kind"]
    assert (
        found["output"] == "verdict" and found["answers"] == ["no", "yes"] and found["probabilities"] is True
    )
    assert found["explanation"] is True


@pytest.mark.parametrize(
    "path", ["/nowhere", "/predict/x", "//", "", "/Predict", "/v1", "/v2/", "/v2x", "/../predict", "/\x00"]
)
def test_a_path_that_is_not_there_is_404(service, path):
    response = service(Request("GET", path))
    assert response.status == (200 if path == "/v2/" else 404)
    assert response.status == 200 or response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/predict", "POST, OPTIONS"),
        ("DELETE", "/", "GET, POST, HEAD, OPTIONS"),
        ("POST", "/health", "GET, HEAD, OPTIONS"),
        ("get", "/health", "GET, HEAD, OPTIONS"),
        ("", "/predict", "POST, OPTIONS"),
        ("GET", "/v2/models/fake/infer", "POST, OPTIONS"),
    ],
)
def test_a_method_that_a_page_does_not_take_is_405_and_says_which_it_does(service, method, path, allow):
    response = service(Request(method, path))
    assert response.status == 405
    assert response.headers["allow"] == allow


def test_options_says_what_a_page_takes_and_needs_no_model():
    response = Service(lambda: 1 / 0, {})(Request("OPTIONS", "/predict"))
    assert (response.status, response.headers["allow"], response.body) == (200, "POST, OPTIONS", b"")


def test_a_wrong_row_is_told_everything_that_is_wrong_with_it(service):
    response = service(post({"size": "2", "kin": "x"}))
    assert response.status == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = told(response)
    assert problem["status"] == 422 and problem["count"] == 2
    assert {entry["pointer"] for entry in problem["errors"]} == {"/size", "/kind"}
    assert next(entry for entry in problem["errors"] if entry["pointer"] == "/kind")["nearest"] == "kin"


def test_a_suspicious_row_is_answered_with_warnings(service):
    answer = told(service(post({"size": 11, "kind": "z", "other": 1})))
    assert answer["verdict"] == "no"
    assert [warning["pointer"] for warning in answer["warnings"]] == ["/other", "/size", "/kind"]


def test_at_most_100_problems_are_listed_and_all_are_counted(service):
    problem = told(service(post([{"size": "a", "kind": 1}] * 300)))
    assert len(problem["errors"]) == 100 and problem["count"] == 600


def test_a_body_over_the_cap_is_refused_before_it_is_read(service):
    assert service(post(b" " * BODY_LIMIT + b"1")).status == 413
    assert service(post(b" " * (BODY_LIMIT - 2) + b"[]")).status == 200


def test_rows_over_the_cap_are_refused(service):
    assert service(post([GOOD] * 10_000)).status == 200
    response = service(post([GOOD] * 10_001))
    assert response.status == 413 and "10001" in told(response)["detail"]


def test_an_answer_that_no_cloud_would_carry_is_refused(service):
    response = service(post([{"size": 11, "kind": "z"}] * 10_000))
    assert response.status == 413 and "fewer rows" in told(response)["detail"]
    assert RESPONSE_LIMIT * 3 <= 6 * 1024**2


def test_more_objects_than_can_be_meant_are_413(service):
    assert service(post(b"[" + b"{}," * 300_000 + b"{}]")).status == 413


# What the model raises.


@pytest.mark.parametrize(
    "error",
    [
        ValueError("secret"),
        SystemExit("secret"),
        RecursionError("secret"),
        MemoryError(),
        KeyError("secret"),
        OSError(5, "secret"),
    ],
    ids=repr,
)
def test_what_goes_wrong_inside_is_a_500_that_says_nothing_of_it(error):
    response = Service(lambda: Fake(error), {})(post())
    assert response.status == 500
    assert told(response) == {
        "title": "something went wrong here",
        "status": 500,
        "request_id": response.headers["x-request-id"],
    }


def test_a_hook_that_raises_is_a_500_with_its_name_and_no_more():
    error = HookError("the hook preprocess raised ValueError", "preprocess")
    error.__cause__ = ValueError("a patient's name")
    response = Service(lambda: Fake(error), {})(post())
    assert response.status == 500
    assert told(response)["title"] == "the hook preprocess went wrong"
    assert b"ValueError" not in response.body and b"patient" not in response.body


def test_an_answer_that_is_no_json_is_a_500():
    class Odd(Fake):
        def answer(self, row, *asked):
            return {"verdict": row["answer"]}

    for answer in (float("nan"), float("inf"), {1, 2}, object(), b"bytes"):
        row = {"answer": answer}
        service = Service(Odd, {})
        service.model().answer = lambda *_, row=row: Odd.answer(None, row)
        assert service(post()).status == 500


def test_a_method_that_the_model_does_not_have_is_400():
    response = Service(lambda: Fake(MethodError("fake has no predict_proba; it has predict")), {})(post())
    assert response.status == 400 and "predict_proba" in told(response)["detail"]


def test_a_row_that_the_model_refuses_is_422():
    problem = {"pointer": "", "detail": "no answer", "expected": "another row", "found": "this row"}
    assert Service(lambda: Fake(InvalidRows([problem], 1)), {})(post()).status == 422


def test_no_request_changes_what_the_next_one_gets(service):
    good = service(post()).body
    for body in (
        b"[",
        b'{"size": NaN}',
        b"[" * 100_000,
        b'{"size":"x"}',
        b"\xff",
        b"{}",
        b"null",
        b'{"size":2,"kind":"q"}',
    ):
        service(post(body))
        assert service(post()).body == good


# Loading.


def test_the_model_is_loaded_at_the_first_request_that_needs_it():
    loads = []
    service = Service(lambda: loads.append(1) or Fake(), {})
    for request in (Request("GET", "/nowhere"), Request("OPTIONS", "/"), Request("GET", "/v2/health/live")):
        assert service(request).status in (200, 404)
    assert loads == []
    service(post())
    service(post())
    assert loads == [1]


def test_eager_loads_at_once():
    loads = []
    Service(lambda: loads.append(1) or Fake(), {"LEANFN_LOAD": "eager"})
    assert loads == [1]


def test_an_eager_load_that_goes_wrong_is_no_crash_and_is_tried_again():
    outcomes = [1, 0]

    def load():
        return Fake() if outcomes.pop() else 1 / 0

    service = Service(load, {"LEANFN_LOAD": "eager"})
    assert outcomes == [1]
    assert service(post()).status == 200


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (
            ArtifactError("artifact/model.json is damaged\n  wanted: a\n  found:  b"),
            "artifact/model.json is damaged",
        ),
        (ModuleNotFoundError("No module named 'numpy'"), "ModuleNotFoundError"),
        (SystemExit(3), "SystemExit"),
    ],
    ids=repr,
)
def test_a_load_that_goes_wrong_is_503_on_every_page_and_is_tried_again(error, detail):
    outcomes = [error, error, None]

    def load():
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome
        return Fake()

    service = Service(load, {})
    for request in (Request("GET", "/health"), post()):
        response = service(request)
        assert response.status == 503
        assert response.headers["retry-after"] == "1"
        assert told(response)["detail"] == detail
    assert service(Request("GET", "/health")).status == 200


def in_threads(count, call):
    gate = threading.Barrier(count)

    def run():
        gate.wait()
        answers.append(call())

    answers = []
    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_64_first_requests_at_once_are_one_load():
    loads = []

    def load():
        loads.append(1)
        time.sleep(0.05)
        return Fake()

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(5):
            service = Service(load, {})
            assert set(in_threads(64, lambda s=service: s(post()).body)) == {b'{"verdict":"yes"}'}
    finally:
        sys.setswitchinterval(interval)
    assert len(loads) == 5


def test_who_waits_for_a_load_that_goes_wrong_shares_its_outcome():
    loads = []

    def load():
        loads.append(1)
        time.sleep(0.2)
        raise ArtifactError("damaged")

    service = Service(load, {})
    assert set(in_threads(16, lambda: service(post()).status)) == {503}
    assert len(loads) < 4


# The record for the log.


def test_the_record_tells_of_the_call_and_nothing_of_the_body(service):
    request = post([GOOD, GOOD], headers={"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"})
    response = service(request)
    record = request.record
    assert record["request_id"] == response.headers["x-request-id"]
    assert (record["status"], record["rows"], record["cold"], record["version"]) == (
        200,
        2,
        True,
        Fake.version,
    )
    assert (record["trace"], record["span"]) == ("a" * 32, "b" * 16)
    assert record["ms"] >= 0
    assert "verdict" not in json.dumps(record)
    second = post()
    service(second)
    assert second.record["cold"] is False


def test_an_error_is_recorded_with_where_it_came_from_and_without_its_words():
    request = post()
    Service(lambda: Fake(ValueError("a patient's name")), {})(request)
    assert request.record["error"] == "ValueError"
    assert any(place.startswith("fakes.py:") for place in request.record["at"])
    assert "patient" not in json.dumps(request.record)
