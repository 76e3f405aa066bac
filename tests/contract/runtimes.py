"""The runtimes that the contract is held against: each starts the heart-disease function and is asked over its own door.

A runtime whose tool a machine lacks is skipped with the reason.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from adapters.bundle import bundle
from benchmarks.cold_start import runtimes as environment_with
from emulators import azure_host, function_url
from emulators.interface_emulator import CACHE, InterfaceEmulator, fetch
from emulators.lambda_runtime import LambdaRuntime
from handlers.service import Service
from leanfn import load
from leanfn.errors import LeanfnError
from leanfn.http import Request, parse_query, unquote

ROOT = Path(__file__).parent.parent.parent
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATIENCE = 30
KEY = "correct horse"
SETTINGS = {
    "LEANFN_API_KEY_SHA256": sha256(KEY.encode()).hexdigest(),
    "LEANFN_CORS": "https://app.example",
    "PYTHONDONTWRITEBYTECODE": "1",
}
KEPT = (  # of an answer's headers: those that are the function's and the same for each call
    "allow",
    "cache-control",
    "content-type",
    "retry-after",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-model-version",
)


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def answer(status, headers, body):
    """An answer as it is compared."""
    named = {name.lower(): value for name, value in headers}
    assert named.pop("x-request-id", None), (status, named, body[:200])
    kept = {name: value for name, value in named.items() if name in KEPT or name.startswith("access-")}
    return Answer(status, kept, body)


@contextmanager
def service(folder, _):
    """The service in this process, with nothing around it: what all others are compared with."""
    handle = Service(lambda: load(folder), SETTINGS)

    def ask(call):
        path, _, query = call.target.partition("?")
        request = Request(call.method, unquote(path), parse_query(query), call.headers, call.body)
        response = handle(request)
        return answer(response.status, response.headers.items(), response.body)

    yield ask


def over_http(port):
    """What asks a server on this machine, over one connection for as long as that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def ask(call):
        connection.putrequest(call.method, call.target, skip_accept_encoding=True)
        for name, value in call.headers.items():
            connection.putheader(name, value)
        if call.body or call.method in ("POST", "PUT", "PATCH"):
            connection.putheader("content-length", str(len(call.body)))
        connection.endheaders(call.body)
        response = connection.getresponse()
        return answer(response.status, response.getheaders(), response.read())

    ask.port = port
    return ask, connection


@contextmanager
def served(line, cwd):
    """A server in a process of its own, which is told its port with --port."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *line, f"--port={port}"],
        cwd=cwd,
        env={**os.environ, **SETTINGS},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port, process)
        ask, connection = over_http(port)
        with closing(connection):
            yield ask
    finally:
        process.terminate()
        process.wait()


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(port, process):
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        except OSError:
            time.sleep(0.02)
    raise AssertionError(f"{process.args} does not listen")


def emulator(cloud):
    """python app.py, which goes through a cloud's event shape, entry and limits."""

    def start(folder, _):
        return served(["app.py", f"--artifact={folder}", f"--cloud={cloud}", f"--timeout={PATIENCE}"], ROOT)

    return start


@contextmanager
def functions_framework(folder, work):
    """Google's own framework with the bundle."""
    pytest.importorskip("functions_framework", reason="functions-framework is not installed")
    made = bundle(folder, "google", work, python=PYTHON, bytecode=False)
    line = ["-m", "functions_framework", "--target=predict_handler", "--source=main.py", "--host=127.0.0.1"]
    with served(line, made.folder) as ask:
        yield ask


def behind_a_url(invoke):
    """What asks a Lambda function as its function URL does."""

    def ask(call):
        event = json.dumps(function_url.event(call)).encode()
        response = function_url.response(invoke(event).payload)
        return answer(response.status, response.headers.items(), response.body)

    return ask


@contextmanager
def awslambdaric(folder, work):
    """AWS's own runtime client with the bundle, under our Runtime API."""
    pytest.importorskip("awslambdaric", reason="AWS's runtime client is for Linux alone")
    made = bundle(folder, "aws", work, python=PYTHON, bytecode=False)
    with LambdaRuntime(made.folder, timeout=PATIENCE, environ=SETTINGS, log=subprocess.DEVNULL) as runtime:
        yield behind_a_url(runtime.invoke)


def rie():
    """AWS's Runtime Interface Emulator."""
    try:
        return fetch(ROOT / CACHE)
    except LeanfnError as error:
        pytest.skip(str(error))


@contextmanager
def interface_emulator(folder, work):
    """AWS's own runtime client with the bundle, under AWS's own Runtime Interface Emulator."""
    pytest.importorskip("awslambdaric", reason="AWS's runtime client is for Linux alone")
    made = bundle(folder, "aws", work, python=PYTHON, bytecode=False)
    options = {"timeout": PATIENCE, "environ": SETTINGS, "log": subprocess.DEVNULL}
    with InterfaceEmulator(rie(), made.folder, **options) as runtime:
        yield behind_a_url(runtime.invoke)


@contextmanager
def azure_functions_runtime(folder, work):
    """Microsoft's own worker with the bundle, under our host; it wants Python 3.13."""
    try:
        python = environment_with("3.13")
    except LeanfnError as error:
        pytest.skip(str(error))
    made = bundle(folder, "azure", work, python="3.13", bytecode=False)
    environ = {**os.environ, **SETTINGS}
    with azure_host.running(made.folder, str(python), environ=environ, log=subprocess.DEVNULL) as url:
        ask, connection = over_http(int(url.rpartition(":")[2]))
        with closing(connection):
            yield ask


RUNTIMES = {
    "emulator-aws": emulator("aws"),
    "emulator-google": emulator("google"),
    "emulator-azure": emulator("azure"),
    "functions-framework": functions_framework,
    "awslambdaric": awslambdaric,
    "runtime-interface-emulator": interface_emulator,
    "azure-functions-runtime": azure_functions_runtime,
}
