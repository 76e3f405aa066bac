"""The user's own preprocess and postprocess, in a function."""

import json

import pytest

import leanfn
from handlers.service import Service
from leanfn.http import Request

HOOKS = """
import sys

seen = []


def preprocess(record):
    seen.append(record["age"])
    if record["age"] == 70001:
        raise ValueError("a patient's name")
    if record["age"] == 70002:
        sys.exit("a patient's name")
    if record["age"] == 70003:
        return {"age": "old"}
    record["age"] = record["age"] and record["age"] / 12
    return record


def postprocess(answer, record):
    if record["age"] == 70004:
        raise KeyError("a patient's name")
    if record["age"] == 70005:
        return {"diagnosis": float("nan")}
    if record["age"] == 70006:
        return {"diagnosis": {1, 2}}
    return {**answer, "months": record["age"]}
"""


@pytest.fixture(scope="module")
def service(hearts, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hooked")
    (folder / "hooks.py").write_text(HOOKS)
    model, rows = hearts
    raw = rows.assign(age=rows["age"] * 12)
    path = leanfn.export(
        model, raw, name="hooked", out=folder, hooks=folder / "hooks.py", output="diagnosis"
    ).path
    digest = leanfn.load(path).manifest.digest
    return Service(lambda: leanfn.load(path, digest), {})


def call(service, row):
    request = Request(
        "POST", "/predict", headers={"content-type": "application/json"}, body=json.dumps(row).encode()
    )
    response = service(request)
    return response.status, json.loads(response.body), request.record


def test_callers_send_raw_rows_and_get_what_postprocess_makes(service, patient):
    assert call(service, {**patient, "age": 756})[:2] == (200, {"diagnosis": 1, "months": 756})
    assert call(service, [{**patient, "age": 756}])[1] == [{"diagnosis": 1, "months": 756}]


@pytest.mark.parametrize(
    ("age", "hook"),
    [(70001, "preprocess"), (70002, "preprocess"), (70003, "preprocess"), (70004, "postprocess")],
)
def test_a_hook_that_goes_wrong_is_named_and_nothing_more_is_said(service, patient, age, hook):
    good = call(service, {**patient, "age": 756})[1]
    status, problem, record = call(service, {**patient, "age": age})
    assert status == 500 and problem.keys() == {"title", "status", "request_id"}
    assert problem["title"] == f"the hook {hook} went wrong"
    assert "patient's" not in json.dumps(record)
    assert call(service, {**patient, "age": 756})[1] == good


@pytest.mark.parametrize("age", [70005, 70006])
def test_what_postprocess_returns_is_json_or_a_500(service, patient, age):
    assert call(service, {**patient, "age": age})[0] == 500


def test_a_wrong_row_never_reaches_a_hook(service, patient):
    status, problem, _ = call(service, {**patient, "age": "old"})
    assert status == 422 and problem["errors"][0]["pointer"] == "/age"


def test_hooks_that_nobody_trusted_are_503(service, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = service.model().path
    response = Service(lambda: leanfn.load(folder), {})(Request("GET", "/health"))
    assert response.status == 503 and "holds code" in json.loads(response.body)["detail"]
