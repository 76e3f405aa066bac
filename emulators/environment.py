"""An environment of its own for a cloud's runtime library, which wants another Python or must not mix with ours."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from leanfn.errors import EmulatorError


def environment(folder: Path, base: Path, packages: Sequence[str]) -> Path:
    """The interpreter of the environment in a folder; made once, and again when other packages are asked for.

    base: the interpreter to make it with. uv makes it where it is installed, and compiles modules as pip does.
    """
    interpreter = folder.resolve() / "bin" / "python"
    wanted = "\n".join([str(base), *packages])
    ready = folder / "ready"
    if ready.is_file() and ready.read_text("utf-8") == wanted:
        return interpreter
    print(f"setting up {folder} ...", file=sys.stderr)
    ready.unlink(missing_ok=True)
    for line in _lines(folder, base, interpreter, packages):
        run = subprocess.run(line, capture_output=True, text=True, check=False)
        if run.returncode:
            raise EmulatorError(
                f"{folder} cannot be set up\n  command: {' '.join(line)}\n  said: {run.stderr.strip()[-2000:]}"
            )
    ready.write_text(wanted, "utf-8")
    return interpreter


def _lines(folder: Path, base: Path, interpreter: Path, packages: Sequence[str]) -> list[list[str]]:
    uv = shutil.which("uv")
    if uv is None:
        make = [str(base), "-I", "-m", "venv", "--clear", str(folder)]  # -I: no other Python's path
        install = [str(interpreter), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    else:
        make = [uv, "venv", "--quiet", "--clear", "--python", str(base), str(folder)]
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(interpreter)]
    return [make, [*install, *packages]] if packages else [make]
