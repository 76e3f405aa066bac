"""Resource Manager: resources by their ids, each kind with what it refuses, and operations that take a while.

https://learn.microsoft.com/rest/api/resources, …/appservice, …/storagerp
"""

from __future__ import annotations

import base64
import re
import secrets
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from .apps import App
from .blobs import Blobs
from .front import Call, Refused, Reply, say
from .tokens import Tokens

Handler: TypeAlias = Callable[["Arm", Call], Reply]
GROUP = r"/subscriptions/(?P<sub>[^/]+)/resourcegroups/(?P<group>[^/]+)"
SITE = GROUP + r"/providers/microsoft\.web/sites/(?P<site>[^/]+)(/slots/(?P<slot>[^/]+))?"
STORAGE = GROUP + r"/providers/microsoft\.storage/storageaccounts/(?P<account>[^/]+)"
NAMES = {
    "storageaccounts": r"[a-z0-9]{3,24}",
    "sites": r"[a-z0-9][a-z0-9-]{0,58}[a-z0-9]",
    "serverfarms": r"[a-z0-9-]{1,60}",
}
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
FLEX_REGIONS = ("East US", "North Europe", "West Europe", "Sweden Central")
WITH_SLOTS = re.compile(r"(EP|S|P)\d.*")


@dataclass
class Arm:
    """resources: id in lower case -> document; apps: the same of sites and slots. open_app: makes one by its name."""

    subscription: str
    tokens: Tokens
    blobs: Blobs
    open_app: Callable[[str], App]
    base: str = ""
    storage_base: str = ""
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    apps: dict[str, App] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    _operations: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def answer(self, call: Call) -> Reply:
        if (reply := self.tokens.answer(call)) is not None:
            return reply
        if query := re.fullmatch(r"/v1(?P<id>/.+)/query", call.path, re.IGNORECASE):
            return self._logs(call, query["id"])
        self.tokens.check(call)
        if "api-version" not in call.query:
            raise Refused(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        named = re.match(r"/subscriptions/([^/]+)", call.path, re.IGNORECASE)
        if named and named[1] != self.subscription:
            raise Refused(404, "SubscriptionNotFound", f"The subscription '{named[1]}' could not be found.")
        with self._lock:
            for method, pattern, handler in ROUTES:
                if method == call.method and (
                    match := re.fullmatch(pattern, call.path.rstrip("/"), re.IGNORECASE)
                ):
                    return handler(self, replace(call, parts=match.groupdict()))
        raise Refused(404, "ResourceNotFound", f"The Resource '{call.path}' was not found.")

    def _logs(self, call: Call, identifier: str) -> Reply:
        """What the apps of the component's group wrote; of the query only the time is read."""
        if not self.tokens.holds(call, self.base):
            return say(401, {"error": {"code": "InvalidTokenError", "message": "The token is not valid"}})
        since = re.search(r"datetime\(([^)]+)\)", call.document["query"])
        group = identifier.lower().partition("/providers/")[0]
        lines = [line for key, app in self.apps.items() if key.startswith(group) for line in app.log]
        rows = [[_stamp(at), line] for at, line in sorted(lines) if since is None or _stamp(at) > since[1]]
        return say(200, {"tables": [{"name": "PrimaryResult", "rows": rows}]})

    # What every resource has

    def find(self, identifier: str) -> dict[str, Any]:
        found = self.resources.get(identifier.lower())
        if found is None:
            kind = "ResourceGroupNotFound" if identifier.count("/") == 4 else "ResourceNotFound"
            raise Refused(404, kind, f"The Resource '{identifier}' was not found.")
        return found

    def keep(self, call: Call, **more: Any) -> dict[str, Any]:
        """Put a resource as it is asked for, in a group that is there."""
        key, body = call.path.rstrip("/").lower(), call.document
        group = key.partition("/providers/")[0]
        if group != key:
            self.find(group)
        kind, name = call.path.rstrip("/").split("/")[-2:]
        if not re.fullmatch(
            NAMES.get(kind.lower(), ".+"), name, re.IGNORECASE if kind != "storageAccounts" else 0
        ):
            raise Refused(400, "InvalidResourceName", f"{name} is not a valid name of {kind}.")
        properties = {**(body.get("properties") or {}), "provisioningState": "Succeeded", **more}
        self.resources[key] = {**body, "id": call.path, "name": name, "properties": properties}
        return self.resources[key]

    def remove(self, identifier: str) -> None:
        """A resource and all below it."""
        prefix = identifier.lower()
        for key in [key for key in self.resources if key == prefix or key.startswith(f"{prefix}/")]:
            del self.resources[key]
            if key in self.apps:
                self.apps.pop(key).close()
            if "/storageaccounts/" in key and key.count("/") == 8:
                self.blobs.accounts.pop(key.rpartition("/")[2], None)

    def later(self, document: object, status: int = 202) -> Reply:
        """Under way: the client asks the operation until it has succeeded, then the resource."""
        name = uuid.uuid4().hex
        self._operations[name] = 1
        where = f"{self.base}/subscriptions/{self.subscription}/operations/{name}?api-version=1"
        return say(status, document, Azure_AsyncOperation=where, Location=where, Retry_After="0")

    def operation(self, call: Call) -> Reply:
        left = self._operations[call.parts["name"]]
        self._operations[call.parts["name"]] = left - 1
        return say(200, {"status": "Succeeded" if left <= 0 else "InProgress"}, Retry_After="0")

    def get(self, call: Call) -> Reply:
        return say(200, self.find(call.path))

    def put(self, call: Call) -> Reply:
        return self.later(self.keep(call))

    def put_component(self, call: Call) -> Reply:
        name = call.path.rpartition("/")[2]
        connection = (
            f"InstrumentationKey={uuid.uuid5(uuid.NAMESPACE_URL, name)};IngestionEndpoint={self.base}/"
        )
        return self.later(self.keep(call, ConnectionString=connection))

    def delete(self, call: Call) -> Reply:
        self.find(call.path)
        self.remove(call.path.rstrip("/"))
        return self.later(None)

    # Groups, subscriptions, providers

    def subscribed(self, _: Call) -> Reply:
        return say(200, {"subscriptionId": self.subscription, "tenantId": self.tokens.tenant})

    def regions(self, _: Call) -> Reply:
        return say(
            200, {"value": [{"name": name, "properties": {"displayName": name}} for name in FLEX_REGIONS]}
        )

    def put_group(self, call: Call) -> Reply:
        new = call.path.lower() not in self.resources
        return say(201 if new else 200, self.keep(call))

    def listed(self, call: Call) -> Reply:
        group = call.path.rpartition("/")[0].lower()
        self.find(group)
        below = [found for key, found in self.resources.items() if key.startswith(f"{group}/providers/")]
        shown = ("id", "name", "location", "tags")
        return say(
            200,
            {
                "value": [
                    {key: each[key] for key in shown if key in each}
                    for each in below
                    if "tags" in each or "location" in each
                ]
            },
        )

    def tag(self, call: Call) -> Reply:
        found = self.find(call.parts["scope"])
        if call.document["operation"] != "Merge":
            raise Refused(400, "InvalidOperation", "only Merge is emulated")
        found["tags"] = {**found.get("tags", {}), **call.document["properties"]["tags"]}
        return say(200, {"id": call.path, "properties": {"tags": found["tags"]}})

    # Storage

    def put_account(self, call: Call) -> Reply:
        name, key = call.parts["account"], call.path.lower()
        if key not in self.resources and name in self.keys:
            raise Refused(
                409, "StorageAccountAlreadyTaken", f"The storage account named {name} is already taken."
            )
        self.keys.setdefault(name, base64.b64encode(secrets.token_bytes(64)).decode())
        self.blobs.accounts.setdefault(name, {})
        return self.later(self.keep(call, primaryEndpoints={"blob": f"{self.storage_base}/{name}"}))

    def delete_account(self, call: Call) -> Reply:
        self.find(call.path)
        self.remove(call.path)
        self.keys.pop(call.parts["account"], None)
        return Reply(200)

    def account_keys(self, call: Call) -> Reply:
        self.find(call.path.rpartition("/")[0])
        return say(
            200,
            {"keys": [{"keyName": "key1", "value": self.keys[call.parts["account"]], "permissions": "FULL"}]},
        )

    def put_container(self, call: Call) -> Reply:
        self.find(call.path.partition("/blobServices/")[0])
        containers = self.blobs.accounts[call.parts["account"]]
        new = containers.setdefault(call.parts["container"], {}) == {}
        return say(201 if new else 200, self.keep(call))

    def delete_container(self, call: Call) -> Reply:
        self.remove(call.path)
        self.blobs.accounts[call.parts["account"]].pop(call.parts["container"], None)
        return Reply(200)

    # Plans and sites

    def put_plan(self, call: Call) -> Reply:
        size = call.document["sku"]["name"]
        region = str(call.document["location"]).replace(" ", "").lower()
        if size == "FC1" and region not in [each.replace(" ", "").lower() for each in FLEX_REGIONS]:
            raise Refused(
                409, "LocationNotAvailableForResourceType", f"Flex Consumption is not available in {region}."
            )
        return self.later(self.keep(call))

    def app(self, path: str) -> App:
        """The app, or the slot, that a path is about."""
        found = re.match(SITE, path, re.IGNORECASE)
        assert found is not None
        self.find(found[0])
        return self.apps[found[0].lower()]

    def put_site(self, call: Call) -> Reply:
        key, properties = call.path.lower(), call.document["properties"]
        taken = [each for each in self.apps if each.rpartition("/sites/")[2] == key.rpartition("/sites/")[2]]
        if taken and key not in taken:
            raise Refused(409, "Conflict", f"Website with given name {call.parts['site']} already exists.")
        size = str(self.find(properties["serverFarmId"])["sku"]["name"])
        flex = properties.get("functionAppConfig")
        if size == "FC1" and (not flex or flex["runtime"]["version"] not in PYTHONS):
            raise Refused(400, "BadRequest", "Site.FunctionAppConfig.Runtime.Version is invalid.")
        if size == "FC1" and flex["scaleAndConcurrency"]["instanceMemoryMB"] not in (512, 2048, 4096):
            raise Refused(400, "BadRequest", "instanceMemoryMB must be one of 512, 2048, 4096.")
        parent = key.partition("/slots/")[0]
        if call.parts["slot"]:
            self.find(parent)
            if not WITH_SLOTS.fullmatch(size):
                raise Refused(400, "BadRequest", f"The plan {size} supports no slots.")
        if key not in self.apps:
            self.apps[key] = self.open_app("/".join(filter(None, (call.parts["site"], call.parts["slot"]))))
            if call.parts["slot"]:
                self.apps[parent].slots[call.parts["slot"]] = self.apps[key]
        app, config = self.apps[key], properties.pop("siteConfig", None) or {}
        if (settings := config.pop("appSettings", None)) is not None:
            self._set(app, {each["name"]: each["value"] for each in settings})
        app.content.config |= config
        self.keep(call)
        self.resources[key]["properties"].pop("siteConfig", None)
        return self.later(self._site(key))

    def _site(self, key: str) -> dict[str, Any]:
        app, found = self.apps[key], self.resources[key]
        names = [{"name": app.host, "hostType": "Standard"}, {"name": app.scm, "hostType": "Repository"}]
        state = "Running" if app.running else "Stopped"
        properties = found["properties"] | {
            "state": state,
            "defaultHostName": app.host,
            "hostNameSslStates": names,
        }
        return found | {"properties": properties}

    def get_site(self, call: Call) -> Reply:
        self.find(call.path)
        return say(200, self._site(call.path.lower()))

    def patch_site(self, call: Call) -> Reply:
        found = self.find(call.path)
        for part, value in (call.document.get("properties") or {}).items():
            found["properties"][part] = {**found["properties"].get(part, {}), **value}
        if identity := call.document.get("identity"):
            found["identity"] = identity
        return say(200, self._site(call.path.lower()))

    def delete_site(self, call: Call) -> Reply:
        self.find(call.path)
        self.remove(call.path)
        return Reply(200)

    def settings(self, call: Call) -> Reply:
        return say(200, {"properties": self.app(call.path).content.settings})

    def put_settings(self, call: Call) -> Reply:
        app = self.app(call.path)
        self._set(app, dict(call.document["properties"]))
        return say(200, {"properties": app.content.settings})

    def _set(self, app: App, settings: dict[str, str]) -> None:
        if settings != app.content.settings:
            app.content.settings = settings
            app.start()

    def gate(self, call: Call) -> Reply:
        return say(200, {"properties": self.app(call.path).content.entra})

    def put_gate(self, call: Call) -> Reply:
        self.app(call.path).content.entra = call.document["properties"]
        return self.gate(call)

    def config(self, call: Call) -> Reply:
        app = self.app(call.path)
        return say(200, {"properties": {**app.content.config, "experiments": {"rampUpRules": app.rules}}})

    def patch_config(self, call: Call) -> Reply:
        app = self.app(call.path)
        app.rules = call.document["properties"]["experiments"]["rampUpRules"]
        return self.config(call)

    def functions(self, call: Call) -> Reply:
        app = self.app(call.path)
        return say(
            200,
            {
                "value": [
                    {"name": f"{app.name}/{name}", "properties": {"name": name}} for name in app.functions
                ]
            },
        )

    def host_keys(self, call: Call) -> Reply:
        return say(
            200,
            {"masterKey": secrets.token_urlsafe(24), "functionKeys": {"default": self.app(call.path).key}},
        )

    def put_key(self, call: Call) -> Reply:
        app = self.app(call.path)
        app.key = (
            call.document["properties"]["value"] if "properties" in call.document else call.document["value"]
        )
        app.start()
        return say(200, {"name": "default", "value": app.key})

    def sync(self, call: Call) -> Reply:
        self.app(call.path)
        return Reply(204)

    def switch(self, call: Call) -> Reply:
        self.app(call.path).running = call.path.lower().endswith("/start")
        return Reply(200)

    def swap(self, call: Call) -> Reply:
        app = self.app(call.path)
        slot = app.slots.get(call.document["targetSlot"])
        if slot is None:
            raise Refused(404, "NotFound", f"Cannot find slot {call.document['targetSlot']}.")
        app.swap(slot)
        return self.later(None)


def _stamp(at: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at)) + f".{int(at % 1 * 1000):03}Z"


