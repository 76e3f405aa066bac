"""What holds a function, made and removed: a group, storage, a plan, and where its logs go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..execute import Call
from .clients import Clients
from .errors import in_our_words, missing
from .observe import MADE, VERSIONS
from .target import PREMIUM, Place

Arguments = Mapping[str, Any]


def holder_calls(clients: Clients, place: Place) -> dict[str, Call]:
    """Name -> call."""
    holders = Holders(clients, place)
    return {
        "ResourceGroups.CreateOrUpdate": holders.create_group,
        "StorageAccounts.Create": holders.create_storage,
        "BlobContainers.Create": holders.create_container,
        "Workspaces.CreateOrUpdate": holders.create_workspace,
        "Components.CreateOrUpdate": holders.create_component,
        "AppServicePlans.CreateOrUpdate": holders.create_plan,
        "Resources.DeleteById": holders.delete,
        "BlobContainers.Delete": holders.delete_container,
        "ResourceGroups.Delete": holders.delete_group,
    }


class Holders:
    """All that is made before the app, and removed after it."""

    def __init__(self, clients: Clients, place: Place) -> None:
        self._clients = clients
        self._place = place

    def create_group(self, given: Arguments) -> None:
        group = {"location": given["region"], "tags": given["tags"]}
        self._clients.resources.resource_groups.create_or_update(self._place.group, group)

    def create_storage(self, given: Arguments) -> None:
        from azure.mgmt.storage import models

        parameters = models.StorageAccountCreateParameters(
            location=given["region"],
            kind="StorageV2",
            sku=models.Sku(name="Standard_LRS"),
            tags=given["tags"],
            properties=models.StorageAccountPropertiesCreateParameters(
                allow_blob_public_access=False, minimum_tls_version="TLS1_2", enable_https_traffic_only=True
            ),
        )
        self._clients.storage.storage_accounts.begin_create(
            self._place.group, given["storage"], parameters
        ).result()

    def create_container(self, given: Arguments) -> None:
        from azure.mgmt.storage import models

        container = models.BlobContainer(
            container_properties=models.ContainerProperties(
                public_access="None", metadata={MADE.replace("-", "_"): self._place.name}
            )
        )
        containers = self._clients.storage.blob_containers
        containers.create(self._place.group, given["storage"], given["container"], container)

    def create_workspace(self, given: Arguments) -> None:
        properties = {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}
        self._create(given, {"properties": properties})

    def create_component(self, given: Arguments) -> None:
        properties = {"Application_Type": "web", "WorkspaceResourceId": given["workspace"]}
        self._create(given, {"kind": "web", "properties": properties})

    def _create(self, given: Arguments, body: dict[str, Any]) -> None:
        """Resources that have no client library of ours."""
        body |= {"location": given["region"], "tags": given["tags"]}
        resources = self._clients.resources.resources
        resources.begin_create_or_update_by_id(
            given["id"], body, api_version=api_version(given["id"])
        ).result()

    def create_plan(self, given: Arguments) -> None:
        from azure.mgmt.web import models

        size = given["size"]
        sku = (
            models.SkuDescription(name=size, tier="FlexConsumption")
            if size == "FC1"
            else models.SkuDescription(name=size)
        )
        plan = models.AppServicePlan(
            location=given["region"],
            kind="elastic" if size in PREMIUM else "functionapp" if size == "FC1" else "linux",
            sku=sku,
            tags=given["tags"],
            properties=models.AppServicePlanProperties(reserved=True),  # Linux
        )
        self._clients.web.app_service_plans.begin_create_or_update(
            self._place.group, self._place.site, plan
        ).result()

    def delete(self, given: Arguments) -> None:
        resources = self._clients.resources.resources
        _unless_gone(
            lambda: resources.begin_delete_by_id(given["id"], api_version=api_version(given["id"])).result()
        )

    def delete_container(self, given: Arguments) -> None:
        containers = self._clients.storage.blob_containers
        _unless_gone(lambda: containers.delete(self._place.group, given["storage"], given["container"]))

    def delete_group(self, _: Arguments) -> None:
        groups = self._clients.resources.resource_groups
        _unless_gone(lambda: groups.begin_delete(self._place.group).result())


def connection_string(clients: Clients, group: str, storage: str) -> str:
    """What an app, and we, open the account with."""
    name, key, blobs = account(clients, group, storage)
    if ".blob." in blobs:
        return f"DefaultEndpointsProtocol=https;AccountName={name};AccountKey={key};EndpointSuffix={blobs.partition('.blob.')[2].rstrip('/')}"
    return f"DefaultEndpointsProtocol=https;AccountName={name};AccountKey={key};BlobEndpoint={blobs}"


def account(clients: Clients, group: str, storage: str) -> tuple[str, str, str]:
    """A storage account's name, key, and where its blobs are."""
    accounts = clients.storage.storage_accounts
    with in_our_words():
        found = accounts.get_properties(group, storage)
        keys = accounts.list_keys(group, storage)
    return storage, str(keys.keys_property[0].value), str(found.properties.primary_endpoints.blob)


def open_container(clients: Clients, place: Place, storage: str) -> Callable[[], Any]:
    """Opens the function's container when it is called."""

    def opened() -> Any:
        name, key, blobs = account(clients, place.group, storage)
        return clients.container(blobs, name, key, place.container)

    return opened


def api_version(identifier: str) -> str:
    """The version of the interface to ask for, of a resource that no client library of ours speaks."""
    kind = "/".join(identifier.lower().partition("/providers/")[2].split("/")[:2])
    return VERSIONS[kind]


def _unless_gone(call: Callable[[], Any]) -> None:
    try:
        call()
    except Exception as error:
        if not missing(error):
            raise
