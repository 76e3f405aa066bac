"""Where a command works: the clients, the function's place, its journal, the terminal, and how patient it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from leanfn.artifact import Artifact
from leanfn.errors import DeploymentError

from .. import deployment
from ..deployment import Terminal, carry_out, terminal
from ..execute import Patience, patiently
from ..journal import Journal, open_journal
from ..names import checked
from ..plan import Step
from .calls import calls
from .clients import Clients, clients
from .errors import ask, code
from .observe import Observed, Place, locate, observe
from .target import NAME, NAME_LIMIT, check_place
from .wanted import Stored

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Site:
    """One function's."""

    clients: Clients
    place: Place
    journal: Journal
    screen: Terminal
    patience: Patience

    def see(self, role: str | None = None) -> Observed:
        """What is there now. role: one that is given, so that leanfn's own is not looked for."""
        return self.patiently(lambda: observe(self.clients, self.place, role))

    def see_deployed(self) -> Observed:
        """What is there, of a function that must be."""
        seen = self.see()
        if seen.latest is None:
            raise DeploymentError(
                f"there is no function {self.place.name}\n  in:   {self.place.region}, account {self.place.account}\n"
                "Deploy it with 'leanfn aws deploy', or name its region with --region"
            )
        return seen

    def left(self) -> list[Stored]:
        """Code in S3 that the journal speaks of and that is there."""
        found = []
        for resource in self.journal.begun():
            head, _, path = resource.partition(":s3:::")
            bucket, _, key = path.partition("/")
            if path and self._is_stored(bucket, key):
                found.append(Stored(bucket, key, head.removeprefix("arn:")))
        return found

    def _is_stored(self, bucket: str, key: str) -> bool:
        try:
            self.patiently(lambda: ask(self.clients["s3"].head_object, Bucket=bucket, Key=key))
        except DeploymentError as error:
            if code(error) in (
                "404",
                "403",
                "NoSuchKey",
                "NoSuchBucket",
            ):  # 403 where one may not list a bucket
                return False
            raise
        return True

    def carry_out(self, plan: Sequence[Step], artifact: Artifact | None = None) -> None:
        """Make a plan's steps. artifact: whose examples are asked for, when the plan has a probe."""
        table = calls(self.clients, self.place, self.journal.deployment, artifact)
        carry_out(plan, table, self.journal, self.screen, self.patience)

    def patiently(self, call: Callable[[], T]) -> T:
        """What a call gives that changes nothing, tried again for as long as it is worth it."""
        return patiently(call, self._wait, self.patience)

    def _wait(self, reason: str) -> None:
        print(f"  …  {reason.partition(chr(10))[0]}", file=self.screen.stderr)


def open_site(
    name: str,
    region: str | None,
    profile: str | None,
    emulator: Mapping[str, str] | None,
    screen: Terminal | None = None,
    patience: Patience | None = None,
    journals: Path | None = None,
) -> Site:
    """The site of a function. emulator: the settings of the AWS that is emulated on this machine, if that is meant."""
    checked(name, NAME, "letters, digits, - and _, at most 64 of them")
    check_place(region, None)
    made = clients(region, profile, emulator)
    check_place(made.region, None)
    place = locate(made, name)
    journal = open_journal("aws", f"{place.account}-{place.region}", name, journals)
    return Site(made, place, journal, screen or terminal(), patience or Patience())


def function_name(name: str, stage: str | None) -> str:
    """The function's name for its own, or for its artifact's folder."""
    check_place(None, stage)
    wanted = "a function's name (letters, digits, - and _), or an artifact's folder"
    return checked(deployment.function_name(name, stage, NAME_LIMIT), NAME, wanted)
