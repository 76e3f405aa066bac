"""From what is there to what is wanted: the steps of a deployment on Lambda, and of what is done with it later.

What decides between two deployments at once is a revision: the first change of a plan is refused when somebody else
has changed the function, or moved `live`, since it was looked at. Each change carries the deployment's id, so that a
call whose answer was lost is known again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from leanfn import __version__
from leanfn.errors import DeploymentError
from leanfn.platforms import AWS

from ..plan import Change, Result, Step
from .observe import ALIAS, LOGS_POLICY, MADE, SECRETS, Live, Mark, Observed, Place, Settings, Version
from .target import Target

RETENTION = 30  # days that a log is kept
HISTORY = 20  # versions that can be gone back to, one after the other
API_KEY, CORS = "LEANFN_API_KEY_SHA256", "LEANFN_CORS"
OWN = (API_KEY, CORS, SECRETS)
OPEN_URL, OPEN_INVOKE = "leanfn-public-url", "leanfn-public-invoke"
SECRET_POLICY = "leanfn-secret-"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


@dataclass(frozen=True, slots=True)
class Code:
    """A bundle as Lambda sees it. sha256: base64, as the API gives it."""

    archive: Path
    sha256: str
    size: int
    artifact: str  # the artifact's version
    bundle: str  # the bundle's digest
    name: str  # the artifact's name


@dataclass(frozen=True, slots=True)
class Stored:
    """Code on its way through S3."""

    bucket: str
    key: str
    partition: str = "aws"

    def __str__(self) -> str:
        return f"arn:{self.partition}:s3:::{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deployment: what is to run, how, and under which id. secrets: variable -> what fills it.

    grants: what fills one -> the statements to read it. None keeps what is deployed.
    """

    target: Target
    code: Code
    deployment: str
    secrets: Mapping[str, str] | None = None
    grants: Mapping[str, Sequence[Mapping[str, Any]]] | None = None

    @property
    def mark(self) -> Mark:
        return Mark(self.code.artifact, self.code.bundle, self.deployment)


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
    settings = _settings(wanted, seen)
    ready = _same(wanted, settings, seen)
    moves = _moves(seen, ready, weight)
    own_role = settings.role == seen.place.role
    before = [*_log(seen), *(_role(wanted, seen) if own_role else ())]
    after = [*_access(wanted.target, seen), *_tags(wanted, seen, weight)]
    after += _ungrant(settings, seen) if own_role else ()
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
    if ready is None and _is_large(wanted.code):
        yield _remove_object(_stored(wanted, seen.place))


def _settings(wanted: Wanted, seen: Observed) -> Settings:
    """What the version will run with: what is asked for, else what is deployed, else the platform's default."""
    target, place = wanted.target, seen.place
    base = _base(seen)
    kept = base or Settings(
        f"python{AWS.default_python}",
        f"{AWS.entry_file.removesuffix('.py')}.{AWS.entry_name}",
        AWS.default_memory,
        AWS.default_timeout,
        "x86_64",
        place.role,
    )
    return Settings(
        f"python{target.python}" if target.python else kept.runtime,
        kept.handler,
        target.memory or kept.memory,
        target.timeout or kept.timeout,
        target.arch or kept.arch,
        target.role or kept.role,
        _environment(wanted, kept.environment),
    )


def _base(seen: Observed) -> Settings | None:
    """The settings that a flag which is not given keeps."""
    if seen.live is not None:
        return seen.version(seen.live.version).settings
    return seen.latest.settings if seen.latest else None


def _environment(wanted: Wanted, kept: Mapping[str, str]) -> dict[str, str]:
    target = wanted.target
    users = (
        {key: value for key, value in kept.items() if key not in OWN} if target.env is None else target.env
    )
    own = {
        API_KEY: kept.get(API_KEY, "") if target.api_key is None else target.api_key,
        CORS: kept.get(CORS, "") if target.cors is None else ",".join(target.cors),
        SECRETS: kept.get(SECRETS, "")
        if wanted.secrets is None
        else json.dumps(wanted.secrets, sort_keys=True, separators=(",", ":")) * bool(wanted.secrets),
    }
    environment = dict(users) | {key: value for key, value in own.items() if value}
    size = len(json.dumps(environment).encode())
    if size > ENVIRONMENT_LIMIT:
        raise DeploymentError(
            f"the environment is too large for Lambda\n  wanted: at most {ENVIRONMENT_LIMIT} bytes in all\n"
            f"  found:  {size}\nShorten --env, or keep long values in --secret"
        )
    return dict(sorted(environment.items()))


ENVIRONMENT_LIMIT = 4096  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


def _same(wanted: Wanted, settings: Settings, seen: Observed) -> Version | None:
    """A version that is already what is wanted: the live one first, then the newest."""
    first = seen.live.version if seen.live else ""
    for version in sorted(
        seen.versions, key=lambda each: (each.number == first, int(each.number)), reverse=True
    ):
        if version.mark and version.mark.bundle == wanted.code.bundle and version.settings == settings:
            return version
    return None


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


