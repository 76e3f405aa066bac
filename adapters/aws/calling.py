"""The exact command that calls a function, to be copied."""

from __future__ import annotations

import shlex

from leanfn import certificate as certificates
from leanfn.artifact import Artifact
from leanfn.http import encode

from .observe import Observed
from .site import Site

KEY = '"$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"'
TOKEN = '-H "x-amz-security-token: $AWS_SESSION_TOKEN"'  # curl leaves out a header that has no value


def how_to_call(site: Site, seen: Observed, artifact: Artifact) -> str:
    """curl with a row of the artifact's own: signed, unless everybody may call."""
    rows, _ = certificates.examples(artifact)
    words = ["curl"]
    if seen.auth != "NONE":
        words += ["--aws-sigv4", shlex.quote(f"aws:amz:{site.place.region}:lambda"), "--user"]
        words += [shlex.quote(":".join(site.clients.emulated))] if site.clients.emulated else [KEY, TOKEN]
    version = seen.version(seen.live.version) if seen.live else None
    if version is not None and "LEANFN_API_KEY_SHA256" in version.settings.environment:
        words += ["-H", '"x-api-key: $API_KEY"']
    words += [
        seen.url or "",
        "-H",
        "'content-type: application/json'",
        "-d",
        shlex.quote(encode(rows[0]).decode()),
    ]
    emulate = " --emulate" if site.clients.emulated else f" --region={site.place.region}"
    lines = [" ".join(words)]
    if seen.auth != "NONE":
        lines.append(f"or: leanfn aws invoke {site.place.name} --payload=row.json{emulate}")
    return "\n".join(lines)