ROUTES: list[tuple[str, str, Handler]] = [
    ("GET", r"/subscriptions/[^/]+/operations/(?P<name>\w+)", Arm.operation),
    ("GET", r"/subscriptions/[^/]+", Arm.subscribed),
    ("GET", r"/subscriptions/[^/]+/providers/microsoft\.web/georegions", Arm.regions),
    ("PUT", GROUP, Arm.put_group),
    ("GET", GROUP, Arm.get),
    ("DELETE", GROUP, Arm.delete),
    ("GET", GROUP + "/resources", Arm.listed),
    ("PATCH", r"(?P<scope>/.+)/providers/microsoft\.resources/tags/default", Arm.tag),
    ("PUT", STORAGE, Arm.put_account),
    ("GET", STORAGE, Arm.get),
    ("DELETE", STORAGE, Arm.delete_account),
    ("POST", STORAGE + "/listkeys", Arm.account_keys),
    ("PUT", STORAGE + r"/blobservices/default/containers/(?P<container>[^/]+)", Arm.put_container),
    ("GET", STORAGE + r"/blobservices/default/containers/(?P<container>[^/]+)", Arm.get),
    ("DELETE", STORAGE + r"/blobservices/default/containers/(?P<container>[^/]+)", Arm.delete_container),
    ("PUT", GROUP + r"/providers/microsoft\.web/serverfarms/[^/]+", Arm.put_plan),
    ("PUT", SITE, Arm.put_site),
    ("GET", SITE, Arm.get_site),
    ("PATCH", SITE, Arm.patch_site),
    ("DELETE", SITE, Arm.delete_site),
    ("POST", SITE + "/config/appsettings/list", Arm.settings),
    ("PUT", SITE + "/config/appsettings", Arm.put_settings),
    ("GET", SITE + "/config/authsettingsv2", Arm.gate),
    ("PUT", SITE + "/config/authsettingsv2", Arm.put_gate),
    ("GET", SITE + "/config/web", Arm.config),
    ("PATCH", SITE + "/config/web", Arm.patch_config),
    ("GET", SITE + "/functions", Arm.functions),
    ("POST", SITE + "/host/default/listkeys", Arm.host_keys),
    ("PUT", SITE + "/host/default/functionkeys/default", Arm.put_key),
    ("POST", SITE + "/(sync|host/default/sync|syncfunctiontriggers)", Arm.sync),
    ("POST", SITE + "/(start|stop)", Arm.switch),
    ("POST", SITE + "/slotsswap", Arm.swap),
    ("PUT", GROUP + r"/providers/microsoft\.insights/components/[^/]+", Arm.put_component),
    ("GET", GROUP + r"/providers/[^/]+/[^/]+/[^/]+", Arm.get),
    ("PUT", GROUP + r"/providers/[^/]+/[^/]+/[^/]+", Arm.put),
    ("DELETE", GROUP + r"/providers/[^/]+/[^/]+/[^/]+", Arm.delete),
]
