"""What is there on Google: reads only, one value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from leanfn.errors import DeploymentError

from .target import BUNDLE, MADE, VERSION, Place, Settings
from .traffic import Share, Shares

if TYPE_CHECKING:
    from ..deployment import Terminal
    from ..execute import Patience
    from .clients import Clients

INVOKER, EVERYBODY = "roles/run.invoker", "allUsers"
ACCESSOR = "roles/secretmanager.secretAccessor"
UNDER_WAY = ("DEPLOYING", "DELETING")
ACCOUNT_MARK = "made by leanfn for the function "  # how a service account's description begins


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision: its short name, the artifact's version and the bundle that it runs, when it was made."""

    name: str
    version: str
    bundle: str
    created: str
    secrets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observed:
    """A function as it is. settings None: there is none. ours: leanfn made it.

    state: ACTIVE, FAILED, DEPLOYING, …; messages: what Google says about it. shares: who gets which traffic;
    floating: the newest revision would get it by itself. latest: the newest revision that can answer.
    account: the service account of its own is there. granted: the secrets that its account may read;
    missing: those that are not there.
    taken: a Cloud Run service, and no function, has the name.
    """

    settings: Settings | None = None
    ours: bool = False
    state: str = ""
    messages: str = ""
    url: str = ""
    shares: Shares = ()
    floating: bool = False
    latest: str = ""
    revisions: tuple[Revision, ...] = ()
    public: bool = False
    account: bool = False
    granted: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    taken: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)

    def revision(self, name: str) -> Revision | None:
        """A revision by its short name."""
        return next((each for each in self.revisions if each.name == name), None)


def observe(clients: Clients, place: Place) -> Observed:
    """Look at the function of this name and at all that belongs to it."""
    account = _account_is_ours(clients, place)
    function = clients.get_function(place.function)
    service = clients.get_service(place.service)
    if function is None:
        return Observed(account=account, taken=service is not None)
    settings = read_settings(function, place)
    state = type(function.state)(function.state).name
    messages = "; ".join(message.message for message in function.state_messages)
    found = Observed(
        settings=settings,
        ours=MADE in function.labels,
        state=state,
        messages=messages,
        labels=dict(function.labels),
        account=account,
    )
    if service is None:
        return found
    shares, floating = read_shares(service)
    revisions = tuple(read_revision(each) for each in clients.list_revisions(place.service))
    return Observed(
        settings=settings,
        ours=found.ours,
        state=state,
        messages=messages,
        url=service.uri,
        shares=shares,
        floating=floating,
        latest=short(service.latest_ready_revision),
        revisions=revisions,
        public=EVERYBODY in members(clients.find_policy("run", place.service) or {}, INVOKER),
        account=account,
        labels=found.labels,
    )


def read_settings(function: Any, place: Place) -> Settings:
    """A function's settings as its message has them."""
    build, service = function.build_config, function.service_config
    return Settings(
        python=re.sub(r"python(\d)(\d+)", r"\1.\2", build.runtime),
        account=service.service_account_email or place.account,
        memory=_megabytes(service.available_memory),
        timeout=service.timeout_seconds or None,
        cpu=service.available_cpu or None,
        concurrency=service.max_instance_request_concurrency or None,
        min_instances=service.min_instance_count,
        max_instances=service.max_instance_count or None,
        env=dict(sorted(service.environment_variables.items())),
        secrets={
            each.key: f"{each.secret.rpartition('/')[2]}:{each.version or 'latest'}"
            for each in sorted(service.secret_environment_variables, key=lambda each: each.key)
        },
        labels={
            name: text
            for name, text in sorted(function.labels.items())
            if not name.startswith(("leanfn", "goog", "deployment-tool"))
        },
    )


def read_shares(service: Any) -> tuple[Shares, bool]:
    """Who gets which traffic, the newest revision by its name, and whether it gets some for being the newest."""
    latest = short(service.latest_ready_revision)
    shares = tuple(Share(each.revision or latest, each.percent, each.tag) for each in service.traffic)
    return shares, any(not each.revision for each in service.traffic)


