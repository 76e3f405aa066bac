"""The calls that steps are made of, by the names that they have in Azure's own documentation."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import leanfn
from leanfn import manifest as manifests
from leanfn.errors import CertificateError, DeploymentError, Transient
from leanfn.replay import replay

from ..entries import ARTIFACT
from ..execute import Call
from .ask import Asked
from .clients import Clients
from .errors import in_our_words
from .holders import account, api_version, connection_string, holder_calls
from .observe import API_KEY, COMPONENT, LABEL, App, read_app, users
from .publish import publish
from .store import Record, Store, Version, read_version
from .target import Place
from .wanted import INSIGHTS

Arguments = Mapping[str, Any]


class Calls:
    """package: of the version that is being deployed, which the store gets."""

    def __init__(
        self, clients: Clients, place: Place, storage: str, store: Store, package: bytes = b""
    ) -> None:
        self._clients = clients
        self._place = place
        self._storage = storage
        self._store = store
        self._package = package
        self._name = (place.group, place.site)
        self.touched = False  # whether what answers callers may have been changed

    def table(self) -> dict[str, Call]:
        """Name -> call; each is made under the lease, once it is held, and speaks in our words when it is refused."""
        table: dict[str, Call] = {
            **holder_calls(self._clients, self._place),
            "Blobs.Lease": lambda given: self._store.claim(given["etag"]),
            "Blobs.Put": lambda given: self._store.put(Version(**given["version"]), self._package),
            "Blobs.PutRecord": self._write,
            "Blobs.Delete": lambda given: self._store.forget(given["bundles"]),
            "WebApps.CreateOrUpdate": self._create_app,
            "WebApps.CreateOrUpdateSlot": self._create_app,
            "WebApps.Update": self._update,
            "WebApps.UpdateApplicationSettings": self._change_settings,
            "WebApps.UpdateAuthSettingsV2": self._change_gate,
            "WebApps.CreateOrUpdateHostSecretSlot": self._share_key,
            "WebApps.UpdateConfiguration": self._route,
            "WebApps.SwapSlotWithProduction": self._swap,
            "WebApps.Start": lambda _: self._clients.web.web_apps.start(*self._name),
            "WebApps.Stop": lambda _: self._clients.web.web_apps.stop(*self._name),
            "WebApps.SyncFunctionTriggers": self._ready,
            "OneDeploy": self._publish,
            "ZipDeploy": self._publish,
            "Probe": self._probe,
            "Tags.Update": self._tag,
        }
        return {name: self._guarded(call) for name, call in table.items()}

    def asked(self, slot: str | None = None) -> Asked:
        """The function, opened with its key, and with a token when Entra asks for one."""
        app = self._app(slot)
        headers = {"x-api-key": self._probe_key()} if API_KEY in app.settings else {}
        headers["x-functions-key"] = self.key(slot)
        if app.entra is not None:
            with in_our_words():
                headers["authorization"] = f"Bearer {self._clients.token(f'api://{app.entra}')}"
        return Asked(app.host, headers, self._clients.trust())

    def key(self, slot: str | None = None) -> str:
        """The key that opens every function of the app."""
        web = self._clients.web.web_apps
        with in_our_words():
            keys = (
                web.list_host_keys(*self._name)
                if slot is None
                else web.list_host_keys_slot(*self._name, slot)
            )
        return str(keys.function_keys["default"])

    def _probe_key(self) -> str:
        """What opens a function that checks keys itself, for whoever may read the account's: no other key is known here."""
        _, key, _ = account(self._clients, self._place.group, self._storage)
        return sha256(f"leanfn {key}".encode()).hexdigest()

    def _sealed(self, settings: dict[str, str]) -> dict[str, str]:
        """Settings as they are stored: with the probe's key beside the user's own."""
        if API_KEY not in settings:
            return settings
        own, probes = settings[API_KEY].partition(",")[0], sha256(self._probe_key().encode()).hexdigest()
        return {**settings, API_KEY: f"{own},{probes}"}

    def _guarded(self, call: Callable[[Arguments], Any]) -> Call:
        def guarded(arguments: Arguments) -> Mapping[str, Any] | None:
            self._store.check()
            with in_our_words():
                found: Mapping[str, Any] | None = call(arguments)
            return found

        return guarded

    def _app(self, slot: str | None) -> App:
        found = read_app(self._clients, self._place, slot)
        if found is None:
            raise DeploymentError(f"there is no function app {self._place.site}{f'/{slot}' if slot else ''}")
        return found

    def _write(self, given: Arguments) -> None:
        record = _record(given["record"])
        self._store.write(record)
        self.touched = self.touched and record.begun is not None  # what answers was probed

    # The app

    def _create_app(self, given: Arguments) -> None:
        from azure.mgmt.web import models

        slot = given["slot"]
        settings = self._sealed({**self._live_settings(slot), **given["put"], **self._connections(given)})
        settings.pop(LABEL, None)
        config = models.SiteConfig(
            app_settings=[models.NameValuePair(name=name, value=value) for name, value in settings.items()],
            ftps_state="Disabled",
            min_tls_version="1.2",
            http20_enabled=True,
        )
        properties = models.SiteProperties(
            server_farm_id=given["plan"],
            reserved=True,
            https_only=True,
            client_affinity_enabled=False,
            site_config=config,
        )
        if given["flexible"]:
            properties.function_app_config = self._flex(given)
        else:
            config.linux_fx_version = f"Python|{given['python']}"
            config.always_on = given["always_on"]
        site = models.Site(
            location=given["region"], kind="functionapp,linux", tags=given["tags"], properties=properties
        )
        if given["identity"]:
            site.identity = models.ManagedServiceIdentity(type="SystemAssigned")
        web = self._clients.web.web_apps
        if slot is None:
            web.begin_create_or_update(*self._name, site).result()
        else:
            web.begin_create_or_update_slot(*self._name, slot, site).result()

    def _flex(self, given: Arguments) -> Any:
        from azure.mgmt.web import models

        endpoint = self._clients.storage.storage_accounts.get_properties(self._place.group, given["storage"])
        blobs = str(endpoint.properties.primary_endpoints.blob).rstrip("/")
        return models.FunctionAppConfig(
            deployment=models.FunctionsDeployment(
                storage=models.FunctionsDeploymentStorage(
                    type="blobContainer",
                    value=f"{blobs}/{given['container']}",
                    authentication=models.FunctionsDeploymentStorageAuthentication(
                        type="StorageAccountConnectionString",
                        storage_account_connection_string_name="DEPLOYMENT_STORAGE_CONNECTION_STRING",
                    ),
                )
            ),
            runtime=models.FunctionsRuntime(name="python", version=given["python"]),
            scale_and_concurrency=models.FunctionsScaleAndConcurrency(
                maximum_instance_count=100, instance_memory_mb=given["memory"]
            ),
        )

    def _connections(self, given: Arguments) -> dict[str, str]:
        """The settings that hold secrets: no plan shows them."""
        connection = connection_string(self._clients, self._place.group, self._storage)
        settings = dict.fromkeys(given["hidden"], connection)
        if "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING" in settings:
            settings["WEBSITE_CONTENTSHARE"] = f"{self._place.site}{given['slot'] or ''}"
        identifier = self._place.resource(COMPONENT)
        component = self._clients.resources.resources.get_by_id(
            identifier, api_version=api_version(identifier)
        )
        return {**settings, INSIGHTS: str(component.properties["ConnectionString"])}

    def _update(self, given: Arguments) -> None:
        self.touched = True
        body: dict[str, Any] = {}
        if given["memory"] is not None:
            flex = {
                "runtime": {"name": "python", "version": given["python"]},
                "scaleAndConcurrency": {"instanceMemoryMB": given["memory"], "maximumInstanceCount": 100},
            }
            body["properties"] = {"functionAppConfig": flex}
        if given["identity"]:
            body["identity"] = {"type": "SystemAssigned"}
        self._clients.web.web_apps.update(*self._name, body)

    def _live_settings(self, slot: str | None) -> dict[str, str]:
        if slot is None:
            return {}
        return users(dict(self._clients.web.web_apps.list_application_settings(*self._name).properties or {}))

    def _change_settings(self, given: Arguments) -> None:
        """All settings are written in one call, so what is not named is read first. A slot begins with what is live."""
        from azure.mgmt.web import models

        web, slot = self._clients.web.web_apps, given["slot"]
        self.touched |= slot is None
        own = self._app(slot).settings
        begin = self._live_settings(slot) if LABEL in given["drop"] and not given.get("keep") else dict(own)
        begin |= {
            name: value for name, value in own.items() if name == "WEBSITE_CONTENTSHARE"
        }  # each slot's own
        settings = {
            name: value for name, value in {**begin, **given["put"]}.items() if name not in given["drop"]
        }
        if settings == own:
            return
        body = models.StringDictionary(properties=self._sealed(settings))
        if slot is None:
            web.update_application_settings(*self._name, body)
        else:
            web.update_application_settings_slot(*self._name, slot, body)

    def _change_gate(self, given: Arguments) -> None:
        from azure.mgmt.web import models

        slot, client = given["slot"], given["client"]
        self.touched |= slot is None
        properties = models.SiteAuthSettingsV2Properties(
            platform=models.AuthPlatform(enabled=client is not None)
        )
        if client is not None:
            directory = models.AzureActiveDirectory(
                enabled=True,
                registration=models.AzureActiveDirectoryRegistration(
                    client_id=client,
                    open_id_issuer=f"https://login.microsoftonline.com/{self._tenant()}/v2.0",
                ),
                validation=models.AzureActiveDirectoryValidation(
                    allowed_audiences=[f"api://{client}", client]
                ),
            )
            properties.identity_providers = models.IdentityProviders(azure_active_directory=directory)
            properties.global_validation = models.GlobalValidation(
                require_authentication=True, unauthenticated_client_action="Return401"
            )
        body = models.SiteAuthSettingsV2(properties=properties)
        web = self._clients.web.web_apps
        if slot is None:
            web.update_auth_settings_v2(*self._name, body)
        else:
            web.update_auth_settings_v2_slot(*self._name, slot, body)

    def _tenant(self) -> str:
        from azure.core.rest import HttpRequest

        path = f"/subscriptions/{self._clients.subscription}?api-version=2022-12-01"
        found = self._clients.web.send_request(HttpRequest("GET", path))
        found.raise_for_status()
        return str(found.json()["tenantId"])

    # Publishing, probing, switching

    def _publish(self, given: Arguments) -> None:
        self.touched |= given["slot"] is None
        data = self._store.get(given["bundle"])
        publish(self._clients, self._app(given["slot"]).scm, data, flexible=given["slot"] is None)

    def _ready(self, given: Arguments) -> None:
        web, slot = self._clients.web.web_apps, given["slot"]
        if slot is None:
            web.sync_function_triggers(*self._name)
        else:
            web.sync_function_triggers_slot(*self._name, slot)
        if not self._app(slot).functions:
            raise Transient(
                f"the host finds no function in the package\nIf it stays so: leanfn azure logs {self._place.name}"
            )

    def _probe(self, given: Arguments) -> None:
        """The examples are those of the package, which is what is deployed."""
        version = read_version(given["version"])
        assert version is not None
        asked = self.asked(given["slot"]).fresh(version.artifact)
        with tempfile.TemporaryDirectory() as folder:
            with zipfile.ZipFile(io.BytesIO(self._package or self._store.get(version.bundle))) as archive:
                archive.extractall(folder)
            place = Path(folder, ARTIFACT)
            artifact = leanfn.load(
                place, manifests.read(place).digest
            )  # code in it is the user's, who deploys it
            try:
                replay(artifact, asked)
            except CertificateError as error:
                raise DeploymentError(str(error)) from error

    def _swap(self, given: Arguments) -> None:
        """Twice would be not at all: a swap whose answer was lost is looked for before the next try."""
        from azure.core.exceptions import ResourceExistsError
        from azure.mgmt.web import models

        app, before = self._app(None), given["before"]
        is_new = app.label is not None and app.label.bundle == given["bundle"]
        if is_new if before is None else app.fingerprint != before:
            return
        entity = models.CsmSlotEntity(target_slot=given["slot"], preserve_vnet=True)
        web = self._clients.web.web_apps
        try:
            web.begin_swap_slot_with_production(*self._name, entity, retry_total=0).result()
        except ResourceExistsError as error:  # 409
            raise Transient("the slots are being swapped already") from error

    def _share_key(self, given: Arguments) -> None:
        """Each slot has keys of its own, and a call that is routed there brings the live one's."""
        from azure.mgmt.web import models

        slot, key = given["slot"], self.key()
        if self.key(slot) != key:
            info = models.KeyInfo(name="default", value=key)
            web = self._clients.web.web_apps
            web.create_or_update_host_secret_slot(*self._name, "functionKeys", "default", slot, info)

    def _route(self, given: Arguments) -> None:
        from azure.mgmt.web import models

        rules = []
        if given["weight"]:
            host = self._app(given["slot"]).host
            share = given["weight"] * 100
            rules = [models.RampUpRule(name=given["slot"], action_host_name=host, reroute_percentage=share)]
        experiments = models.Experiments(ramp_up_rules=rules)
        config = models.SiteConfigResource(properties=models.SiteConfig(experiments=experiments))
        self._clients.web.web_apps.update_configuration(*self._name, config)

    def _tag(self, given: Arguments) -> None:
        body = {"operation": "Merge", "properties": {"tags": given["tags"]}}
        self._clients.resources.tags.begin_update_at_scope(given["id"], body).result()


def _record(found: Mapping[str, Any]) -> Record:
    return Record(**{name: read_version(each) for name, each in found.items()})
