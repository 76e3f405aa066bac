"""What is there: reads only, and what they found as data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from leanfn.errors import DeploymentError

from .clients import Clients
from .errors import in_our_words, missing
from .store import Record, Store, Version, read_version
from .target import SLOT, Place

MADE = "leanfn-function"  # the tag of all that leanfn makes for a function, with its name
LABEL = (
    "LEANFN_DEPLOYED"  # the setting of a slot that says which version was probed there; it is swapped with it
)
API_KEY = "LEANFN_API_KEY_SHA256"
COMPONENT, WORKSPACE = "Microsoft.Insights/components", "Microsoft.OperationalInsights/workspaces"
VERSIONS = {  # of the interfaces of resources that no client library of ours speaks
    "microsoft.insights/components": "2020-02-02",
    "microsoft.operationalinsights/workspaces": "2023-09-01",
    "microsoft.insights/actiongroups": "2023-01-01",
    "microsoft.web/sites": "2024-11-01",
    "microsoft.web/serverfarms": "2024-11-01",
    "microsoft.storage/storageaccounts": "2024-01-01",
}


@dataclass(frozen=True, slots=True)
class App:
    """A function app, or a slot of one. scm: the host that takes packages; entra: the client id that it asks tokens for."""

    region: str
    tags: Mapping[str, str]
    plan: str
    host: str
    scm: str
    running: bool
    python: str | None
    memory: int | None
    identity: bool
    settings: Mapping[str, str] = field(repr=False)
    entra: str | None = None
    functions: tuple[str, ...] = ()

    @property
    def fingerprint(self) -> str:
        """Of its settings, the label among them: another one after a swap."""
        return sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()

    @property
    def label(self) -> Version | None:
        return read_version(self.settings.get(LABEL, ""))


@dataclass(frozen=True, slots=True)
class Observed:
    """share: of the calls, that the slot gets. etag: the record's. made: the resources that carry our tag, by their ids."""

    group: Mapping[str, str] | None = None  # its tags
    region: str | None = None
    made: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    storage: bool = False
    container: bool = False
    workspace: bool = False
    component: bool = False
    plan: str | None = None  # its size
    app: App | None = None
    slot: App | None = None
    share: float = 0.0
    record: Record = field(default_factory=Record)
    etag: str | None = None
    packages: tuple[Version, ...] = ()

    @property
    def flexible(self) -> bool:
        return self.plan == "FC1"

    @property
    def live(self) -> Version | None:
        if self.flexible:
            return self.record.live
        return self.app.label if self.app else None

    @property
    def canary(self) -> Version | None:
        """The probed version in the slot, if it is one that was begun and is not live."""
        waiting = self.slot.label if self.slot else None
        begun = self.record.begun
        return waiting if waiting and begun and waiting.bundle == begun.bundle else None

    @property
    def previous(self) -> Version | None:
        if self.flexible:
            return self.record.previous
        return self.slot.label if self.slot and not self.canary else None


def observe(clients: Clients, place: Place, storage: str, plan: str | None, store: Store) -> Observed:
    """storage: the account's name; plan: of the plan, when it is another's."""
    with in_our_words():
        group = _found(lambda: clients.resources.resource_groups.get(place.group))
    if group is None:
        return Observed(plan=_plan_size(clients, plan) if plan else None)
    with in_our_words():
        listed = list(clients.resources.resources.list_by_resource_group(place.group))
    ids = {each.id.lower(): dict(each.tags or {}) for each in listed}
    app = read_app(clients, place)
    if app is not None and app.tags.get(MADE) != place.name:
        raise DeploymentError(
            f"the function app {place.site} is there, and leanfn did not make it\n"
            f"  wanted: the tag {MADE}={place.name}\n  found:  {dict(app.tags)}\nDeploy under another: --name=ANOTHER-NAME"
        )
    has_container = f"microsoft.storage/storageaccounts/{storage}" in " ".join(ids) and _container(
        clients, place, storage
    )
    found = store.read() if has_container else None
    plan_id = app.plan if app else plan or place.resource("Microsoft.Web/serverfarms")
    size = _plan_size(clients, plan_id)
    slot, share = None, 0.0
    if app is not None and size != "FC1":
        slot = read_app(clients, place, SLOT)
        share = _share(clients, place)
    return Observed(
        group=dict(group.tags or {}),
        region=app.region if app else str(group.location),
        made=tuple(each for each, tags in ids.items() if tags.get(MADE) == place.name),
        others=tuple(each for each, tags in ids.items() if tags.get(MADE) != place.name),
        storage=f"microsoft.storage/storageaccounts/{storage}" in " ".join(ids),
        container=has_container,
        workspace=place.resource(WORKSPACE).lower() in ids,
        component=place.resource(COMPONENT).lower() in ids,
        plan=size,
        app=app,
        slot=slot,
        share=share,
        record=found[0] if found else Record(),
        etag=found[1] if found else None,
        packages=tuple(store.packages()) if found else (),
    )


