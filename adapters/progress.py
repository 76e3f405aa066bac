"""What a person sees while a plan is carried out, on stderr: a live line in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TextIO

from .plan import Step

if TYPE_CHECKING:
    from rich.status import Status


class Progress(Protocol):
    """Told of a step as it begins, of what it waits for, and of how it ends."""

    def begin(self, step: Step) -> None: ...
    def waiting(self, reason: str) -> None: ...
    def done(self) -> None: ...
    def stopped(self) -> None: ...


class Lines:
    """One line a step, and one for each new reason to wait."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out or sys.stderr
        self._clock = clock
        self._start = 0.0
        self._why = self._reason = ""

    def begin(self, step: Step) -> None:
        self._start, self._why, self._reason = self._clock(), step.why, ""

    def waiting(self, reason: str) -> None:
        if reason != self._reason:
            self._reason = reason
            self._tell(f"  …  {self._why}: {reason.partition(chr(10))[0]}")

    def done(self) -> None:
        self._tell(f"  ok {self._why} ({self._spent():.1f} s)")

    def stopped(self) -> None:
        self._tell(f"  -- {self._why}")

    def _spent(self) -> float:
        return self._clock() - self._start

    def _tell(self, line: str) -> None:
        print(line, file=self._out, flush=True)


class Live(Lines):
    """The same lines, and below them the step at hand with what it waits for, while it goes on."""

    def __init__(self, out: TextIO | None = None) -> None:
        super().__init__(out)
        from rich.console import Console

        self._console = Console(file=self._out, highlight=False)
        self._status: Status | None = None

    def begin(self, step: Step) -> None:
        super().begin(step)
        self._status = self._console.status(step.why)
        self._status.start()

    def waiting(self, reason: str) -> None:
        if self._status is not None:
            self._status.update(f"{self._why}: {reason.partition(chr(10))[0]} ({self._spent():.0f} s)")

    def _tell(self, line: str) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
        self._console.print(line, markup=False)


def progress(out: TextIO | None = None) -> Progress:
    """Live in a terminal, plain lines into a file or a pipe."""
    out = out or sys.stderr
    return Live(out) if out.isatty() else Lines(out)
