"""The client libraries, opened for the signed-in user, or for the Azure that is emulated on this machine."""

from __future__ import annotations

import json
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leanfn.errors import DeploymentError

POLL = 5  # seconds
PAUSE = 2  # seconds
LOGS = "https://api.loganalytics.azure.com"


@dataclass(frozen=True, slots=True)
class Clients:
    """web, storage and resources: Azure Resource Manager's; plain: for what lies elsewhere. logs: where they are asked for.

    poll: seconds between two looks at what is under way; pause: the first one of the storage library's between its tries.
    """

    subscription: str
    credential: Any
    web: Any
    storage: Any
    resources: Any
    plain: Any
    options: Mapping[str, Any]
    certificate: str | None
    logs: str
    poll: float
    pause: int

    def container(self, endpoint: str, account: str, key: str, name: str) -> Any:
        """A container of blobs. endpoint: the account's, as Resource Manager has it."""
        from azure.storage.blob import ContainerClient

        credential = {"account_name": account, "account_key": key}
        waits = dict.fromkeys(("initial_backoff", "increment_base", "random_jitter_range"), self.pause)
        return ContainerClient(endpoint, name, credential=credential, **waits, **self.options)

    def token(self, audience: str) -> str:
        """A token for something other than Resource Manager."""
        return str(self.credential.get_token(f"{audience}/.default").token)

    def trust(self) -> ssl.SSLContext:
        """Whom to believe when a function is called: the world's authorities, or the emulator's own certificate."""
        return ssl.create_default_context(cafile=self.certificate)


def open_clients(subscription: str | None, emulated: Mapping[str, str] | None = None) -> Clients:
    """emulated: what the emulator says of itself; None is the real Azure."""
    try:
        from azure.core import PipelineClient
        from azure.identity import ClientSecretCredential, DefaultAzureCredential
        from azure.mgmt.resource.resources import ResourceManagementClient
        from azure.mgmt.storage import StorageManagementClient
        from azure.mgmt.web import WebSiteManagementClient
    except ImportError as error:
        raise DeploymentError(
            f"Azure's client libraries are not installed: {error.name}\nInstall them: pip install 'leanfn[azure]'"
        ) from error
    if emulated is None:
        credential: Any = DefaultAzureCredential()
        options: dict[str, Any] = {}
        management: dict[str, Any] = {"polling_interval": POLL}
        own = subscription or default_subscription()
    else:
        options = {"connection_verify": emulated["certificate"], "retry_backoff_factor": 0}
        credential = ClientSecretCredential(
            emulated["tenant"],
            emulated["client"],
            emulated["secret"],
            authority=emulated["endpoint"],
            disable_instance_discovery=True,
            **options,
        )
        management = {
            **options,
            "base_url": emulated["endpoint"],
            "credential_scopes": [f"{emulated['endpoint']}/.default"],
            "polling_interval": 0,
        }
        own = subscription or emulated["subscription"]
    return Clients(
        own,
        credential,
        WebSiteManagementClient(credential, own, **management),
        StorageManagementClient(credential, own, **management),
        ResourceManagementClient(credential, own, **management),
        PipelineClient(LOGS if emulated is None else emulated["endpoint"], **options),
        options,
        None if emulated is None else emulated["certificate"],
        LOGS if emulated is None else emulated["endpoint"],
        POLL if emulated is None else 0.02,
        PAUSE if emulated is None else 0,
    )


def default_subscription(environ: Mapping[str, str] = os.environ) -> str:
    """The one that the environment names, or that az uses."""
    if found := environ.get("AZURE_SUBSCRIPTION_ID"):
        return found
    folder = Path(environ.get("AZURE_CONFIG_DIR") or Path.home() / ".azure")
    try:
        profile = json.loads((folder / "azureProfile.json").read_text("utf-8-sig"))
    except (OSError, ValueError):
        profile = {}
    for each in profile.get("subscriptions", []):
        if each.get("isDefault"):
            return str(each["id"])
    raise DeploymentError(
        "no subscription is named, and az has no default one\n  wanted: --subscription=ID, or AZURE_SUBSCRIPTION_ID\n"
        "Sign in, which sets one: az login"
    )
