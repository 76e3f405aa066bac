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
from .flags import Shape, Where
from .observe import Observed
from .session import Session
from .store import Version
from .target import Target, place, typed
from .wanted import Wanted, fill_up

HERE, AS_IT_IS = Where(), Shape()
FOLLOWED = 5.0  # seconds between two looks at the logs
SINCE = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def deploy(
    artifact: Path,
    *,
    name: str | None = None,
    where: Where = HERE,
    shape: Shape = AS_IT_IS,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Deploy an artifact to Azure Functions, or bring what is deployed up to date.

    A flag that is not given keeps what is deployed. The function is closed: callers need its key, unless it is
    --public or asks for Entra's tokens.

    Args:
        artifact: the artifact's folder
        name: the function's name; the artifact's when not given
        where: where it is
        shape: what is wanted of it
        dry_run: say what would be done, and change nothing
        json: print the result for programs
    """
    target = shape.target()
    session = _session(typed(name) if name else read(artifact).name, where)
    seen = session.look(target)
    wanted, version = session.prepare(artifact, target, seen)
    steps = session.plans(seen).deployment_of(wanted, version)
    if dry_run:
        tell_plan(steps, json, session.screen)
        return
    session.carry_out(steps, wanted if wanted.flexible else None, seen)
    _tell_deployed(session, version, bool(steps), json, where.emulate)


def canary(
    artifact: Path,
    *,
    weight: float = 0.1,
    name: str | None = None,
    where: Where = HERE,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Publish an artifact in the slot, and give it a share of the calls; again, to move the share.

    Flex Consumption has no slots, and no canaries.

    Args:
        artifact: the artifact's folder
        weight: its share of the calls, from 0 to 1
        name: the function's name; the artifact's when not given
        where: where it is
        dry_run: say what would be done, and change nothing
        json: print the result for programs
    """
    if not 0.0 < weight < 1.0:
        raise DeploymentError(
            f"--weight does not take this value\n  wanted: between 0 and 1\n  found:  {weight}"
        )
    session = _session(typed(name) if name else read(artifact).name, where)
    seen = session.found()
    if seen.flexible:
        raise DeploymentError(
            f"{session.place.name} runs on Flex Consumption, which shares calls between no two versions\n"
            "  wanted: a plan with slots, such as --plan=EP1\n  found:  FC1\n"
            "Deploy the new version beside it, with --stage=canary, and let your callers share their calls"
        )
    wanted, version = session.prepare(artifact, Target(), seen)
    steps = session.plans(seen).canary(wanted, version, weight)
    if dry_run:
        tell_plan(steps, json, session.screen)
        return
    session.carry_out(steps)
    text = f"{version.artifact} gets {weight:.0%} of the calls\nFor all: leanfn azure promote {session.place.name}"
    tell_result(session.description(session.found()), json, text, session.screen)


def promote(
    name: str,
    *,
    where: Where = HERE,
    json: bool = False,
) -> None:
    """Make the canary live for all.

    Args:
        name: the function's name, or its artifact's folder
        where: where it is
        json: print the result for programs
    """
    session = _named(name, where)
    session.carry_out(session.plans(session.found()).promote())
    _tell_live(session, json)


def rollback(
    name: str,
    *,
    where: Where = HERE,
    json: bool = False,
) -> None:
    """End a canary; without one, go back to the previous version.

    Args:
        name: the function's name, or its artifact's folder
        where: where it is
        json: print the result for programs
    """
    session = _named(name, where)
    seen = session.found()
    session.carry_out(session.plans(seen).rollback(_as_it_is(seen) if seen.flexible else None))
    _tell_live(session, json)


def status(
    name: str,
    *,
    where: Where = HERE,
    json: bool = False,
) -> None:
    """Say what is deployed.

    Args:
        name: the function's name, or its artifact's folder
        where: where it is
        json: print the result for programs
    """
    session = _named(name, where)
    shown = session.description(session.found())
    lines = [f"{key + ':':<21}{_line(value)}" for key, value in shown.items()]
    tell_result(shown, json, "\n".join(lines), session.screen)


def versions(
    name: str,
    *,
    where: Where = HERE,
    json: bool = False,
) -> None:
    """List the packages that are kept, the newest first.

    Args:
        name: the function's name, or its artifact's folder
        where: where it is
        json: print the result for programs
    """
    session = _named(name, where)
    seen = session.found()
    rows = []
    for each in seen.packages:
        marks = {"live": seen.live, "previous": seen.previous, "canary": seen.canary}
        is_ = [mark for mark, version in marks.items() if version and version.bundle == each.bundle]
        rows.append({"version": each.artifact, "bundle": each.bundle, "made": each.made, "is": " ".join(is_)})
    text = "\n".join(
        f"{row['version']}  {row['bundle'][:12]}  {row['made']}  {row['is']}".rstrip() for row in rows
    )
    tell_result({"versions": rows}, json, text, session.screen)


def invoke(
    name: str,
    *,
    payload: str | None = None,
    where: Where = HERE,
) -> None:
    """Call the deployed function, with its key or a token, and print its answer.

    Args:
        name: the function's name, or its artifact's folder
        payload: a file with the record, or - for what comes in; without one the function says what it is
        where: where it is
    """
    session = _named(name, where)
    session.found()
    asked = session.calls.asked()
    if payload is None:
        request = Request("GET", "/version", {}, {}, b"")
    else:
        request = Request("POST", "/predict", {}, {"content-type": JSON}, _body(payload))
    response = asked(request)
    text = response.body.decode("utf-8", "replace")
    if response.status != 200:
        raise DeploymentError(f"{name} answers {response.status}\n  said:   {text[:2000]}")
    print(text, file=session.screen.stdout)


def logs(
    name: str,
    *,
    since: str = "1h",
    follow: bool = False,
    where: Where = HERE,
) -> None:
    """Print what the function logged; Azure shows a line a minute or two after it was written.

    Args:
        name: the function's name, or its artifact's folder
        since: how far back, such as 30m, 2h or 1d
        follow: go on until Ctrl-C
        where: where it is
    """
    if not (since[:-1].isdecimal() and since[-1] in SINCE):
        raise UsageError(
            f"--since does not take this value\n  wanted: such as 30m, 2h or 1d\n  found:  {since!r}"
        )
    session = _named(name, where)
    session.found()
    begin = time.gmtime(time.time() - int(since[:-1]) * SINCE[since[-1]])
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", begin)
    while True:
        for stamp, line in session.logs(at):
            print(f"{stamp}  {line}", file=session.screen.stdout, flush=True)
            at = stamp
        if not follow:
            return
        time.sleep(FOLLOWED)


def destroy(
    name: str,
    *,
    where: Where = HERE,
    yes: bool = False,
    dry_run: bool = False,
    json: bool = False,
) -> None:
    """Remove a function and all that leanfn made for it, and nothing else.

    Args:
        name: the function's name, or its artifact's folder
        where: where it is
        yes: do not ask
        dry_run: say what would be done, and change nothing
        json: print the plan for programs, with --dry-run
    """
    session = _named(name, where)
    steps = session.plans(session.look()).destruction()
    if dry_run:
        tell_plan(steps, json, session.screen)
        return
    gone = [step.why for step in steps if step.phase == "tidy"]
    if gone:
        confirm(
            "\n".join([f"this will, for {session.place.name}:", *(f"  {each}" for each in gone)]),
            yes,
            session.screen,
        )
        session.carry_out(steps)
    session.journal.forget()
    print(
        f"nothing is left of {session.place.name}" if gone else f"there is no function {session.place.name}",
        file=sys.stderr,
    )


def _named(name: str, where: Where) -> Session:
    """For a function's name, for its artifact's, or for the folder of that."""
    if Path(name, MANIFEST).is_file():
        name = read(name).name
    return _session(name, where)


def _session(name: str, where: Where) -> Session:
    clients = open_clients(where.subscription, emulated("azure") if where.emulate else None)
    here = place(clients.subscription, where.group, name, where.stage)
    journal = open_journal("azure", f"{here.subscription}-{here.group}", here.name)
    return Session(clients, here, where.storage_account or here.storage, journal, terminal())


def _as_it_is(seen: Observed) -> Wanted:
    return fill_up(Target(), seen)


def _body(payload: str) -> bytes:
    if payload == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(payload).read_bytes()
    except OSError as error:
        raise DeploymentError(f"{payload} cannot be read: {error.strerror}") from error


def _line(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['artifact']}  {value['bundle'][:12]}  {value['made']}"
    return "-" if value is None else str(value)


def _tell_live(session: Session, as_json: bool) -> None:
    seen = session.found()
    live = seen.live
    text = f"{live.artifact} ({live.bundle[:12]}) is live" if live else "nothing is live"
    tell_result(session.description(seen), as_json, text, session.screen)


def _tell_deployed(session: Session, version: Version, changed: bool, as_json: bool, emulate: bool) -> None:
    seen = session.found()
    assert seen.app is not None
    lines = [
        f"{version.artifact} is live at https://{seen.app.host}"
        if changed
        else f"nothing to do: {version.artifact} is live at https://{seen.app.host}",
        _how_to_call(session, seen, version, emulate),
    ]
    tell_result(session.description(seen), as_json, "\n".join(lines), session.screen)


def _how_to_call(session: Session, seen: Observed, version: Version, emulate: bool) -> str:
    """The command that calls the function, as it stands."""
    if emulate:
        return f"Call it: leanfn azure invoke {session.place.name} --payload=payload.json --emulate"
    assert seen.app is not None
    opened = {
        "anonymous": "",
        "key": ' -H "x-functions-key: $(az functionapp keys list'
        f" --subscription {session.place.subscription} --resource-group {session.place.group} --name {session.place.site}"
        ' --query functionKeys.default --output tsv)"',
        "entra": f' -H "authorization: Bearer $(az account get-access-token --resource api://{version.client}'
        ' --query accessToken --output tsv)"',
    }[version.auth]
    return f"Call it: curl https://{seen.app.host}/predict -H 'content-type: application/json' -d @payload.json{opened}"


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
