"""Cloud Run's part: services with their revisions, who gets which traffic, and the instances that answer.

https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .accounts import Accounts
from .front import Front, Passage, draw, refusal
from .instances import Answer, BuildError, Instance, Runtime
from .rest import aborted, exists, invalid, not_found

INVOKER = "roles/run.invoker"
LONGEST = 46  # of a tag and a name together
LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
NAMED = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"


@dataclass
class Revision:
    """One revision: its message, its source as it was built, and its instance while there is one."""

    message: Any
    folder: Path
    built: object
    entry: str
    timeout: float
    instance: Instance | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass
class Service:
    """One service: its message, its revisions by their short names, and the fronts by tag ("" is its own)."""

    message: Any
    revisions: dict[str, Revision] = field(default_factory=dict)
    fronts: dict[str, Front] = field(default_factory=dict)


class CloudRun:
    """All services. log(service, revision, line) takes what instances write."""

    def __init__(self, accounts: Accounts, runtime: Runtime, log: Callable[[str, str, str], None]) -> None:
        from google.cloud.run_v2 import types

        self._types = types  # Google's own messages
        self._accounts, self._runtime, self._log = accounts, runtime, log
        self._lock = threading.RLock()
        self.services: dict[str, Service] = {}

    # What Cloud Functions asks of it

    def revise(self, name: str, folder: Path, built: object, function: Any, floating: bool) -> str:
        """Add a revision that runs this, once it has started; the service is made with its first one.

        floating: the newest revision gets all the traffic from now on. Raises BuildError when it does not start.
        """
        config = function.service_config
        with self._lock:
            service = self.services.get(name)
            number = len(service.revisions) + 1 if service is not None else 1
            short = f"{name.rpartition('/')[2]}-{number:05d}-{secrets.token_hex(2)[:3]}"
            if service is not None:
                service.message.latest_created_revision = f"{name}/revisions/{short}"
                service.message.etag = _etag()
        revision = Revision(
            _revision(self._types, name, short, function),
            folder,
            built,
            function.build_config.entry_point,
            float(config.timeout_seconds or 60),
        )
        self._start(name, revision)
        with self._lock:
            if service is None:
                service = self.services[name] = Service(_service(self._types, name))
                service.fronts[""] = self._front(name, "")
                service.message.uri = service.fronts[""].url
                service.message.latest_created_revision = f"{name}/revisions/{short}"
                floating = True
            service.revisions[short] = revision
            message = service.message
            message.latest_ready_revision = f"{name}/revisions/{short}"
            message.template.revision = short  # Cloud Functions names its revisions
            if floating:
                kept = [each for each in message.traffic if each.tag]
                for each in kept:
                    each.percent = 0
                message.traffic = [self._types.TrafficTarget(type_=LATEST, percent=100), *kept]
            self._settle(service)
        return short

    def delete(self, name: str) -> None:
        """Remove a service with everything that runs for it."""
        with self._lock:
            service = self.services.pop(name, None)
            self._accounts.policies.pop(name, None)
        if service is not None:
            for front in service.fronts.values():
                front.close()
            for revision in service.revisions.values():
                _stop(revision)

    # What clients ask of it

    def get(self, name: str) -> Any:
        with self._lock:
            if name not in self.services:
                raise not_found(f"Resource '{name}' was not found")
            return self._types.Service(self.services[name].message)

    def list_revisions(self, name: str) -> list[Any]:
        with self._lock:
            if name not in self.services:
                raise not_found(f"Resource '{name}' was not found")
            return [each.message for each in reversed(self.services[name].revisions.values())]

    def update(self, wanted: Any, mask: list[str]) -> Any:
        """Change who gets which traffic: what a function's service may be changed in."""
        with self._lock:
            self.get(wanted.name)
            service = self.services[wanted.name]
            if wanted.etag and wanted.etag != service.message.etag:
                raise aborted("Conflict: the etag is not that of the service as it is now")
            if mask != ["traffic"]:
                raise exists(
                    f"Revision named '{service.message.template.revision}' with different configuration already exists."
                )
            _check(wanted.traffic, service, wanted.name)
            service.message.traffic = list(wanted.traffic)
            self._settle(service)
            return self._types.Service(service.message)

    # What happens by itself

    def _settle(self, service: Service) -> None:
        """Bring the addresses, and what runs, in line with the shares; under the lock."""
        message = service.message
        name = message.name
        tags = {each.tag for each in message.traffic if each.tag}
        for tag in [tag for tag in service.fronts if tag and tag not in tags]:
            service.fronts.pop(tag).close()
        for tag in tags - service.fronts.keys():
            service.fronts[tag] = self._front(name, tag)
        newest = message.latest_ready_revision.rpartition("/")[2]
        message.traffic_statuses = [
            self._types.TrafficTargetStatus(
                type_=each.type_,
                revision=each.revision or newest,
                percent=each.percent,
                tag=each.tag,
                uri=service.fronts[each.tag].url if each.tag else "",
            )
            for each in message.traffic
        ]
        message.etag = _etag()
        message.generation += 1
        served = {each.revision for each in message.traffic_statuses}
        for short, revision in service.revisions.items():
            if short not in served:
                _stop(revision)

    def _front(self, name: str, tag: str) -> Front:
        def admit(headers: Mapping[str, str]) -> int | None:
            with self._lock:
                audience = self.services[name].message.uri
            if self._accounts.may(name, INVOKER, None):
                return None
            kind, _, token = headers.get("authorization", "").partition(" ")
            if not token:
                return 403
            email = self._accounts.reader(token, audience) if kind.lower() == "bearer" else None
            if email is None:
                return 401
            return None if self._accounts.may(name, INVOKER, email) else 403

        def serve(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
            with self._lock:
                service = self.services[name]
                statuses = service.message.traffic_statuses
                if tag:
                    short = next(each.revision for each in statuses if each.tag == tag)
                else:
                    shares: dict[str, int] = {}
                    for each in statuses:
                        shares[each.revision] = shares.get(each.revision, 0) + each.percent
                    short = draw(shares)
                revision = service.revisions[short]
            return self._answer(name, revision, method, path, headers, body)

        return Front(Passage(admit, serve))

    def _answer(
        self, name: str, revision: Revision, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        try:
            instance = self._start(name, revision)
            return instance.ask(method, path, headers, body, revision.timeout)
        except BuildError:
            return refusal(503)
        except TimeoutError:
            _stop(revision)
            return refusal(504)
        except OSError:  # the instance has died; the next request starts another
            _stop(revision)
            return refusal(503)

    def _start(self, name: str, revision: Revision) -> Instance:
        """The revision's instance: a request to one that has none is a cold start."""
        with revision.lock:
            if revision.instance is None:
                short = revision.message.name.rpartition("/")[2]
                revision.instance = self._runtime.start(
                    revision.built,
                    revision.folder,
                    revision.entry,
                    self._environment(name, revision),
                    lambda line: self._log(name, short, line),
                )
            return revision.instance

    def _environment(self, name: str, revision: Revision) -> dict[str, str]:
        """What Google sets, the user's variables, and the secrets that the account may read."""
        message = revision.message
        env = {
            "K_SERVICE": name.rpartition("/")[2],
            "K_REVISION": message.name.rpartition("/")[2],
            "K_CONFIGURATION": name.rpartition("/")[2],
            "FUNCTION_TARGET": revision.entry,
            "FUNCTION_SIGNATURE_TYPE": "http",
            "LOG_EXECUTION_ID": "true",
        }
        for each in message.containers[0].env:
            reference = each.value_source.secret_key_ref
            if reference.secret:
                value = self._accounts.secret(reference.secret, reference.version, message.service_account)
                if value is None:
                    raise BuildError(
                        f"Permission denied on secret: {reference.secret}/versions/{reference.version} for Revision"
                        f" service account {message.service_account}"
                    )
                env[each.name] = value
            else:
                env[each.name] = each.value
        return env


def _stop(revision: Revision) -> None:
    with revision.lock:
        instance, revision.instance = revision.instance, None
    if instance is not None:
        instance.stop()


def _service(types: Any, name: str) -> Any:
    return types.Service(name=name, uid=secrets.token_hex(16), create_time=datetime.now(UTC), etag=_etag())


def _revision(types: Any, service: str, short: str, function: Any) -> Any:
    config = function.service_config
    env = [types.EnvVar(name=key, value=text) for key, text in sorted(config.environment_variables.items())]
    for each in config.secret_environment_variables:
        secret = f"projects/{each.project_id}/secrets/{each.secret}"
        selector = types.SecretKeySelector(secret=secret, version=each.version or "latest")
        env.append(types.EnvVar(name=each.key, value_source=types.EnvVarSource(secret_key_ref=selector)))
    return types.Revision(
        name=f"{service}/revisions/{short}",
        service=service,
        create_time=datetime.now(UTC),
        service_account=config.service_account_email,
        max_instance_request_concurrency=config.max_instance_request_concurrency,
        containers=[types.Container(env=env, image="emulated")],
    )


def _check(traffic: Any, service: Service, name: str) -> None:
    if sum(each.percent for each in traffic) != 100:
        raise invalid("traffic: the percents do not add up to 100")
    tags = [each.tag for each in traffic if each.tag]
    if len(tags) != len(set(tags)):
        raise invalid("traffic: a tag is given twice")
    for each in traffic:
        kind = each.type_.name
        if kind == NAMED and each.revision not in service.revisions:
            raise invalid(f"Revision '{each.revision}' does not exist or is deleted.")
        if kind not in (NAMED, LATEST) or (kind == LATEST and each.revision):
            raise invalid("traffic: the type does not fit the revision")
        if each.tag and not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", each.tag):
            raise invalid(f"traffic: {each.tag!r} is no tag")
        if each.tag and len(each.tag) + len(name.rpartition("/")[2]) > LONGEST:
            raise invalid(f"traffic: tag and name together have more than {LONGEST} characters")


def _etag() -> str:
    return json.dumps(secrets.token_hex(8))
