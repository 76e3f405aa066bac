"""From what is there to what is wanted: the steps of a deployment on Lambda, and of what is done with it later.

What decides between two deployments at once is a revision: the first change of a plan is refused when somebody else
has changed the function, or moved `live`, since it was looked at. Each change carries the deployment's id, so that a
call whose answer was lost is known again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from leanfn.errors import DeploymentError

from ..plan import Change, Result, Step
from .observe import ALIAS, Live, Observed, Place, Settings, Version
from .resources import access_steps, log_steps, own_tags, role_steps, tag_steps, ungrant_steps
from .wanted import Stored, Wanted, base_of, is_large, same_version, settings_of, stored_as

HISTORY = 20  # versions that can be gone back to, one after the other


def plan_deployment(wanted: Wanted, seen: Observed, left: Sequence[Stored] = ()) -> list[Step]:
    """Make it live for all callers. left: code that an interrupted deployment left in S3."""
    return list(_deployment(wanted, seen, None, left))


def plan_canary(wanted: Wanted, seen: Observed, weight: float, left: Sequence[Stored] = ()) -> list[Step]:
    """Make it live for a share of the calls; what is live stays so for the others."""
    if not 0.0 < weight < 1.0:
        raise DeploymentError(
            f"--weight is the share of calls that the new version answers\n  wanted: more than 0, less than 1\n"
            f"  found:  {weight}"
        )
    _its_live(seen)
    return list(_deployment(wanted, seen, weight, left))


def plan_promote(seen: Observed, deployment: str) -> list[Step]:
    """Make the canary live for all."""
    live = _its_live(seen)
    if live.canary is None:
        raise DeploymentError(
            f"{seen.place.name} has no canary\n  live: version {live.version}, for all callers\n"
            f"Begin one: leanfn aws canary ARTIFACT --weight=0.1"
        )
    return [_move(seen, live, live.canary, deployment)]


def plan_rollback(seen: Observed, deployment: str) -> list[Step]:
    """End a canary; without one, go back to the version before."""
    live = _its_live(seen)
    if live.canary is not None:
        return [_move(seen, live, live.version, deployment)]
    there = {version.number for version in seen.versions}
    before = [number for number in live.was if number in there]
    if not before:
        raise DeploymentError(
            f"{seen.place.name} has no version to go back to\n  live: version {live.version}, the first that was"
        )
    history = live.was[live.was.index(before[0]) + 1 :]
    return [_move(seen, live, before[0], deployment, history)]


def plan_destroy(seen: Observed, left: Sequence[Stored] = ()) -> list[Step]:
    """Remove what leanfn made."""
    place = seen.place
    steps = []
    if seen.latest is not None:
        arguments = {"FunctionName": place.name}
        why = f"remove the function {place.name} with its {len(seen.versions)} version(s), its address and its grants"
        steps.append(Step("function", "function", "DeleteFunction", why, arguments))
    if seen.role is not None:
        for name in seen.role.policies:
            arguments = {"RoleName": place.role_name, "PolicyName": name}
            steps.append(
                Step(f"policy-{name}", "tidy", "DeleteRolePolicy", f"remove the policy {name}", arguments)
            )
        why = f"remove the role {place.role_name}"
        steps.append(Step("role", "tidy", "DeleteRole", why, {"RoleName": place.role_name}))
    if seen.group is not None and seen.group.ours:
        why = f"remove the log {place.group_name}"
        steps.append(Step("log", "tidy", "DeleteLogGroup", why, {"logGroupName": place.group_name}))
    return steps + [_remove_object(stored) for stored in left]


def _its_live(seen: Observed) -> Live:
    if seen.live is None:
        raise DeploymentError(
            f"{seen.place.name} is not live in {seen.place.region}\n  wanted: a function that leanfn has deployed\n"
            f"  found:  {'one that never went live' if seen.latest else 'none'}\n"
            "Deploy it first: leanfn aws deploy ARTIFACT"
        )
    return seen.live


# A deployment


def _deployment(
    wanted: Wanted, seen: Observed, weight: float | None, left: Sequence[Stored]
) -> Iterator[Step]:
    settings = settings_of(wanted, seen)
    ready = same_version(wanted, settings, seen)
    moves = _moves(seen, ready, weight)
    own_role = settings.role == seen.place.role
    before = [*log_steps(seen), *(role_steps(wanted, seen) if own_role else ())]
    after = [*access_steps(wanted.target, seen), *tag_steps(wanted, seen, weight)]
    after += ungrant_steps(settings, seen) if own_role else ()
    after += [_remove_object(stored) for stored in left]
    if not (moves or before or after):
        return
    yield from before
    if ready is None:
        yield from _build(wanted, settings, seen)
    elif seen.live is not None and not moves:
        yield _claim(seen, seen.live, wanted.deployment)
    if moves:
        number = ready.number if ready else Result("version", "Version")
        if (
            ready is None or seen.live is None or ready.number != seen.live.canary
        ):  # it was asked when it became one
            yield _probe(wanted, seen, number)
        yield _to_live(wanted, seen, number, weight)
    yield from after
    if ready is None and is_large(wanted.code):
        yield _remove_object(stored_as(wanted, seen.place))


def _moves(seen: Observed, ready: Version | None, weight: float | None) -> bool:
    """Whether the alias has to be moved for this version to be where it is wanted."""
    if ready is None or seen.live is None:
        return True
    where = (seen.live.version, seen.live.canary, seen.live.weight)
    if weight is None:
        return where != (ready.number, None, 0.0)
    if ready.number == seen.live.version:
        raise DeploymentError(
            f"{seen.place.name} runs this artifact already, with these settings\n  live: version {ready.number}\n"
            "A canary is another artifact, or the same one with other settings"
        )
    return where[1:] != (ready.number, weight)


def _build(wanted: Wanted, settings: Settings, seen: Observed) -> Iterator[Step]:
    """A new version: uploaded, made ready and published."""
    place, code = seen.place, wanted.code
    packed: dict[str, Any] = {"path": str(code.archive)}
    if is_large(code):
        stored = stored_as(wanted, place)
        packed = {"S3Bucket": stored.bucket, "S3Key": stored.key}
        arguments = {"Bucket": stored.bucket, "Key": stored.key, "path": str(code.archive)}
        why = f"upload {code.size / 1e6:.1f} MB to {stored.bucket}"
        yield Step("upload", "upload", "PutObject", why, arguments, makes=str(stored))
    if seen.latest is None:
        yield _create(wanted, settings, place, packed)
    else:
        yield from _update(wanted, settings, seen, seen.latest, packed)
    named = {"FunctionName": place.name}
    yield Step(
        "ready", "ready", "Wait", f"wait until {place.name} is ready", {**named, "CodeSha256": code.sha256}
    )
    published = {
        **named,
        "RevisionId": Result("ready", "RevisionId"),
        "CodeSha256": code.sha256,
        "Description": str(wanted.mark),
    }
    yield Step("version", "version", "PublishVersion", "publish it as a version", published)


def _create(wanted: Wanted, settings: Settings, place: Place, packed: Mapping[str, Any]) -> Step:
    arguments = {
        **_configuration(wanted, settings, place),
        "Architectures": [settings.arch],
        "Code": packed,
        "Tags": {**(wanted.target.tags or {}), **own_tags(wanted)},
    }
    return Step(
        "function",
        "function",
        "CreateFunction",
        f"create the function {place.name}",
        arguments,
        makes=place.arn,
        changes=_changes(None, settings),
    )


def _update(
    wanted: Wanted, settings: Settings, seen: Observed, latest: Version, packed: Mapping[str, Any]
) -> Iterator[Step]:
    """Settings first: they carry the mark of this deployment, which whoever comes second is refused by."""
    place, code = seen.place, wanted.code
    changes = _changes(base_of(seen), settings)
    arguments = {**_configuration(wanted, settings, place), "RevisionId": seen.revision}
    yield Step(
        "settings",
        "function",
        "UpdateFunctionConfiguration",
        f"set up {place.name}",
        arguments,
        changes=changes,
    )
    if (latest.code, latest.settings.arch) == (code.sha256, settings.arch):
        return
    named = {"FunctionName": place.name}
    why = "wait until the settings are taken"  # Lambda makes one update at a time
    yield Step("set-up", "function", "Wait", why, named)
    arguments = {
        **named,
        **packed,
        "Architectures": [settings.arch],
        "RevisionId": Result("set-up", "RevisionId"),
        "CodeSha256": code.sha256,
    }
    why = f"upload {code.name} {code.artifact}"
    yield Step("code", "function", "UpdateFunctionCode", why, arguments)


def _configuration(wanted: Wanted, settings: Settings, place: Place) -> dict[str, Any]:
    return {
        "FunctionName": place.name,
        "Runtime": settings.runtime,
        "Handler": settings.handler,
        "Role": settings.role,
        "MemorySize": settings.memory,
        "Timeout": settings.timeout,
        "Description": str(wanted.mark),
        "Environment": {"Variables": dict(settings.environment)},
    }


def _changes(old: Settings | None, new: Settings) -> tuple[Change, ...]:
    before: dict[str, Any] = asdict(old) if old else {}
    after = asdict(new)
    before |= before.pop("environment", {})
    after |= after.pop("environment")
    keys = [*after, *(key for key in before if key not in after)]
    return tuple(
        Change(key, before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)
    )


def _probe(wanted: Wanted, seen: Observed, number: object) -> Step:
    arguments = {"FunctionName": seen.place.name, "Qualifier": number}
    why = f"ask the new version for {wanted.code.name}'s own examples"
    return Step("probe", "probe", "Probe", why, arguments)


def _to_live(wanted: Wanted, seen: Observed, number: object, weight: float | None) -> Step:
    """Move the alias to the version, or a share of it."""
    place, live = seen.place, seen.live
    arguments: dict[str, Any] = {"FunctionName": place.name, "Name": ALIAS}
    if live is None:
        arguments |= {"FunctionVersion": number, "Description": _said(wanted.deployment, ())}
        why = f"make it live, as the alias {ALIAS}"
        return Step("live", "live", "CreateAlias", why, arguments, makes=f"{place.arn}:{ALIAS}")
    if weight is not None:
        routing = {"AdditionalVersionWeights": [[number, weight]]}
        arguments |= {"FunctionVersion": live.version, "Description": _said(wanted.deployment, live.was)}
        why = f"let it answer {weight:.0%} of the calls"
        change = Change("share of the new version", live.weight if live.canary else None, weight)
    else:
        routing = {"AdditionalVersionWeights": []}
        arguments |= {
            "FunctionVersion": number,
            "Description": _said(wanted.deployment, _history(live, number)),
        }
        why, change = "make it live for all callers", Change("live version", live.version, number)
    arguments |= {"RoutingConfig": routing, "RevisionId": live.revision}
    return Step("live", "live", "UpdateAlias", why, arguments, changes=(change,))


def _history(live: Live, number: object) -> tuple[str, ...]:
    return live.was if number == live.version else (live.version, *live.was)


def _move(
    seen: Observed, live: Live, number: str, deployment: str, history: tuple[str, ...] | None = None
) -> Step:
    """The one call of a promotion or a rollback."""
    was = _history(live, number) if history is None else history
    arguments = {
        "FunctionName": seen.place.name,
        "Name": ALIAS,
        "FunctionVersion": number,
        "Description": _said(deployment, was),
        "RoutingConfig": {"AdditionalVersionWeights": []},
        "RevisionId": live.revision,
    }
    changes = [Change("live version", live.version, number)] if number != live.version else []
    if live.canary is not None:
        changes.append(Change(f"share of version {live.canary}", live.weight, None))
    why = f"make version {number} live for all callers"
    return Step("live", "live", "UpdateAlias", why, arguments, changes=tuple(changes))


def _claim(seen: Observed, live: Live, deployment: str) -> Step:
    """Nothing moves, and the alias has a new revision: whoever looked before it comes too late."""
    arguments = {
        "FunctionName": seen.place.name,
        "Name": ALIAS,
        "FunctionVersion": live.version,
        "Description": _said(deployment, live.was),
        "RevisionId": live.revision,
    }
    return Step("claim", "live", "UpdateAlias", "make sure that nobody else is deploying", arguments)


def _said(deployment: str, was: Iterable[str]) -> str:
    """The alias's description: which run of leanfn moved it last, and which versions were live before."""
    return f"leanfn deployment={deployment} was={','.join(list(was)[:HISTORY])}"


def _remove_object(stored: Stored) -> Step:
    why = f"remove the code from {stored.bucket}, of which Lambda has its own copy"
    arguments = {"Bucket": stored.bucket, "Key": stored.key}
    return Step(f"object-{stored.key}", "tidy", "DeleteObject", why, arguments)
