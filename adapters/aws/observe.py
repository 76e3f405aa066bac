"""What AWS shows of a function: read, and nothing changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from leanfn.errors import DeploymentError, Transient

from .clients import Clients
from .errors import ask, code

ALIAS = "live"
ROLE_LIMIT = 64  # characters of a role's name
MADE = "leanfn"  # the tag by which leanfn knows what it made
LOGS_POLICY = "leanfn-logs"
SECRETS = "LEANFN_SECRETS"


@dataclass(frozen=True, slots=True)
class Mark:
    """What leanfn writes into a version's description: what it runs, and which run of leanfn made it."""

    artifact: str
    bundle: str
    deployment: str

    def __str__(self) -> str:
        return f"leanfn artifact={self.artifact} bundle={self.bundle} deployment={self.deployment}"


def mark(description: str) -> Mark | None:
    """The mark in a description, if leanfn wrote it."""
    found = re.fullmatch(r"leanfn artifact=(\w+) bundle=(\w+) deployment=(\w+)", description)
    return Mark(*found.groups()) if found else None


@dataclass(frozen=True, slots=True)
class Settings:
    """What a version runs with, besides its code."""

    runtime: str
    handler: str
    memory: int
    timeout: int
    arch: str
    role: str
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def secrets(self) -> dict[str, str]:
        """Variable -> what fills it: a secret's ARN, or ssm: and a parameter's name."""
        found: dict[str, str] = json.loads(self.environment.get(SECRETS, "{}"))
        return found


@dataclass(frozen=True, slots=True)
class Version:
    """A published version, or $LATEST."""

    number: str
    settings: Settings
    code: str  # the base64 of its sha256, as Lambda has it
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Live:
    """What the alias names. was: versions that were live before, the last one first."""

    version: str
    revision: str
    was: tuple[str, ...]
    canary: str | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Role:
    """The role that leanfn made for the function, with its inline policies."""

    boundary: str | None
    policies: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Group:
    """The function's log group. ours: whether leanfn made it."""

    ours: bool
    retention: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function is: what its resources are called there."""

    name: str
    region: str
    account: str
    partition: str = "aws"

    @property
    def arn(self) -> str:
        return f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def role_name(self) -> str:
        name = f"leanfn-{self.name}-{self.region}"
        return name if len(name) <= ROLE_LIMIT else f"{name[:55]}-{sha256(name.encode()).hexdigest()[:8]}"

    @property
    def role(self) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.role_name}"

    @property
    def group_name(self) -> str:
        return f"/aws/lambda/{self.name}"

    @property
    def group(self) -> str:
        return f"arn:{self.partition}:logs:{self.region}:{self.account}:log-group:{self.group_name}"


@dataclass(frozen=True, slots=True)
class Observed:
    """All of it; None and empty are what is not there."""

    place: Place
    latest: Version | None = None
    revision: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    concurrency: int | None = None
    versions: tuple[Version, ...] = ()
    live: Live | None = None
    url: str | None = None
    auth: str | None = None
    statements: frozenset[str] = frozenset()
    role: Role | None = None
    group: Group | None = None

    def version(self, number: str) -> Version:
        """A published version by its number."""
        return next(each for each in self.versions if each.number == number)


def locate(clients: Clients, name: str) -> Place:
    """Where the function is or will be: the account is the caller's."""
    identity = ask(clients["sts"].get_caller_identity)
    return Place(name, clients.region, identity["Account"], identity["Arn"].split(":")[1])


def observe(clients: Clients, place: Place, role: str | None = None) -> Observed:
    """What there is. role: one that was given, so that leanfn's own is not looked for.

    Raises DeploymentError for a function, a role or a log of that name that leanfn did not make.
    """
    found: dict[str, Any] = {}
    function = _there(clients["lambda"].get_function, FunctionName=place.name)
    if function is not None:
        found |= _function(clients, place, function)
    given = role or (found["latest"].settings.role if function is not None else place.role)
    if given == place.role:
        found["role"] = _role(clients, place)
    return Observed(place, group=_group(clients, place), **found)


