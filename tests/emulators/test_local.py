"""Flask in front of a function: it is a postman, and answers nothing by itself."""

import json
import shlex
import socket

import pytest

from emulators.local import application, curl, example, serve
from leanfn import load
from leanfn.errors import EmulatorError


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
    words = shlex.split(curl(load(heart_folder), 8080))
    assert words[:2] == ["curl", "http://127.0.0.1:8080"]
    assert json.loads(words[words.index("-d") + 1]) == example(load(heart_folder))


def test_a_port_that_is_taken_is_said_with_what_to_type(heart_folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(EmulatorError, match=rf"(?s)port {port} of 127\.0\.0\.1.*--port="):
            serve(echo, load(heart_folder), port)


def test_a_port_that_is_none_is_said(heart_folder):
    with pytest.raises(EmulatorError, match=r"(?s)0 to 65535.*70000"):
        serve(echo, load(heart_folder), 70000)
