"""The flags that commands have in common."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from leanfn.errors import UsageError

from .target import Auth, Target


@dataclass(frozen=True, slots=True)
class Where:
    """Where the function is.

    Args:
        stage: a copy of its own, such as test: it is added to the name
        subscription: its id; AZURE_SUBSCRIPTION_ID, or az's default one when not given
        group: the resource group; one of the function's own when not given
        storage_account: an account of the group; one of the function's own when not given
        emulate: use the Azure that is emulated on this machine
    """

    stage: str | None = None
    subscription: str | None = None
    group: str | None = None
    storage_account: str | None = None
    emulate: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What is wanted of it; what is not given is kept as it is deployed.

    Args:
        region: where it runs, such as westeurope; wanted for the first deployment
        plan: FC1 (Flex Consumption), a size with slots such as EP1 or P1v3, or the id of a plan that is there
        memory: MB of an instance, on Flex Consumption
        timeout: seconds that a call may take
        python: the version of Python
        public: anybody may call; --no-public closes it again
        auth: who may call: key wants the function key, entra a token of Microsoft Entra
        entra_client: the client id of the app registration that tokens are for
        cors: the origins whose pages may call a public function, or *
        api_key: a key that leanfn checks itself, for a public function; only its digest is stored
        env: variables of your own, all of them
        secret: variables whose values are in Key Vault, as NAME=VAULT/SECRET
    """

    region: str | None = None
    plan: str | None = None
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    public: bool | None = None
    auth: Literal["key", "entra"] | None = None
    entra_client: str | None = None
    cors: list[str] | None = None
    api_key: str | None = None
    env: dict[str, str] | None = None
    secret: dict[str, str] | None = None

    def target(self) -> Target:
        """The same, checked."""
        if self.public and self.auth:
            raise UsageError(f"--public lets anybody in, and --auth={self.auth} does not\nGive one of them")
        level: Auth | None = self.auth
        if level is None and self.public is not None:
            level = "anonymous" if self.public else "key"
        return Target(
            region=self.region,
            plan=self.plan,
            memory=self.memory,
            timeout=self.timeout,
            python=self.python,
            auth=level,
            client=self.entra_client,
            env=self.env,
            secrets=self.secret,
            cors=None if self.cors is None else ",".join(self.cors),
            api_key_sha256=sha256(self.api_key.encode()).hexdigest() if self.api_key else self.api_key,
        )
