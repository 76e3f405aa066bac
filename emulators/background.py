"""An emulated cloud as a process of its own, so that what one command deploys there the next one finds.

It listens on this machine alone, is started by the first command with --emulate, and ends by itself when nobody has
called it for a while. What it holds is gone with it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, Any, Literal

from leanfn.errors import EmulatorError
from leanfn.trust import state_folder

IDLE = 30 * 60.0  # seconds without a call after which an emulated cloud ends
CLOUDS = ("aws", "google", "azure")
START_LIMIT = 60.0  # seconds
Open = Callable[[Callable[[], None]], AbstractContextManager[Mapping[str, str]]]


def connect(cloud: str, folder: Path | None = None) -> Mapping[str, str]:
    """The settings that the emulated cloud's clients need; it is started if it does not run.

    Raises EmulatorError when it cannot be started, with the last lines that it said.
    """
    folder = folder or _folder()
    running = _running(folder, cloud)
    if running is None:
        running = _start(folder, cloud)
        print(
            f"an emulated {cloud} was started on this machine; 'leanfn emulator stop {cloud}' ends it",
            file=sys.stderr,
        )
    settings: Mapping[str, str] = running["settings"]
    return settings


def serve(cloud: str, open_cloud: Open, folder: Path | None = None, idle: float = IDLE) -> None:
    """Be the emulated cloud until nobody has called for a while, or until told to end; what its `__main__` runs.

    open_cloud(called) opens it and gives the settings for its clients; it says `called()` at every request.
    """
    folder = folder or _folder()
    with _alone(folder, cloud) as first:
        if not first:
            return  # another process was faster; whoever started this one finds that one
        stop = threading.Event()
        last = [time.monotonic()]

        def called() -> None:
            last[0] = time.monotonic()

        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        with open_cloud(called) as settings:
            file = _file(folder, cloud)
            fresh = file.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({"pid": os.getpid(), "settings": dict(settings)}), "utf-8")
            fresh.chmod(0o600)
            fresh.replace(file)
            try:
                while not stop.wait(min(idle, 1.0)):
                    if time.monotonic() - last[0] > idle:
                        break
            finally:
                file.unlink(missing_ok=True)


def stop(cloud: str, folder: Path | None = None) -> bool:
    """End the emulated cloud; whether there was one."""
    folder = folder or _folder()
    running = _running(folder, cloud)
    if running is None:
        return False
    os.kill(running["pid"], signal.SIGTERM)
    deadline = time.monotonic() + START_LIMIT
    while _is_held(folder, cloud):
        if time.monotonic() > deadline:
            raise EmulatorError(
                f"the emulated {cloud} does not end\n  process: {running['pid']}\nEnd it: kill -9 {running['pid']}"
            )
        time.sleep(0.02)
    return True


def stop_command(cloud: Literal["aws", "google", "azure"]) -> None:
    """End an emulated cloud; what was deployed there is gone with it.

    Args:
        cloud: which one
    """
    print(f"the emulated {cloud} " + ("has ended" if stop(cloud) else "was not running"))


def status_command() -> None:
    """Say which emulated clouds run on this machine."""
    for cloud in CLOUDS:
        running = _running(_folder(), cloud)
        print(f"{cloud}: " + ("not running" if running is None else f"process {running['pid']}"))


COMMANDS = {"status": status_command, "stop": stop_command}


def _folder() -> Path:
    return state_folder() / "emulators"


def _file(folder: Path, cloud: str) -> Path:
    return folder / f"{cloud}.json"


def _running(folder: Path, cloud: str) -> dict[str, Any] | None:
    """What the running process wrote of itself; a file that a process left behind when it was killed counts for nothing."""
    if not _is_held(folder, cloud):
        return None
    try:
        found: dict[str, Any] = json.loads(_file(folder, cloud).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found


def _start(folder: Path, cloud: str) -> dict[str, Any]:
    folder.mkdir(parents=True, exist_ok=True)
    house = __package__.rpartition(".")[0]  # leanfn when it is installed, nothing in the checkout
    module = f"{house}.emulators.{cloud}" if house else f"emulators.{cloud}"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with tempfile.TemporaryFile(dir=folder) as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module],
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=environ,
            start_new_session=True,  # Ctrl-C in the command that started it is not meant for it
        )
        deadline = time.monotonic() + START_LIMIT
        while (running := _running(folder, cloud)) is None:
            # one that ends at once may have met another that is just starting
            if (process.poll() is not None and not _is_held(folder, cloud)) or time.monotonic() > deadline:
                said.seek(0)
                lines = said.read().decode("utf-8", "replace").strip().splitlines()[-12:]
                raise EmulatorError("\n  ".join([f"the emulated {cloud} did not start", *lines]))
            time.sleep(0.02)
        return running


@contextmanager
def _alone(folder: Path, cloud: str) -> Iterator[bool]:
    """Hold the cloud's lock while it runs; the system lets go of it however the process ends."""
    import fcntl

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{cloud}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _is_held(folder: Path, cloud: str) -> bool:
    import fcntl

    try:
        lock: IO[str] = (folder / f"{cloud}.lock").open("r")
    except OSError:
        return False
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False
