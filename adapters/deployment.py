"""What the clouds' commands have in common: a plan is shown, or asked about and carried out.

A command prints for people on stderr; its result, one JSON document with --json, goes to stdout.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, TextIO

from leanfn import manifest as manifests
from leanfn.errors import DeploymentError
from leanfn.manifest import MANIFEST

from .execute import Call, Patience, execute
from .journal import Journal
from .names import cloud_name
from .plan import Step, document, show
from .progress import progress

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}  # seconds


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where a command reads and writes; tests bring their own."""

    stdin: TextIO
    stdout: TextIO
    stderr: TextIO
    ask: Callable[[str], str] = input


def terminal() -> Terminal:
    """The process's own."""
    return Terminal(sys.stdin, sys.stdout, sys.stderr)


def carry_out(
    plan: Sequence[Step],
    calls: Mapping[str, Call],
    journal: Journal,
    screen: Terminal,
    patience: Patience | None = None,
) -> dict[str, Mapping[str, Any]]:
    """Make the steps of a plan and tell of each; what they gave, by their names.

    Raises DeploymentError for a step that is refused, which says that the same command can be run again.
    """
    if (step := journal.interrupted()) is not None:
        print(
            f"the last run here broke off at {step!r}; going on from what the cloud shows", file=screen.stderr
        )
    try:
        return execute(plan, calls, journal, progress(screen.stderr), patience)
    except KeyboardInterrupt:
        print("what is live was not half changed; run the same command again to go on", file=screen.stderr)
        raise


def tell_plan(plan: Sequence[Step], as_json: bool, screen: Terminal) -> None:
    """What --dry-run prints."""
    print(json.dumps(document(plan), indent=2) if as_json else show(plan), file=screen.stdout)


def tell_result(result: Mapping[str, Any], as_json: bool, text: str, screen: Terminal) -> None:
    """A command's result: one JSON document, or the text."""
    print(json.dumps(result, indent=2, ensure_ascii=False) if as_json else text, file=screen.stdout)


def confirm(question: str, yes: bool, screen: Terminal) -> None:
    """Go on only if somebody says so; DeploymentError otherwise, and nothing has been changed."""
    if yes:
        return
    if not screen.stdin.isatty():
        raise DeploymentError(
            f"{question}\n  there is no terminal to ask on\nRun the same command with --yes"
        )
    print(question, file=screen.stderr)
    if screen.ask("Type yes to go on: ").strip().lower() not in ("y", "yes"):
        raise DeploymentError("left as it was: nothing was changed")


def read_payload(payload: str, screen: Terminal) -> bytes:
    """The body to send: a file's, or what comes in for -."""
    if payload == "-":
        return screen.stdin.buffer.read()
    try:
        return Path(payload).read_bytes()
    except (OSError, ValueError) as error:
        raise DeploymentError(
            f"{payload!r} cannot be read: {error}\nName a file with --payload, or - for standard input"
        ) from None


def seconds_back(since: str) -> int:
    """How far to look back in a log: 30s, 10m, 2h or 7d."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", since, re.ASCII)
    if found is None:
        raise DeploymentError(
            f"--since is a time to look back\n  wanted: 30s, 10m, 2h or 7d\n  found:  {since[:120]!r}"
        )
    return int(found[1]) * UNITS[found[2]]


def function_name(name: str, stage: str | None, longest: int) -> str:
    """The function that is meant by its own name, or by its artifact's folder."""
    try:
        is_artifact = Path(name, MANIFEST).is_file()
    except OSError:  # too long for a path
        is_artifact = False
    if is_artifact:
        return cloud_name(manifests.read(name).name, stage, longest)
    return name


def emulated(cloud: str) -> Mapping[str, str]:
    """What the clients need to reach the cloud that is emulated on this machine, which is started if it is not there.

    The emulators are another leaf: they are found among the entry points.
    """
    found = {entry.name: entry for entry in entry_points(group="leanfn.emulators")}
    if cloud not in found:
        raise DeploymentError(
            f"no emulator of {cloud} is installed\nInstall leanfn again: pip install 'leanfn[{cloud}]'"
        )
    connect: Callable[[], Mapping[str, str]] = found[cloud].load()
    return connect()
