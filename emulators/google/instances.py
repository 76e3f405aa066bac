"""What a revision runs as: a build of its source, and the real functions framework in a process of its own.

What requirements.txt asks for is installed in an environment of its own, with the function's Python where this machine
has it. A source that asks for nothing but what is here runs on the Python that leanfn runs on: a bundle brings its sources
beside the bytecode.
"""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from leanfn.errors import EmulatorError
from leanfn.interpreters import find_python
from leanfn.trust import state_folder

from ..environment import environment

START_LIMIT = 60.0  # seconds; Cloud Run gives a container four minutes to listen
LINES = 12  # of what a failed build or start said
FRAMEWORK = "functions-framework"


class BuildError(EmulatorError):
    """Raised when a source cannot be built, or does not start; its message is what Google would show."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an instance answered."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


class Instance(Protocol):
    """One running revision."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Answer: ...
    def stop(self) -> None: ...


class Runtime(Protocol):
    """Builds a source and starts it."""

    def build(self, folder: Path, python: str) -> object: ...
    def start(
        self, built: object, folder: Path, entry: str, env: Mapping[str, str], log: Callable[[str], None]
    ) -> Instance: ...


class FunctionsFramework:
    """Google's own runtime library: what really runs there.

    install: makes an environment with packages; find: an interpreter of a version.
    """

    def __init__(
        self,
        install: Callable[[Path, Path, Sequence[str]], Path] = environment,
        find: Callable[[str], Path | None] = find_python,
    ) -> None:
        self._install, self._find = install, find

    def build(self, folder: Path, python: str) -> Path:
        """The interpreter that has what the source asks for."""
        if not (folder / "main.py").is_file():
            raise BuildError(
                "Build failed: missing main.py and GOOGLE_FUNCTION_SOURCE not specified. Either create the function in"
                " main.py or specify GOOGLE_FUNCTION_SOURCE to point to the file that contains the function"
            )
        file = folder / "requirements.txt"
        text = file.read_text("utf-8") if file.is_file() else ""
        wanted = requirements(text)
        if all(map(_is_here, wanted)):
            return Path(sys.executable)
        place = state_folder() / "emulators" / f"google-{sha256((python + text).encode()).hexdigest()[:16]}"
        listed = place.with_suffix(".txt")  # beside it: the environment's folder is emptied first
        listed.parent.mkdir(parents=True, exist_ok=True)
        listed.write_text(text, "utf-8")
        packages = [f"--requirement={listed}"]
        if not any(each.lower().startswith(FRAMEWORK) for each in wanted):
            packages.append(FRAMEWORK)  # the buildpack adds it
        try:
            return self._install(place, self._find(python) or Path(sys.executable), packages)
        except EmulatorError as error:
            last = "\n".join(str(error).splitlines()[-LINES:])
            raise BuildError(f"Build failed: installing requirements.txt\n{last}") from error

    def start(
        self, built: object, folder: Path, entry: str, env: Mapping[str, str], log: Callable[[str], None]
    ) -> Instance:
        """Start it and wait until it listens."""
        return _Process(Path(str(built)), folder, entry, env, log)


def requirements(text: str) -> list[str]:
    """The lines of a requirements.txt, without their hashes and comments."""
    lines = text.replace("\\\n", " ").splitlines()
    bare = [line.partition(" --hash")[0].partition("#")[0].strip() for line in lines]
    return [line for line in bare if line]


def _is_here(requirement: str) -> bool:
    """Whether this Python has what one line asks for."""
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import InvalidRequirement, Requirement

    try:
        wanted = Requirement(requirement)
        return wanted.specifier.contains(version(wanted.name), prereleases=True) and not wanted.extras
    except (InvalidRequirement, PackageNotFoundError):
        return False


class _Process:
    """The functions framework, asked over HTTP."""

    def __init__(
        self, python: Path, folder: Path, entry: str, env: Mapping[str, str], log: Callable[[str], None]
    ) -> None:
        self._port = _free_port()
        self._said: deque[str] = deque(maxlen=LINES)
        self._log = log
        line = [
            str(python),
            "-m",
            "functions_framework",
            "--source",
            str(folder / "main.py"),
            "--target",
            entry,
        ]
        self._process = subprocess.Popen(
            [*line, "--host", "127.0.0.1", "--port", str(self._port)],
            env={"PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1", **env, "PORT": str(self._port)},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._wait()

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._reader.join(5)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._said.append(line.rstrip("\n"))
                self._log(line.rstrip("\n"))

    def _wait(self) -> None:
        """The start-up probe: the port is open, or the process has ended."""
        deadline = time.monotonic() + START_LIMIT
        while True:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
                return
            except OSError:
                if self._process.poll() is None and time.monotonic() < deadline:
                    time.sleep(0.01)
                    continue
            self.stop()
            raise BuildError(
                "The user-provided container failed to start and listen on the port defined provided by the PORT="
                f"{self._port} environment variable\n" + "\n".join(self._said)
            )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
