"""What is wanted of a function on Google: made of the flags, with every rule of names, limits and values.

https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from leanfn.errors import DeploymentError
from leanfn.platforms import GOOGLE

from ..flags import api_key_digest, checked_origins
from ..names import checked, cloud_name
from .flags import FunctionFlags

# Cloud Run makes one DNS label of tag, name and its own marks: 46 characters are left for a tag of four and the name.
# https://cloud.google.com/run/docs/rollouts-rollbacks-traffic-migration#tags
LONGEST_NAME = 42
NAME = r"[a-z]([-a-z0-9]{0,40}[a-z0-9])?"
LONGEST_ACCOUNT = 30  # https://cloud.google.com/iam/docs/service-accounts-create
LONGEST_LABEL = 63  # https://cloud.google.com/resource-manager/docs/labels-overview
MOST_LABELS = 64
MOST_INSTANCES = 1000
MOST_CONCURRENT = 1000
CPUS = (1.0, 2.0, 4.0, 6.0, 8.0)  # or less than one
LEAST_CPU = 0.08
# What a function gets when no --cpu is given. https://cloud.google.com/functions/docs/configuring/memory
CPU_OF_MEMORY = {
    128: 0.083,
    256: 0.167,
    512: 0.333,
    1024: 0.583,
    2048: 1,
    4096: 2,
    8192: 2,
    16_384: 4,
    32_768: 8,
}
MEMORY_OF_CPU = {4.0: 2048, 6.0: 4096, 8.0: 4096}  # the least
# https://cloud.google.com/functions/docs/configuring/env-var#reserved_names
RESERVED = {
    "FUNCTION_TARGET",
    "FUNCTION_SIGNATURE_TYPE",
    "K_SERVICE",
    "K_REVISION",
    "K_CONFIGURATION",
    "PORT",
}

# What a revision says of itself in its environment: labels do not reach it, and a failed build leaves them ahead of it.
BUNDLE, VERSION = "LEANFN_BUNDLE", "LEANFN_VERSION"
KEY, CORS = "LEANFN_API_KEY_SHA256", "LEANFN_CORS"
OWN = {BUNDLE: "", VERSION: "", KEY: "use --api-key", CORS: "use --cors"}

# Labels, which say what is ours.
MADE, LABEL_VERSION, LABEL_BUNDLE, LABEL_DEPLOYMENT = (
    "leanfn-made", "leanfn-version", "leanfn-bundle", "leanfn-deployment",
)  # fmt: skip
DIGITS = 32  # of a bundle's digest, which has more than a label may hold

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a function is set to; None is the platform's default. secrets: variable -> NAME:VERSION."""

    python: str
    account: str
    memory: int | None = None
    timeout: int | None = None
    cpu: str | None = None
    concurrency: int | None = None
    min_instances: int | None = None
    max_instances: int | None = None
    env: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function is: its project, its region and its name there."""

    project: str
    region: str
    name: str

    @property
    def parent(self) -> str:
        return f"projects/{self.project}/locations/{self.region}"

    @property
    def function(self) -> str:
        return f"{self.parent}/functions/{self.name}"

    @property
    def service(self) -> str:
        return f"{self.parent}/services/{self.name}"

    @property
    def account(self) -> str:
        """The address of the service account of its own."""
        return f"{cloud_name(f'leanfn-{self.name}', None, LONGEST_ACCOUNT)}@{self.project}.iam.gserviceaccount.com"

    def secret(self, name: str) -> str:
        return f"projects/{self.project}/secrets/{name}"


@dataclass(frozen=True, slots=True)
class Target:
    """A function as it should be. bundle, version: digests of what runs there; archive: the bundle's zip."""

    place: Place
    settings: Settings
    bundle: str
    version: str
    deployment: str
    artifact: Path
    archive: Path
    public: bool | None = None


def typed(name: str) -> str:
    """A name that somebody typed, if Google takes it as it is."""
    return checked(name, NAME, f"1 to {LONGEST_NAME} of a-z, 0-9 and -, a letter first, no - at the end")


