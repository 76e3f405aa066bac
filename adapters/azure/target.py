"""What is wanted of a function on Azure: the flags, checked, and the names that follow from them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from leanfn.errors import DeploymentError
from leanfn.platforms import AZURE

from ..names import checked

# The host knows an app by the first 32 characters of its name, and two of one id share their locks and keys:
# https://learn.microsoft.com/azure/azure-functions/storage-considerations#host-id-considerations
SITE_LONGEST = 32
DIGEST = 6  # of what makes a site's name, which is global, this subscription's own
NAME_LONGEST = SITE_LONGEST - DIGEST - 1
FLEX = "FC1"
# Elastic Premium, and the dedicated plans that have slots: https://learn.microsoft.com/azure/azure-functions/functions-scale
WITH_SLOTS = ("EP1", "EP2", "EP3", "S1", "S2", "S3", "P0v3", "P1v3", "P2v3", "P3v3")
PREMIUM = ("EP1", "EP2", "EP3")
SLOT = "candidate"  # where a version is probed, and where the previous one waits

REFERENCE = "@Microsoft.KeyVault("
Auth = Literal["key", "entra", "anonymous"]

# What the platform's settings are called; users' own variables are all the others.
RESERVED = re.compile(
    r"(?i)(AzureWebJobs|AzureFunctions|FUNCTIONS_|WEBSITE_|SCM_|ENABLE_ORYX|APPLICATIONINSIGHTS_|APPINSIGHTS_|DEPLOYMENT_|PYTHON_|LEANFN_).*"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function is, which every command needs: subscription, group, and the names that follow."""

    subscription: str
    group: str
    name: str

    @property
    def site(self) -> str:
        """Global, and so with something of the subscription in it: heart-1a2b3c.azurewebsites.net."""
        return f"{self.name}-{self._digest(DIGEST)}"

    @property
    def storage(self) -> str:
        """Global too, and of 24 letters and digits at most."""
        return f"leanfn{self._digest(18)}"

    @property
    def container(self) -> str:
        """Where its packages and its record lie."""
        return f"leanfn-{self.name}"

    @property
    def scope(self) -> str:
        """The group's resource id."""
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}"

    def resource(self, kind: str, name: str | None = None) -> str:
        """The id of a resource in the group; kind as in Microsoft.Web/sites."""
        return f"{self.scope}/providers/{kind}/{name or self.site}"

    def _digest(self, length: int) -> str:
        return sha256(f"{self.subscription}/{self.group}/{self.name}".lower().encode()).hexdigest()[:length]


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked for; None keeps what is deployed, or else is the platform's own default.

    plan: a size such as FC1 or EP1, or the name or id of a plan that is there.
    env: the user's variables, all of them. secrets: name -> VAULT/SECRET in Key Vault. settings: LEANFN_*.
    """

    region: str | None = None
    plan: str | None = None
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    auth: Auth | None = None
    client: str | None = None
    env: Mapping[str, str] | None = None
    secrets: Mapping[str, str] | None = None
    cors: str | None = None
    api_key_sha256: str | None = None

    def __post_init__(self) -> None:
        if self.memory is not None and self.memory not in AZURE.memory_sizes:
            raise _wrong("--memory", f"one of {', '.join(map(str, AZURE.memory_sizes))} MB", f"{self.memory}")
        if self.timeout is not None and not 1 <= self.timeout <= AZURE.timeout:
            raise _wrong(
                "--timeout", f"1 to {AZURE.timeout} seconds, the load balancer's limit", str(self.timeout)
            )
        if self.python is not None and self.python not in AZURE.pythons:
            raise _wrong("--python", f"one of {', '.join(AZURE.pythons)}", self.python)
        if (
            self.auth == "entra"
            and self.client is not None
            and not re.fullmatch(r"[0-9a-fA-F-]{36}", self.client)
        ):
            raise _wrong("--entra-client", "the client id of an app registration", self.client)
        for name in (*(self.env or {}), *(self.secrets or {})):
            if RESERVED.fullmatch(name) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
                raise _wrong(
                    "--env", "names of your own: letters, digits and _, none that the platform uses", name
                )
        if twice := (self.env or {}).keys() & (self.secrets or {}).keys():
            raise DeploymentError(f"{min(twice)} is in --env and in --secret\nKeep it in one of them")
        for name, secret in (self.secrets or {}).items():
            if not re.fullmatch(r"[A-Za-z0-9-]{3,24}/[A-Za-z0-9-]{1,127}(/[0-9a-f]{32})?", secret):
                raise _wrong("--secret", f"{name}=VAULT/SECRET or {name}=VAULT/SECRET/VERSION", secret)

    @property
    def references(self) -> dict[str, str] | None:
        """The secrets as settings: the platform puts their values in their place."""
        if self.secrets is None:
            return None
        return {name: reference(secret) for name, secret in self.secrets.items()}


def reference(secret: str) -> str:
    """https://learn.microsoft.com/azure/app-service/app-service-key-vault-references"""
    vault, name, *version = secret.split("/")
    end = f";SecretVersion={version[0]}" if version else ""
    return f"{REFERENCE}VaultName={vault};SecretName={name}{end})"


def is_reference(value: str) -> bool:
    """Whether a setting stands for a secret."""
    return value.startswith(REFERENCE)


def place(subscription: str, group: str | None, name: str) -> Place:
    """Where the function of this name is.

    Raises DeploymentError for a name, or a group, that Azure does not take.
    """
    wanted = f"2 to {NAME_LONGEST} lower-case letters, digits and single hyphens, the first a letter"
    checked(name, rf"(?=.{{2,{NAME_LONGEST}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*", wanted)
    group = group or f"leanfn-{name}"
    if not re.fullmatch(r"[-\w.()]{0,89}[-\w()]", group):
        raise _wrong("--group", "a resource group's name: letters, digits and -_.()", group)
    return Place(subscription, group, name)


def _wrong(flag: str, wanted: str, found: str) -> DeploymentError:
    return DeploymentError(f"{flag} does not take this value\n  wanted: {wanted}\n  found:  {found[:120]!r}")
