"""https://github.com/open-inference/open-inference-protocol/blob/main/specification/protocol/inference_rest.md"""

import json

import pytest

from handlers.inference import _outputs
from handlers.service import Service
from leanfn.http import Request
from leanfn.signature import Field, Signature
from tests.handlers.fakes import Fake, post, told

INFER = "/v2/models/fake/infer"
SIZE = {"name": "size", "shape": [2], "datatype": "INT64", "data": [2, 3]}
KIND = {"name": "kind", "shape": [2, 1], "datatype": "BYTES", "data": ["x", "y"]}
VERDICT = {"name": "verdict", "shape": [2], "datatype": "BYTES", "data": ["yes", "no"]}


@pytest.fixture
def service():
    return Service(Fake, {})


def infer(service, body, **options):
    return service(post(body, path=INFER, **options))


def test_the_server_and_the_model_describe_themselves(service):
    assert told(service(Request("GET", "/v2")))["name"] == "leanfn"
    for path in ("/v2/models/fake", f"/v2/models/fake/versions/{Fake.version}"):
        found = told(service(Request("GET", path)))
        assert found["versions"] == [Fake.version] and found["platform"] == "leanfn_lean"
        assert found["inputs"] == [
            {"name": "size", "datatype": "FP64", "shape": [-1]},
            {"name": "kind", "datatype": "BYTES", "shape": [-1]},
        ]
        assert [output["name"] for output in found["outputs"]] == [
            "verdict",
            "probabilities",
            "explanation",
        ]


@pytest.mark.parametrize(
    "path",
    [
        "/v2/health/live",
        "/v2/health/ready",
        "/v2/models/fake/ready",
        f"/v2/models/fake/versions/{Fake.version}/ready",
    ],
)
def test_health(service, path):
    assert service(Request("GET", path)).status == 200


def test_a_function_without_its_model_lives_and_is_not_ready():
    service = Service(lambda: 1 / 0, {})
    assert service(Request("GET", "/v2/health/live")).status == 200
    assert service(Request("GET", "/v2/health/ready")).status == 503


@pytest.mark.parametrize(
    "path",
    [
        *[
            "/v2/models",
            "/v2/models/",
            "/v2/models//ready",
            "/v2/models/other",
            "/v2/models/fake/versions/1",
            "/v2/x",
        ],
        *[
            "/v2/models/fake/versions",
            "/v2/models/fake/x",
            "/v2/models/fake/ready/x",
            "/v2/health",
            "/v2/repository/index",
        ],
    ],
)
def test_what_is_not_there_is_404_in_the_protocols_words(service, path):
    response = service(Request("GET", path))
    assert response.status == 404
    assert isinstance(told(response)["error"], str)


def test_a_tensor_for_each_field(service):
    response = infer(service, {"id": "42", "inputs": [KIND, SIZE]})
    assert told(response) == {
        "model_name": "fake",
        "model_version": Fake.version,
        "id": "42",
        "outputs": [VERDICT],
    }


def test_a_named_version_of_the_model(service):
    path = f"/v2/models/fake/versions/{Fake.version}/infer"
    assert told(service(post({"inputs": [SIZE, KIND]}, path=path)))["outputs"] == [VERDICT]


@pytest.mark.parametrize("data", [[2, 3, 4, 5], [[2, 3], [4, 5]]], ids=["flat", "nested"])
def test_a_single_tensor_of_rows_and_columns(data):
    fake = Fake()
    fake.signature = Signature("table", [Field("a", "number"), Field("b", "number")])
    body = {"inputs": [{"name": "input-0", "shape": [2, 2], "datatype": "FP32", "data": data}]}
    assert told(infer(Service(lambda: fake, {}), body))["outputs"] == [VERDICT]


def test_null_is_a_missing_value(service):
    body = {"inputs": [{**SIZE, "data": [None, 2]}, KIND]}
    assert told(infer(service, body))["outputs"][0]["data"] == ["no", "yes"]


def test_a_text_estimator_takes_one_tensor_of_any_name():
    fake = Fake()
    fake.signature = Signature("bare", [Field("text", "string")])
    body = {"inputs": [{"name": "anything", "shape": [2], "datatype": "BYTES", "data": ["a", "b"]}]}
    assert told(infer(Service(lambda: fake, {}), body))["outputs"][0]["shape"] == [2]


