"""The flags that Azure's commands share, in groups that travel together."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from leanfn.errors import DeploymentError, UsageError

from .target import Auth, Target

API_KEY_LEAST = 16  # characters


@dataclass(frozen=True, slots=True)
class Where:
    """Where a function is.

    Args:
        stage: which settings of pyproject.toml to take, and the end of the function's name
        subscription: its id; AZURE_SUBSCRIPTION_ID, or az's default one when not given
        group: the resource group; one of the function's own when not given
        storage_account: one of the group's; one of the function's own when not given
        emulate: on the Azure that is emulated on this machine
    """

    stage: str | None = None
    subscription: str | None = None
    group: str | None = None
    storage_account: str | None = None
    emulate: bool = False


@dataclass(frozen=True, slots=True)
class How:
    """How a command goes about its plan.

    Args:
        dry_run: print the plan, and change nothing
        json: print for programs
    """

    dry_run: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class VersionFlags:
    """What a version runs with; None keeps what is deployed.

    Args:
        name: the function's name; the artifact's with hyphens when not given
        memory: MB of an instance, on Flex Consumption: 512, 2048 or 4096
        timeout: seconds that an answer may take: 1 to 230
        python: the version of Python, such as 3.13
        cors: origins whose pages may call it, or *; none with --cors=
        api_key: a key that callers must send as x-api-key; only its digest is kept. None with --api-key=
        env: variables of the function, in place of those that are deployed
        secret: variable=VAULT/SECRET of Key Vault, in place of those that are deployed
    """

    name: str | None = None
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    cors: list[str] | None = None
    api_key: str | None = None
    env: dict[str, str] | None = None
    secret: dict[str, str] | None = None

    def target(self) -> Target:
        """The same, checked."""
        return Target(
            memory=self.memory,
            timeout=self.timeout,
            python=self.python,
            env=self.env,
            secrets=self.secret,
            cors=None if self.cors is None else ",".join(self.cors),
            api_key_sha256=_digest(self.api_key),
        )


@dataclass(frozen=True, slots=True)
class FunctionFlags(VersionFlags):
    """What a function has besides its versions.

    Args:
        region: such as westeurope; wanted for the first deployment
        plan: FC1 (Flex Consumption), a size with slots such as EP1 or P1v3, or the id of a plan that is there
        public: let everybody call it; --no-public takes that back
        auth: who may call: key wants the function key, entra a token of Microsoft Entra
        entra_client: the client id of the app registration that tokens are for
    """

    region: str | None = None
    plan: str | None = None
    public: bool | None = None
    auth: Literal["key", "entra"] | None = None
    entra_client: str | None = None

    def target(self) -> Target:
        """The same, checked."""
        if self.public and self.auth:
            raise UsageError(f"--public lets everybody in, and --auth={self.auth} does not\nGive one of them")
        level: Auth | None = self.auth
        if level is None and self.public is not None:
            level = "anonymous" if self.public else "key"
        version = VersionFlags.target(self)
        return replace(version, region=self.region, plan=self.plan, auth=level, client=self.entra_client)


def _digest(key: str | None) -> str | None:
    """The digest of a key that callers will send; an empty key stands for none."""
    if not key:
        return key
    if not re.fullmatch(rf"[!-~]{{{API_KEY_LEAST},256}}", key):
        raise DeploymentError(
            f"--api-key is sent as a header and guessed at\n  wanted: {API_KEY_LEAST} to 256 visible ASCII characters\n"
            f"  found:  {len(key)} characters\nMake one: openssl rand -hex 24"
        )
    return sha256(key.encode()).hexdigest()
