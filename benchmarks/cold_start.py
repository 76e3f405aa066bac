"""From process start to first answer, and warm: an artifact's function beside a hello-world function, on real runtimes.

python -m benchmarks.cold_start --artifact=artifacts/pipeline_example --runs=21

All functions are served by the cloud's own runtime library under the Python that the cloud runs; none can write
bytecode, as in a cloud, and each brings its own. Runs are interleaved, so that what else the machine does meets all.
The second hello world answers with the headers and writes the log line that the contract asks for, but reads nothing
and predicts nothing: between it and hello world lies what the cloud's own library takes for headers and a log line.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median, quantiles

from adapters.bundle import bundle
from adapters.bytecode import compile_each
from benchmarks.asking import PATIENCE, Asker, Connect, connect, free_port, post
from emulators.azure_host import running
from emulators.environment import environment
from emulators.lambda_runtime import LambdaRuntime
from emulators.local import example
from leanfn import cli, load
from leanfn.errors import LeanfnError
from leanfn.interpreters import find_python
from leanfn.platforms import PLATFORMS

WORK = Path(".bench")
COLD_TARGETS = {"aws": 1.15, "google": 1.10, "azure": 1.10}
WARM_TARGET = 1.20

RUNTIMES = ["awslambdaric", "functions-framework", "azure-functions-runtime; python_version >= '3.13'"]

HELLO = {
    "aws": 'def lambda_handler(event, context):\n    return {"statusCode": 200, "body": "hello"}\n',
    "google": 'def predict_handler(request):\n    return "hello"\n',
    "azure": """\
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route(route="{*route}")
def predict_handler(req):
    return "hello"
""",
}

HEADERS = {
    "content-type": "application/json",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "x-request-id": "0123456789abcdef0123456789abcdef",
    "x-model-version": "0123456789abcdef",
}
LINE = json.dumps(
    {"request_id": HEADERS["x-request-id"], "method": "POST", "path": "/", "rows": 1, "ms": 0.1}
)

LOGGED = {
    "aws": f"""\
def lambda_handler(event, context):
    print({LINE!r}, flush=True)
    return {{"statusCode": 200, "headers": {HEADERS}, "body": "hello", "isBase64Encoded": False}}
""",
    "google": f"""\
def predict_handler(request):
    print({LINE!r}, flush=True)
    return b"hello", 200, {HEADERS}
""",
    "azure": f"""\
import logging

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
logger = logging.getLogger("hello")
logger.setLevel(logging.INFO)


@app.route(route="{{*route}}")
def predict_handler(req):
    logger.info({LINE!r})
    return func.HttpResponse(b"hello", status_code=200, headers={HEADERS}, mimetype="application/json")
""",
}
SOURCES = {"hello world": HELLO, "hello, logged": LOGGED}

Ask = Callable[[], None]
Start = Callable[[Path], AbstractContextManager[Ask]]


def main(
    artifact: Path = Path("artifacts/pipeline_example"),
    *,
    runs: int = 21,
    warm: int = 1000,
    python: str = "3.13",
    clouds: list[str] | None = None,
) -> None:
    """Measure cold and warm starts beside a hello-world function of the same runtime.

    Args:
        artifact: the artifact's folder
        runs: how many cold starts of each function
        warm: how many warm requests to each function
        python: the version of Python to run the functions on
        clouds: aws, google, azure; all when not said
    """
    interpreter = runtimes(python)
    body = json.dumps(example(load(artifact))).encode()
    print(
        f"{'':<22}{'cold, ms':>20}{'ratio':>8}{'target':>8}   {'warm p50, ms':>12}{'ratio':>8}{'target':>8}"
    )
    sizes = []
    for cloud in clouds or list(COLD_TARGETS):
        start = starter(cloud, interpreter, body)
        made = bundle(artifact, cloud, WORK / "bundles", python=python, bytecode=True)
        bare = bundle(artifact, cloud, WORK / "bare", python=python, bytecode=False)
        functions = {name: hello(cloud, python, name) for name in SOURCES} | {"leanfn": made.folder}
        cold = _cold(start, functions, runs)
        hot = _warm(start, functions, warm)
        for name in functions:
            _print_row(cloud, name, cold, hot)
        sizes.append((cloud, bare, made))
    print()
    for cloud, bare, made in sizes:
        print(
            f"{cloud:<8}zipped {bare.archive.stat().st_size / 1000:.0f} KB, with bytecode"
            f" {made.archive.stat().st_size / 1000:.0f} KB; unpacked {sum(bare.sizes.values()) / 1000:.0f} KB"
            f" and {sum(made.sizes.values()) / 1000:.0f} KB"
        )


def _print_row(cloud: str, name: str, cold: dict[str, list[float]], hot: dict[str, list[float]]) -> None:
    low, middle, high = quantiles(cold[name], n=4)
    row = f"{cloud:<8}{name:<14}{middle * 1000:>8.1f} ({low * 1000:.1f}-{high * 1000:.1f})".ljust(42)
    shown = f"{median(hot[name]) * 1000:>12.3f}"
    if name == "hello world":
        print(f"{row}{'1.00':>8}{'':>8}   {shown}{'1.00':>8}")
        return
    ratio = middle / median(cold["hello world"])
    hot_ratio = median(hot[name]) / median(hot["hello world"])
    targets = (COLD_TARGETS[cloud], WARM_TARGET) if name == "leanfn" else ("", "")
    print(f"{row}{ratio:>8.2f}{targets[0]:>8}   {shown}{hot_ratio:>8.2f}{targets[1]:>8}")


def _cold(start: Start, functions: dict[str, Path], runs: int) -> dict[str, list[float]]:
    """Seconds from process start to first answer; the order turns round at every run."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for run in range(runs + 1):
        for name, folder in list(functions.items())[:: 1 if run % 2 else -1]:
            began = time.perf_counter()
            with start(folder) as ask:
                ask()
                took = time.perf_counter() - began
            if run:  # the first one fills the disk's cache
                seconds[name].append(took)
    return seconds


