"""Every command of the README is run, in a folder of its own, as a newcomer would type it."""

import functools
import json
import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from leanfn.interpreters import find_python

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TESTED_ELSEWHERE = ("make ",)  # tests/test_demo.py, and this very run
SERVERS = ("python app.py", "leanfn serve", "functions-framework")


PROGRAMS = ("python", "leanfn", "make", "curl", "functions-framework")


def shell_lines():
    """The lines of the README's plain code blocks, continued ones joined."""
    language = None
    for line in (ROOT / "README.md").read_text().replace("\\\n", " ").splitlines():
        if line.startswith("```"):
            language = None if language is not None else line[3:]
        elif language == "":
            yield line


def commands():
    """The commands among them, comments left out."""
    for line in shell_lines():
        if line.startswith(tuple(f"{program} " for program in PROGRAMS)):
            yield shlex.join(shlex.split(line, comments=True))


COMMANDS = list(dict.fromkeys(commands()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, hearts):
    """What a reader of the README has: the checkout's files, a model and a table of their own."""
    import joblib

    model, rows = hearts
    place = tmp_path_factory.mktemp("readme")
    for name in ("datasets", "resources", "steps", "app.py", "function.py", "main.py"):
        (place / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "datasets" / "default.csv", place / "heart.csv")
    joblib.dump(model, place / "model.joblib")
    rows.to_csv(place / "rows.csv", index=False)
    flowers = rows.rename(columns={"age": "petal", "chol": "sepal", "cp": "soil", "exang": "kind"})
    flowers[["petal", "sepal", "soil"]].assign(kind=flowers["kind"].fillna(0)).to_csv(
        place / "flowers.csv", index=False
    )
    return place


@functools.cache
def run(folder, command):
    """What came of a command, which is run once however many tests want it done."""
    words = shlex.split(command)
    program = {"python": sys.executable}.get(words[0], str(BIN / words[0]))
    environ = {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [program, *words[1:]],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "command", [c for c in COMMANDS if not c.startswith((*TESTED_ELSEWHERE, *SERVERS, "curl"))]
)
def test_a_command_does_what_the_readme_says(folder, command):
    if "azure" in command and "--emulate" in command and find_python("3.13") is None:
        pytest.skip("Microsoft's runtime of functions wants Python 3.13")
    done = run(folder, command)
    assert done.returncode == 0, done.stderr


def test_the_training_figures_are_the_readmes(folder):
    said = (ROOT / "README.md").read_text()
    assert run(folder, "python steps/train.py --path=datasets/default.csv").stdout.strip() in said


@pytest.fixture
def port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_the_server_answers_the_payload(folder, port):
    (serve,) = [command for command in COMMANDS if command.startswith("python app.py")]
    run(folder, "python steps/train.py --path=datasets/default.csv --tag=_example --dump")
    words = serve.replace("8080", str(port)).split()[1:]
    server = subprocess.Popen(
        [sys.executable, *words], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    try:
        payload = (ROOT / "resources" / "payload.json").read_bytes()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}", payload, {"content-type": "application/json"}, method="POST"
        )
        for _ in range(100):
            try:
                with urllib.request.urlopen(request, timeout=5) as response:
                    answer = json.load(response)
                break
            except OSError:
                time.sleep(0.1)
        else:
            pytest.fail("the server does not answer")
    finally:
        server.terminate()
        server.wait(10)
    assert answer == {"diagnosis": "heart-disease"}
