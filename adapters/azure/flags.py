"""The flags that Azure's commands have besides those of every cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from leanfn.errors import UsageError

from .. import flags
from .target import Auth, Target


@dataclass(frozen=True, slots=True)
class Where(flags.Where):
    """Where a function is.

    Args:
        region: where it runs, such as westeurope; wanted for the first deployment
        subscription: its id; AZURE_SUBSCRIPTION_ID, or az's default one when not given
        group: the resource group; one of the function's own when not given
        storage_account: one of the group's; one of the function's own when not given
    """

    subscription: str | None = None
    group: str | None = None
    storage_account: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionFlags(flags.FunctionFlags):
    """What a function is to be.

    Args:
        plan: FC1 (Flex Consumption), a size with slots such as EP1 or P1v3, or the id of a plan that is there
        auth: who may call: key wants the function key, entra a token of Microsoft Entra
        entra_client: the client id of the app registration that tokens are for
    """

    plan: str | None = None
    auth: Literal["key", "entra"] | None = None
    entra_client: str | None = None

    def target(self, region: str | None) -> Target:
        """The same, checked."""
        if self.public and self.auth:
            raise UsageError(f"--public lets everybody in, and --auth={self.auth} does not\nGive one of them")
        level: Auth | None = self.auth
        if level is None and self.public is not None:
            level = "anonymous" if self.public else "key"
        return Target(
            region=region,
            plan=self.plan,
            memory=self.memory,
            timeout=self.timeout,
            python=self.python,
            auth=level,
            client=self.entra_client,
            env=self.env,
            secrets=self.secret,
            cors=None if self.cors is None else ",".join(flags.checked_origins(self.cors)),
            api_key_sha256=flags.api_key_digest(self.api_key),
        )
