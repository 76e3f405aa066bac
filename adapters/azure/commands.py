"""The commands: leanfn azure deploy, canary, promote, rollback, status, versions, invoke, logs, destroy."""

from __future__ import annotations

import time
from pathlib import Path

from leanfn.errors import DeploymentError, UsageError
from leanfn.http import JSON, Request
from leanfn.manifest import read

from ..deployment import (
    confirm,
    emulated,
    function_name,
    read_payload,
    seconds_back,
    tell_plan,
    tell_result,
    terminal,
)  # fmt: skip
from ..flags import How
from ..journal import open_journal
from ..names import cloud_name
from ..settings import with_settings
from .clients import open_clients
from .flags import FunctionFlags, Where
from .session import Session
from .show import how_to_call, how_to_read, status_text, versions_text
from .show import versions as kept
from .target import NAME_LONGEST, Target, place
from .wanted import fill_up

FOLLOWED = 5.0  # seconds between two looks at the logs


def deploy(artifact: Path, *, function: FunctionFlags, where: Where, how: How) -> None:
    """Make an artifact a live function, which only those can call who are allowed to.

    A flag that is not given keeps what is deployed. Callers need the function's key, unless it is --public or asks for
    Entra's tokens. Nothing changed means that nothing is done.

    Args:
        artifact: the artifact's folder
    """
    target = function.target(where.region)
    session = _for_artifact(artifact, function.name, where)
    seen = session.look(target)
    wanted, version = session.prepare(artifact, target, seen)
    steps = session.plans(seen).deployment_of(wanted, version)
    if how.dry_run:
        tell_plan(steps, how.json, session.screen)
        return
    session.carry_out(steps, wanted if wanted.flexible else None, seen)
    seen = session.found()
    assert seen.app is not None
    said = f"{version.artifact} is live at https://{seen.app.host}"
    said = said if steps else f"nothing to do: {said}"
    lines = [said, *how_to_read(session.place, seen), how_to_call(session.place, seen, where.emulate)]
    tell_result(session.description(seen), how.json, "\n".join(lines), session.screen)


def canary(artifact: Path, *, weight: float = 0.1, name: str | None = None, where: Where, how: How) -> None:
    """Let an artifact answer a share of the calls; called again, it only moves the share.

    It wants a plan with slots, where it is published and probed first; Flex Consumption has none.

    Args:
        artifact: the artifact's folder
        weight: its share of the calls, between 0 and 1
        name: the function's name; the artifact's with hyphens, and the stage at its end, when not given
    """
    if not 0.0 < weight < 1.0:
        raise UsageError(f"--weight does not take this value\n  wanted: between 0 and 1\n  found:  {weight}")
    session = _for_artifact(artifact, name, where)
    seen = session.found()
    if seen.flexible:
        raise DeploymentError(
            f"{session.place.name} runs on Flex Consumption, which shares calls between no two versions\n"
            "  wanted: a plan with slots, such as --plan=EP1\n  found:  FC1\n"
            f"Deploy the new version beside it, and let callers share: leanfn azure deploy {artifact} --stage=canary"
        )
    wanted, version = session.prepare(artifact, Target(), seen)
    steps = session.plans(seen).canary(wanted, version, weight)
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
    """End a canary; without one, make the version live again that was before.

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
    tell_result(shown, json, status_text(shown), session.screen)


def versions(name: str, *, where: Where, json: bool = False) -> None:
    """List the versions that are kept, the newest first.

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    session = _named(name, where)
    rows = kept(session.found())
    tell_result({"name": session.place.name, "versions": rows}, json, versions_text(rows), session.screen)


def invoke(name: str, *, payload: str = "-", where: Where) -> None:
    """Call a function as whoever is logged in, and print its answer.

    It is called with its key, and with a token where Entra asks for one.

    Args:
        name: the function's name, or its artifact's folder
        payload: a file with the JSON to send, or - for what comes in
    """
    body = read_payload(payload, terminal())
    session = _named(name, where)
    session.found()
    answer = session.calls.asked()(Request("POST", "/predict", {}, {"content-type": JSON}, body))
    text = answer.body.decode("utf-8", "replace")
    if answer.status >= 400:
        raise DeploymentError(f"{session.place.name} answers with status {answer.status}\n{text}")
    print(text, file=session.screen.stdout)


def logs(name: str, *, since: str = "1h", follow: bool = False, where: Where) -> None:
    """Print what a function wrote.

    Azure shows a line a minute or two after it was written.

    Args:
        name: the function's name, or its artifact's folder
        since: how far to look back, such as 30s, 10m, 2h or 7d
        follow: go on with what it writes from now on, until Ctrl-C
    """
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - seconds_back(since)))
    session = _named(name, where)
    session.found()
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
    name, gone = session.place.name, [step.why for step in steps if step.phase == "tidy"]
    if gone:
        confirm("\n  ".join([f"this will, for {name}:", *gone]), yes, session.screen)
        session.carry_out(steps)
    session.journal.forget()
    text = f"nothing is left of {name}" if gone else f"there is no function {name}"
    tell_result({"name": name, "removed": gone}, how.json, text, session.screen)


def _for_artifact(artifact: Path, name: str | None, where: Where) -> Session:
    return _session(name or cloud_name(read(artifact).name, where.stage, NAME_LONGEST), where)


def _named(name: str, where: Where) -> Session:
    return _session(function_name(name, where.stage, NAME_LONGEST), where)


def _session(name: str, where: Where) -> Session:
    clients = open_clients(where.subscription, emulated("azure") if where.emulate else None)
    here = place(clients.subscription, where.group, name)
    journal = open_journal("azure", f"{here.subscription}-{here.group}", here.name)
    return Session(clients, here, where.storage_account or here.storage, journal, terminal())


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
