"""python app.py, as a person starts it: a process, a port, requests over HTTP, Ctrl-C."""

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from leanfn.exporters.write import write
from leanfn.manifest import KEYS, read

ROOT = Path(__file__).parent.parent
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def server(heart_folder):
    line = [sys.executable, "app.py", f"--artifact={heart_folder}", "--port=0"]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    yield process, [process.stdout.readline(), process.stdout.readline()]
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(scope="module")
def port(server):
    _, (_, curl) = server
    return int(re.search(r"http://127\.0\.0\.1:(\d+)", curl)[1])


def ask(port, path="/", body=None, **headers):
    headers = {"content-type": "application/json", **headers}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    try:
        with DIRECT.open(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_it_says_what_it_serves_and_how_to_try_it(server, heart_folder):
    _, (name, curl) = server
    assert name.startswith("hearts ")
    assert curl.startswith("curl http://127.0.0.1:")


def test_a_row_gets_its_answer_through_the_handler(port, patient):
    status, headers, body = ask(port, body=json.dumps(patient).encode())
    assert (status, json.loads(body)) == (200, {"diagnosis": "heart-disease"})
    assert headers["x-content-type-options"] == "nosniff"


def test_a_wrong_row_is_told_everything(port, patient):
    status, headers, body = ask(port, body=json.dumps({**patient, "age": "old", "cp": "3"}).encode())
    assert (status, headers["content-type"]) == (422, "application/problem+json")
    assert [error["pointer"] for error in json.loads(body)["errors"]] == ["/age", "/cp"]


def test_health_is_well(port):
    status, _, body = ask(port, "/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_a_chunked_body_over_the_cap_is_refused_and_not_cut(port):
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        connection.sendall(head + b"6\r\n[1,\n1,\r\n")
        chunk = b"10000\r\n" + b"1,\n\n" * 16384 + b"\r\n"
        for _ in range(7 * 16):
            connection.sendall(chunk)
        connection.sendall(b"2\r\n1]\r\n0\r\n\r\n")
        assert connection.recv(65536).split(b"\r\n")[0].split(b" ")[1] == b"413"


def started(*flags):
    """The emulator with these flags, and its port."""
    line = [sys.executable, "app.py", "--port=0", *flags]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    process.stdout.readline()
    return process, int(re.search(r"http://127\.0\.0\.1:(\d+)", process.stdout.readline())[1])


def told(process):
    """What it logged, once it is ended."""
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=10)
    return [json.loads(line) for line in out.splitlines()]


def test_the_flags_reach_the_function_on_every_cloud(heart_folder, patient):
    body = json.dumps(patient).encode()
    flags = ["--no-page", "--cors=https://app.example", "--api-key=k3y", "--cold-every=2"]
    for cloud in ("aws", "google", "azure"):
        process, port = started(f"--artifact={heart_folder}", f"--cloud={cloud}", *flags)
        assert ask(port, body=body)[0] == 401
        for _ in range(3):
            status, headers, answer = ask(
                port, body=body, **{"x-api-key": "k3y", "origin": "https://app.example"}
            )
            assert (status, json.loads(answer)) == (200, {"diagnosis": "heart-disease"})
            assert headers["access-control-allow-origin"] == "https://app.example"
        page = ask(port, **{"accept": "text/html", "x-api-key": "k3y"})
        assert page[1]["content-type"] == "application/json"
        log = told(process)
        assert [line["cold"] for line in log] == [True, False, True, False, True]
        assert ("_aws" in log[0]) is (cloud == "aws") and ("severity" in log[0]) is (cloud == "google")


def test_a_replaced_artifact_answers_the_next_request_and_none_is_lost(heart_folder, tmp_path, patient):
    manifest = read(heart_folder)
    members = {name: manifest.read(name) for name in manifest.members}
    fields = {key: getattr(manifest, key) for key in KEYS if key not in ("format", "members")}

    def export(label):
        write(tmp_path / "hearts", members, **{**fields, "labels": [[0, "clear"], [1, label]]})

    export("0")
    process, port = started(f"--artifact={tmp_path / 'hearts'}")
    body, answers = json.dumps(patient).encode(), []

    def ask_on():
        while len(answers) < 1000 and (not answers or answers[-1] != (200, "20")):
            status, _, answer = ask(port, body=body)
            answers.append((status, json.loads(answer).get("diagnosis")))

    asking = threading.Thread(target=ask_on)
    asking.start()
    for number in range(1, 21):
        export(str(number))
        assert json.loads(ask(port, body=body)[2]) == {"diagnosis": str(number)}
    asking.join()
    told(process)
    assert {status for status, _ in answers} == {200}
    numbers = [int(label) for _, label in answers]
    assert numbers == sorted(numbers) and numbers[-1] == 20


def test_it_listens_on_this_machine_alone(port):
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        with pytest.raises(OSError), socket.create_connection((address, port), 1):
            pass


def test_an_artifact_that_is_not_there_is_said_plainly(tmp_path):
    line = [sys.executable, "app.py", f"--artifact={tmp_path / 'none'}"]
    run = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert run.stderr.startswith("no artifact at ")
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("flag", ["--prot=1", "--port=http", "--debug"])
def test_a_misspelt_line_starts_nothing(flag):
    run = subprocess.run(
        [sys.executable, "app.py", flag], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")


def test_control_c_ends_it_without_a_word(heart_folder):
    line = [sys.executable, "app.py", f"--artifact={heart_folder}", "--port=0"]
    process = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (0, "")
