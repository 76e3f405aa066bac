import pytest

from handlers.service import Service
from leanfn.signature import Field, Signature
from tests.handlers.fakes import GOOD, Fake, post, told

ROWS = [GOOD, {"size": 3, "kind": "y"}]
SPLIT = {"columns": ["kind", "size"], "data": [["x", 2], ["y", 3]]}


@pytest.fixture
def service():
    return Service(Fake, {})


@pytest.mark.parametrize(
    "body",
    [
        {"instances": ROWS},
        {"instances": [[2, "x"], [3, "y"]]},
        {"instances": ROWS, "signature_name": "serving_default"},
        {"dataframe_records": ROWS},
        {"dataframe_split": SPLIT},
        {"dataframe_split": {**SPLIT, "index": [7, 8]}},
        {"dataframe_split": SPLIT, "params": {}},
        {"dataframe_split": SPLIT, "params": None},
    ],
    ids="-".join,
)
def test_rows_in_an_envelope_are_answered_in_one(service, body):
    assert told(service(post(body))) == {"predictions": [{"verdict": "yes"}, {"verdict": "no"}]}


@pytest.mark.parametrize(
    "body", [{"instances": ROWS, "parameters": {}}, {"dataframe_records": ROWS, "params": {}}]
)
@pytest.mark.parametrize(("flag", "added"), [("probabilities", "probabilities"), ("explain", "explanation")])
def test_parameters_may_ask_for_more_than_the_answer(service, body, flag, added):
    name = "parameters" if "parameters" in body else "params"
    assert told(service(post(body)))["predictions"][0].keys() == {"verdict"}
    asked = {**body, name: {flag: True}}
    assert told(service(post(asked)))["predictions"][0].keys() == {"verdict", added}
    for wrong in ({flag: "true"}, {flag: True, "x": 1}, {added + "s": True}):
        assert service(post({**body, name: wrong})).status == 400


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"instances": [GOOD, {"size": "a", "kind": "x"}]}, "/instances/1/size"),
        ({"instances": GOOD}, "/instances"),
        ({"instances": ROWS, "other": 1}, "/other"),
        ({"instances": ROWS, "dataframe_records": ROWS}, "/dataframe_records"),
        ({"dataframe_records": [{"kind": 1}]}, "/dataframe_records/0/kind"),
        ({"dataframe_split": []}, "/dataframe_split"),
        ({"dataframe_split": {"columns": ["size"]}}, "/dataframe_split"),
        ({"dataframe_split": {**SPLIT, "more": 1}}, "/dataframe_split"),
        ({"dataframe_split": {"columns": ["size", 1], "data": []}}, "/dataframe_split/columns"),
        ({"dataframe_split": {"columns": ["size", "size"], "data": []}}, "/dataframe_split/columns"),
        ({"dataframe_split": {"columns": ["size", "kind"], "data": {}}}, "/dataframe_split/data"),
        (
            {"dataframe_split": {"columns": ["size", "kind"], "data": [[2, "x"], [2]]}},
            "/dataframe_split/data/1",
        ),
        (
            {"dataframe_split": {"columns": ["size", "kind"], "data": [[2, "x"], ["a", "x"]]}},
            "/dataframe_split/data/1/0",
        ),
        ({"dataframe_split": {"columns": ["size"], "data": [[2]]}}, "/dataframe_split/columns"),
    ],
)
def test_a_problem_points_into_the_body_that_was_sent(service, body, pointer):
    response = service(post(body))
    assert response.status == 422
    assert told(response)["errors"][0]["pointer"] == pointer


def test_a_row_with_a_field_that_has_an_envelopes_name_is_a_row():
    fake = Fake()
    fake.signature = Signature("table", [Field("instances", "number"), Field("kind", "string")])
    assert told(Service(lambda: fake, {})(post({"instances": 2, "kind": "x"}))) == {"verdict": "yes"}


def test_an_open_record_is_an_envelope_only_where_it_can_be_nothing_else():
    fake = Fake()
    fake.signature = Signature("record", [])
    fake.answer = lambda row, *asked: {"verdict": sorted(row)}
    service = Service(lambda: fake, {})
    assert told(service(post({"instances": [{"a": 1}]}))) == {"predictions": [{"verdict": ["a"]}]}
    assert told(service(post({"instances": ["word"], "b": 1}))) == {"verdict": ["b", "instances"]}
    assert told(service(post({"instances": "word"}))) == {"verdict": ["instances"]}
    assert told(service(post({"dataframe_split": SPLIT}))) == {
        "predictions": [{"verdict": ["kind", "size"]}] * 2
    }


def test_rows_over_the_cap_are_refused_in_envelopes_too(service):
    assert service(post({"instances": [GOOD] * 10_001})).status == 413
