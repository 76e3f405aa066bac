"""The steps from what is there to what is wanted: pure, for plans with slots and for Flex Consumption, which has none.

Where there is a slot, a version is published there, probed there, and swapped with what is live. On Flex Consumption a
package that is published is live: it is probed at once, and `plan_put_back` is what the failure of that probe leads to.
The level of access is in the package: opening a function is publishing it, which no step can do after the probe.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from leanfn.errors import DeploymentError

from ..plan import Change, Phase, Step
from .observe import COMPONENT, LABEL, MADE, WORKSPACE, App, Observed
from .store import Record, Version, superfluous
from .target import PREMIUM, SLOT, Place
from .wanted import INSIGHTS, Wanted

RESOURCES = (  # in the order in which they can be removed
    "microsoft.web/sites",
    "microsoft.web/serverfarms",
    "microsoft.insights/components",
    "microsoft.operationalinsights/workspaces",
    "microsoft.storage/storageaccounts",
)


@dataclass(frozen=True, slots=True)
class Plans:
    """The plans of one function. storage: its account; deployment: the id of this run, which tags carry."""

    place: Place
    storage: str
    observed: Observed
    deployment: str

    def deployment_of(self, wanted: Wanted, version: Version) -> list[Step]:
        """Make it live."""
        seen = self.observed
        if wanted.flexible:
            steps = [*self._flex(wanted, version)]
        elif self._is_live(wanted, version):
            steps = [*self._end_canary()]
        else:
            steps = self._staged(wanted, version)
            steps += [] if any(step.name == "route" for step in steps) else self._unrouted("live")
            steps += [self._swap(version), *self._gate(wanted, None, "access"), self._write(Record(), "tidy")]
        if not steps:
            return [*self._tags(version)] if seen.app else []
        return [*self._holders(wanted), *steps, *self._tags(version), *self._prune(version)]

    def canary(self, wanted: Wanted, version: Version, weight: float) -> list[Step]:
        """Give it a share of the calls."""
        live, waiting = self.observed.live, self.observed.canary
        if live and live.bundle == version.bundle:
            raise DeploymentError(f"{version.artifact} is live for all, and can be no canary")
        if waiting and waiting.bundle == version.bundle and self.observed.share == weight:
            return []
        why = f"give the slot {SLOT} the key that callers have"
        key = self._step("key", "live", "WebApps.CreateOrUpdateHostSecretSlot", why, {"slot": SLOT})
        return [*self._holders(wanted), *self._staged(wanted, version), key, self._route(weight, "live")]

    def promote(self) -> list[Step]:
        """Make the canary live for all."""
        canary = self.observed.canary
        if canary is None:
            raise DeploymentError(
                f"{self.place.name} has no canary\nBegin one: leanfn azure canary ARTIFACT --weight=0.1"
            )
        return [self._claim(), *self._unrouted("live"), self._swap(canary), self._write(Record(), "tidy")]

    def rollback(self, wanted: Wanted | None) -> list[Step]:
        """End a canary; without one, back to the previous version. wanted: as it is, where packages are published."""
        seen = self.observed
        if seen.slot is not None:
            if seen.share or seen.canary:
                return [
                    self._claim(),
                    *self._unrouted("live"),
                    self._unlabel(),
                    self._write(Record(), "tidy"),
                ]
            if seen.previous is not None:
                return [self._claim(), self._swap(seen.previous)]
        elif wanted is not None and (back := seen.record.live if seen.record.begun else seen.previous):
            wanted = replace(wanted, python=back.python, client=back.client)
            return [self._claim(), *self._published(wanted, back, keep=back == seen.record.live)]
        raise DeploymentError(
            f"{self.place.name} has no previous version\nLook at what there is: leanfn azure versions {self.place.name}"
        )

    def put_back(self, now: Wanted) -> list[Step]:
        """On Flex, after a probe that failed: the version that was live, and its settings, are live again.

        now: what was about to be. Without a version to go back to the app is stopped, and answers nobody until the
        next deployment.
        """
        seen, app, live = self.observed, self.observed.app, self.observed.record.live
        if app is None or live is None:
            why = f"stop {self.place.site}, which has nothing to go back to"
            return [self._step("stop", "live", "WebApps.Stop", why)]
        changes = now.changes(app.settings)
        before = replace(
            now,
            python=app.python or now.python,
            memory=app.memory,
            client=live.client,
            put={each.setting: str(each.old) for each in changes if each.old is not None},
            drop=tuple(each.setting for each in changes if each.old is None),
        )
        settings = {**app.settings, **now.put}
        left = {name: value for name, value in settings.items() if name not in now.drop}
        changed = replace(
            app,
            settings=left,
            python=now.python,
            memory=now.memory,
            entra=now.client or app.entra,
            functions=(),
        )
        return replace(self, observed=replace(seen, app=changed))._published(before, live, keep=True)

    def destruction(self) -> list[Step]:
        """Remove what carries our tag, and the group if it does and nothing else is in it."""
        seen = self.observed
        steps = [self._claim()] if seen.container else []
        for kind in RESOURCES:
            steps += [
                self._delete(each)
                for each in sorted(seen.made)
                if f"/providers/{kind}/" in each and _is_leaf(each)
            ]
        if seen.container and not any("/storageaccounts/" in each for each in seen.made):
            arguments = {"storage": self.storage, "container": self.place.container}
            why = f"remove the container {self.place.container}"
            steps.append(self._step("delete container", "tidy", "BlobContainers.Delete", why, arguments))
        group = seen.group or {}
        if group.get(MADE) == self.place.name and not [
            each for each in seen.others if not _platforms_own(each)
        ]:
            why = f"remove the resource group {self.place.group}"
            steps.append(self._step("delete group", "tidy", "ResourceGroups.Delete", why))
        return steps

    # What holds a function

    def _holders(self, wanted: Wanted) -> Iterator[Step]:
        seen, place = self.observed, self.place
        tags = {MADE: place.name, "leanfn-deployment": self.deployment}
        region: dict[str, Any] = {"region": wanted.region, "tags": tags}
        if seen.group is None:
            why = f"create the resource group {place.group} in {wanted.region}"
            yield self._step("group", "prepare", "ResourceGroups.CreateOrUpdate", why, region, place.scope)
        if not seen.storage:
            makes = place.resource("Microsoft.Storage/storageAccounts", self.storage)
            why = f"create the storage account {self.storage}"
            yield self._step(
                "storage",
                "prepare",
                "StorageAccounts.Create",
                why,
                {"storage": self.storage, **region},
                makes,
            )
        if not seen.container:
            arguments = {"storage": self.storage, "container": place.container}
            makes = f"{place.resource('Microsoft.Storage/storageAccounts', self.storage)}/{place.container}"
            why = f"create the container {place.container} for packages"
            yield self._step("container", "prepare", "BlobContainers.Create", why, arguments, makes)
        yield self._claim()
        if not seen.workspace:
            why = f"create the workspace {place.site} for logs"
            makes = place.resource(WORKSPACE)
            yield self._step(
                "workspace", "prepare", "Workspaces.CreateOrUpdate", why, {"id": makes, **region}, makes
            )
        if not seen.component:
            why = f"create the Application Insights component {place.site}"
            makes = place.resource(COMPONENT)
            arguments = {"id": makes, "workspace": place.resource(WORKSPACE), **region}
            yield self._step("component", "prepare", "Components.CreateOrUpdate", why, arguments, makes)
        if seen.plan is None:
            why = f"create the plan {place.site}, {wanted.size}"
            makes = place.resource("Microsoft.Web/serverfarms")
            yield self._step(
                "plan",
                "prepare",
                "AppServicePlans.CreateOrUpdate",
                why,
                {"size": wanted.size, **region},
                makes,
            )

    def _app(self, wanted: Wanted, slot: str | None = None) -> Step:
        place = self.place
        hidden = ["AzureWebJobsStorage", INSIGHTS]
        hidden += ["DEPLOYMENT_STORAGE_CONNECTION_STRING"] if wanted.flexible else []
        hidden += ["WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"] if wanted.size in PREMIUM else []
        own = wanted.size if wanted.size.startswith("/") else place.resource("Microsoft.Web/serverfarms")
        arguments = {
            "slot": slot,
            "region": wanted.region,
            "plan": own,
            "flexible": wanted.flexible,
            "always_on": not wanted.flexible and (self.observed.plan or wanted.size) not in PREMIUM,
            "storage": self.storage,
            "container": place.container,
            "python": wanted.python,
            "memory": wanted.memory,
            "identity": wanted.identity,
            "put": dict(wanted.put),
            "hidden": hidden,
            "tags": {MADE: place.name, "leanfn-deployment": self.deployment},
        }
        if slot:
            why, makes = f"create its slot {slot}", f"{place.resource('Microsoft.Web/sites')}/slots/{slot}"
            return self._step("slot", "function", "WebApps.CreateOrUpdateSlot", why, arguments, makes)
        why, makes = f"create the function app {place.site}", place.resource("Microsoft.Web/sites")
        return self._step("app", "function", "WebApps.CreateOrUpdate", why, arguments, makes)

    # Flex Consumption

    def _flex(self, wanted: Wanted, version: Version) -> list[Step]:
        seen, live = self.observed, self.observed.record.live
        changed = (
            seen.app is None or self._changes(wanted, seen.app) or not seen.app.running or seen.record.begun
        )
        if live is not None and live.bundle == version.bundle and not changed and live.auth == version.auth:
            return []
        known = {each.bundle for each in seen.packages}
        upload = [] if version.bundle in known else [self._upload(version)]
        return [*upload, *self._published(wanted, version, keep=bool(live and live.bundle == version.bundle))]

    def _published(self, wanted: Wanted, version: Version, *, keep: bool) -> list[Step]:
        """Publish a version and probe it. keep: it is the one that is live, so what was before it stays what it was."""
        seen, app = self.observed, self.observed.app
        record = seen.record
        steps: list[Step] = []
        if app is None:
            steps.append(self._app(wanted))
        else:
            steps += self._updated(wanted, app)
        steps += self._gate(wanted, version, "function")
        if not keep or record.begun or not (app and app.functions):
            # whoever comes after a run that broke off here sees that what answers was not probed
            steps.append(self._write(Record(record.live, record.previous, version), "function", "begin"))
            steps.append(self._publish(version, None))
            steps.append(self._ready(None))
        steps.append(self._probe(version, None))
        previous = record.previous if keep else record.live
        steps.append(self._write(Record(version, previous), "live", "switch"))
        return [*steps, *self._gate(wanted, version, "access")]

    def _updated(self, wanted: Wanted, app: App) -> Iterator[Step]:
        if not app.running:
            yield self._step("start", "function", "WebApps.Start", f"start {self.place.site}")
        if changes := self._shape(wanted, app):
            arguments = {"python": wanted.python, "memory": wanted.memory, "identity": wanted.identity}
            yield self._step(
                "update", "function", "WebApps.Update", f"change {self.place.site}", arguments, None, changes
            )
        if changes := wanted.changes(app.settings):
            arguments = {"slot": None, "put": dict(wanted.put), "drop": list(wanted.drop)}  # type: ignore[dict-item]
            why = f"change the settings of {self.place.site}"
            yield self._step(
                "settings", "function", "WebApps.UpdateApplicationSettings", why, arguments, None, changes
            )

    def _changes(self, wanted: Wanted, app: App) -> tuple[Change, ...]:
        gate = (Change("entra", app.entra, wanted.client),) if app.entra != wanted.client else ()
        return self._shape(wanted, app) + wanted.changes(app.settings) + gate

    def _shape(self, wanted: Wanted, app: App) -> tuple[Change, ...]:
        parts = (
            ("python", app.python, wanted.python),
            ("memory", app.memory, wanted.memory),
            ("identity", app.identity, wanted.identity),
        )
        return tuple(Change(name, old, new) for name, old, new in parts if old != new)

    # Slots

    def _is_live(self, wanted: Wanted, version: Version) -> bool:
        app = self.observed.app
        live = app.label if app else None
        return bool(app and live and live.bundle == version.bundle and not self._changes(wanted, app))

    def _staged(self, wanted: Wanted, version: Version) -> list[Step]:
        """Published in the slot, and probed there."""
        seen = self.observed
        waiting = seen.slot.label if seen.slot else None
        if (
            seen.slot
            and waiting
            and waiting.bundle == version.bundle
            and not self._changes(wanted, seen.slot)
        ):
            known: list[Step] = (
                [] if seen.canary else [self._write(Record(begun=version), "function", "begin")]
            )
            return [*known, self._probe(version, SLOT)]
        steps = [*self._unrouted("prepare")]
        if version.bundle not in {each.bundle for each in seen.packages}:
            steps.append(self._upload(version))
        if seen.app is None:
            steps.append(self._app(wanted))
        elif (
            wanted.identity and not seen.app.identity
        ):  # it stays with the app, and reads the secrets after the swap
            arguments: dict[str, Any] = {"python": None, "memory": None, "identity": True}
            why = f"give {self.place.site} an identity"
            steps.append(self._step("identity", "function", "WebApps.Update", why, arguments))
        steps += [self._app(wanted, SLOT)] if seen.slot is None or self._shape(wanted, seen.slot) else []
        steps.append(self._write(Record(begun=version), "function", "begin"))
        # the slot begins with what is live, so that one set of settings is changed; unlabelled until it is probed
        changes = wanted.changes(seen.app.settings) if seen.app else ()
        arguments = {"slot": SLOT, "put": dict(wanted.put), "drop": [*wanted.drop, LABEL]}
        why = f"give the slot {SLOT} its settings"
        steps.append(
            self._step(
                "settings", "function", "WebApps.UpdateApplicationSettings", why, arguments, None, changes
            )
        )
        steps += self._gate(wanted, version, "function", SLOT)
        steps += self._gate(wanted, version, "function")
        steps += [self._publish(version, SLOT), self._ready(SLOT), self._probe(version, SLOT)]
        arguments = {"slot": SLOT, "put": {LABEL: version.line()}, "drop": []}
        why = f"label the slot {SLOT} as {version.artifact}"
        steps.append(self._step("label", "probe", "WebApps.UpdateApplicationSettings", why, arguments))
        return steps

    def _swap(self, version: Version) -> Step:
        why = f"swap {SLOT} and what is live"
        before = self.observed.app.fingerprint if self.observed.app else None
        arguments = {"slot": SLOT, "bundle": version.bundle, "before": before}
        return self._step("swap", "live", "WebApps.SwapSlotWithProduction", why, arguments)

    def _route(self, weight: float, phase: Phase) -> Step:
        changes = (Change("share of the canary", self.observed.share, weight),)
        why = f"give the slot {SLOT} {weight:.0%} of the calls" if weight else "give the canary no more calls"
        arguments = {"slot": SLOT, "weight": weight}
        return self._step("route", phase, "WebApps.UpdateConfiguration", why, arguments, None, changes)

    def _unrouted(self, phase: Phase) -> Iterator[Step]:
        if self.observed.share:
            yield self._route(0.0, phase)

    def _end_canary(self) -> Iterator[Step]:
        if self.observed.share or self.observed.canary:
            yield from self._unrouted("live")
            yield self._unlabel()
            yield self._write(Record(), "tidy")

    def _unlabel(self) -> Step:
        arguments = {"slot": SLOT, "put": {}, "drop": [LABEL], "keep": True}
        why = f"take the label off the slot {SLOT}"
        return self._step("unlabel", "live", "WebApps.UpdateApplicationSettings", why, arguments)

    # What both have

    def _gate(
        self, wanted: Wanted, version: Version | None, phase: Phase, slot: str | None = None
    ) -> Iterator[Step]:
        """Entra's gate is shut before what is behind it is published, and opened after it has been replaced."""
        auth = version.client if version else wanted.client
        app = self.observed.slot if slot else self.observed.app
        found = app.entra if app else None
        if auth == found or (auth is None) != (phase == "access" or slot is not None):
            return
        why = f"ask for tokens of {auth}" if auth else "ask for no more tokens"
        changes = (Change("entra", found, auth),)
        name = "slot gate" if slot else "gate"
        yield self._step(
            name, phase, "WebApps.UpdateAuthSettingsV2", why, {"slot": slot, "client": auth}, None, changes
        )

    def _claim(self) -> Step:
        why = "be the only deployment of this function"
        return self._step("claim", "prepare", "Blobs.Lease", why, {"etag": self.observed.etag})

    def _upload(self, version: Version) -> Step:
        why = f"keep the package {version.bundle[:12]}"
        return self._step("package", "upload", "Blobs.Put", why, {"version": asdict(version)})

    def _publish(self, version: Version, slot: str | None) -> Step:
        where = f"in the slot {slot}" if slot else f"on {self.place.site}"
        arguments = {"slot": slot, "bundle": version.bundle}
        call = "ZipDeploy" if slot else "OneDeploy"
        return self._step("publish", "function", call, f"publish {version.bundle[:12]} {where}", arguments)

    def _ready(self, slot: str | None) -> Step:
        why = "wait until the host knows the function"
        return self._step("ready", "ready", "WebApps.SyncFunctionTriggers", why, {"slot": slot})

    def _probe(self, version: Version, slot: str | None) -> Step:
        why = f"ask {'the slot' if slot else self.place.site} the examples of {version.artifact}"
        arguments = {"slot": slot, "version": asdict(version)}
        return self._step("probe", "probe", "Probe", why, arguments)

    def _write(self, record: Record, phase: Phase, name: str = "record") -> Step:
        said = {
            "begin": "say what is about to be published",
            "switch": "say what is live",
            "record": "write the record",
        }
        return self._step(name, phase, "Blobs.PutRecord", said[name], {"record": asdict(record)})

    def _tags(self, version: Version) -> Iterator[Step]:
        tags = {"leanfn-version": version.artifact, "leanfn-bundle": version.bundle}
        found = self.observed.app.tags if self.observed.app else {}
        changes = tuple(
            Change(name, found.get(name), tag) for name, tag in tags.items() if found.get(name) != tag
        )
        if changes:
            arguments = {
                "id": self.place.resource("Microsoft.Web/sites"),
                "tags": {**tags, "leanfn-deployment": self.deployment},
            }
            yield self._step(
                "tags", "tidy", "Tags.Update", f"tag {self.place.site}", arguments, None, changes
            )

    def _prune(self, version: Version) -> Iterator[Step]:
        live, previous = self.observed.live, self.observed.previous
        used = {each.bundle for each in (version, live, previous) if each}
        if gone := superfluous(list(self.observed.packages), used):
            yield self._step(
                "prune", "tidy", "Blobs.Delete", f"forget {len(gone)} old packages", {"bundles": gone}
            )

    def _delete(self, resource: str) -> Step:
        kind, name = resource.split("/")[-2:]
        return self._step(
            f"delete {kind} {name}", "tidy", "Resources.DeleteById", f"remove {kind}/{name}", {"id": resource}
        )

    def _step(
        self,
        name: str,
        phase: Phase,
        call: str,
        why: str,
        arguments: Mapping[str, Any] | None = None,
        makes: str | None = None,
        changes: tuple[Change, ...] = (),
    ) -> Step:
        return Step(name, phase, call, why, arguments or {}, makes, changes)


def _is_leaf(resource: str) -> bool:
    return (
        resource.count("/") == 8
    )  # /subscriptions/S/resourceGroups/G/providers/N/T/NAME; slots go with their app


def _platforms_own(resource: str) -> bool:
    """What Application Insights puts into a group by itself."""
    return resource.endswith("/microsoft.insights/actiongroups/application insights smart detection")