def _log(seen: Observed) -> Iterator[Step]:
    place = seen.place
    arguments: dict[str, Any] = {"logGroupName": place.group_name}
    if seen.group is None:
        tagged = {**arguments, "tags": {MADE: __version__, "leanfn-function": place.arn}}
        yield Step(
            "log",
            "prepare",
            "CreateLogGroup",
            f"create the log {place.group_name}",
            tagged,
            makes=place.group,
        )
    if seen.group is None or (seen.group.ours and seen.group.retention is None):
        why = f"keep its lines for {RETENTION} days"
        yield Step(
            "retention", "prepare", "PutRetentionPolicy", why, {**arguments, "retentionInDays": RETENTION}
        )


def _role(wanted: Wanted, seen: Observed) -> Iterator[Step]:
    """The role with a policy for the log, and one for each secret: what is live may still need other ones."""
    place, target = seen.place, wanted.target
    named = {"RoleName": place.role_name}
    if seen.role is None:
        tags = [{"Key": MADE, "Value": __version__}, {"Key": "leanfn-function", "Value": place.arn}]
        arguments = {**named, "AssumeRolePolicyDocument": json.dumps(TRUST), "Tags": tags}
        if target.boundary is not None:
            arguments["PermissionsBoundary"] = target.boundary
        yield Step(
            "role", "prepare", "CreateRole", f"create the role {place.role_name}", arguments, makes=place.role
        )
    elif target.boundary not in (None, seen.role.boundary):
        yield Step(
            "boundary",
            "prepare",
            "PutRolePermissionsBoundary",
            f"bound the role {place.role_name}",
            {**named, "PermissionsBoundary": target.boundary},
            changes=(Change("permissions boundary", seen.role.boundary, target.boundary),),
        )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": f"{place.group}:*",  # its streams, whose names Lambda makes up
            }
        ],
    }
    if seen.role is None or seen.role.policies.get(LOGS_POLICY) != policy:
        yield _put_policy(place, LOGS_POLICY, policy, "let the function write its own log, and nothing else")
    for secret, statements in (wanted.grants or {}).items():
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        if seen.role is None or seen.role.policies.get(_policy_name(secret)) != policy:
            why = f"let the function read {secret.rpartition(':')[2]}"
            yield _put_policy(place, _policy_name(secret), policy, why)


def _put_policy(place: Place, name: str, policy: Mapping[str, Any], why: str) -> Step:
    arguments = {"RoleName": place.role_name, "PolicyName": name, "PolicyDocument": json.dumps(policy)}
    return Step(f"policy-{name}", "prepare", "PutRolePolicy", why, arguments)


def _policy_name(secret: str) -> str:
    return f"{SECRET_POLICY}{sha256(secret.encode()).hexdigest()[:16]}"


def _ungrant(settings: Settings, seen: Observed) -> Iterator[Step]:
    """Take away what no version needs that is live, a canary, or can be gone back to."""
    if seen.role is None or seen.live is None:
        return
    kept = [settings, seen.version(seen.live.version).settings]
    kept += [each.settings for each in seen.versions if each.number in seen.live.was]
    needed = {_policy_name(secret) for each in kept for secret in each.secrets.values()}
    for name in seen.role.policies:
        if name.startswith(SECRET_POLICY) and name not in needed:
            arguments = {"RoleName": seen.place.role_name, "PolicyName": name}
            why = "let the function no longer read a secret that it does not need"
            yield Step(f"policy-{name}", "tidy", "DeleteRolePolicy", why, arguments)


def _build(wanted: Wanted, settings: Settings, seen: Observed) -> Iterator[Step]:
    """A new version: uploaded, made ready and published."""
    place, code = seen.place, wanted.code
    packed: dict[str, Any] = {"path": str(code.archive)}
    if _is_large(code):
        stored = _stored(wanted, place)
        packed = {"S3Bucket": stored.bucket, "S3Key": stored.key}
        arguments = {"Bucket": stored.bucket, "Key": stored.key, "path": str(code.archive)}
        why = f"upload {code.size / 1e6:.1f} MB to {stored.bucket}"
        yield Step("upload", "upload", "PutObject", why, arguments, makes=str(stored))
    if seen.latest is None:
        yield _create(wanted, settings, place, packed)
    else:
        yield from _update(wanted, settings, seen, seen.latest, packed)
    named: dict[str, Any] = {"FunctionName": place.name}
    yield Step(
        "ready", "ready", "Wait", f"wait until {place.name} is ready", {**named, "CodeSha256": code.sha256}
    )
    arguments: dict[str, Any] = {
        **named,
        "RevisionId": Result("ready", "RevisionId"),
        "CodeSha256": code.sha256,
        "Description": str(wanted.mark),
    }
    yield Step("version", "version", "PublishVersion", "publish it as a version", arguments)


