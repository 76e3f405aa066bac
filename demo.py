"""The whole path in one go: train, export, serve, ask over HTTP, stop what was started.

python demo.py
"""

from __future__ import annotations

import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from leanfn import cli
from leanfn.errors import LeanfnError

ROOT = Path(__file__).resolve().parent
PAYLOAD = "resources/payload.json"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy knows no way to this machine
PATIENCE = 60.0  # seconds for the emulator to answer; a machine busy with other work needs a few


def demo(out: str = "artifacts") -> None:
    """Train, export, serve and ask, and tell how long each took.

    Everything that is started is stopped again, also when something goes wrong.

    Args:
        out: the folder to put the artifact in
    """
    times: dict[str, float] = {}
    answers: list[str] = []
    started = time.perf_counter()
    artifact = _train(Path(out).resolve())
    times["train, export, certify"] = time.perf_counter() - started

    started = time.perf_counter()
    with _emulator(artifact) as url:
        times["start the emulator"] = time.perf_counter() - started
        print(f"$ curl {url} -H 'content-type: application/json' -d @{PAYLOAD}", flush=True)
        for stage in ("ask", "ask again"):
            started = time.perf_counter()
            answers.append(_ask(url))
            times[stage] = time.perf_counter() - started
    print(answers[0])
    print("\n" + "\n".join(f"{stage:<24}{_shown(seconds):>10}" for stage, seconds in times.items()))


def _train(out: Path) -> Path:
    line = [
        "steps/train.py",
        "--path=datasets/default.csv",
        "--tag=_example",
        "--dump",
        f"--out={_short(out)}",
    ]
    print(f"$ python {shlex.join(line)}", flush=True)
    if code := subprocess.run([sys.executable, *line], cwd=ROOT, check=False).returncode:
        raise LeanfnError(f"the training step ended with exit code {code}; what it said is above")
    return out / "pipeline_example"


@contextmanager
def _emulator(artifact: Path) -> Iterator[str]:
    """The local emulator, for as long as the block runs; its own words are shown only if it fails."""
    port = _free_port()
    line = ["app.py", f"--artifact={_short(artifact)}", f"--port={port}"]
    print(f"$ python {shlex.join(line)}", flush=True)
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen([sys.executable, *line], cwd=ROOT, stdout=words, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process, words)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(url: str, process: subprocess.Popen[bytes], words: IO[bytes]) -> None:
    """Until the emulator answers that it is well."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with DIRECT.open(f"{url}/health", timeout=PATIENCE):
                return
        except OSError:  # not listening yet, or a 503 that says why; both are asked again
            time.sleep(0.02)
    words.seek(0)
    ended = "does not answer" if process.poll() is None else f"ended with exit code {process.returncode}"
    raise LeanfnError(f"the emulator {ended}\n{words.read().decode(errors='replace').rstrip()}")


def _ask(url: str) -> str:
    body = (ROOT / PAYLOAD).read_bytes()
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    try:
        with DIRECT.open(request, timeout=PATIENCE) as answer:
            return str(answer.read().decode())
    except urllib.error.HTTPError as error:
        raise LeanfnError(
            f"{url} answered with {error.code}\n{error.read().decode(errors='replace')}"
        ) from error


def _short(path: Path) -> str:
    """As a person in the checkout would type it."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def _shown(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that `finally` is reached
    sys.exit(cli.run(demo, name="demo.py"))
