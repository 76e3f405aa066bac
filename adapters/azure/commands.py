"""The commands: leanfn azure deploy, canary, promote, rollback, status, versions, invoke, logs, destroy."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from leanfn.errors import DeploymentError, UsageError
from leanfn.http import JSON, Request
from leanfn.manifest import MANIFEST, read

from ..deployment import confirm, emulated, tell_plan, tell_result, terminal
from ..journal import open_journal
from ..settings import with_settings
from .clients import open_clients
from .flags import FunctionFlags, How, VersionFlags, Where
from .session import Session
from .show import how_to_call, how_to_read, line, table
from .target import Target, place, typed
from .wanted import fill_up

FOLLOWED = 5.0  # seconds between two looks at the logs
SPANS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def deploy(artifact: Path, *, wanted: FunctionFlags, where: Where, how: How) -> None:
    """Deploy an artifact to Azure Functions, or bring what is deployed up to date.

    A flag that is not given keeps what is deployed. The function is closed: callers need its key, unless it is
    --public or asks for Entra's tokens.

    Args:
        artifact: the artifact's folder
    """
    session = _for_artifact(artifact, wanted, where)
    target = wanted.target()
    seen = session.look(target)
    whole, version = session.prepare(artifact, target, seen)
    steps = session.plans(seen).deployment_of(whole, version)
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    session.carry_out(steps, whole if whole.flexible else None, seen)
    seen = session.found()
    assert seen.app is not None
    said = f"{version.artifact} is live at https://{seen.app.host}"
    said = said if steps else f"nothing to do: {said}"
    lines = [said, *how_to_read(session.place, seen), how_to_call(session.place, seen, where.emulate)]
    tell_result(session.description(seen), how.json, "\n".join(lines), session.screen)


def canary(artifact: Path, *, weight: float = 0.1, wanted: VersionFlags, where: Where, how: How) -> None:
    """Publish an artifact in the slot, and give it a share of the calls; again, to move the share.

    Flex Consumption has no slots, and no canaries.

    Args:
        artifact: the artifact's folder
        weight: its share of the calls, between 0 and 1
    """
    if not 0.0 < weight < 1.0:
        raise UsageError(f"--weight does not take this value\n  wanted: between 0 and 1\n  found:  {weight}")
    session = _for_artifact(artifact, wanted, where)
    seen = session.found()
    if seen.flexible:
        raise DeploymentError(
            f"{session.place.name} runs on Flex Consumption, which shares calls between no two versions\n"
            "  wanted: a plan with slots, such as --plan=EP1\n  found:  FC1\n"
            f"Deploy the new version beside it, and let callers share: leanfn azure deploy {artifact} --stage=canary"
        )
    whole, version = session.prepare(artifact, wanted.target(), seen)
    steps = session.plans(seen).canary(whole, version, weight)
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    session.carry_out(steps)
    text = f"{version.artifact} gets {weight:.0%} of the calls\nFor all: leanfn azure promote {session.place.name}"
    tell_result(session.description(session.found()), how.json, text, session.screen)


def promote(name: str, *, where: Where, how: How) -> None:
    """Make the canary live for all callers.

    Args:
        name: the function's name, or its artifact's folder
    """
    session = _named(name, where)
    steps = session.plans(session.found()).promote()
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    session.carry_out(steps)
    _tell_live(session, how.json)


def rollback(name: str, *, where: Where, how: How) -> None:
    """End a canary; without one, make the version live again that was before. It takes one call.

    Args:
        name: the function's name, or its artifact's folder
    """
    session = _named(name, where)
    seen = session.found()
    steps = session.plans(seen).rollback(fill_up(Target(), seen) if seen.flexible else None)
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    session.carry_out(steps)
    _tell_live(session, how.json)


def status(name: str, *, where: Where, json: bool = False) -> None:
    """Say what is live, and who may call it.

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    session = _named(name, where)
    shown = session.description(session.found())
    text = "\n".join(f"{key + ':':<21}{line(value)}" for key, value in shown.items())
    tell_result(shown, json, text, session.screen)