def _warm(start: Start, functions: dict[str, Path], requests: int) -> dict[str, list[float]]:
    """Seconds of each request to a function that has answered before; the functions take turns."""
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    with ExitStack() as running:
        asks = {name: running.enter_context(start(folder)) for name, folder in functions.items()}
        for number in range(requests + 50):
            for name, ask in asks.items():
                began = time.perf_counter()
                ask()
                if number >= 50:
                    seconds[name].append(time.perf_counter() - began)
    return seconds


def starter(cloud: str, python: Path, body: bytes) -> Start:
    if cloud == "aws":
        return _lambda(python, body)
    return _http(body, functions_framework(python) if cloud == "google" else _azure_host(python))


def _lambda(python: Path, body: bytes) -> Start:
    event = json.dumps(
        {
            "version": "2.0",
            "rawPath": "/",
            "rawQueryString": "",
            "headers": {"content-type": "application/json"},
            "requestContext": {"http": {"method": "POST", "path": "/"}},
            "body": body.decode(),
            "isBase64Encoded": False,
        }
    ).encode()

    @contextmanager
    def start(folder: Path) -> Iterator[Ask]:
        with LambdaRuntime(
            folder.resolve(), python=str(python), timeout=PATIENCE, log=subprocess.DEVNULL
        ) as runtime:

            def ask() -> None:
                answer = runtime.invoke(event)
                if answer.error or json.loads(answer.payload)["statusCode"] != 200:
                    raise LeanfnError(f"{folder} answered {answer.payload.decode()}")

            yield ask

    return start


def _http(body: bytes, serve: Callable[[Path], AbstractContextManager[Connect]]) -> Start:
    """Requests over one connection to a server; it is connected to when the first is sent."""
    request = post("/", body)

    @contextmanager
    def start(folder: Path) -> Iterator[Ask]:
        with serve(folder) as connect, closing(Asker(connect, request)) as asker:

            def ask() -> None:
                answer = asker.ask()
                if not answer.startswith(b"HTTP/1.1 200 "):
                    raise LeanfnError(f"{folder} answered {answer.decode(errors='replace')}")

            yield ask

    return start


def functions_framework(python: Path) -> Callable[[Path], AbstractContextManager[Connect]]:
    @contextmanager
    def serve(folder: Path) -> Iterator[Connect]:
        port = free_port()
        line = [str(python.parent / "functions-framework"), "--target=predict_handler", "--source=main.py"]
        process = subprocess.Popen(
            [*line, "--host=127.0.0.1", f"--port={port}"],
            cwd=folder,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield lambda: connect(port, process)
        finally:
            process.terminate()
            process.wait()

    return serve


def _azure_host(python: Path) -> Callable[[Path], AbstractContextManager[Connect]]:
    @contextmanager
    def serve(folder: Path) -> Iterator[Connect]:
        with running(folder, str(python), log=subprocess.DEVNULL) as url:
            port = int(url.rpartition(":")[2])
            yield lambda: socket.create_connection(("127.0.0.1", port), PATIENCE)

    return serve


def hello(cloud: str, python: str, name: str = "hello world") -> Path:
    """The folder of one of the hello-world functions, with its bytecode."""
    folder = WORK / name.replace(", ", "-").replace(" ", "-") / cloud
    folder.mkdir(parents=True, exist_ok=True)
    entry = PLATFORMS[cloud].entry_file
    (folder / entry).write_text(SOURCES[name][cloud])
    (folder / "host.json").write_text('{"version": "2.0", "extensions": {"http": {"routePrefix": ""}}}')
    interpreter = find_python(python)
    assert interpreter is not None
    compile_each(interpreter, folder, "/hello", [entry])
    return folder


def runtimes(python: str) -> Path:
    """An interpreter with the clouds' runtime libraries, in an environment of its own (the tests use it too)."""
    base = find_python(python)
    if base is None:
        raise LeanfnError(f"no Python {python} on this machine\nName one that is there with --python")
    return environment(WORK / f"python{python}", base, RUNTIMES)


if __name__ == "__main__":
    sys.exit(cli.run(main, name="cold_start"))
