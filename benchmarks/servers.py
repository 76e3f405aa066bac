"""The model servers that people would use instead, with the same pickled pipeline: BentoML, LitServe and MLflow.

Each runs as its own documentation starts it, with one worker, on 127.0.0.1, in an environment of its own.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.asking import Asker, free_port, post
from benchmarks.cold_start import Ask
from benchmarks.contenders import MODEL, Absent, Contender, payload, pinned, prepared
from benchmarks.environments import WORK, disk_bytes, make, packages_bytes
from leanfn.errors import LeanfnError

RUNTIME = "its own server"
PATIENCE = 120.0  # seconds for a first answer
REFUSALS = (b"HTTP/1.1 400 ", b"HTTP/1.1 422 ", b"HTTP/1.1 500 ")  # no use in asking again

BENTOML = """\
import bentoml
import joblib
import pandas as pd

LABELS = {0: "clear", 1: "heart-disease"}


@bentoml.service(workers=1)
class Heart:
    def __init__(self) -> None:
        self.model = joblib.load("model.joblib")

    @bentoml.api
    def predict(self, row: dict) -> dict:
        return {"diagnosis": LABELS[int(self.model.predict(pd.DataFrame([row]))[0])]}
"""

LITSERVE = """\
import sys

import joblib
import litserve
import pandas as pd

LABELS = {0: "clear", 1: "heart-disease"}


class Heart(litserve.LitAPI):
    def setup(self, device):
        self.model = joblib.load("model.joblib")

    def decode_request(self, request):
        return pd.DataFrame([request])

    def predict(self, rows):
        return LABELS[int(self.model.predict(rows)[0])]

    def encode_response(self, output):
        return {"diagnosis": output}


if __name__ == "__main__":
    server = litserve.LitServer(Heart(), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False)
"""

MLFLOW = """\
import sys

import joblib
import mlflow

mlflow.sklearn.save_model(joblib.load("model.joblib"), "saved", serialization_format="cloudpickle")
"""


@dataclass(frozen=True, slots=True)
class Server:
    """How a server is installed, prepared and started.

    files: what is written beside the model. before: a script that runs once. line: what starts it, {bin} and {port}
    filled in. path, body: where a row is sent and how it is wrapped; body holds ROW.
    """

    package: str
    files: dict[str, str]
    before: str
    line: tuple[str, ...]
    path: str
    body: str


SERVERS = {
    "BentoML": Server(
        "bentoml",
        {"service.py": BENTOML},
        "",
        ("{bin}/bentoml", "serve", "service:Heart", "--host=127.0.0.1", "--port={port}"),
        "/predict",
        '{"row": ROW}',
    ),
    "LitServe": Server(
        "litserve", {"serve.py": LITSERVE}, "", ("{bin}/python", "serve.py", "{port}"), "/predict", "ROW"
    ),
    "MLflow": Server(
        "mlflow",
        {"save.py": MLFLOW},
        "save.py",
        (
            *("{bin}/mlflow", "models", "serve", "--model-uri=saved", "--env-manager=local"),
            *("--host=127.0.0.1", "--port={port}", "--workers=1"),
        ),
        "/invocations",
        '{"dataframe_records": [ROW]}',
    ),
}


def servers(version: str) -> list[Contender | Absent]:
    """All of them; one that cannot be installed or prepared is there with its reason."""
    made_with = prepared(version)
    found: list[Contender | Absent] = []
    for name, server in SERVERS.items():
        try:
            packages = [server.package, *pinned(made_with, "scikit-learn", "pandas", "joblib")]
            python = make(name.lower(), packages, version)
            folder = _folder(name.lower(), server, python)
            brought = packages_bytes(python) + disk_bytes(folder)
            found.append(Contender(RUNTIME, name, partial(_running, server, python, folder), brought))
        except LeanfnError as error:
            found.append(Absent(RUNTIME, name, str(error)))
    return found


def _folder(name: str, server: Server, python: Path) -> Path:
    folder = WORK / "servers" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file, text in server.files.items():
        (folder / file).write_text(text)
    shutil.copy(MODEL / "model.joblib", folder)
    if server.before:
        line = [str(python), server.before]
        done = subprocess.run(
            line,
            cwd=folder,
            env=_environ(python),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        if done.returncode:
            raise LeanfnError(f"{server.package} does not take the model\n{done.stderr.strip()[-500:]}")
    return folder


def _environ(python: Path) -> dict[str, str]:
    home = str((WORK / "servers" / "home").resolve())
    return {
        **os.environ,
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": home,
        "BENTOML_HOME": f"{home}/bentoml",
        "BENTOML_DO_NOT_TRACK": "true",
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "GIT_PYTHON_REFRESH": "quiet",
    }


@contextmanager
def _running(server: Server, python: Path, folder: Path) -> Iterator[Ask]:
    """A started server; the first call waits until it answers a row."""
    port = free_port()
    line = [part.format(bin=python.parent, port=port) for part in server.line]
    body = server.body.replace("ROW", payload().decode()).encode()
    request = post(server.path, body)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            line, cwd=folder, env=_environ(python), stdout=log, stderr=log, start_new_session=True
        )

    asker = Asker(lambda: socket.create_connection(("127.0.0.1", port), PATIENCE), request)
    waits = True

    def ask() -> None:
        nonlocal waits
        answer = _first_answer(asker, process, folder) if waits else asker.ask()
        waits = False
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise LeanfnError(f"{server.package} answered {answer.decode(errors='replace')[:500]}")

    try:
        yield ask
    finally:
        asker.close()
        _end(process)


def _first_answer(asker: Asker, process: subprocess.Popen[bytes], folder: Path) -> bytes:
    """Ask until a row is answered."""
    deadline = time.monotonic() + PATIENCE
    said = b""
    while time.monotonic() < deadline and process.poll() is None:
        try:
            said = asker.ask()
            if said.startswith(b"HTTP/1.1 200 "):
                return said
            if said.startswith(REFUSALS):
                break
        except (OSError, ValueError):  # it does not listen yet, or lets go of the connection
            pass
        time.sleep(0.002)
    log = (folder / "log").read_text(errors="replace").strip().splitlines()[-1:]
    status = said.partition(b"\r")[0].decode(errors="replace") or "no answer"
    raise LeanfnError(f"it does not answer a row: {status}; its log ends {' '.join(log)[:200]!r}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server with all that it started: the process group is its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=5)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()