def versions(name: str, *, where: Where, json: bool = False) -> None:
    """List the versions whose packages are kept, the newest first.

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    session = _named(name, where)
    rows = table(session.found())
    text = "\n".join(
        f"{row['version']}  {row['bundle'][:12]}  {row['made']}  {row['is']}".rstrip() for row in rows
    )
    tell_result({"versions": rows}, json, text, session.screen)


def invoke(name: str, *, payload: str = "-", path: str = "/predict", where: Where) -> None:
    """Call a function, with its key, and with a token where Entra asks for one.

    Args:
        name: the function's name, or its artifact's folder
        payload: a file with the JSON to send, or - for what comes in
        path: the page to ask
    """
    screen = terminal()
    data = screen.stdin.read().encode() if payload == "-" else _read(Path(payload))
    session = _named(name, where)
    session.found()
    answer = session.calls.asked()(Request("POST", path, {}, {"content-type": JSON}, data))
    text = answer.body.decode("utf-8", "replace")
    if answer.status >= 400:
        raise DeploymentError(f"{session.place.name} answers with status {answer.status}\n{text}")
    print(text, file=screen.stdout)


def logs(name: str, *, since: str = "1h", follow: bool = False, where: Where) -> None:
    """Print what a function wrote; Azure shows a line a minute or two after it was written.

    Args:
        name: the function's name, or its artifact's folder
        since: how far to look back, such as 30s, 10m, 2h or 7d
        follow: go on with what it writes from now on, until Ctrl-C
    """
    if not (since[:-1].isdecimal() and since[-1] in SPANS):
        raise UsageError(
            f"--since does not take this value\n  wanted: such as 30s, 10m, 2h or 7d\n  found:  {since!r}"
        )
    session = _named(name, where)
    session.found()
    begin = time.gmtime(time.time() - int(since[:-1]) * SPANS[since[-1]])
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", begin)
    while True:
        for stamp, written in session.logs(at):
            print(f"{stamp}  {written}", file=session.screen.stdout, flush=True)
            at = stamp
        if not follow:
            return
        time.sleep(FOLLOWED)


def destroy(name: str, *, yes: bool = False, where: Where, how: How) -> None:
    """Remove a function with all that leanfn made for it, after a question.

    Args:
        name: the function's name, or its artifact's folder
        yes: do not ask
    """
    session = _named(name, where)
    steps = session.plans(session.look()).destruction()
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    gone = [f"  {step.why}" for step in steps if step.phase == "tidy"]
    if gone:
        confirm("\n".join([f"this will, for {session.place.name}:", *gone]), yes, session.screen)
        session.carry_out(steps)
    session.journal.forget()
    left = (
        f"nothing is left of {session.place.name}" if gone else f"there is no function {session.place.name}"
    )
    print(left, file=sys.stderr)


def _for_artifact(artifact: Path, wanted: VersionFlags, where: Where) -> Session:
    return _session(typed(wanted.name) if wanted.name else read(artifact).name, where)


def _named(name: str, where: Where) -> Session:
    """For a function's name, for its artifact's, or for the folder of that."""
    return _session(read(name).name if Path(name, MANIFEST).is_file() else name, where)


def _session(name: str, where: Where) -> Session:
    clients = open_clients(where.subscription, emulated("azure") if where.emulate else None)
    here = place(clients.subscription, where.group, name, where.stage)
    journal = open_journal("azure", f"{here.subscription}-{here.group}", here.name)
    return Session(clients, here, where.storage_account or here.storage, journal, terminal())


def _read(payload: Path) -> bytes:
    try:
        return payload.read_bytes()
    except OSError as error:
        raise DeploymentError(f"{payload} cannot be read: {error.strerror}") from error


def _tell_live(session: Session, as_json: bool) -> None:
    seen = session.found()
    text = f"{seen.live.artifact} ({seen.live.bundle[:12]}) is live" if seen.live else "nothing is live"
    tell_result(session.description(seen), as_json, text, session.screen)


COMMANDS = with_settings(
    "azure",
    {
        "deploy": deploy,
        "canary": canary,
        "promote": promote,
        "rollback": rollback,
        "status": status,
        "versions": versions,
        "invoke": invoke,
        "logs": logs,
        "destroy": destroy,
    },
)
