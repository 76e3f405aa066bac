"""What a function is, for people and for programs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from leanfn import load
from leanfn.certificate import examples

from ..plan import Step
from . import traffic
from .observe import Observed
from .target import BUNDLE, KEY, VERSION, Place


def status(place: Place, seen: Observed) -> dict[str, Any]:
    """A function that is there, as a document; the first eight members are every cloud's."""
    settings = seen.settings
    assert settings is not None
    live, canary, back = traffic.live(seen.shares), traffic.canary(seen.shares), traffic.previous(seen.shares)
    running = seen.revision(live.revision) if live is not None else None
    return {
        "name": place.name,
        "region": place.region,
        "live": live.revision if live is not None else None,
        "artifact": running.version if running is not None else None,
        "canary": canary.revision if canary is not None else None,
        "weight": canary.percent / 100 if canary is not None else 0.0,
        "url": seen.url or None,
        "public": seen.public,
        "project": place.project,
        "state": seen.state,
        "previous": back.revision if back is not None else None,
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


def status_text(found: Mapping[str, Any]) -> str:
    """The same for people, without what there is none of."""
    return "\n".join(f"{name:<16}{_plain(value)}" for name, value in found.items() if value not in (None, {}))


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key}={text}" for key, text in value.items())
    return str(value)


def versions(seen: Observed) -> list[dict[str, Any]]:
    """Every revision, newest first."""
    return [
        {
            "version": revision.name,
            "artifact": revision.version or None,
            "created": revision.created,
            "share": sum(share.percent for share in seen.shares if share.revision == revision.name) / 100,
            "tags": sorted(
                share.tag for share in seen.shares if share.revision == revision.name and share.tag
            ),
        }
        for revision in sorted(seen.revisions, key=lambda each: (each.created, each.name), reverse=True)
    ]


def versions_text(found: Sequence[Mapping[str, Any]]) -> str:
    """The same for people."""
    return "\n".join(
        f"{each['version']:<28}{each['artifact'] or 'not made by leanfn':<18}  {each['created']}"
        + (f"  {each['share']:.0%} of the calls" if each["share"] else "")
        + (f"  {' '.join(each['tags'])}" if each["tags"] else "")
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
