"""main.py is what Google's runtime finds when the checkout itself is the function's source."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
pytest.importorskip("functions_framework", reason="functions-framework is not installed")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="module")
def url(heart_folder):
    port = free_port()
    command = [
        sys.executable,
        "-m",
        "functions_framework",
        "--target=predict_handler",
        "--host=127.0.0.1",
        f"--port={port}",
    ]
    environ = {**os.environ, "LEANFN_ARTIFACT": str(heart_folder), "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            break
        except OSError:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)
    process.stderr.close()


def call(url, body=None, **headers):
    request = urllib.request.Request(url, body, {"content-type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers, json.loads(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.loads(error.read())


def test_the_checkout_is_a_function(url, patient):
    status, headers, answer = call(url + "/predict", json.dumps(patient).encode())
    assert (status, answer) == (200, {"diagnosis": "heart-disease"})
    assert headers["content-type"] == "application/json" and headers["x-model-version"]
    assert call(url + "/health")[2]["status"] == "ok"


def test_a_wrong_row_is_told_so_by_the_real_runtime(url, patient):
    status, headers, problem = call(url, json.dumps({**patient, "cp": "3"}).encode())
    assert status == 422 and headers["content-type"] == "application/problem+json"
    assert problem["errors"][0]["pointer"] == "/cp"


def test_a_chunked_body_over_the_cap_is_413(url):
    pieces = (b" " * 65536 for _ in range(120))
    status, _, problem = call(url, pieces, **{"transfer-encoding": "chunked"})
    assert status == 413 and problem["status"] == 413
