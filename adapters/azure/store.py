"""A function's container of blobs: its packages, the record of which is live, and the lease that only one deployment has.

The record is one blob, so that what it says changes in one write; a deployment takes a lease on it, if it is still
what the deployment was planned from, and changes it at once. Whoever planned from the same one is refused then.
https://learn.microsoft.com/rest/api/storageservices/lease-blob
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from leanfn.errors import DeploymentError, Transient

from .errors import code_of, in_our_words, missing

RECORD = "record.json"
PACKAGES = "packages/"
LEASE = 60  # seconds, the longest that ends by itself; one that a deployment left behind is over after that
RENEWED = 20.0  # seconds
KEPT = 10  # packages


@dataclass(frozen=True, slots=True)
class Version:
    """What was published. bundle: the package's digest; artifact: the model's version.

    auth: who may call it: key, anonymous or entra, and then client is the id of the app registration.
    """

    bundle: str
    artifact: str
    python: str
    auth: str
    client: str | None
    made: str

    def line(self) -> str:
        return json.dumps(asdict(self))


def read_version(found: Any) -> Version | None:
    """None for what is no version."""
    if isinstance(found, str):
        found = json.loads(found or "null")
    return Version(**found) if found else None


@dataclass(frozen=True, slots=True)
class Record:
    """live: what was published and probed, previous: what was so before it; begun: published, or about to be, and not probed."""

    live: Version | None = None
    previous: Version | None = None
    begun: Version | None = None


class Store:
    """open_container: opened at the first use, since a first deployment plans before there is a storage account."""

    def __init__(self, open_container: Callable[[], Any], deployment: str) -> None:
        self._open = open_container
        self._opened: Any = None
        self._deployment = deployment
        self._lease: Any = None
        self._lost: BaseException | None = None
        self._stop = threading.Event()
        self._record = Record()

    @property
    def container(self) -> Any:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def read(self) -> tuple[Record, str] | None:
        """The record and its etag; None when there is none yet."""
        from azure.core.exceptions import HttpResponseError

        try:
            with in_our_words():
                found = self.container.download_blob(RECORD)
                record = json.loads(found.readall())
        except DeploymentError as error:
            if isinstance(error.__cause__, HttpResponseError) and missing(error.__cause__):
                return None
            raise
        parts = {name: read_version(record[name]) for name in ("live", "previous", "begun")}
        return Record(**parts), str(found.properties.etag)

    def claim(self, etag: str | None) -> None:
        """Be the only deployment. etag: of the record that the plan was made from."""
        if self._lease is not None:
            return
        from azure.core import MatchConditions
        from azure.storage.blob import BlobLeaseClient

        blob = self.container.get_blob_client(RECORD)
        if etag is None:
            etag = self._create(blob)
        # of this deployment's own id: taken again when the answer to the first try was lost
        lease = BlobLeaseClient(blob, str(uuid.uuid5(uuid.NAMESPACE_OID, self._deployment)))
        with in_our_words():
            try:
                lease.acquire(LEASE, etag=etag, match_condition=MatchConditions.IfNotModified)
            except Exception as error:
                raise _why_not(error) from error
        self._lease = lease
        found = self.read()
        self.write(found[0] if found else Record())
        threading.Thread(target=self._keep, daemon=True).start()

    def _create(self, blob: Any) -> str:
        from azure.core.exceptions import ResourceExistsError

        with in_our_words():
            try:
                made = blob.upload_blob(_document(Record()), metadata={"deployment": self._deployment})
                return str(made["etag"])
            except ResourceExistsError:
                found = blob.get_blob_properties()
        if found.metadata.get("deployment") != self._deployment:
            raise _outrun()
        return str(found.etag)

    def _keep(self) -> None:
        while not self._stop.wait(RENEWED):
            try:
                self._lease.renew()
            except Exception as error:
                self._lost = error

    def check(self) -> None:
        """Go on only while the lease is ours; it is lost when the machine slept for longer than it lasts."""
        if self._lost is not None:
            raise DeploymentError(
                f"the lease on {RECORD} was lost, and another deployment may have begun\n  said:   {self._lost}\n"
                "Run the same command again"
            )

    def write(self, record: Record) -> None:
        """Change the record, under the lease."""
        with in_our_words():
            self.container.upload_blob(
                RECORD,
                _document(record),
                overwrite=True,
                lease=self._lease,
                metadata={"deployment": self._deployment},
            )

    def release(self) -> None:
        """Let the next deployment begin; one that does not get here lets go within a minute."""
        self._stop.set()
        if self._lease is not None:
            with suppress(Exception):  # the command has its own result to tell, and the lease ends by itself
                self._lease.release()

    def put(self, version: Version, data: bytes) -> None:
        """Keep a package."""
        with in_our_words():
            self.container.upload_blob(
                _blob(version.bundle), data, overwrite=True, metadata={"version": version.line()}
            )

    def get(self, bundle: str) -> bytes:
        """A package's bytes."""
        with in_our_words():
            return bytes(self.container.download_blob(_blob(bundle)).readall())

    def packages(self) -> list[Version]:
        """All that are kept, the newest first."""
        with in_our_words():
            found = list(self.container.list_blobs(PACKAGES, include=["metadata"]))
        versions = [read_version((each.metadata or {}).get("version", "")) for each in found]
        return sorted(filter(None, versions), key=lambda version: version.made, reverse=True)

    def forget(self, bundles: list[str]) -> None:
        """Remove packages."""
        with in_our_words():
            for bundle in bundles:
                try:
                    self.container.delete_blob(_blob(bundle))
                except Exception as error:
                    if not missing(error):
                        raise


def superfluous(packages: list[Version], used: set[str]) -> list[str]:
    """The packages that need not be kept any longer."""
    return [each.bundle for each in packages[KEPT:] if each.bundle not in used]


def _blob(bundle: str) -> str:
    return f"{PACKAGES}{bundle}.zip"


def _document(record: Record) -> bytes:
    return json.dumps(asdict(record)).encode()


def _why_not(error: Exception) -> Exception:
    if code_of(error) == "ConditionNotMet":
        return _outrun()
    if code_of(error) == "LeaseAlreadyPresent":
        return Transient("another deployment is under way, or broke off less than a minute ago")
    return error


def _outrun() -> DeploymentError:
    return DeploymentError(
        "another deployment of this function went first\n"
        "Look at what it did with 'leanfn azure status', and run the same command again if it is still wanted"
    )
