"""One command's work on one function: look, plan, carry out."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leanfn.errors import DeploymentError
from leanfn.manifest import read

from ..bundle import bundle
from ..deployment import Terminal, carry_out
from ..execute import Call, Patience
from ..journal import Journal
from ..plan import Step
from .calls import Calls
from .clients import Clients
from .errors import in_our_words
from .holders import open_container
from .observe import COMPONENT, Observed, observe
from .plan import Plans
from .show import description
from .store import Store, Version
from .target import FLEX, Place, Target
from .wanted import Wanted, fill_up


@dataclass
class Session:
    """package: of the version that is being deployed."""

    clients: Clients
    place: Place
    storage: str
    journal: Journal
    screen: Terminal
    patience: Patience = field(default_factory=Patience)
    package: bytes = b""

    def __post_init__(self) -> None:
        self.store = Store(open_container(self.clients, self.place, self.storage), self.journal.deployment)
        self.calls = Calls(self.clients, self.place, self.storage, self.store)

    def look(self, target: Target = Target()) -> Observed:  # noqa: B008 - frozen
        """What is there now."""
        plan = target.plan if target.plan and target.plan.startswith("/") else None
        return observe(self.clients, self.place, self.storage, plan, self.store)

    def found(self) -> Observed:
        """What is there, if the function is."""
        seen = self.look()
        if seen.app is None:
            raise DeploymentError(
                f"there is no function {self.place.name} in the group {self.place.group}\n"
                "Deploy it: leanfn azure deploy ARTIFACT --region=REGION"
            )
        return seen

    def plans(self, seen: Observed) -> Plans:
        """The plans that begin with what was seen."""
        return Plans(self.place, self.storage, seen, self.journal.deployment)

    def prepare(self, artifact: Path, target: Target, seen: Observed) -> tuple[Wanted, Version]:
        """What is to be there, and the version that is to be live; its package is made."""
        wanted = fill_up(target, seen)
        if seen.app is None and wanted.size == FLEX:
            self._check_region(wanted.region)
        return wanted, self.pack(artifact, wanted)

    def pack(self, artifact: Path, wanted: Wanted) -> Version:
        """Make the package of an artifact."""
        with tempfile.TemporaryDirectory() as folder:
            anonymous = wanted.auth != "key"  # Entra's gate stands before the host
            made = bundle(artifact, "azure", Path(folder), python=wanted.python, anonymous=anonymous)
            self.package = made.archive.read_bytes()
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return Version(made.digest, read(artifact).version, wanted.python, wanted.auth, wanted.client, now)

    def carry_out(
        self, steps: Sequence[Step], undo: Wanted | None = None, seen: Observed | None = None
    ) -> None:
        """Make the steps. undo: what they lead to on Flex, where a failure after the publishing is put back."""
        self.calls = Calls(self.clients, self.place, self.storage, self.store, self.package)
        try:
            try:
                carry_out(steps, self.table(), self.journal, self.screen, self.patience)
            except DeploymentError as error:
                if undo is None or seen is None or not self.calls.touched:
                    raise
                raise DeploymentError(f"{error}\n{self._put_back(undo, seen)}") from error
        finally:
            self.store.release()

    def table(self) -> Mapping[str, Call]:
        """The calls that steps are made of."""
        return self.calls.table()

    def _put_back(self, undo: Wanted, seen: Observed) -> str:
        """What became of it, for the message."""
        steps = self.plans(seen).put_back(undo)
        self.calls = Calls(self.clients, self.place, self.storage, self.store)
        try:
            carry_out(steps, self.table(), self.journal, self.screen, self.patience)
        except DeploymentError as error:
            return f"and what was live could not be put back: {error}\nTry again: leanfn azure rollback {self.place.name}"
        live = seen.record.live
        if live is None:
            return f"{self.place.site} was stopped: it had no version to go back to"
        return f"{live.artifact} ({live.bundle[:12]}) is live again, with the settings that it had"

    def _check_region(self, region: str) -> None:
        with in_our_words():
            found = self.clients.web.list_geo_regions(sku="FlexConsumption")
            names = sorted(str(each.name).replace(" ", "").lower() for each in found)
        if region not in names:
            raise DeploymentError(
                f"{region} has no Flex Consumption\n  wanted: --region={'|'.join(names)}\n  found:  --region={region}\n"
                "Or deploy to a plan that it has, such as --plan=EP1"
            )

    def logs(self, since: str) -> Iterator[tuple[str, str]]:
        """(time, line) of what the function logged after a time, the oldest first."""
        from azure.core.rest import HttpRequest

        query = (
            f"union AppTraces, AppExceptions | where TimeGenerated > datetime({since}) "
            "| project TimeGenerated, Message = coalesce(Message, OuterMessage) | order by TimeGenerated asc | take 1000"
        )
        url = f"{self.clients.logs}/v1{self.place.resource(COMPONENT)}/query"
        with in_our_words():
            headers = {"authorization": f"Bearer {self.clients.token(self.clients.logs)}"}
            found = self.clients.plain.send_request(
                HttpRequest("POST", url, headers=headers, json={"query": query})
            )
            found.raise_for_status()
        for at, line, *_ in found.json()["tables"][0]["rows"]:
            yield str(at), str(line)

    def description(self, seen: Observed) -> dict[str, Any]:
        """What status says, as a document."""
        return description(self.place, seen)
