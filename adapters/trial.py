"""A bundle's folder, run on this machine as its cloud would run it: the entry alone in a process of its Python."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

from leanfn.errors import BundleError, TrustError
from leanfn.http import JSON, Request, Response, encode
from leanfn.manifest import Manifest
from leanfn.trust import is_trusted

ARCHES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
LAST_WORDS = 1500  # characters of what a process said before it died


def can_run(arch: str) -> bool:
    """Whether this machine runs what is made for that one."""
    return sys.platform == "linux" and ARCHES.get(platform.machine().lower()) == arch


def check_trust(manifest: Manifest) -> None:
    """TrustError for an artifact whose code nobody here has trusted: a trial runs it."""
    if manifest.code and not is_trusted(manifest.digest):
        raise TrustError(
            f"{manifest.folder} holds code that runs when the function is tried: {', '.join(manifest.code)}\n"
            "  it was made on another machine, and nobody here has trusted it\n"
            f"If you know where it comes from: leanfn trust {manifest.folder}"
        )


class Trial:
    """A function in a process of its own, for as long as the block runs. import_ms: what its entry took to import."""

    def __init__(self, cloud: str, folder: Path, interpreter: Path, libraries: Sequence[Path] = ()) -> None:
        self._folder = folder.resolve()
        script = files(__package__).joinpath("subject.py").read_text("utf-8")
        places = [str(self._folder), *(str(each.resolve()) for each in libraries)]
        self._line = [str(interpreter), "-I", "-S", "-B", "-c", script, cloud, *places]

    def __enter__(self) -> Self:
        self._log = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")
        self.began = time.monotonic()
        self._process = subprocess.Popen(
            self._line,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"},
            text=True,
            encoding="utf-8",
        )
        try:
            self.import_ms: float = self._told()["import_ms"]
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with self._process, self._log:
            self._process.kill()

    def ask(self, request: Request) -> Response:
        """The function's answer; BundleError when its process dies of it."""
        response, _, _ = self.timed(request)
        return response

    def timed(self, request: Request) -> tuple[Response, float, float]:
        """The answer, the milliseconds it took inside, and the seconds since the process began when it was there."""
        asked = {
            "method": request.method,
            "path": request.path,
            "query": urlencode(request.query),
            "headers": dict(request.headers),
            "body": request.body.decode(),
        }
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(asked) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise self._death() from None
        told = self._told()
        response = Response(told["status"], told["body"].encode(), told["headers"])
        return response, told["ms"], told["at"] - self.began

    def memory_mb(self) -> float:
        """The most memory that the process has had resident at any time, in MB."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
        return int(line.split()[1]) / 1024

    def imported(self) -> list[str]:
        """The paths in the folder of what it has imported; it answers nothing after that."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        paths: list[str] = self._told()["imported"]
        return paths

    def _told(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._death()
        return json.loads(line)

    def failure(self, said: str) -> BundleError:
        """What to raise when the function answered something else than was asked for, with the end of its log."""
        self._log.seek(0)
        log = self._log.read().strip()[-LAST_WORDS:]
        rows = "".join(f"\n    {row}" for row in log.splitlines()) or " nothing"
        return BundleError(f"the function does not run on this machine\n  said: {said}\n  log:{rows}")

    def _death(self) -> BundleError:
        return self.failure(f"nothing, and ended with exit status {self._process.wait()}")


def prove(manifest: Manifest, cloud: str, folder: Path, interpreter: Path) -> None:
    """Ask a function for the answer to its first example; BundleError when it gives none."""
    examples = json.loads(manifest.read("examples.json"))["rows"]
    with Trial(cloud, folder, interpreter) as trial:
        response = trial.ask(Request("POST", "/", headers={"content-type": JSON}, body=encode(examples[0])))
        if response.status != 200:
            raise trial.failure(response.body.decode())
