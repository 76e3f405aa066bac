"""leanfn google …: deploy, canary, promote, rollback, status, versions, invoke, logs, destroy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from json import dumps
from pathlib import Path
from tempfile import TemporaryDirectory

from leanfn import manifest as manifests
from leanfn.errors import DeploymentError
from leanfn.http import JSON, Request, Response

from ..bundle import Bundle, bundle
from ..deployment import (
    Terminal,
    carry_out,
    confirm,
    emulated,
    function_name,
    read_payload,
    seconds_back,
    tell_plan,
    tell_result,
    terminal,
)
from ..execute import Patience
from ..flags import How
from ..journal import Journal, open_journal
from ..names import cloud_name
from ..plan import Step
from ..plan import show as show_plan
from ..settings import with_settings
from . import show
from .ask import ask
from .calls import calls
from .clients import Clients, open_clients
from .flags import FunctionFlags, Where
from .logs import line, read_log
from .observe import Observed, observe, owned, required, secret_names, settled, with_grants
from .plan import plan_deployment, plan_destroy, plan_promote, plan_rollback
from .target import KEY, LONGEST_NAME, Place, Target, percent, typed, wanted_settings, with_identity

BUILD = Patience(budget=900.0)  # a build takes minutes


@dataclass(frozen=True, slots=True)
class Session:
    """One command at one function: where it is, how to reach it, where to talk, and how to bundle."""

    place: Place
    clients: Clients
    screen: Terminal
    patience: Patience = BUILD
    bundle: Callable[..., Bundle] = bundle

    def journal(self) -> Journal:
        """This function's journal on this machine, for one run."""
        return open_journal("google", f"{self.place.project}-{self.place.region}", self.place.name)


def deploy(artifact: Path, *, function: FunctionFlags, where: Where, how: How) -> None:
    """Make an artifact a live function, which only those can call who are allowed to

    A flag that is not given keeps what is deployed, or takes Google's default at first. The new revision is asked for
    the artifact's own examples before it is live; nothing changed means that nothing is done.

    Args:
        artifact: the artifact's folder
    """
    session = _open(_name(artifact, function.name, where), where)
    ship(session, artifact, function, how)


def canary(
    artifact: Path,
    *,
    weight: float = 0.1,
    name: str | None = None,
    api_key: str | None = None,
    where: Where,
    how: How,
) -> None:
    """Let an artifact answer a share of the calls; called again, it only moves the share

    Google counts in whole percents. The settings stay those that are deployed.

    Args:
        artifact: the artifact's folder
        weight: its share of the calls, between 0 and 1
        name: the function's name; the artifact's with hyphens, and the stage at its end, when not given
        api_key: the function's key, if it has one
    """
    share = percent(weight)
    session = _open(_name(artifact, name, where), where)
    ship(session, artifact, FunctionFlags(api_key=api_key), how, share=share)


def promote(name: str, *, where: Where, how: How) -> None:
    """Make the canary live for all callers

    Args:
        name: the function's name, or its artifact's folder
    """
    move(_named(name, where), plan_promote, how)


def rollback(name: str, *, where: Where, how: How) -> None:
    """End a canary; without one, make the version live again that was before

    It is one change of the traffic, and builds nothing.

    Args:
        name: the function's name, or its artifact's folder
    """
    move(_named(name, where), plan_rollback, how)


def status(name: str, *, where: Where, json: bool = False) -> None:
    """Say what is live, and who may call it

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    session = _named(name, where)
    found = show.status(session.place, _deployed(session))
    tell_result(found, json, show.status_text(found), session.screen)


def versions(name: str, *, where: Where, json: bool = False) -> None:
    """List the versions that are kept, the newest first

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    session = _named(name, where)
    found = show.versions(_deployed(session))
    tell_result(
        {"name": session.place.name, "versions": found}, json, show.versions_text(found), session.screen
    )


def invoke(name: str, *, payload: str = "-", api_key: str | None = None, where: Where) -> None:
    """Call a function as whoever is logged in, and print its answer

    Args:
        name: the function's name, or its artifact's folder
        payload: a file with the JSON to send, or - for what comes in
        api_key: the function's key, if it has one
    """
    data = read_payload(payload, terminal())
    session = _named(name, where)
    answer = call(session, Request("POST", "/predict", {}, {"content-type": JSON}, data), api_key)
    text = answer.body.decode("utf-8", "replace")
    if answer.status >= 400:
        raise DeploymentError(f"{session.place.name} answers with status {answer.status}\n{text}")
    print(text, file=session.screen.stdout)


def logs(name: str, *, since: str = "1h", follow: bool = False, json: bool = False, where: Where) -> None:
    """Print what a function wrote

    Args:
        name: the function's name, or its artifact's folder
        since: how far to look back, such as 30s, 10m, 2h or 7d
        follow: go on with what it writes from now on, until Ctrl-C
        json: print for programs
    """
    start = datetime.now(UTC) - timedelta(seconds=seconds_back(since))
    session = _named(name, where)
    _deployed(session)
    for entry in read_log(session.clients, session.place, start, follow):
        print(dumps(entry) if json else line(entry), file=session.screen.stdout, flush=True)


