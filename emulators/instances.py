"""The instances of a function, as a cloud runs them: started when called for, replaced when the artifact changes."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from leanfn import Artifact, load
from leanfn.errors import LeanfnError
from leanfn.manifest import MANIFEST, Manifest

Function = Callable[..., Any]


class TimedOut(Exception):
    """Raised when a call took longer than the cloud gives it."""


class Kept(Manifest):
    """A manifest with its members in memory: what happens to the folder afterwards does not matter."""

    def __init__(self, manifest: Manifest) -> None:
        for name in Manifest.__slots__:
            setattr(self, name, getattr(manifest, name))
        self._bytes = {name: manifest.read(name) for name in manifest.members}

    def read(self, member: str) -> bytes:
        return self._bytes[member] if member in self._bytes else super().read(member)


class Deployed:
    """An artifact as it is deployed: a copy, renewed when the folder holds another, undisturbed by what is written there."""

    def __init__(self, folder: Path, tell: Callable[[str], object]) -> None:
        """Raises LeanfnError when there is no artifact to begin with; later, the version before goes on answering."""
        self._folder = folder
        self._tell = tell
        self._told = ""
        self._stamp = self._look()
        self._manifest = Kept(load(folder).manifest)
        self.load().warm()

    def load(self) -> Artifact:
        """The artifact as a cold start loads it."""
        return Artifact(self._manifest)

    def changed(self) -> bool:
        """Whether the folder holds another artifact than before; a folder on its way in or out holds none."""
        stamp = self._look()
        if stamp in (None, self._stamp):
            return False
        before = self._manifest
        try:
            manifest = Kept(load(self._folder).manifest)
            Artifact(manifest).warm()
        except LeanfnError as error:  # tried again at the next call
            if str(error) != self._told:
                self._told = str(error)
                self._tell(f"{before.name} {before.version} goes on answering: {error}")
            return False
        self._manifest, self._stamp, self._told = manifest, stamp, ""
        if manifest.version != before.version:
            self._tell(f"{manifest.name} {manifest.version} answers from now on")
        return True

    def _look(self) -> tuple[int, int] | None:
        try:
            found = (self._folder / MANIFEST).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


class Instances:
    """A function's instances behind one door.

    start: makes an instance from what loads its artifact. cold_every: a call after that many begins with new ones; 0
    for never. alone: an instance has one call at a time (Lambda), and is ended when that takes too long.
    """

    def __init__(
        self,
        deployed: Deployed,
        start: Callable[[Callable[[], Artifact]], Function],
        *,
        timeout: float,
        cold_every: int = 0,
        alone: bool = False,
    ) -> None:
        self._deployed = deployed
        self._start = start
        self._timeout = timeout
        self._cold_every = cold_every
        self._alone = alone
        self._calls = 0
        self._idle: list[Function] = []
        self._lock = threading.Lock()

    def __call__(self, *event: Any) -> Any:
        """The function's result; TimedOut when that does not come in time."""
        with self._lock:
            if self._deployed.changed() or (self._cold_every and self._calls % self._cold_every == 0):
                self._idle = []
            self._calls += 1
            idle = self._idle  # the list that it goes back to, even if there are new ones by then
            instance = idle.pop() if idle else self._start(self._deployed.load)
            if not self._alone:
                idle.append(instance)
        result = _within(self._timeout, instance, event)
        if self._alone:
            idle.append(instance)
        return result


def _within(seconds: float, function: Function, event: tuple[Any, ...]) -> Any:
    """The function's result or its exception, on a thread of its own: what is late can only be left alone."""
    outcome: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((function(*event), None))
        except BaseException as error:
            outcome.put((None, error))

    threading.Thread(target=run, daemon=True).start()
    try:
        result, error = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimedOut from None
    if error is not None:
        raise error
    return result