def wanted_settings(flags: FunctionFlags, place: Place, old: Settings | None) -> Settings:
    """The settings that flags make of those that are deployed; DeploymentError for what Google would refuse later."""
    old = old or Settings(GOOGLE.default_python, place.account)
    account = _account(flags.service_account, place.project) or old.account
    settings = replace(
        old,
        python=flags.python or old.python,
        account=account,
        memory=_given(_memory(flags.memory), old.memory),
        timeout=_given(_within("timeout", flags.timeout, 1, GOOGLE.timeout, "seconds"), old.timeout),
        cpu=_given(_cpu(flags.cpu), old.cpu),
        concurrency=_given(_within("concurrency", flags.concurrency, 1, MOST_CONCURRENT), old.concurrency),
        min_instances=_given(
            _within("min-instances", flags.min_instances, 0, MOST_INSTANCES), old.min_instances
        ),
        max_instances=_given(
            _within("max-instances", flags.max_instances, 1, MOST_INSTANCES), old.max_instances
        ),
        env=_env(flags, old.env),
        secrets=_given(_secrets(flags.secret), old.secrets),
        labels=_given(_labels(flags.labels), old.labels),
    )
    _check_together(settings, place)
    return settings


def with_identity(settings: Settings, bundle: str, version: str) -> Settings:
    """The settings of a revision that runs this bundle."""
    return replace(settings, env={**settings.env, BUNDLE: bundle[:DIGITS], VERSION: version})


def percent(weight: float) -> int:
    """A canary's share as Cloud Run counts it."""
    share = round(weight * 100)
    if abs(weight * 100 - share) > 1e-9 or not 1 <= share <= 99:
        raise DeploymentError(
            f"--weight is a share of the traffic in whole percents\n  wanted: 0.01 to 0.99\n  found:  {weight:g}"
        )
    return share


def _given(typed: Value | None, old: Value) -> Value:
    return old if typed is None else typed


def _within(flag: str, value: int | None, low: int, high: int, unit: str = "") -> int | None:
    if value is not None and not low <= value <= high:
        raise DeploymentError(
            f"--{flag} is out of range\n  wanted: {low} to {high} {unit}".rstrip() + f"\n  found:  {value}"
        )
    return value


def _memory(value: int | None) -> int | None:
    if value is not None and value not in GOOGLE.memory_sizes:
        raise DeploymentError(
            "--memory is no size that Google has\n"
            f"  wanted: one of {', '.join(map(str, GOOGLE.memory_sizes))} MB\n  found:  {value}"
        )
    return value


def _cpu(value: float | None) -> str | None:
    if value is not None and value not in CPUS and not LEAST_CPU <= value < 1:
        raise DeploymentError(
            f"--cpu is no number of CPUs that Google has\n"
            f"  wanted: {LEAST_CPU} up to 1, or one of {', '.join(f'{each:g}' for each in CPUS)}\n  found:  {value:g}"
        )
    return None if value is None else f"{value:g}"


def _check_together(settings: Settings, place: Place) -> None:
    """Rules between two settings, one of which may be deployed already."""
    memory = settings.memory or GOOGLE.default_memory
    cpu = float(settings.cpu) if settings.cpu else CPU_OF_MEMORY.get(memory, 1)
    if (settings.concurrency or 1) > 1 and cpu < 1:
        raise DeploymentError(
            f"{place.name} cannot answer {settings.concurrency} requests at once with less than one CPU\n"
            f"  wanted: 1 CPU or more\n  found:  {cpu:g}, which comes with {memory} MB\nAdd --cpu=1"
        )
    if memory < (least := MEMORY_OF_CPU.get(cpu, 0)) and settings.cpu:
        raise DeploymentError(
            f"{cpu:g} CPUs come with more memory\n  wanted: {least} MB or more\n  found:  {memory}\n"
            f"Add --memory={least}"
        )
    if settings.max_instances is not None and (settings.min_instances or 0) > settings.max_instances:
        raise DeploymentError(
            "fewer instances are allowed than are to be kept ready\n"
            f"  wanted: --min-instances of at most {settings.max_instances}\n  found:  {settings.min_instances}"
        )
    if twice := settings.env.keys() & settings.secrets.keys():
        raise DeploymentError(f"{min(twice)} is in --env and in --secret\nKeep it in one of them")