def _create(wanted: Wanted, settings: Settings, place: Place, packed: Mapping[str, Any]) -> Step:
    arguments = {
        **_configuration(wanted, settings, place),
        "Architectures": [settings.arch],
        "Code": packed,
        "Tags": {**(wanted.target.tags or {}), **_own_tags(wanted)},
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
    changes = _changes(_base(seen), settings)
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


def _access(target: Target, seen: Observed) -> Iterator[Step]:
    """Who may call, and how many at a time. Without --public nobody but the account's own."""
    place = seen.place
    named = {"FunctionName": place.name}
    reserved = target.concurrency
    if reserved is not None and (reserved or None) != seen.concurrency:
        changes = (Change("reserved concurrency", seen.concurrency, reserved or None),)
        if reserved:
            arguments: dict[str, Any] = {**named, "ReservedConcurrentExecutions": reserved}
            why = f"let it answer at most {reserved} calls at a time"
            yield Step("concurrency", "access", "PutFunctionConcurrency", why, arguments, changes=changes)
        else:
            why = "take away its limit of calls at a time"
            yield Step("concurrency", "access", "DeleteFunctionConcurrency", why, named, changes=changes)
    public = bool(target.public) if target.public is not None else seen.auth == "NONE"
    auth = "NONE" if public else "AWS_IAM"
    at_alias = {**named, "Qualifier": ALIAS}
    if seen.url is None:
        why = f"give it an address that {'anybody' if public else 'only a signed request'} can call"
        arguments = {**at_alias, "AuthType": auth}
        yield Step(
            "url", "access", "CreateFunctionUrlConfig", why, arguments, makes=f"{place.arn}:{ALIAS}/url"
        )
    elif seen.auth != auth:
        why = (
            "open its address to everybody" if public else "close its address to requests without a signature"
        )
        changes = (Change("address", seen.auth, auth),)
        yield Step(
            "url", "access", "UpdateFunctionUrlConfig", why, {**at_alias, "AuthType": auth}, changes=changes
        )
    for sid, grant in GRANTS.items():
        if public and sid not in seen.statements:
            arguments = {**at_alias, "StatementId": sid, "Principal": "*", **grant}
            why = f"let everybody {grant['Action'].removeprefix('lambda:')}, by its address alone"
            yield Step(sid, "access", "AddPermission", why, arguments)
        elif not public and sid in seen.statements:
            why = "take away the grant to everybody"
            yield Step(sid, "access", "RemovePermission", why, {**at_alias, "StatementId": sid})


# Both are needed since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
GRANTS: dict[str, dict[str, Any]] = {
    OPEN_URL: {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
    OPEN_INVOKE: {"Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True},
}


def _own_tags(wanted: Wanted) -> dict[str, str]:
    code = wanted.code
    return {
        MADE: __version__,
        "leanfn-name": code.name,
        "leanfn-artifact": code.artifact,
        "leanfn-bundle": code.bundle,
        "leanfn-deployment": wanted.deployment,
    }


def _tags(wanted: Wanted, seen: Observed, weight: float | None) -> Iterator[Step]:
    """A function's tags tell what is live, so a canary changes none of leanfn's own."""
    if seen.latest is None:
        return
    own = _own_tags(wanted)
    changed = {key: value for key, value in (wanted.target.tags or {}).items() if seen.tags.get(key) != value}
    if weight is None and any(seen.tags.get(key) != own[key] for key in ("leanfn-artifact", "leanfn-bundle")):
        changed |= own
    if changed:
        changes = tuple(Change(key, seen.tags.get(key), value) for key, value in changed.items())
        arguments = {"Resource": seen.place.arn, "Tags": changed}
        yield Step("tags", "tidy", "TagResource", "tag it with what is live", arguments, changes=changes)


def _is_large(code: Code) -> bool:
    return AWS.package is not None and code.size > AWS.package


def _stored(wanted: Wanted, place: Place) -> Stored:
    if wanted.target.bucket is None:
        raise DeploymentError(
            f"{wanted.code.name}'s bundle is too large to be sent to Lambda directly\n"
            f"  wanted: at most {(AWS.package or 0) / 1e6:.1f} MB, or a bucket to send it through\n"
            f"  found:  {wanted.code.size / 1e6:.1f} MB\nName a bucket of this region with --bucket"
        )
    return Stored(wanted.target.bucket, f"leanfn/{place.name}/{wanted.code.bundle}.zip", place.partition)


def _remove_object(stored: Stored) -> Step:
    why = f"remove the code from {stored.bucket}, of which Lambda has its own copy"
    arguments = {"Bucket": stored.bucket, "Key": stored.key}
    return Step(f"object-{stored.key}", "tidy", "DeleteObject", why, arguments)
