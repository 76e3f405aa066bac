"""The commands of AWS: `leanfn aws …`."""

from __future__ import annotations

import json as documents
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from leanfn import manifest as manifests
from leanfn.cli import Command
from leanfn.errors import DeploymentError
from leanfn.http import JSON, Request

from ..deployment import confirm, emulated, read_payload, seconds_back, tell_plan, tell_result
from ..flags import How
from ..names import cloud_name
from ..plan import Step, show
from ..settings import with_settings
from .errors import ask
from .flags import FunctionFlags, Where
from .invoke import Invoker
from .observe import ALIAS, Observed, Version
from .plan import plan_destroy, plan_promote, plan_rollback
from .policy import deployers_policy
from .release import release
from .secrets import resolve_secrets
from .site import Site, function_name, open_site
from .target import NAME_LIMIT, Target, check_place

FOLLOW_EVERY = 2.0  # seconds


def deploy(artifact: Path, *, function: FunctionFlags, where: Where, how: How) -> None:
    """Make an artifact a live function, which only those can call who are allowed to

    On AWS Lambda these are signed requests of the account's own callers. A flag that is not given keeps what is deployed, or takes Lambda's default at first. The new version is asked for
    the artifact's own examples before it is live; nothing changed means that nothing is done.

    Args:
        artifact: the artifact's folder
    """
    target = function.target(_name(artifact, function.name, where.stage))
    release(_open(target.name, where), artifact, target, weight=None, how=how)


def canary(artifact: Path, *, weight: float = 0.1, function: FunctionFlags, where: Where, how: How) -> None:
    """Let an artifact answer a share of the calls; called again, it only moves the share

    Args:
        artifact: the artifact's folder
        weight: its share of the calls, between 0 and 1
    """
    target = function.target(_name(artifact, function.name, where.stage))
    release(_open(target.name, where), artifact, target, weight=weight, how=how)


def promote(name: str, *, where: Where, how: How) -> None:
    """Make the canary live for all callers

    Args:
        name: the function's name, or its artifact's folder
    """
    _move(plan_promote, _named(name, where), how)


def rollback(name: str, *, where: Where, how: How) -> None:
    """End a canary; without one, make the version live again that was before

    It takes one call.

    Args:
        name: the function's name, or its artifact's folder
    """
    _move(plan_rollback, _named(name, where), how)


def status(name: str, *, where: Where, json: bool = False) -> None:
    """Say what is live, and who may call it

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    site = _named(name, where)
    tell_status(site, site.see_deployed(), json)


def versions(name: str, *, where: Where, json: bool = False) -> None:
    """List the versions that are kept, the newest first

    Args:
        name: the function's name, or its artifact's folder
        json: print for programs
    """
    site = _named(name, where)
    tell_versions(site, site.see_deployed(), json)


def invoke(name: str, *, payload: str = "-", where: Where) -> None:
    """Call a function as whoever is logged in, and print its answer

    It is called by Lambda's own API, and asks for no API key.

    Args:
        name: the function's name, or its artifact's folder
        payload: a file with the JSON to send, or - for what comes in
    """
    site = _named(name, where)
    request = Request("POST", "/predict", {}, {"content-type": JSON}, read_payload(payload, site.screen))
    ask_it = Invoker(site.clients, site.place.name, ALIAS)
    response = site.patiently(lambda: ask_it(request))
    text = response.body.decode()
    if response.status >= 400:
        raise DeploymentError(f"{site.place.name} answers with status {response.status}\n{text}")
    print(text, file=site.screen.stdout)


def logs(name: str, *, since: str = "1h", follow: bool = False, where: Where) -> None:
    """Print what a function wrote

    Args:
        name: the function's name, or its artifact's folder
        since: how far to look back, such as 30s, 10m, 2h or 7d
        follow: go on with what it writes from now on, until Ctrl-C
    """
    start = int((time.time() - seconds_back(since)) * 1000)
    site = _named(name, where)
    for line in read_log(site, start, follow):
        print(line, file=site.screen.stdout, flush=True)


def destroy(name: str, *, yes: bool = False, where: Where, how: How) -> None:
    """Remove a function with all that leanfn made for it, after a question

    Args:
        name: the function's name, or its artifact's folder
        yes: do not ask
    """
    remove(_named(name, where), yes, how)


def policy(
    name: str,
    *,
    role: str | None = None,
    bucket: str | None = None,
    secret: dict[str, str] | None = None,
    where: Where,
) -> None:
    """Print the least policy of somebody who deploys this function and does all that leanfn can do with it

    Args:
        name: the function's name, or its artifact's folder
        role: the ARN of the role that --role will name
        bucket: the bucket that --bucket will name
        secret: the secrets that --secret will name
    """
    target = Target(function_name(name, where.stage), role=role, bucket=bucket, secrets=secret)
    site = _open(target.name, where)
    filled, _ = resolve_secrets(site.clients, site.place, target.secrets or {})
    arns = sorted(each for each in filled.values() if each.startswith("arn:"))
    print(
        documents.dumps(deployers_policy(site.place, role, bucket, arns), indent=2), file=site.screen.stdout
    )


def remove(site: Site, yes: bool, how: How) -> None:
    """Destroy what is at a site, after a question."""
    plan = plan_destroy(site.see(), site.left())
    if how.dry_run:
        tell_plan(plan, how.json, site.screen)
        return
    if plan:
        confirm(f"in {site.place.region}, account {site.place.account}:\n{show(plan)}", yes, site.screen)
        site.carry_out(plan)
    site.journal.forget()
    text = (
        f"{site.place.name} is gone"
        if plan
        else f"there is nothing of {site.place.name} in {site.place.region}"
    )
    tell_result(
        {"name": site.place.name, "removed": [step.why for step in plan]}, how.json, text, site.screen
    )


def read_log(
    site: Site, start: int, follow: bool, sleep: Callable[[float], object] = time.sleep
) -> Iterator[str]:
    """The lines of a function's log from a time on, in milliseconds since 1970."""
    seen: set[str] = set()
    while True:
        for event in _events(site, start):
            if event["eventId"] not in seen:
                seen.add(event["eventId"])
                start = max(start, event["timestamp"])
                yield event["message"].rstrip("\n")
        if not follow:
            return
        sleep(FOLLOW_EVERY)