def destroy(name: str, *, yes: bool = False, where: Where, how: How) -> None:
    """Remove a function with all that leanfn made for it, after a question

    Args:
        name: the function's name, or its artifact's folder
        yes: do not ask
    """
    remove(_named(name, where), yes, how)


COMMANDS = with_settings(
    "google",
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


# What they have in common


def _name(artifact: Path, name: str | None, where: Where) -> str:
    own = manifests.read(artifact).name
    return typed(name) if name is not None else cloud_name(own, where.stage, LONGEST_NAME)


def _open(name: str, where: Where) -> Session:
    settings = emulated("google") if where.emulate else None
    clients = open_clients(where.project, where.region, settings)
    return Session(Place(clients.project, clients.region, name), clients, terminal())


def _named(name: str, where: Where) -> Session:
    return _open(typed(function_name(name, where.stage, LONGEST_NAME)), where)


def _deployed(session: Session) -> Observed:
    seen = observe(session.clients, session.place)
    required(seen, session.place)
    return seen


def ship(
    session: Session,
    artifact: Path,
    flags: FunctionFlags,
    how: How,
    *,
    share: int = 100,
) -> None:
    """Look, plan, and carry out or show: what deploy and canary do."""
    place, clients, screen = session.place, session.clients, session.screen
    seen = settled(clients, place, session.patience, screen)
    owned(seen, place)
    settings = wanted_settings(flags, place, seen.settings)
    _check_python(clients, place, settings.python)
    _check_key(place, flags, settings.env)
    seen = with_grants(seen, clients, place, settings.account, secret_names(settings))
    _check_secrets(place, seen)
    journal = session.journal()
    with TemporaryDirectory(prefix="leanfn-") as scratch:
        made = session.bundle(artifact, "google", Path(scratch), python=settings.python)
        version = manifests.read(artifact).version
        target = Target(
            place=place,
            settings=with_identity(settings, made.digest, version),
            bundle=made.digest,
            version=version,
            deployment=journal.deployment,
            artifact=artifact.resolve(),
            archive=made.archive,
            public=flags.public,
        )
        plan = plan_deployment(target, seen, share)
        if how.dry_run:
            tell_plan(plan, how.json, screen)
            return
        carry_out(plan, calls(clients, flags.api_key), journal, screen, session.patience)
    found = show.status(place, observe(clients, place))
    text = show.deployed_text(found, plan, artifact, clients.emulated)
    tell_result({**found, "steps": len(plan)}, how.json, text, screen)


def move(session: Session, planned: Callable[[Place, Observed], list[Step]], how: How) -> None:
    """Change who gets the traffic: what promote and rollback do."""
    place, clients, screen = session.place, session.clients, session.screen
    plan = planned(place, _deployed(session))
    if how.dry_run:
        tell_plan(plan, how.json, screen)
        return
    carry_out(plan, calls(clients), session.journal(), screen, session.patience)
    found = show.status(place, observe(clients, place))
    tell_result(found, how.json, show.status_text(found), screen)


def remove(session: Session, yes: bool, how: How) -> None:
    """Take down what leanfn made, and nothing else."""
    place, clients, screen = session.place, session.clients, session.screen
    seen = settled(clients, place, session.patience, screen)
    owned(seen, place)
    if seen.account:
        names = {name for revision in seen.revisions for name in revision.secrets}
        seen = with_grants(seen, clients, place, place.account, names)
    plan = plan_destroy(place, seen)
    if how.dry_run:
        tell_plan(plan, how.json, screen)
        return
    journal = session.journal()
    if plan:
        confirm(f"in {place.region} of {place.project}:\n{show_plan(plan)}", yes, screen)
        carry_out(plan, calls(clients), journal, screen, session.patience)
    journal.forget()
    text = f"{place.name} is gone" if plan else f"there is nothing of {place.name} in {place.region}"
    tell_result({"name": place.name, "removed": [step.why for step in plan]}, how.json, text, screen)


def call(session: Session, request: Request, key: str | None) -> Response:
    """One call of a deployed function, as one of those who may."""
    seen = _deployed(session)
    token = None if seen.public else session.clients.identity_token(seen.url)
    return ask(seen.url, request, token, key)


def _check_python(clients: Clients, place: Place, python: str) -> None:
    """The region's own list: a new Python comes to some regions first."""
    offered = clients.list_pythons(place.parent)
    if f"python{python.replace('.', '')}" not in offered:
        raise DeploymentError(
            f"{place.region} runs no functions on Python {python}\n"
            f"  wanted: one of {', '.join(sorted(offered, key=lambda each: (len(each), each)))}\n"
            f"  found:  python{python.replace('.', '')}\nName another with --python"
        )


def _check_secrets(place: Place, seen: Observed) -> None:
    if seen.missing:
        name = min(seen.missing)
        raise DeploymentError(
            f"there is no secret {name} in {place.project}\n"
            f"Make it: gcloud secrets create {name} --project={place.project} --data-file=FILE"
        )


def _check_key(place: Place, flags: FunctionFlags, env: Mapping[str, str]) -> None:
    """A function with a key is probed with it, and only its digest is known."""
    if KEY in env and not flags.api_key:
        raise DeploymentError(
            f"{place.name} wants a key, and its probe needs it too\n"
            "Give it with --api-key, or take it away with --api-key="
        )
