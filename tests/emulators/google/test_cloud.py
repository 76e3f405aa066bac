"""The emulated cloud with Google's own runtime library behind it, asked through Google's own clients."""

import io
import json
import time
import zipfile

import pytest
import requests
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import BadRequest, Conflict, GoogleAPICallError, NotFound
from google.cloud import functions_v2
from google.cloud.run_v2 import types
from google.cloud.run_v2.services.services import ServicesClient
from google.oauth2 import service_account

from emulators.google.cloud import PROJECT, REGION, Cloud
from emulators.google.front import draw

PARENT = f"projects/{PROJECT}/locations/{REGION}"
LATEST = types.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST
NAMED = types.TrafficTargetAllocationType.TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION
ADD = """
import functions_framework, os, time
@functions_framework.http
def add(request):
    print("adding")
    time.sleep(float(request.args.get("sleep", 0)))
    return {"y": sum(request.get_json()["x"]), "by": os.environ["K_REVISION"], "A": os.environ.get("A")}
"""


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    cloud = Cloud(tmp_path_factory.mktemp("cloud"))
    yield cloud
    cloud.close()


@pytest.fixture(scope="module")
def options(cloud):
    key = cloud.settings["credentials"]
    return {
        "transport": "rest",
        "credentials": service_account.Credentials.from_service_account_file(key),
        "client_options": ClientOptions(api_endpoint=cloud.endpoint),
    }


@pytest.fixture(scope="module")
def functions(options):
    return functions_v2.FunctionServiceClient(**options)


@pytest.fixture(scope="module")
def services(options):
    return ServicesClient(**options)


def upload(functions, **files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    place = functions.generate_upload_url(request={"parent": PARENT})
    assert requests.put(place.upload_url, data=data.getvalue(), timeout=10).status_code == 200
    return functions_v2.Source(storage_source=place.storage_source)


def function(source, **service):
    return functions_v2.Function(
        build_config=functions_v2.BuildConfig(runtime="python313", entry_point="add", source=source),
        service_config=functions_v2.ServiceConfig(**service),
    )


def wait(functions, operation):
    """The operation's response, or its error raised, without the client's own second between two looks."""
    while not (found := functions.get_operation({"name": operation.operation.name})).done:
        time.sleep(0.02)
    if found.error.code:
        raise BadRequest(found.error.message)
    return found


def create(functions, name, what):
    request = {"parent": PARENT, "function_id": name, "function": what}
    wait(functions, functions.create_function(request=request))
    return functions.get_function(name=f"{PARENT}/functions/{name}")


@pytest.fixture(scope="module")
def adder(functions):
    return create(
        functions,
        "adder",
        function(upload(functions, main_py=ADD), timeout_seconds=1, environment_variables={"A": "1"}),
    )


def token(cloud, audience):
    credentials = service_account.IDTokenCredentials.from_service_account_file(
        cloud.settings["credentials"], target_audience=audience
    )
    from google.auth.transport.requests import Request

    credentials.refresh(Request())
    return credentials.token


def post(cloud, url, audience=None, path="", **headers):
    if audience is not None:
        headers["authorization"] = f"Bearer {token(cloud, audience)}"
    return requests.post(url + path, json={"x": [1, 2]}, headers=headers, timeout=20)


def test_a_deployed_source_runs_in_the_functions_framework(cloud, adder):
    answer = post(cloud, adder.url, adder.url)
    assert answer.json() == {"y": 3, "by": adder.service_config.revision, "A": "1"}
    assert adder.state.name == "ACTIVE"
    assert adder.service_config.available_memory == "256M"


def test_a_closed_function_wants_an_identity_for_its_own_address(cloud, adder):
    assert post(cloud, adder.url).status_code == 403
    assert post(cloud, adder.url, "https://other.example").status_code == 401
    assert post(cloud, adder.url, authorization="Bearer nonsense").status_code == 401


def test_the_control_plane_wants_to_know_who_asks(cloud):
    for headers in ({}, {"authorization": "Bearer nonsense"}):
        answer = requests.get(f"{cloud.endpoint}/v2/{PARENT}/functions", headers=headers, timeout=10)
        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")


def test_google_lets_through_no_more_than_it_says(cloud, adder):
    headers = {"authorization": f"Bearer {token(cloud, adder.url)}"}
    answer = requests.post(adder.url, data=b" " * (32 * 1024**2 + 1), headers=headers, timeout=20)
    assert answer.status_code == 413


def test_a_request_that_takes_too_long_is_ended(cloud, adder):
    assert post(cloud, adder.url, adder.url, path="/?sleep=2").status_code == 504


def test_a_new_revision_follows_the_shares_that_are_pinned(cloud, functions, services):
    first = create(functions, "pinned", function(upload(functions, main_py=ADD)))
    name = f"{PARENT}/services/pinned"
    old = first.service_config.revision

    def share(*targets):
        services.update_service(
            request={
                "service": types.Service(name=name, traffic=list(targets)),
                "update_mask": {"paths": ["traffic"]},
            }
        )

    def update(latest):
        changed = functions_v2.Function(name=first.name)
        changed.service_config.all_traffic_on_latest_revision = latest
        changed.service_config.environment_variables = {"A": "2"}
        paths = ["service_config.environment_variables", "service_config.all_traffic_on_latest_revision"]
        wait(functions, functions.update_function(function=changed, update_mask={"paths": paths}))
        return functions.get_function(name=first.name).service_config.revision

    def answers(url):
        return {post(cloud, url, first.url).json()["by"] for _ in range(2)}

    share(types.TrafficTarget(type_=NAMED, revision=old, percent=100))
    new = update(latest=False)
    assert answers(first.url) == {old}
    share(
        types.TrafficTarget(type_=NAMED, revision=old, percent=100),
        types.TrafficTarget(type_=NAMED, revision=new, tag="next"),
    )
    (tagged,) = (each.uri for each in services.get_service(name=name).traffic_statuses if each.tag)
    assert answers(tagged) == {new}
    assert answers(first.url) == {old}
    share(types.TrafficTarget(type_=LATEST, percent=100))
    newest = update(latest=False)  # false keeps the list, which here says: the newest one
    assert answers(first.url) == {newest}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"traffic": [{"type_": NAMED, "revision": "x", "percent": 100}]}, "does not exist"),
        ({"traffic": [{"type_": LATEST, "percent": 99}]}, "add up to 100"),
        ({"traffic": [{"type_": LATEST, "percent": 100, "tag": "T"}]}, "is no tag"),
        ({"traffic": [{"type_": LATEST, "percent": 100, "tag": "t" * 42}]}, "more than 46"),
        ({"traffic": [{"type_": LATEST, "percent": 100}], "etag": '"old"'}, "etag"),
    ],
)
def test_shares_that_make_no_sense_are_refused(adder, services, change, said):
    service = types.Service(name=f"{PARENT}/services/adder", **change)
    with pytest.raises(GoogleAPICallError, match=said):
        services.update_service(request={"service": service, "update_mask": {"paths": ["traffic"]}})


