"""Carries a plan out, step by step: what is transient is tried again, what is refused stops it, and all is told.

It can be stopped anywhere: the journal holds each step before it is made, and the next plan starts from what the cloud
then shows.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

from leanfn.errors import DeploymentError, Transient

from .journal import Journal
from .plan import Step, resolve
from .progress import Progress

T = TypeVar("T")
Call: TypeAlias = Callable[[Mapping[str, Any]], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a step may take, with all its tries: budget, first and longest wait in seconds.

    Waits grow and are drawn from the whole range (full jitter), so that many deployments do not come back together.
    https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """

    budget: float = 300.0
    first: float = 0.5
    longest: float = 15.0
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[float, float], float] = random.uniform


def execute(
    plan: Sequence[Step],
    calls: Mapping[str, Call],
    journal: Journal,
    progress: Progress,
    patience: Patience | None = None,
) -> dict[str, Mapping[str, Any]]:
    """Make the steps in their order; what each gave, by its name.

    Raises DeploymentError at the first step that is refused, or that stays transient longer than the patience lasts.
    """
    results: dict[str, Mapping[str, Any]] = {}
    for step in plan:
        call, arguments = calls[step.call], resolve(step.arguments, results)
        journal.begin(step)
        progress.begin(step)
        try:
            given = patiently(partial(call, arguments), progress.waiting, patience)
        except DeploymentError as error:
            journal.end(step, "refused" if not isinstance(error, Transient) else "unknown")
            progress.stopped()
            raise DeploymentError(f"could not {step.why}\n{_indented(error)}") from error
        except BaseException:  # Ctrl-C, or a bug: the call may have been made
            journal.end(step, "unknown")
            progress.stopped()
            raise
        results[step.name] = given or {}
        journal.end(step, "done")
        progress.done()
    return results


def patiently(call: Callable[[], T], waiting: Callable[[str], object], patience: Patience | None = None) -> T:
    """What a call gives, tried again for as long as it is worth it; waiting is told why each time."""
    patience = patience or Patience()
    start, wait = patience.clock(), patience.first
    while True:
        try:
            return call()
        except Transient as reason:
            left = patience.budget - (patience.clock() - start)
            pause = patience.chance(0.0, wait) if reason.after is None else reason.after
            if pause > left:
                raise
            waiting(str(reason))
            patience.sleep(pause)
            wait = min(wait * 2, patience.longest)


def _indented(error: DeploymentError) -> str:
    first, *rest = str(error).splitlines()
    return "\n".join([f"  {first}", *rest])
