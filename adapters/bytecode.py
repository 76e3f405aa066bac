"""Bytecode for the Python that a cloud runs, compiled by that Python.

A function's file system is read-only: without it every module is compiled again at every cold start. It lies beside
the sources, which tracebacks show, and another Python passes it by and compiles as it always did.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

# Unchecked: neither a source's time nor its content is asked for when the bytecode is loaded, so unpacking may set
# any time. The name is the source's place in the cloud: what tracebacks say, and nothing to mend at loading.
COMPILE = """
import os, py_compile, sys
folder, home, *paths = sys.argv[1:]
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
for path in paths:
    made = py_compile.compile(os.path.join(folder, path), dfile=f"{home}/{path}", doraise=True, invalidation_mode=unchecked)
    print(os.path.relpath(made, folder).replace(os.sep, "/"))
"""


def compile_all(interpreter: Path, folder: Path, home: str, paths: Iterable[str]) -> list[str]:
    """Compile sources in place; the paths of the bytecode, below the folder like those of the sources.

    home: where the folder will lie in the cloud.
    """
    line = [str(interpreter), "-I", "-S", "-c", COMPILE, str(folder), home, *sorted(paths)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout.splitlines()


def find_python(version: str, environ: Mapping[str, str] = os.environ) -> Path | None:
    """An interpreter of this version ("3.13") on this machine: the running one, one on the path, or pyenv's."""
    for candidate in _candidates(version, environ):
        line = [str(candidate), "-I", "-S", "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
        try:
            found = subprocess.run(line, capture_output=True, text=True, timeout=30, check=False)
        except OSError:
            continue
        if found.stdout.strip() == version:  # a shim of pyenv's may be on the path and start nothing
            return candidate
    return None


def _candidates(version: str, environ: Mapping[str, str]) -> Iterator[Path]:
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        yield Path(sys.executable)
    on_path = shutil.which(f"python{version}", path=environ.get("PATH"))
    if on_path is not None:
        yield Path(on_path)
    versions = Path(environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for folder in sorted(versions.glob(f"{version}.*"), reverse=True):
        yield folder / "bin" / "python"