def _events(site: Site, start: int) -> Iterator[dict[str, Any]]:
    arguments: dict[str, Any] = {"logGroupName": site.place.group_name, "startTime": start}
    client = site.clients["logs"]
    while True:
        page = site.patiently(lambda: ask(client.filter_log_events, **arguments))
        yield from page["events"]
        if not page.get("nextToken"):
            return
        arguments["nextToken"] = page["nextToken"]


def tell_status(site: Site, seen: Observed, as_json: bool) -> None:
    """What is live, where, and who may call it."""
    live = seen.live
    version = seen.version(live.version) if live else None
    result = {
        "name": site.place.name,
        "region": site.place.region,
        "live": live.version if live else None,
        "artifact": version.mark.artifact if version and version.mark else None,
        "canary": live.canary if live else None,
        "weight": live.weight if live else 0.0,
        "url": seen.url,
        "public": seen.auth == "NONE",
        "memory": version.settings.memory if version else None,
        "timeout": version.settings.timeout if version else None,
        "runtime": version.settings.runtime if version else None,
        "arch": version.settings.arch if version else None,
        "max_concurrency": seen.concurrency,
        "role": version.settings.role if version else None,
        "secrets": sorted(version.settings.secrets) if version else [],
        "was": list(live.was) if live else [],
    }
    text = "\n".join(f"{key:<16}{_plain(value)}" for key, value in result.items() if value not in (None, []))
    tell_result(result, as_json, text, site.screen)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def tell_versions(site: Site, seen: Observed, as_json: bool) -> None:
    """What was published."""
    rows = [
        {
            "version": each.number,
            "artifact": each.mark.artifact if each.mark else None,
            "deployment": each.mark.deployment if each.mark else None,
            "share": _share(seen, each),
        }
        for each in reversed(seen.versions)
    ]
    text = "\n".join(
        f"{row['version']:>5}  {row['artifact'] or 'not made by leanfn':<18}"
        + (f"  {row['share']:.0%} of the calls" if row["share"] else "")
        for row in rows
    )
    tell_result({"name": site.place.name, "versions": rows}, as_json, text, site.screen)


def _share(seen: Observed, version: Version) -> float:
    if seen.live is None:
        return 0.0
    if version.number == seen.live.canary:
        return seen.live.weight
    return 1.0 - seen.live.weight if version.number == seen.live.version else 0.0


def _move(plan_move: Callable[[Observed, str], list[Step]], site: Site, how: How) -> None:
    """Promote or roll back: one call."""
    plan = plan_move(site.see_deployed(), site.journal.deployment)
    if how.dry_run:
        tell_plan(plan, how.json, site.screen)
        return
    site.carry_out(plan)
    tell_status(site, site.see_deployed(), how.json)


def _name(artifact: Path, name: str | None, stage: str | None) -> str:
    check_place(None, stage)
    return name if name is not None else cloud_name(manifests.read(artifact).name, stage, NAME_LIMIT)


def _named(name: str, where: Where) -> Site:
    return _open(function_name(name, where.stage), where)


def _open(name: str, where: Where) -> Site:
    return open_site(name, where.region, where.profile, emulated("aws") if where.emulate else None)


COMMANDS: dict[str, Command] = with_settings(
    "aws",
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
        "policy": policy,
    },
)