def _account(value: str | None, project: str) -> str | None:
    if value is None:
        return None
    address = value if "@" in value else f"{value}@{project}.iam.gserviceaccount.com"
    return checked_account(address)


def checked_account(address: str) -> str:
    """The address of a service account, if it looks like one."""
    if not re.fullmatch(r"[a-z0-9][-a-z0-9.]*@[-a-z0-9.:]+\.gserviceaccount\.com", address):
        raise DeploymentError(
            "--service-account names no service account\n"
            f"  wanted: name or name@project.iam.gserviceaccount.com\n  found:  {address[:120]!r}"
        )
    return address


def _env(flags: FunctionFlags, old: Mapping[str, str]) -> dict[str, str]:
    """The variables: those of the user as a whole, and each that belongs to a flag."""
    env = {name: text for name, text in old.items() if name in OWN or flags.env is None}
    for name, text in (flags.env or {}).items():
        _check_variable("--env", name)
        env[name] = text
    if flags.cors is not None:
        env[CORS] = ",".join(checked_origins(flags.cors))
    if flags.api_key is not None:
        env[KEY] = api_key_digest(flags.api_key) or ""
    return {name: text for name, text in sorted(env.items()) if text or name not in OWN}


def _check_variable(flag: str, name: str) -> None:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII):
        raise DeploymentError(
            f"{name[:120]!r} cannot name a variable\n  wanted: letters, digits and _, no digit first\n"
            f"  in:     {flag}"
        )
    if name in OWN or name in RESERVED or name.startswith("X_GOOGLE_"):
        raise DeploymentError(
            f"{name} is set by {'leanfn' if name in OWN else 'Google'}\n  in:     {flag}\n"
            + (OWN.get(name, "").capitalize() or "Choose another name")
        )


def _secrets(typed: Mapping[str, str] | None) -> dict[str, str] | None:
    if typed is None:
        return None
    secrets = {}
    for variable, text in typed.items():
        _check_variable("--secret", variable)
        name, _, version = text.partition(":")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,255}", name, re.ASCII) or not re.fullmatch(
            r"latest|[1-9][0-9]*", version or "latest", re.ASCII
        ):
            raise DeploymentError(
                f"--secret={variable}={text[:120]} names no secret\n"
                f"  wanted: {variable}=NAME or {variable}=NAME:VERSION\n  found:  {text[:120]!r}"
            )
        secrets[variable] = f"{name}:{version or 'latest'}"
    return dict(sorted(secrets.items()))


def _labels(typed: Mapping[str, str] | None) -> dict[str, str] | None:
    """Labels as Google takes them: lower case, and _ for what is no letter, digit, - or _."""
    if typed is None:
        return None
    labels: dict[str, str] = {}
    for key, value in typed.items():
        mapped, text = _plain(key), _plain(value)
        if not re.match("[a-z]", mapped) or mapped.startswith(("leanfn", "goog")):
            raise DeploymentError(
                f"--labels: {key[:120]!r} cannot be a label\n"
                "  wanted: a letter first, and neither goog nor leanfn, which are taken\n"
                f"  found:  {mapped[:120]!r}"
            )
        for part in (mapped, text):
            if len(part) > LONGEST_LABEL:
                raise DeploymentError(
                    f"--labels: {key[:120]!r} is too long\n  wanted: at most {LONGEST_LABEL} characters\n"
                    f"  found:  {len(part)}"
                )
        if mapped in labels:
            raise DeploymentError(f"--labels: two of them become {mapped!r}\nName one of them otherwise")
        labels[mapped] = text
    if len(labels) > MOST_LABELS - 4:
        raise DeploymentError(
            f"--labels are too many\n  wanted: at most {MOST_LABELS - 4}\n  found:  {len(labels)}"
        )
    return dict(sorted(labels.items()))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "_", text.lower())
