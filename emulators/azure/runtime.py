"""What is deployed, run by Microsoft's own code: azure-functions-runtime, in an environment of its own."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from leanfn.errors import EmulatorError
from leanfn.interpreters import find_python
from leanfn.trust import state_folder

from ..azure_host import running
from ..environment import environment
from .apps import Run, Tell

PYTHON = "3.13"  # the oldest that azure-functions-runtime is made for
PACKAGES = ("azure-functions-runtime>=1.3,<2",)
OWN = (
    "PATH",
    "HOME",
    "LANG",
    "TMPDIR",
    "LD_LIBRARY_PATH",
)  # what a process needs that is no setting of the app


def interpreter(folder: Path | None = None) -> Path:
    """One that runs function apps; its environment is made in the folder, or in the user's state, the first time.

    Raises EmulatorError where there is no Python to make it with.
    """
    base = find_python(PYTHON)
    if base is not None:
        return environment(folder or state_folder() / "emulators" / "azure-functions-runtime", base, PACKAGES)
    raise EmulatorError(
        f"Microsoft's runtime of functions wants another Python\n  wanted: python{PYTHON} on this machine\n"
        "  found:  none\nInstall it, and run the same command again"
    )


def runner(python: Path) -> Run:
    """Runs a folder's function app in a process of its own."""

    @contextmanager
    def run(folder: Path, settings: Mapping[str, str], key: str, tell: Tell) -> Iterator[str]:
        environ = {**{name: os.environ[name] for name in OWN if name in os.environ}, **settings}
        read, write = os.pipe()
        with os.fdopen(read, encoding="utf-8", errors="replace") as said:
            listener = threading.Thread(target=_tell_all, args=(said, tell), daemon=True)
            listener.start()
            try:
                with running(folder, str(python), key=key, log=write, environ=environ) as url:
                    os.close(write)
                    write = -1
                    yield url
            finally:
                if write >= 0:
                    os.close(write)
                listener.join(5)

    return run


def _tell_all(lines: Iterable[str], tell: Tell) -> None:
    for line in lines:
        tell(line.rstrip())
