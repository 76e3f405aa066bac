"""What a function is, for people and for programs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leanfn import load
from leanfn.certificate import examples

from ..plan import Step
from . import traffic
from .observe import Observed
from .target import BUNDLE, KEY, VERSION, Place


def status(place: Place, seen: Observed) -> dict[str, Any]:
    """A function that is there, as a document."""
    settings = seen.settings
    assert settings is not None
    return {
        "name": place.name,
        "project": place.project,
        "region": place.region,
        "url": seen.url,
        "state": seen.state,
        "live": _share(seen, traffic.live(seen.shares)),
        "canary": _share(seen, traffic.canary(seen.shares)),
        "previous": _share(seen, traffic.previous(seen.shares)),
        "public": seen.public,
        "key": KEY in settings.env,
        "python": settings.python,
        "memory": settings.memory,
        "timeout": settings.timeout,
        "cpu": settings.cpu,
        "concurrency": settings.concurrency,
        "min_instances": settings.min_instances,
        "max_instances": settings.max_instances,
        "service_account": settings.account,
        "env": {name: text for name, text in settings.env.items() if name not in (BUNDLE, VERSION, KEY)},
        "secrets": dict(settings.secrets),
        "labels": dict(settings.labels),
    }


def status_text(found: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"{found['name']}  {found['state']}  {found['url']}"]
    for what in ("live", "canary", "previous"):
        if (share := found[what]) is not None:
            lines.append(f"  {what:<10}{share['version'] or '?'}  {share['revision']}  {share['percent']} %")
    if found["live"] is None:
        lines.append("  live      none: no version has passed its probe")
    lines.append(f"  callers   {'everybody' if found['public'] else 'those with roles/run.invoker'}")
    for name in ("memory", "timeout", "cpu", "concurrency", "min_instances", "max_instances", "python"):
        if found[name] is not None:
            lines.append(f"  {name.replace('_', '-'):<14}{found[name]}")
    lines.append(f"  account   {found['service_account']}")
    for name in ("env", "secrets", "labels"):
        if found[name]:
            lines.append(f"  {name:<10}{', '.join(f'{key}={text}' for key, text in found[name].items())}")
    return "\n".join(lines)


def versions(seen: Observed) -> list[dict[str, Any]]:
    """Every revision, newest first."""
    found = []
    for revision in sorted(seen.revisions, key=lambda each: (each.created, each.name), reverse=True):
        shares = [share for share in seen.shares if share.revision == revision.name]
        found.append(
            {
                "revision": revision.name,
                "version": revision.version,
                "created": revision.created,
                "percent": sum(share.percent for share in shares),
                "tags": sorted(share.tag for share in shares if share.tag),
            }
        )
    return found


def versions_text(found: Sequence[dict[str, Any]]) -> str:
    """The same for people."""
    return "\n".join(
        f"{each['version'] or '?':<18}{each['revision']:<28}{each['percent']:>4} %  "
        f"{each['created']}  {' '.join(each['tags'])}".rstrip()
        for each in found
    )


def deployed_text(found: dict[str, Any], plan: Sequence[Step], artifact: Path, emulated: bool) -> str:
    """What a deployment has come to, and the line that calls it."""
    changed = "" if plan else "nothing to do: what is deployed is what is wanted\n"
    return f"{changed}{status_text(found)}\nCall it:\n  {call_line(found, artifact, emulated)}"


def call_line(found: dict[str, Any], artifact: Path, emulated: bool) -> str:
    """The command that sends the artifact's first example to the function."""
    rows, _ = examples(load(artifact))
    body = shlex.quote(json.dumps(rows[0], ensure_ascii=False))
    key = ' -H "x-api-key: $KEY"' if found["key"] else ""
    if emulated and not found["public"]:
        return f"echo {body} | leanfn google invoke {found['name']} --emulate" + (key and " --api-key=$KEY")
    token = "" if found["public"] else ' -H "authorization: Bearer $(gcloud auth print-identity-token)"'
    return f"curl {found['url']} -H 'content-type: application/json'{token}{key} -d {body}"


def _share(seen: Observed, share: traffic.Share | None) -> dict[str, Any] | None:
    if share is None:
        return None
    revision = seen.revision(share.revision)
    return {
        "revision": share.revision,
        "version": revision.version if revision is not None else "",
        "percent": share.percent,
    }