def read_revision(revision: Any) -> Revision:
    """A revision as its environment describes it."""
    env, secrets = {}, []
    for container in revision.containers:
        for each in container.env:
            env[each.name] = each.value
            if each.value_source.secret_key_ref.secret:
                secrets.append(each.value_source.secret_key_ref.secret.rpartition("/")[2])
    created = revision.create_time.isoformat(timespec="seconds") if revision.create_time else ""
    return Revision(
        short(revision.name), env.get(VERSION, ""), env.get(BUNDLE, ""), created, tuple(sorted(secrets))
    )


def members(policy: Any, role: str) -> set[str]:
    """Who has a role without conditions."""
    return {
        member
        for binding in policy.get("bindings", ())
        if binding["role"] == role and not binding.get("condition")
        for member in binding.get("members", ())
    }


def settled(clients: Clients, place: Place, patience: Patience, screen: Terminal) -> Observed:
    """What is there once no build is under way: one that an interrupted deployment began goes on without it."""
    start, told = patience.clock(), False
    while (seen := observe(clients, place)).state in UNDER_WAY:
        if patience.clock() - start > patience.budget:
            raise DeploymentError(
                f"{place.name} is still {seen.state} after {patience.budget:.0f} s\nRun the same command again later"
            )
        if not told:
            print(f"{place.name} is {seen.state}; waiting until that has ended", file=screen.stderr)
            told = True
        patience.sleep(patience.first)
    return seen


def with_grants(
    seen: Observed, clients: Clients, place: Place, account: str, names: Iterable[str]
) -> Observed:
    """Which of these secrets the account may read already."""
    member = f"serviceAccount:{account}"
    policies = {name: clients.find_policy("secretmanager", place.secret(name)) for name in sorted(set(names))}
    return replace(
        seen,
        granted=frozenset(
            name for name, policy in policies.items() if policy and member in members(policy, ACCESSOR)
        ),
        missing=frozenset(name for name, policy in policies.items() if policy is None),
    )


def secret_names(settings: Settings) -> set[str]:
    """The secrets that settings name, without their versions."""
    return {text.partition(":")[0] for text in settings.secrets.values()}


def owned(seen: Observed, place: Place) -> None:
    """Refuse what leanfn did not make."""
    if seen.taken or (seen.settings is not None and not seen.ours):
        what = "Cloud Run service" if seen.taken else "function"
        raise DeploymentError(
            f"{place.name} is the name of a {what} that leanfn did not make\n"
            f"  at:     {place.service if seen.taken else place.function}\n"
            "Take another name with --name"
        )


def required(seen: Observed, place: Place) -> Settings:
    """The settings of a function that is there and ours, or an error that says where it was looked for."""
    owned(seen, place)
    if seen.settings is None:
        raise DeploymentError(
            f"there is no function {place.name} in {place.region} of {place.project}\n"
            "Deploy one with 'leanfn google deploy', or name another place with --project and --region"
        )
    return seen.settings


def short(name: str) -> str:
    """The last part of a resource's name."""
    return name.rpartition("/")[2]


def _account_is_ours(clients: Clients, place: Place) -> bool:
    found = clients.get_account(place.project, place.account)
    if found is None:
        return False
    if found.get("description") != ACCOUNT_MARK + place.name:
        raise DeploymentError(
            f"{place.account} is a service account that leanfn did not make for {place.name}\n"
            f"  found:  {found.get('description', 'no description')!r}\nName one with --service-account"
        )
    return True


def _megabytes(text: str) -> int | None:
    """Google's way to write memory: 256M, 256Mi, 1G, 1Gi."""
    match = re.fullmatch(r"(\d+)(M|Mi|G|Gi)B?", text)
    if match is None:
        return None
    return int(match[1]) * (1024 if match[2].startswith("G") else 1)