def test_an_open_record_has_the_fields_that_are_not_null():
    fake = Fake()
    fake.signature = Signature("record", [])
    fake.answer = lambda row, *asked: {"verdict": ",".join(row)}
    body = {"inputs": [{**SIZE, "data": [None, 2]}, KIND]}
    assert told(infer(Service(lambda: fake, {}), body))["outputs"][0]["data"] == ["kind", "size,kind"]


def test_probabilities_come_as_a_tensor_with_its_labels(service):
    body = {"inputs": [SIZE, KIND], "outputs": [{"name": "probabilities"}]}
    (output,) = told(infer(service, body))["outputs"]
    assert output["shape"] == [2, 2] and output["data"] == [0.25, 0.75, 0.25, 0.75]
    assert json.loads(output["parameters"]["labels"]) == ["no", "yes"]
    assert (
        len(told(infer(service, {"inputs": [SIZE, KIND]}, query={"probabilities": "true"}))["outputs"]) == 2
    )


def test_explanations_come_as_json_texts(service):
    body = {"inputs": [SIZE, KIND], "outputs": [{"name": "explanation"}]}
    (output,) = told(infer(service, body))["outputs"]
    assert (output["datatype"], output["shape"]) == ("BYTES", [2])
    assert json.loads(output["data"][0])["base"] == 0.5
    query = {"explain": "true"}
    outputs = told(infer(service, {"inputs": [SIZE, KIND]}, query=query))["outputs"]
    assert [each["name"] for each in outputs] == ["verdict", "explanation"]


def test_only_the_outputs_that_are_asked_for(service):
    body = {"inputs": [SIZE, KIND], "outputs": [{"name": "verdict"}]}
    assert told(infer(service, body, query={"probabilities": "true"}))["outputs"] == [VERDICT]
    response = infer(service, {"inputs": [SIZE, KIND], "outputs": [{"name": "other"}]})
    assert response.status == 400 and "verdict" in told(response)["error"]


def test_warnings_come_as_a_parameter(service):
    reply = told(infer(service, {"inputs": [{**SIZE, "data": [99, 2]}, KIND]}))
    assert [len(found) for found in json.loads(reply["parameters"]["warnings"])] == [1, 0]
    assert [output["name"] for output in reply["outputs"]] == ["verdict"]


def test_no_rows_give_no_outputs(service):
    body = {"inputs": [{**SIZE, "shape": [0], "data": []}, {**KIND, "shape": [0], "data": []}]}
    assert told(infer(service, body))["outputs"] == []
    assert infer(service, {**body, "outputs": [{"name": "verdict"}]}).status == 200


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/inputs"),
        ({"inputs": []}, "/inputs"),
        ({"inputs": [SIZE, 1]}, "/inputs/1"),
        ({"inputs": [{**SIZE, "name": ""}]}, "/inputs/0/name"),
        ({"inputs": [{**SIZE, "name": 1}]}, "/inputs/0/name"),
        ({"inputs": [{**SIZE, "shape": None}]}, "/inputs/0/shape"),
        ({"inputs": [{**SIZE, "shape": []}]}, "/inputs/0/shape"),
        ({"inputs": [{**SIZE, "shape": [-1]}]}, "/inputs/0/shape"),
        ({"inputs": [{**SIZE, "shape": [True]}]}, "/inputs/0/shape"),
        ({"inputs": [{**SIZE, "shape": [2, 1, 1]}]}, "/inputs/0/shape"),
        ({"inputs": [{**SIZE, "shape": [3]}]}, "/inputs/0/data"),
        ({"inputs": [{**SIZE, "datatype": "INT"}]}, "/inputs/0/datatype"),
        ({"inputs": [{**SIZE, "datatype": []}]}, "/inputs/0/datatype"),
        ({"inputs": [{**SIZE, "data": None}]}, "/inputs/0/data"),
        ({"inputs": [{**SIZE, "data": [2, 2.5]}]}, "/inputs/0/data/1"),
        ({"inputs": [{**SIZE, "data": [True, 1]}]}, "/inputs/0/data/0"),
        ({"inputs": [{**SIZE, "data": [[2], 3]}]}, "/inputs/0/data/1"),
        ({"inputs": [{**SIZE, "data": [[2], [3, 4]]}]}, "/inputs/0/data/1"),
        ({"inputs": [{**SIZE, "data": [[2], ["a"]]}]}, "/inputs/0/data/1/0"),
        ({"inputs": [SIZE, SIZE]}, "/inputs/1"),
        ({"inputs": [SIZE, {**KIND, "shape": [1], "data": ["x"]}]}, "/inputs/1"),
        ({"inputs": [SIZE, {**KIND, "data": ["x", None]}]}, "/inputs/1/data/1"),
        ({"inputs": [SIZE]}, "/inputs"),
        ({"inputs": [{**SIZE, "name": "x", "shape": [1, 2], "data": [2, 3]}]}, "/inputs/0/data/1"),
        ({"inputs": [{**SIZE, "name": "x", "shape": [1, 2], "data": [[2, 3]]}]}, "/inputs/0/data/0/1"),
        ({"inputs": [{**SIZE, "name": "x"}]}, "/inputs/0/shape"),
        ({"inputs": [SIZE, KIND], "outputs": {}}, "/outputs"),
        ({"inputs": [SIZE, KIND], "outputs": [{}]}, "/outputs"),
    ],
)
def test_a_problem_points_into_the_body_that_was_sent(service, body, pointer):
    response = infer(service, body)
    assert response.status == 422
    assert told(response)["errors"][0]["pointer"] == pointer
    assert isinstance(told(response)["error"], str)