def test_a_services_template_is_cloud_functions_alone(adder, services):
    service = services.get_service(name=f"{PARENT}/services/adder")
    with pytest.raises(Conflict, match="with different configuration already exists"):
        services.update_service(request={"service": service})


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"main_py": "import nowhere"}, "No module named 'nowhere'"),
        ({"main_py": "def other(request): ..."}, "Found: 'other'"),
        ({"code_py": "x = 1"}, "missing main.py"),
    ],
)
def test_what_does_not_build_or_start_fails_its_operation(functions, files, said):
    name = f"broken{abs(hash(said)) % 1000}"
    with pytest.raises(BadRequest, match=said):
        create(functions, name, function(upload(functions, **files)))
    found = functions.get_function(name=f"{PARENT}/functions/{name}")
    assert found.state.name == "FAILED"
    assert said in found.state_messages[0].message


def test_what_google_refuses_is_refused(functions, adder):
    source = adder.build_config.source
    for change, said in (
        ({"build_config": {"runtime": "python29", "entry_point": "add", "source": source}}, "runtime"),
        ({"build_config": {"runtime": "python313", "source": source}}, "entry_point is required"),
        ({"build_config": {"runtime": "python313", "entry_point": "add"}}, "was not uploaded"),
    ):
        request = {"parent": PARENT, "function_id": "x", "function": functions_v2.Function(**change)}
        with pytest.raises(BadRequest, match=said):
            functions.create_function(request=request)
    for change, said in (
        (function(source, timeout_seconds=3601), "at most 3600"),
        (function(source, service_account_email="no@one"), "does not exist"),
        (function(source, max_instance_request_concurrency=80), "Total cpu < 1"),
    ):
        with pytest.raises(BadRequest, match=said):
            functions.create_function(request={"parent": PARENT, "function_id": "x", "function": change})
    with pytest.raises(Conflict, match="already exists"):
        functions.create_function(
            request={"parent": PARENT, "function_id": "adder", "function": function(source)}
        )
    with pytest.raises(NotFound):
        functions.get_function(name=f"{PARENT}/functions/nothing")


def test_a_deleted_function_leaves_nothing(cloud, functions, services):
    made = create(functions, "gone", function(upload(functions, main_py=ADD)))
    wait(functions, functions.delete_function(name=made.name))
    assert "gone" not in [each.name.rpartition("/")[2] for each in functions.list_functions(parent=PARENT)]
    with pytest.raises(NotFound):
        services.get_service(name=f"{PARENT}/services/gone")
    with pytest.raises(requests.ConnectionError):
        post(cloud, made.url)


def test_what_an_instance_writes_is_found_by_a_filter(cloud, adder):
    post(cloud, adder.url, adder.url)
    wanted = 'resource.labels.service_name="adder" jsonPayload.message="adding" timestamp>="2020-01-01T00:00:00+00:00"'
    page = cloud.entries.find(wanted, 1, "")
    assert page["entries"][0]["jsonPayload"]["message"] == "adding"
    assert cloud.entries.find('jsonPayload.message="nothing such"', 1, "") == {"entries": []}
    assert cloud.entries.find("severity>ERROR", 1, "") is None


def test_a_structured_line_is_taken_apart(cloud):
    line = {"severity": "ERROR", "message": "m", "logging.googleapis.com/trace": "t", "rows": 1}
    cloud.entries.add(f"{PARENT}/services/structured", "r", json.dumps(line))
    (entry,) = cloud.entries.find('resource.labels.service_name="structured"', 9, "")["entries"]
    assert (entry["severity"], entry["trace"]) == ("ERROR", "t")
    assert entry["jsonPayload"] == {"message": "m", "rows": 1}


def test_a_share_is_drawn_by_its_size():
    shares = {"a": 75, "b": 0, "c": 25}
    assert [draw(shares, lambda at=at: at) for at in (0.0, 0.74, 0.75, 0.999)] == ["a", "a", "c", "c"]
