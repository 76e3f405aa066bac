"""What a deployment was about to do, written before it does it: one line of JSON a step, on the disk before the call.

The cloud is the source of truth, and a plan is made from what it shows. The journal is for what an interrupted call
may have left there before it could be tagged, and it may be lost.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

from leanfn.trust import state_folder

from .plan import Step


@dataclass(frozen=True, slots=True)
class Journal:
    """One function's journal on this machine. deployment: the id of this run, which tags carry too."""

    path: Path
    deployment: str
    clock: Callable[[], float] = time

    def begin(self, step: Step) -> None:
        """Say that a step is about to be made."""
        self._write({"step": step.name, "call": step.call, "makes": step.makes, "state": "begun"})

    def end(self, step: Step, state: str) -> None:
        """Say how it ended: done, refused, or unknown when no answer came."""
        self._write({"step": step.name, "call": step.call, "makes": step.makes, "state": state})

    def begun(self) -> list[str]:
        """The resources that may be there: those whose making began and was not refused, oldest first."""
        resources: dict[str, bool] = {}
        for line in self._lines():
            if line.get("makes"):
                resources[line["makes"]] = line["state"] != "refused"
        return [resource for resource, there in resources.items() if there]

    def interrupted(self) -> str | None:
        """The step at which the last run broke off, if it did."""
        lines = list(self._lines())
        return str(lines[-1]["step"]) if lines and lines[-1]["state"] in ("begun", "unknown") else None

    def forget(self) -> None:
        """Remove it, once nothing of what it speaks of is left."""
        self.path.unlink(missing_ok=True)

    def _write(self, line: dict[str, Any]) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        data = json.dumps({"time": round(self.clock(), 3), "deployment": self.deployment, **line}) + "\n"
        # one write in append mode: two deployments at once do not mix their lines
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(file, data.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def _lines(self) -> Iterator[dict[str, Any]]:
        """The whole lines; the last may be half written when the machine went down."""
        try:
            text = self.path.read_text("utf-8")
        except OSError:
            return
        for line in text.splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict) and "step" in entry and "state" in entry:
                yield entry


def open_journal(cloud: str, place: str, name: str, folder: Path | None = None) -> Journal:
    """The journal of the function of this name in this place (an account and region, a project, a subscription)."""
    file = "-".join(re.sub(r"[^A-Za-z0-9.]+", "_", part) for part in (cloud, place, name)) + ".jsonl"
    return Journal((folder or state_folder() / "deployments") / file, os.urandom(8).hex())
