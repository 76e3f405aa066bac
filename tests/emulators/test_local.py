"""Flask in front of a function: it is a postman, and answers nothing by itself."""

import hashlib
import json
import shlex
import socket

import pytest

from emulators.local import application, command, curl, example, serve, settings
from leanfn import load
from leanfn.errors import EmulatorError, UsageError


def echo(request):
    return {"method": request.method, "path": request.path, "body": request.get_data(as_text=True)}


@pytest.fixture
def client():
    return application(echo).test_client()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
@pytest.mark.parametrize("path", ["/", "/predict", "/static/app.css", "/a/b/c/", "/favicon.ico"])
def test_every_method_and_path_reaches_the_function(client, method, path):
    answer = client.open(path, method=method, data=b"{}")
    assert (answer.status_code, answer.json) == (200, {"method": method, "path": path, "body": "{}"})


def test_an_exception_of_the_function_shows_nothing_of_itself():
    def fail(request):
        raise ValueError("secret")

    answer = application(fail).test_client().get("/")
    assert answer.status_code == 500
    assert "secret" not in answer.text


def test_the_example_row_is_one_that_the_model_answers(heart_folder):
    artifact = load(heart_folder)
    answer = artifact.predict(example(artifact))
    assert answer["diagnosis"] in ("clear", "heart-disease")
    assert "warnings" not in answer


def test_the_line_to_try_is_one_that_a_shell_understands(heart_folder):
    words = shlex.split(curl(load(heart_folder), "http://127.0.0.1:8080"))
    assert words[:2] == ["curl", "http://127.0.0.1:8080"]
    assert json.loads(words[words.index("-d") + 1]) == example(load(heart_folder))
    assert "x-api-key: KEY" in curl(load(heart_folder), "http://127.0.0.1:8080", has_key=True)


def test_a_port_that_is_taken_is_said_with_what_to_type(heart_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EmulatorError, match=rf"(?s)port {port} of 127\.0\.0\.1.*--port="):
            serve(echo, load(heart_folder), port)


def test_a_port_that_is_none_is_said(heart_folder):
    with pytest.raises(EmulatorError, match=r"(?s)0 to 65535.*70000"):
        serve(echo, load(heart_folder), 70000)


def test_what_the_flags_say_is_the_functions_environment_and_of_the_key_only_its_digest(monkeypatch):
    monkeypatch.setenv("LEANFN_CORS", "https://old.example")
    found = settings(page=False, cors=["https://a.example", "https://b.example"], api_key="a key")
    assert found["LEANFN_PAGE"] == "off"
    assert found["LEANFN_CORS"] == "https://a.example,https://b.example"
    assert found["LEANFN_API_KEY_SHA256"] == hashlib.sha256(b"a key").hexdigest()
    assert "a key" not in found.values()


def test_flags_that_are_not_given_leave_the_environment_as_it_is(monkeypatch):
    monkeypatch.setenv("LEANFN_CORS", "https://old.example")
    found = settings(page=True, cors=[], api_key="")
    assert found["LEANFN_CORS"] == "https://old.example"
    assert "LEANFN_PAGE" not in found and "LEANFN_API_KEY_SHA256" not in found


def test_a_stage_is_awss_alone(heart_folder):
    with pytest.raises(UsageError, match="wanted: --cloud=aws"):
        command(heart_folder, stage="prod")
