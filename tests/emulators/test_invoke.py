"""leanfn invoke: a payload or a raw event in, what the function answers out."""

import json
import threading

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from emulators.fronts import google
from emulators.instances import Deployed, Instances
from emulators.invoke import command
from emulators.local import application, starter
from leanfn.errors import EmulatorError, UsageError


@pytest.fixture
def payload(tmp_path, patient):
    file = tmp_path / "row.json"
    file.write_text(json.dumps(patient))
    return file


@pytest.mark.parametrize("cloud", ["aws", "google", "azure"])
def test_a_payload_is_answered_through_each_clouds_entry(heart_folder, payload, cloud, capsys):
    command(heart_folder, payload=payload, cloud=cloud)
    out, err = capsys.readouterr()
    assert out == '{"diagnosis":"heart-disease"}\n'
    assert json.loads(err)["status"] == 200


def test_a_path_may_have_a_query_and_a_table_is_csv(heart_folder, tmp_path, patient, capsys):
    table = tmp_path / "rows.csv"
    table.write_text(",".join(patient) + "\n" + ",".join(map(str, patient.values())) + "\n")
    command(heart_folder, payload=table, path="/predict?probabilities=true")
    (answer,) = json.loads(capsys.readouterr().out)
    assert answer["diagnosis"] == "heart-disease" and answer["probabilities"]["clear"] < 0.5


def test_a_refused_payload_is_an_error_with_all_that_was_said(heart_folder, tmp_path):
    wrong = tmp_path / "row.json"
    wrong.write_text('{"cp":"3"}')
    with pytest.raises(EmulatorError, match=r'(?s)the answer is 422\n\{"title":.*"pointer":"/cp"'):
        command(heart_folder, payload=wrong)


def test_an_event_of_lambdas_is_answered_in_its_own_shape(heart_folder, events, capsys):
    command(heart_folder, event=events / "aws_alb_multi_value.json")
    reply = json.loads(capsys.readouterr().out)
    assert reply["statusDescription"] == "200 OK" and "multiValueHeaders" in reply
    command(heart_folder, event=events / "aws_direct_object.json")
    assert json.loads(capsys.readouterr().out) == {"diagnosis": "heart-disease"}


@pytest.mark.parametrize("cloud", ["aws", "google", "azure"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_http_request_in_a_file_is_an_event_too(heart_folder, tmp_path, patient, cloud, newline, capsys):
    file = tmp_path / "request.http"
    head = ["POST /predict?explain=0 HTTP/1.1", "Content-Type: application/json", "X-Empty:", "", ""]
    file.write_bytes(newline.join(head).encode() + json.dumps(patient, indent=1).encode())
    command(heart_folder, event=file, cloud=cloud)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "HTTP/1.1 200 OK" and lines[-1] == '{"diagnosis":"heart-disease"}'
    assert "content-type: application/json" in map(str.lower, lines)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.http", "{}", "is no HTTP request"),
        ("a.json", "{", "is not JSON"),
        ("a.json", None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_event_is_said(heart_folder, tmp_path, name, text, said):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(EmulatorError, match=said):
        command(heart_folder, event=tmp_path / name)


@pytest.fixture
def url(heart_folder):
    """The address of a function on this machine that wants a key."""

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_):
            """What a test asks for need not be told."""

    digest = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683"  # of "key"
    start = starter("google", {"LEANFN_API_KEY_SHA256": digest}, lambda line: None)
    front = google(Instances(Deployed(heart_folder, print), start, timeout=5))
    server = make_server("127.0.0.1", 0, application(front), request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_function_that_runs_is_called_at_its_address(url, payload, capsys):
    command(url=url, payload=payload, api_key="key")
    assert capsys.readouterr().out == '{"diagnosis":"heart-disease"}\n'
    with pytest.raises(EmulatorError, match=r"(?s)the answer is 401\n.*wants a key"):
        command(url=url, payload=payload)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1", "nowhere"])
def test_an_address_where_nobody_answers_is_said(payload, address):
    with pytest.raises(EmulatorError, match=f"{address}/ cannot be called"):
        command(url=address, payload=payload)


def test_one_function_is_sent_one_thing(heart_folder, payload):
    for arguments in (
        {"payload": payload},
        {"artifact": heart_folder, "url": "http://127.0.0.1:1", "payload": payload},
        {"artifact": heart_folder},
        {"artifact": heart_folder, "payload": payload, "event": payload},
        {"url": "http://127.0.0.1:1", "event": payload},
    ):
        with pytest.raises(UsageError, match="wanted:"):
            command(**arguments)