def read_app(clients: Clients, place: Place, slot: str | None = None) -> App | None:
    """The app, or its slot; None when there is none."""
    web, name = clients.web.web_apps, (place.group, place.site)
    with in_our_words():
        if slot is None:
            site = _found(lambda: web.get(*name))
        else:
            site = _found(lambda: web.get_slot(*name, slot))
        if site is None:
            return None
        if slot is None:
            settings = web.list_application_settings(*name)
            auth = web.get_auth_settings_v2_without_secrets(*name)
            functions = list(web.list_functions(*name))
            config = web.get_configuration(*name)
        else:
            settings = web.list_application_settings_slot(*name, slot)
            auth = web.get_auth_settings_v2_without_secrets_slot(*name, slot)
            functions = list(web.list_instance_functions_slot(*name, slot))
            config = web.get_configuration_slot(*name, slot)
    flex = site.properties.function_app_config
    return App(
        region=str(site.location),
        tags=dict(site.tags or {}),
        plan=str(site.properties.server_farm_id),
        host=str(site.properties.default_host_name),
        scm=_scm(site),
        running=site.properties.state == "Running",
        python=_python(flex, config),
        memory=flex.scale_and_concurrency.instance_memory_mb if flex and flex.scale_and_concurrency else None,
        identity=bool(site.identity),
        settings=users(dict(settings.properties or {})),
        entra=_entra(auth),
        functions=tuple(str(each.name).rpartition("/")[2] for each in functions),
    )


def users(settings: dict[str, str]) -> dict[str, str]:
    """Settings as they were asked for: without the second key, which is for the probe."""
    if API_KEY in settings:
        settings[API_KEY] = settings[API_KEY].partition(",")[0]
    return settings


def _found(call: Callable[[], Any]) -> Any:
    """What a read gives, or None when there is no such thing."""
    from azure.core.exceptions import HttpResponseError

    try:
        return call()
    except HttpResponseError as error:
        if missing(error):
            return None
        raise


def _container(clients: Clients, place: Place, storage: str) -> bool:
    with in_our_words():
        got = _found(lambda: clients.storage.blob_containers.get(place.group, storage, place.container))
    return got is not None


def _plan_size(clients: Clients, plan: str) -> str | None:
    group, name = plan.split("/")[4], plan.rpartition("/")[2]
    with in_our_words():
        found = _found(lambda: clients.web.app_service_plans.get(group, name))
    return str(found.sku.name) if found else None


def _share(clients: Clients, place: Place) -> float:
    with in_our_words():
        config = clients.web.web_apps.get_configuration(place.group, place.site)
    rules = config.properties.experiments.ramp_up_rules if config.properties.experiments else None
    return sum((rule.reroute_percentage or 0.0) for rule in rules or [] if rule.name == SLOT) / 100


def _scm(site: Any) -> str:
    for each in site.properties.host_name_ssl_states or []:
        if each.host_type == "Repository":
            return str(each.name)
    raise DeploymentError(
        f"{site.name} has no host that takes packages\n  wanted: a hostname of type Repository"
    )


def _python(flex: Any, config: Any) -> str | None:
    if flex and flex.runtime:
        return str(flex.runtime.version)
    image = str(config.properties.linux_fx_version or "")
    return image.partition("|")[2] or None


def _entra(auth: Any) -> str | None:
    parts = auth.properties
    if parts is None or not (parts.platform and parts.platform.enabled):
        return None
    directory = parts.identity_providers and parts.identity_providers.azure_active_directory
    return str(directory.registration.client_id) if directory and directory.registration else None
