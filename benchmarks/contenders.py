"""The functions that are measured side by side, laid out for each cloud with what each brings along.

Hello world is the limit: the cloud's runtime and nothing else. The logged one answers with the headers and writes the
log line of a function of ours: the limit of any function that does.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adapters.archive import fill
from adapters.bundle import bundle
from adapters.bytecode import compile_each
from benchmarks.cold_start import RUNTIMES, Ask, hello, starter
from benchmarks.environments import ROOT, WORK, disk_bytes, make, models, packages_bytes, run_module
from benchmarks.tutorial import HANDLERS
from leanfn import manifest as manifests
from leanfn.errors import LeanfnError
from leanfn.interpreters import find_python
from leanfn.platforms import PLATFORMS

MODEL = WORK / "model"
CLOUDS = {"aws": "awslambdaric", "google": "functions-framework", "azure": "azure-functions-runtime"}
HELLO, LOGGED, LEAN, ONNX, SKLEARN, TUTORIAL = NAMES = (
    "hello world",
    "hello, logged",
    "leanfn lean",
    "leanfn onnx",
    "leanfn sklearn",
    "pandas + joblib",
)
ENGINES = {LEAN: "lean", ONNX: "onnx", SKLEARN: "sklearn"}


@dataclass(frozen=True, slots=True)
class Contender:
    """What is started and asked. installed: bytes that it brings beside the runtime's own."""

    runtime: str
    name: str
    start: Callable[[], AbstractContextManager[Ask]]
    installed: int


@dataclass(frozen=True, slots=True)
class Absent:
    """A contender that cannot take part, and why."""

    runtime: str
    name: str
    reason: str


def functions(version: str, names: tuple[str, ...] = NAMES) -> list[Contender | Absent]:
    """The functions of these names on the clouds' three runtimes."""
    base = make(f"python{version}", RUNTIMES, version)
    body = payload()
    found: list[Contender | Absent] = []
    for cloud, runtime in CLOUDS.items():
        for name in names:
            try:
                python, folder = lay_out(name, cloud, version)
                brought = packages_bytes(python) - packages_bytes(base) + disk_bytes(folder)
                found.append(Contender(runtime, name, partial(starter(cloud, python, body), folder), brought))
            except LeanfnError as error:
                found.append(Absent(runtime, name, str(error)))
    return found


def lay_out(name: str, cloud: str, version: str) -> tuple[Path, Path]:
    """The interpreter that a function runs under, and the function's folder."""
    made_with = prepared(version)
    return make(*_environment(name, cloud, version, made_with), version), _folder(name, cloud, version)


def payload() -> bytes:
    """The row that everything is asked for.

    Its numbers are written with a decimal point: a frame made of whole ones is refused by scikit-learn's imputer,
    which was fitted on columns with missing values, and then no handler with pandas would answer.
    """
    row = json.loads((ROOT / "resources" / "payload.json").read_text())
    return json.dumps({name: float(value) for name, value in row.items()}).encode()


def prepared(version: str) -> dict[str, str]:
    """Train the model if that is not done, or leanfn has changed since; the versions of what it was made with."""
    ready = MODEL / "ready.json"
    sources = [file for folder in ("leanfn", "steps") for file in (ROOT / folder).rglob("*.py")]
    if not ready.is_file() or ready.stat().st_mtime < max(file.stat().st_mtime for file in sources):
        ready.unlink(missing_ok=True)
        told = run_module(models(version), "benchmarks.prepare", str(MODEL.resolve()))
        ready.write_text(told)
    made_with: dict[str, str] = json.loads(ready.read_text())
    return made_with


def pinned(made_with: Mapping[str, str], *names: str) -> list[str]:
    """Requirements at the versions that the model was made with."""
    return [f"{name}=={made_with[name]}" for name in names]


def _environment(name: str, cloud: str, version: str, made_with: Mapping[str, str]) -> tuple[str, list[str]]:
    """The environment that a function runs in: the clouds' runtimes, and what the cloud's build would install.

    A bundle for Lambda brings its libraries itself; the tutorial's lie in the environment, as in a layer.
    """
    if name == TUTORIAL:
        return "tutorial", RUNTIMES + pinned(made_with, "scikit-learn", "pandas", "joblib")
    if name in (ONNX, SKLEARN) and cloud != "aws":
        requirements = manifests.read(MODEL / f"heart-{ENGINES[name]}").requirements
        return ENGINES[name], RUNTIMES + list(requirements)
    return f"python{version}", RUNTIMES


def _folder(name: str, cloud: str, version: str) -> Path:
    """A function's folder, with bytecode for what is its own."""
    if name in (HELLO, LOGGED):
        return hello(cloud, version, name)
    if name == TUTORIAL:
        return _tutorial(cloud, version)
    artifact = MODEL / f"heart-{ENGINES[name]}"
    return bundle(artifact, cloud, WORK / "bundles", python=version, bytecode=True).folder


def _tutorial(cloud: str, version: str) -> Path:
    folder = WORK / "tutorial" / cloud
    entry = PLATFORMS[cloud].entry_file
    host = json.dumps({"version": "2.0", "extensions": {"http": {"routePrefix": ""}}})
    fill(folder, {entry: HANDLERS[cloud].encode(), "host.json": host.encode()})
    shutil.copy(MODEL / "model.joblib", folder)
    compile_each(_interpreter(version), folder, "/tutorial", [entry])
    return folder


def _interpreter(version: str) -> Path:
    found = find_python(version)
    assert found is not None  # the environments were made with it
    return found
