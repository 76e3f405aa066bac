"""Containers of block blobs, with the conditions and leases that Azure's have; signatures are not recomputed.

https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from xml.sax.saxutils import escape

from .front import Call, Reply


@dataclass
class Blob:
    """leased: the lease's id and when it ends."""

    data: bytes
    metadata: dict[str, str]
    etag: str
    changed: float
    leased: tuple[str, float] | None = None


@dataclass
class Blobs:
    """Account -> container -> name -> blob."""

    clock: Callable[[], float] = time.time
    accounts: dict[str, dict[str, dict[str, Blob]]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, call: Call) -> Reply:
        account, container, name = [*call.path.strip("/").split("/", 2), "", ""][:3]
        if not call.headers.get("authorization", "").startswith(f"SharedKey {account}:"):
            return _refusal(403, "AuthenticationFailed")
        with self._lock:
            blobs = self.accounts.get(account, {}).get(container)
            if blobs is None:
                return _refusal(404, "ContainerNotFound")
            if call.query.get("comp") == "list":
                return _listing(blobs, call.query.get("prefix", ""))
            if call.query.get("comp") == "lease":
                return self._lease(call, blobs.get(name))
            return self._blob(call, blobs, name)

    def _blob(self, call: Call, blobs: dict[str, Blob], name: str) -> Reply:
        found = blobs.get(name)
        if call.method == "PUT":
            if refusal := self._hindered(call, found):
                return refusal
            metadata = {
                key.removeprefix("x-ms-meta-"): value
                for key, value in call.headers.items()
                if key.startswith("x-ms-meta-")
            }
            leased = found.leased if found else None
            blobs[name] = Blob(call.body, metadata, f'"{uuid.uuid4().hex}"', self.clock(), leased)
            return Reply(201, b"", _properties(blobs[name]))
        if found is None:
            return _refusal(404, "BlobNotFound")
        if call.method == "DELETE":
            if refusal := self._hindered(call, found):
                return refusal
            del blobs[name]
            return Reply(202)
        headers = _properties(found) | {"x-ms-blob-type": "BlockBlob"}
        if call.method == "HEAD":
            return Reply(200, b"", headers | {"Content-Length": str(len(found.data))})
        start, _, end = call.headers.get("x-ms-range", "bytes=0-").removeprefix("bytes=").partition("-")
        part = found.data[int(start) : int(end) + 1 if end else None]
        headers["Content-Range"] = f"bytes {start}-{int(start) + len(part) - 1}/{len(found.data)}"
        return Reply(206, part, headers)

    def _hindered(self, call: Call, found: Blob | None) -> Reply | None:
        """Why a blob cannot be written, if it cannot."""
        if call.headers.get("if-none-match") == "*" and found:
            return _refusal(409, "BlobAlreadyExists")
        if "if-match" in call.headers and (found is None or found.etag != call.headers["if-match"]):
            return _refusal(412, "ConditionNotMet")
        held, given = self._held(found), call.headers.get("x-ms-lease-id")
        if held is None and given is not None:
            return _refusal(
                412, "LeaseLost" if found and found.leased else "LeaseNotPresentWithBlobOperation"
            )
        if held is not None and given is None:
            return _refusal(412, "LeaseIdMissing")
        if held != given:
            return _refusal(412, "LeaseIdMismatchWithBlobOperation")
        return None

    def _held(self, blob: Blob | None) -> str | None:
        return blob.leased[0] if blob and blob.leased and blob.leased[1] > self.clock() else None

    def _lease(self, call: Call, blob: Blob | None) -> Reply:
        if blob is None:
            return _refusal(404, "BlobNotFound")
        if "if-match" in call.headers and blob.etag != call.headers["if-match"]:
            return _refusal(412, "ConditionNotMet")
        action, held = call.headers["x-ms-lease-action"], self._held(blob)
        if action == "acquire":
            duration = int(call.headers["x-ms-lease-duration"])
            if not (15 <= duration <= 60 or duration == -1):
                return _refusal(400, "InvalidHeaderValue")
            own = call.headers.get("x-ms-proposed-lease-id") or str(uuid.uuid4())
            if held not in (None, own):
                return _refusal(409, "LeaseAlreadyPresent")
            blob.leased = (own, self.clock() + duration if duration > 0 else float("inf"))
            return Reply(201, b"", _properties(blob) | {"x-ms-lease-id": own})
        own = call.headers["x-ms-lease-id"]
        if blob.leased is None or blob.leased[0] != own:
            return _refusal(409, "LeaseIdMismatchWithLeaseOperation")
        if action == "release":
            blob.leased = None
            return Reply(200, b"", _properties(blob))
        blob.leased = (own, self.clock() + 60)
        return Reply(200, b"", _properties(blob) | {"x-ms-lease-id": own})


def _properties(blob: Blob) -> dict[str, str]:
    metadata = {f"x-ms-meta-{key}": value for key, value in blob.metadata.items()}
    return {"ETag": blob.etag, "Last-Modified": formatdate(blob.changed, usegmt=True), **metadata}


def _refusal(status: int, code: str) -> Reply:
    body = (
        f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    )
    return Reply(status, body.encode(), {"x-ms-error-code": code, "content-type": "application/xml"})


def _listing(blobs: dict[str, Blob], prefix: str) -> Reply:
    lines = []
    for name, blob in sorted(blobs.items()):
        if not name.startswith(prefix):
            continue
        metadata = "".join(f"<{key}>{escape(value)}</{key}>" for key, value in blob.metadata.items())
        lines.append(
            f"<Blob><Name>{escape(name)}</Name><Properties><Etag>{escape(blob.etag)}</Etag>"
            f"<BlobType>BlockBlob</BlobType><Content-Length>{len(blob.data)}</Content-Length></Properties><Metadata>{metadata}</Metadata></Blob>"
        )
    body = (
        '<?xml version="1.0" encoding="utf-8"?><EnumerationResults><Blobs>'
        + "".join(lines)
        + "</Blobs><NextMarker /></EnumerationResults>"
    )
    return Reply(200, body.encode(), {"content-type": "application/xml"})