def test_rows_over_the_cap_are_refused(service):
    size = {**SIZE, "shape": [10_001], "data": [2] * 10_001}
    assert infer(service, {"inputs": [size]}).status == 413


def test_rows_without_columns_are_counted_too(service):
    assert infer(service, {"inputs": [{**SIZE, "name": "x", "shape": [2**39, 0], "data": []}]}).status == 413


@pytest.mark.parametrize(
    ("column", "datatype", "shape", "data"),
    [
        ([True, False], "BOOL", [2], [True, False]),
        ([1, 2], "INT64", [2], [1, 2]),
        ([1, 2.5], "FP64", [2], [1, 2.5]),
        ([1.5, None], "FP64", [2], [1.5, None]),
        (["a", 1], "BYTES", [2], ["a", "1"]),
        ([[1.0, 2.0], [3.0, 4.0]], "FP64", [2, 2], [1.0, 2.0, 3.0, 4.0]),
        ([[1.0], [3.0, 4.0]], "BYTES", [2], ["[1.0]", "[3.0,4.0]"]),
        ([{"a": 1}, None], "BYTES", [2], ['{"a":1}', None]),
    ],
)
def test_answers_become_tensors(column, datatype, shape, data):
    outputs = _outputs([{"y": value} for value in column])
    assert outputs == {"y": {"name": "y", "shape": shape, "datatype": datatype, "data": data}}


def test_what_a_hook_made_of_an_answer_is_passed_on_as_json():
    assert _outputs(["a", {"b": 1}])["answer"]["data"] == ['"a"', '{"b":1}']


@pytest.mark.parametrize(
    ("labels", "classes", "datatype"),
    [
        (None, None, "FP64"),
        (None, [0, 1], "INT64"),
        (None, [False, True], "BOOL"),
        (None, [0.5, 1.5], "FP64"),
        (None, ["a", "b"], "BYTES"),
        ([(0, "no"), (1, "yes")], [0, 1], "BYTES"),
        (None, [["a", "b"], [0, 1]], "BYTES"),
    ],
)
def test_the_answers_datatype_is_known_beforehand(labels, classes, datatype):
    class Manifest(Fake.manifest.__class__):
        pass

    Manifest.labels, Manifest.classes, Manifest.output = labels, classes, ["one", "two"]
    Manifest.explains = None
    fake = Fake()
    fake.manifest, fake.methods = Manifest(), ["predict"]
    outputs = told(Service(lambda: fake, {})(Request("GET", "/v2/models/fake")))["outputs"]
    assert outputs == [{"name": name, "datatype": datatype, "shape": [-1]} for name in ("one", "two")]
