"""The environments that benchmarks run in, each of its own under .bench/, and what they take on the disk.

uv makes them where it is installed, else venv and pip. They are made once, and again when other packages are asked for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from emulators.environment import environment
from leanfn.errors import LeanfnError
from leanfn.interpreters import find_python

ROOT = Path(__file__).resolve().parent.parent
WORK = Path(".bench")
STATE = WORK.resolve() / "state"  # what is trusted for a benchmark is trusted nowhere else
VERSIONS = ("3.13", "3.12", "3.11")  # the first that is there; Microsoft's runtime library wants 3.13

MODELS = (  # where models are trained, exported and asked in process
    *("--editable", f"{ROOT}[train,onnx]"),
    *("xgboost-cpu; sys_platform == 'linux'", "xgboost; sys_platform != 'linux'"),
    *("lightgbm>=4.5", "onnxmltools>=1.13", "m2cgen"),
)


def newest_python() -> str:
    """The version of Python to measure with."""
    for version in VERSIONS:
        if find_python(version) is not None:
            return version
    raise LeanfnError(f"no Python to measure with\n  wanted: one of {', '.join(VERSIONS)}\n  found:  none")


def make(name: str, packages: Sequence[str], version: str) -> Path:
    """The interpreter of an environment, which is made first if it is not there."""
    base = find_python(version)
    if base is None:
        raise LeanfnError(f"no Python {version} on this machine\nName one that is there with --python")
    return environment(WORK / name, base, packages)


def models(version: str) -> Path:
    """The interpreter that models are trained and asked with."""
    return make("models", MODELS, version)


def run_module(python: Path, module: str, *arguments: str) -> str:
    """What a benchmark prints that runs in another environment; its progress goes to this process's stderr."""
    environ = {
        **os.environ,
        "XDG_STATE_HOME": str(STATE),
        "PYTHONDONTWRITEBYTECODE": "1",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }
    line = [str(python), "-m", module, *arguments]
    done = subprocess.run(line, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=sys.stderr, check=False)
    if done.returncode:
        raise LeanfnError(f"{module} ended with exit code {done.returncode}; what it said is above")
    return done.stdout.decode()


def installed(python: Path) -> dict[str, str]:
    """The packages of an environment: name -> version."""
    script = "from importlib.metadata import distributions as d; [print(x.name, x.version) for x in d()]"
    line = [str(python), "-c", script]
    told = subprocess.run(line, check=True, capture_output=True, text=True).stdout
    return {name.lower(): version for name, version in (row.split() for row in told.splitlines())}


def disk_bytes(folder: Path) -> int:
    """What the files below a folder take, each once, bytecode included."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())


def packages_bytes(python: Path) -> int:
    """What an environment's packages take, without pip."""
    return sum(
        disk_bytes(entry) if entry.is_dir() else entry.stat().st_size
        for entry in python.parent.parent.glob("lib/python*/site-packages/*")
        if not entry.name.startswith(("pip", "_virtualenv"))  # what the tool that made it put there
    )
