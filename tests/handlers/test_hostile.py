"""Whatever somebody sends: an answer with a documented status, and nothing of it in the next answer.

pytest tests/handlers/test_hostile.py --hypothesis-profile=long

tries 100,000 requests in place of 100.
"""

import json

from hypothesis import given
from hypothesis import strategies as st

from handlers.service import Service
from leanfn.artifact import load
from leanfn.http import Request
from tests.documents import DOCUMENTS
from tests.handlers.fakes import Fake

STATUSES = {200, 400, 404, 405, 413, 415, 422}
PATHS = [
    *[
        "/",
        "/predict",
        "/predict/",
        "/health",
        "/version",
        "/signature",
        "/openapi.json",
        "/v2",
        "/v2/health/live",
    ],
    *[
        "/v2/health/ready",
        "/v2/models/fake",
        "/v2/models/fake/infer",
        "/v2/models/fake/versions/0123456789abcdef/infer",
    ],
]
KINDS = ["application/json", "text/csv", "application/json; charset=utf-8", "text/html", "", ";"]
NAMES = [
    *[
        "size",
        "kind",
        "instances",
        "parameters",
        "dataframe_split",
        "dataframe_records",
        "columns",
        "data",
        "params",
        "index",
    ],
    *["inputs", "outputs", "name", "shape", "datatype", "probabilities", "id", "verdict"],
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 12)
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["x", "FP64", "BYTES", "INT64", *NAMES])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)
BODIES = (
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass"))
    | VALUES.map(lambda value: json.dumps(value).encode())
    | st.sampled_from([document for document, _ in DOCUMENTS if len(document) < 10_000])
    | st.lists(st.lists(st.text('a1,"\r\n ', max_size=5), max_size=4).map(",".join), max_size=4).map(
        lambda lines: ("size,kind\n" + "\n".join(lines)).encode()
    )
)
REQUESTS = st.builds(
    Request,
    method=st.sampled_from(["POST", "POST", "POST", "GET", "HEAD", "OPTIONS", "PUT"]) | st.text(max_size=5),
    path=st.sampled_from(PATHS) | st.text(max_size=20),
    query=st.dictionaries(
        st.sampled_from(["probabilities"]) | st.text(max_size=3),
        st.sampled_from(["true", "0", "x"]),
        max_size=2,
    ),
    headers=st.fixed_dictionaries(
        {},
        optional={
            "content-type": st.sampled_from(KINDS) | st.text(max_size=20),
            "content-encoding": st.text(max_size=5),
            "origin": st.text(max_size=5),
            "x-api-key": st.text(max_size=5),
            "traceparent": st.text(max_size=60),
        },
    ),
    body=BODIES,
)
SERVICE = Service(Fake, {"LEANFN_CORS": "*"})
GOOD = Request("POST", "/predict", body=b'{"size":2,"kind":"x"}')


@given(REQUESTS)
def test_every_request_gets_a_documented_answer_and_changes_nothing(request):
    response = SERVICE(request)
    assert response.status in STATUSES
    if response.body:
        value = json.loads(response.body, parse_constant=lambda name: 1 / 0)
        assert response.status == 200 or value["status"] == response.status
    assert SERVICE(GOOD).body == b'{"verdict":"yes"}'
    json.dumps(request.record)


def test_a_real_model_answers_the_same_after_every_document(heart_folder, patient):
    service = Service(lambda: load(heart_folder), {})
    good = Request("POST", "/predict", {"probabilities": "true"}, body=json.dumps(patient).encode())
    answer = service(good).body
    assert json.loads(answer)["diagnosis"] == "heart-disease"
    for document, valid in DOCUMENTS:
        status = service(Request("POST", "/predict", body=document)).status
        assert status in ((200, 422) if valid else (400,))
        assert service(good).body == answer


ODD = [None, True, "3", [], {}, 1e308, -1e308, 10**300, "x" * 100_000, 0.1, -0.0]


def test_a_real_model_has_an_answer_for_every_odd_value_in_every_field(heart_folder, patient):
    service = Service(lambda: load(heart_folder), {})
    for name in patient:
        for value in ODD:
            response = service(
                Request("POST", "/predict", body=json.dumps({**patient, name: value}).encode())
            )
            assert response.status in (200, 422), (name, value)
        without = {other: value for other, value in patient.items() if other != name}
        assert service(Request("POST", "/predict", body=json.dumps(without).encode())).status in (200, 422)


def test_a_real_model_is_not_wrong_without_a_word(heart_folder, patient):
    service = Service(lambda: load(heart_folder), {})

    def call(**changes):
        response = service(Request("POST", "/predict", body=json.dumps({**patient, **changes}).encode()))
        return response.status, json.loads(response.body)

    assert call(cp="3")[0] == 422
    assert [warning["pointer"] for warning in call(cp=9)[1]["warnings"]] == ["/cp"]
    assert [warning["pointer"] for warning in call(chol=23300)[1]["warnings"]] == ["/chol"]
    assert [warning["nearest"] for warning in call(choll=2)[1]["warnings"]] == ["chol"]
