import pytest

from handlers.service import Service
from leanfn.artifact import load
from leanfn.errors import MethodError
from leanfn.http import Request
from tests.handlers.fakes import GOOD, Fake, post, told


@pytest.fixture
def service():
    return Service(Fake, {})


@pytest.mark.parametrize("value", ["true", "1", ""])
def test_probabilities_come_when_asked_for(service, value):
    assert told(service(post(query={"probabilities": value})))["probabilities"] == {"no": 0.25, "yes": 0.75}
    assert "probabilities" in told(service(post([GOOD], query={"probabilities": value})))[0]


def test_an_explanation_comes_when_asked_for_with_or_without_probabilities(service):
    assert told(service(post(query={"explain": "true"}))).keys() == {"verdict", "explanation"}
    both = {"probabilities": "1", "explain": "1"}
    assert told(service(post([GOOD], query=both)))[0].keys() == {"verdict", "probabilities", "explanation"}
    assert told(service(post(query={"explain": "false"}))) == {"verdict": "yes"}


def test_an_explanation_that_the_model_does_not_have_is_400():
    error = MethodError("fake has no explanations; linear models and trees have them")
    response = Service(lambda: Fake(error), {})(post(query={"explain": "true"}))
    assert response.status == 400 and told(response)["detail"] == str(error)


def test_rows_of_csv_are_explained_too(service):
    request = post(b"size,kind\n2,x\n", query={"explain": ""}, headers={"content-type": "text/csv"})
    assert "explanation" in told(service(request))[0]


def test_a_real_model_is_explained(heart_folder, patient):
    service = Service(lambda: load(heart_folder), {})
    explanation = told(service(post(patient, query={"explain": "true"})))["explanation"]
    parts = [explanation["base"], *explanation["contributions"].values()]
    (decision,) = load(heart_folder).call("decision_function", [patient])
    assert sum(parts) == pytest.approx(decision, rel=1e-9) and explanation["of"] == "heart-disease"


@pytest.mark.parametrize("value", ["false", "0"])
def test_probabilities_do_not_come_when_not_asked_for(service, value):
    assert told(service(post(query={"probabilities": value}))) == {"verdict": "yes"}


@pytest.mark.parametrize(
    "query", [{"probabilities": "yes"}, {"probabilites": "true"}, {"probabilities": "true", "x": "1"}]
)
def test_a_query_that_is_not_understood_is_refused_and_not_passed_over(service, query):
    assert service(post(query=query)).status == 400


@pytest.mark.parametrize(
    "kind",
    [
        *[
            "application/json",
            "APPLICATION/JSON",
            "application/json; charset=utf-8",
            'application/json;charset="UTF-8"',
        ],
        *["application/vnd.api+json", "application/json; odd=1"],
    ],
)
def test_json_is_known_by_its_content_type(service, kind):
    assert service(post(headers={"content-type": kind})).status == 200


def test_nothing_said_means_json(service):
    assert service(Request("POST", "/", body=b'{"size":2,"kind":"x"}')).status == 200


@pytest.mark.parametrize(
    "kind",
    [
        *[
            "text/plain",
            "application/x-www-form-urlencoded",
            "application/xml",
            "",
            "json",
            "text/json; charset=utf-8",
        ],
        *[
            "application/json; charset=utf-16",
            "application/json; charset=latin-1",
            "text/csv; charset=latin-1",
            "*/*",
        ],
    ],
)
def test_another_kind_of_body_is_415(service, kind):
    response = service(post(headers={"content-type": kind}))
    assert response.status == 415 and "application/json" in told(response)["detail"]


def test_an_encoded_body_is_415_and_is_not_unpacked(service):
    assert service(post(headers={"content-encoding": "gzip"})).status == 415
    assert service(post(headers={"content-encoding": "identity"})).status == 200


def test_no_body_is_400(service):
    assert service(post(b"")).status == 400
    assert service(Request("POST", "/")).status == 400


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text"])
def test_a_scalar_is_no_row_of_a_table(service, value):
    assert service(post(value)).status == 422


def test_a_list_of_values_is_a_list_of_rows_and_none_of_them_is_one(service):
    response = service(post([2, "x"]))
    assert response.status == 422
    assert [entry["pointer"] for entry in told(response)["errors"]] == ["/0", "/1"]


def test_a_row_may_be_a_list_in_the_order_of_the_fields(service):
    assert told(service(post([[2, "x"], [3, "y"]]))) == [{"verdict": "yes"}, {"verdict": "no"}]
