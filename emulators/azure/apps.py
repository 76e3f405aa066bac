"""Function apps and their slots: what is published in them, who may call it, and the service that takes packages.

Settings, package and access go from one slot to the other in a swap; hosts and keys stay.
https://learn.microsoft.com/azure/azure-functions/functions-deployment-slots
"""

from __future__ import annotations

import io
import random
import secrets
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from leanfn.errors import EmulatorError

from .front import Call, Front, Refused, Reply, say
from .tokens import Tokens

Tell: TypeAlias = Callable[[str], None]
# Runs what a folder holds: (folder, settings, key, tell) -> the URL at which it answers.
Run: TypeAlias = Callable[[Path, Mapping[str, str], str, Tell], AbstractContextManager[str]]
Listen: TypeAlias = Callable[[Callable[[Call], Reply]], Front]

HOP = ("connection", "transfer-encoding", "content-length", "date", "server")
HOME_PAGE = b"<html><title>Your Azure Function App is up and running.</title></html>"
LOG_LINES = 10_000


@dataclass
class Content:
    """What a swap moves. body: the resource as it was put; entra: authsettingsV2; package: the folder."""

    settings: dict[str, str] = field(default_factory=dict)
    entra: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    package: bytes | None = None


class App:
    """One app, or one slot of one, with its two hosts."""

    def __init__(
        self, name: str, run: Run, tokens: Tokens, listen: Listen, chance: Callable[[], float] = random.random
    ):
        self.name = name
        self.content = Content()
        self.key = secrets.token_urlsafe(24)
        self.functions: list[str] = []
        self.running = True
        self.log: list[tuple[float, str]] = []
        self.rules: list[dict[str, Any]] = []  # what share of the calls goes to which host
        self.slots: dict[str, App] = {}
        self._run = run
        self._tokens = tokens
        self._chance = chance
        self._deployment: dict[str, Any] = {}
        self._lock = threading.RLock()
        self._process: AbstractContextManager[str] | None = None
        self._url: str | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._fronts = (listen(self.answer), listen(self._take))
        self.host, self.scm = (front.host for front in self._fronts)

    def close(self) -> None:
        """End what it runs, and its slots with it."""
        for slot in self.slots.values():
            slot.close()
        self._stop()
        for front in self._fronts:
            front.close()

    def start(self) -> None:
        """Run what is published, with the settings as they are."""
        with self._lock:
            self._stop()
            self.functions = []
            if self.content.package is None:
                return
            self._folder = tempfile.TemporaryDirectory(prefix="leanfn-azure-")
            with zipfile.ZipFile(io.BytesIO(self.content.package)) as archive:
                archive.extractall(self._folder.name)
            process = self._run(Path(self._folder.name), self.content.settings, self.key, self._tell)
            try:
                self._url = process.__enter__()
            except EmulatorError as error:  # the host runs, and knows no function
                self._tell(str(error))
                return
            self._process = process
            self.functions = ["predict_handler"]

    def swap(self, other: App) -> None:
        """Each gets what the other had."""
        with self._lock, other._lock:
            self.content, other.content = other.content, self.content
            self.start()
            other.start()

    def _stop(self) -> None:
        if self._process is not None:
            self._process.__exit__(None, None, None)
        if self._folder is not None:
            self._folder.cleanup()
        self._process = self._url = self._folder = None

    def _tell(self, line: str) -> None:
        self.log.append((time.time(), line))
        del self.log[:-LOG_LINES]

    # What callers reach

    def answer(self, call: Call) -> Reply:
        """A call as the platform's front takes it: routed, let in, and handed to the host."""
        draw, passed = self._chance() * 100, 0.0
        for rule in self.rules:
            passed += float(rule["reroutePercentage"])
            if draw < passed:
                return next(
                    slot for slot in self.slots.values() if slot.host == rule["actionHostName"]
                ).answer(call)
        if not self.running:
            return Reply(403, b"<html>This web app is stopped.</html>", {"content-type": "text/html"})
        if self.content.entra.get("platform", {}).get("enabled"):
            directory = self.content.entra["identityProviders"]["azureActiveDirectory"]
            if not any(
                self._tokens.holds(call, each) for each in directory["validation"]["allowedAudiences"]
            ):
                return Reply(401, b"You do not have permission to view this directory or page.")
        if (
            call.path == "/"
            and self.content.settings.get("AzureWebJobsDisableHomepage", "").lower() != "true"
        ):
            return Reply(200, HOME_PAGE, {"content-type": "text/html"})
        with self._lock:
            url = self._url
        return Reply(404) if url is None else _handed_on(url, call)

    # The deployment service

    def _take(self, call: Call) -> Reply:
        self._tokens.check(call)
        if call.method == "POST" and call.path in ("/api/publish", "/api/zipdeploy"):
            if self._deployment and not self._deployment["complete"]:
                raise Refused(409, "Conflict", "There is a deployment currently in progress.")
            self._deployment = {
                "id": str(uuid.uuid4()),
                "status": 1,
                "status_text": "Building",
                "complete": False,
            }
            threading.Thread(target=self._deploy, args=(self._deployment, call.body), daemon=True).start()
            return say(202, self._deployment["id"])
        if call.path == "/api/deployments/latest" and self._deployment:
            return say(200 if self._deployment["complete"] else 202, self._deployment)
        if call.path == f"/api/deployments/{self._deployment.get('id')}/log":
            return say(200, [{"message": self._deployment["status_text"], "details_url": None}])
        return Reply(404)

    def _deploy(self, state: dict[str, Any], package: bytes) -> None:
        try:
            with zipfile.ZipFile(io.BytesIO(package)) as archive:
                if "host.json" not in archive.namelist():
                    raise ValueError("Malformed package: host.json is missing at the root of the zip")
            self.content.package = package
            self.start()
        except Exception as error:
            state.update(status=3, status_text=f"Deployment Failed.\n{error}", complete=True)
        else:
            state.update(status=4, status_text="", complete=True)


def _handed_on(url: str, call: Call) -> Reply:
    """The host's answer; a connection a call, since the host may be another one by the next."""
    place = urlsplit(url)
    connection = HTTPConnection(str(place.hostname), place.port or 80, timeout=230)
    try:
        headers = {name: value for name, value in call.headers.items() if name not in HOP}
        connection.request(call.method, call.target, call.body, headers)
        response = connection.getresponse()
        body = response.read()
        return Reply(
            response.status,
            body,
            {name: value for name, value in response.getheaders() if name.lower() not in HOP},
        )
    except OSError:
        return Reply(502)
    finally:
        connection.close()
