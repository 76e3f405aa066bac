"""The steps that set up what a function has around it: its log, its role, who may call it, its tags."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from leanfn import __version__

from ..plan import Change, Step
from .observe import ALIAS, LOGS_POLICY, MADE, Observed, Place, Settings
from .target import Target
from .wanted import Wanted

RETENTION = 30  # days that a log is kept
OPEN_URL, OPEN_INVOKE = "leanfn-public-url", "leanfn-public-invoke"
SECRET_POLICY = "leanfn-secret-"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def log_steps(seen: Observed) -> Iterator[Step]:
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


def role_steps(wanted: Wanted, seen: Observed) -> Iterator[Step]:
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


def ungrant_steps(settings: Settings, seen: Observed) -> Iterator[Step]:
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


def access_steps(target: Target, seen: Observed) -> Iterator[Step]:
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


def own_tags(wanted: Wanted) -> dict[str, str]:
    code = wanted.code
    return {
        MADE: __version__,
        "leanfn-name": code.name,
        "leanfn-artifact": code.artifact,
        "leanfn-bundle": code.bundle,
        "leanfn-deployment": wanted.deployment,
    }


def tag_steps(wanted: Wanted, seen: Observed, weight: float | None) -> Iterator[Step]:
    """A function's tags tell what is live, so a canary changes none of leanfn's own."""
    if seen.latest is None:
        return
    own = own_tags(wanted)
    changed = {key: value for key, value in (wanted.target.tags or {}).items() if seen.tags.get(key) != value}
    if weight is None and any(seen.tags.get(key) != own[key] for key in ("leanfn-artifact", "leanfn-bundle")):
        changed |= own
    if changed:
        changes = tuple(Change(key, seen.tags.get(key), value) for key, value in changed.items())
        arguments = {"Resource": seen.place.arn, "Tags": changed}
        yield Step("tags", "tidy", "TagResource", "tag it with what is live", arguments, changes=changes)
