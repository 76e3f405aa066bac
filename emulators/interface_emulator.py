"""Lambda's Runtime Interface Emulator, AWS's own program around its own runtime client: a witness for ours.

python -m emulators.interface_emulator

fetches it and prints where it is. It comes out of the wheel of aws-sam-cli, whose other eighty packages nobody needs
here, and is for Linux on x86-64 and ARM. It breaks on two requests at a time, and cuts an event that is too large.
https://github.com/aws/aws-lambda-runtime-interface-emulator
"""

from __future__ import annotations

import http.client
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from leanfn.errors import EmulatorError

from .lambda_runtime import PAYLOAD_LIMIT, Invocation, environment

PACKAGE = "aws-sam-cli==1.170.0"
CACHE = Path(".bench") / "interface-emulator"
# machine -> the member of the wheel
MEMBERS = {
    "x86_64": "samcli/local/rapid/aws-lambda-rie-x86_64",
    "aarch64": "samcli/local/rapid/aws-lambda-rie-arm64",
}
PATIENCE = 30.0  # seconds until it listens


def fetch(cache: Path = CACHE, machine: str = "") -> Path:
    """The program for this machine, or for another; downloaded once into the cache, by pip."""
    machine = machine or platform.machine()
    member = MEMBERS.get(machine) if sys.platform == "linux" else None
    if member is None:
        raise EmulatorError(f"the Runtime Interface Emulator is not made for {sys.platform} on {machine}")
    program = cache.resolve() / Path(member).name
    if not program.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            line = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
            line += ["--disable-pip-version-check", f"--dest={folder}", PACKAGE]
            run = subprocess.run(line, capture_output=True, text=True, check=False)
            if run.returncode:
                raise EmulatorError(
                    f"{PACKAGE} cannot be downloaded\n  command: {' '.join(line)}\n  said: {run.stderr}"
                )
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                unpacked = Path(archive.extract(member, folder))
            unpacked.chmod(0o755)
            unpacked.replace(program)  # whole or not at all, whoever else fetches it
    return program


class InterfaceEmulator:
    """A function's folder under the Runtime Interface Emulator."""

    def __init__(
        self,
        program: Path,
        task: Path,
        handler: str = "lambda_function.lambda_handler",
        *,
        python: str = sys.executable,
        timeout: int = 3,
        environ: Mapping[str, str] | None = None,
        log: int | None = None,
    ) -> None:
        """python must be able to import awslambdaric; log is where the function's output goes."""
        self._one_at_a_time = threading.Lock()
        self._port, inner = _free_ports()
        own = {"AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout), **(environ or {})}
        # either address has a default that others on this machine may hold, or reach
        addresses = [
            f"--runtime-interface-emulator-address=127.0.0.1:{self._port}",
            f"--runtime-api-address=127.0.0.1:{inner}",
        ]
        self._process = subprocess.Popen(
            [str(program), *addresses, python, "-m", "awslambdaric", handler],
            cwd=task,
            env=environment(task, handler, own),
            stdout=log,
            stderr=log,
        )
        self._wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def invoke(self, event: bytes) -> Invocation:
        """What it answers. It has no X-Amz-Function-Error: an error is a payload with an errorType."""
        if len(event) > PAYLOAD_LIMIT:
            raise ValueError(f"an event of {len(event)} bytes would be cut short")
        with self._one_at_a_time:
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
            try:
                connection.request("POST", "/2015-03-31/functions/function/invocations", event)
                answer = connection.getresponse()
                return Invocation(answer.status, None, answer.read())
            finally:
                connection.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                return socket.create_connection(("127.0.0.1", self._port), PATIENCE).close()
            except ConnectionRefusedError:
                time.sleep(0.005)
        self._process.kill()
        raise EmulatorError("the Runtime Interface Emulator does not start")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


if __name__ == "__main__":
    print(fetch())