def _function(clients: Clients, place: Place, function: Mapping[str, Any]) -> dict[str, Any]:
    tags = function.get("Tags", {})
    if MADE not in tags:
        raise DeploymentError(
            f"{place.name} is there, and leanfn did not make it\n  wanted: a name that is free, or a function with the "
            f"tag {MADE!r}\n  found:  {place.arn}\nChoose another name with --name"
        )
    client = clients["lambda"]
    configuration = function["Configuration"]
    if configuration.get("State") == "Pending" or configuration.get("LastUpdateStatus") == "InProgress":
        raise Transient(f"{place.name} is being changed")  # its revision changes once more when that is done
    found: dict[str, Any] = {
        "latest": _version(configuration),
        "revision": configuration["RevisionId"],
        "tags": tags,
        "concurrency": function.get("Concurrency", {}).get("ReservedConcurrentExecutions"),
        "versions": tuple(_version(each) for each in _versions(client, place.name)),
    }
    alias = _there(client.get_alias, FunctionName=place.name, Name=ALIAS)
    if alias is None:
        return found
    at_alias = {"FunctionName": place.name, "Qualifier": ALIAS}
    url = _there(client.get_function_url_config, **at_alias) or {}
    policy = _there(client.get_policy, **at_alias) or {"Policy": '{"Statement": []}'}
    return found | {
        "live": _live(alias),
        "url": url.get("FunctionUrl"),
        "auth": url.get("AuthType"),
        "statements": frozenset(each["Sid"] for each in json.loads(policy["Policy"])["Statement"]),
    }


def _versions(client: Any, name: str) -> Iterator[Mapping[str, Any]]:
    """The published versions, oldest first."""
    arguments = {"FunctionName": name}
    while True:
        page = ask(client.list_versions_by_function, **arguments)
        yield from (each for each in page["Versions"] if each["Version"] != "$LATEST")
        if not page.get("NextMarker"):
            return
        arguments["Marker"] = page["NextMarker"]


def _version(configuration: Mapping[str, Any]) -> Version:
    settings = Settings(
        configuration["Runtime"],
        configuration["Handler"],
        configuration["MemorySize"],
        configuration["Timeout"],
        configuration["Architectures"][0],
        configuration["Role"],
        configuration.get("Environment", {}).get("Variables", {}),
    )
    description = configuration.get("Description", "")
    return Version(configuration["Version"], settings, configuration["CodeSha256"], mark(description))


def _live(alias: Mapping[str, Any]) -> Live:
    was = re.search(r"was=([\d,]*)", alias.get("Description", ""))
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    canary, weight = next(iter(weights.items()), (None, 0.0))
    return Live(
        alias["FunctionVersion"],
        alias["RevisionId"],
        tuple(filter(None, was[1].split(","))) if was else (),
        canary,
        weight,
    )


def _role(clients: Clients, place: Place) -> Role | None:
    client = clients["iam"]
    role = _there(client.get_role, RoleName=place.role_name)
    if role is None:
        return None
    check_role(place, role["Role"])
    names = ask(client.list_role_policies, RoleName=place.role_name)["PolicyNames"]
    policies = {
        name: ask(client.get_role_policy, RoleName=place.role_name, PolicyName=name)["PolicyDocument"]
        for name in names
    }
    return Role(role["Role"].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"), policies)


def check_role(place: Place, role: Mapping[str, Any]) -> None:
    """Refuse a role that was not made for this function."""
    tags = {each["Key"]: each["Value"] for each in role.get("Tags", [])}
    if tags.get("leanfn-function") != place.arn:
        raise DeploymentError(
            f"the role {place.role_name} is there, and leanfn did not make it for {place.name}\n"
            f"  wanted: a role with the tag leanfn-function={place.arn}\n  found:  {role['Arn']}\n"
            "Choose another name with --name, or give a role of your own with --role"
        )


def _group(clients: Clients, place: Place) -> Group | None:
    found = ask(clients["logs"].describe_log_groups, logGroupNamePrefix=place.group_name)["logGroups"]
    group = next((each for each in found if each["logGroupName"] == place.group_name), None)
    if group is None:
        return None
    tags = ask(clients["logs"].list_tags_for_resource, resourceArn=place.group).get("tags", {})
    return Group(tags.get("leanfn-function") == place.arn, group.get("retentionInDays"))


def _there(method: Any, **arguments: Any) -> Any:
    """What is asked for, or None when it is not there."""
    try:
        return ask(method, **arguments)
    except DeploymentError as error:
        if code(error) in ("ResourceNotFoundException", "NoSuchEntity", "404"):
            return None
        raise
