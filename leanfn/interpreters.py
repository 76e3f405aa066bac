"""The Pythons of this machine: a cloud's own compiles its bytecode and runs its emulated functions. Never shipped."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path


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
