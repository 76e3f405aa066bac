"""An artifact on its way to callers: bundled, planned against what is there, shown or carried out."""

from __future__ import annotations

import tempfile
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from leanfn import load
from leanfn.artifact import Artifact

from ..bundle import bundle
from ..deployment import tell_plan, tell_result
from ..flags import How
from ..plan import Step
from .calling import how_to_call
from .observe import Observed
from .plan import plan_canary, plan_deployment
from .secrets import resolve_secrets
from .site import Site
from .target import Target
from .wanted import Code, Wanted, base_of, default


def release(site: Site, folder: Path, target: Target, *, weight: float | None, how: How) -> None:
    """Deploy an artifact, or let it have a share of the calls, and say how to call it."""
    artifact = load(folder)
    seen = site.see(target.role)
    kept = base_of(seen) or default(site.place)
    target = replace(
        target, python=target.python or kept.runtime.removeprefix("python"), arch=target.arch or kept.arch
    )
    with tempfile.TemporaryDirectory(prefix="leanfn-") as scratch:
        code = packed(artifact, folder, target, Path(scratch))
        plan = planned(site, seen, target, code, weight)
        if how.dry_run:
            tell_plan(plan, how.json, site.screen)
            return
        site.carry_out(plan, artifact)
    tell(site, site.see(target.role), artifact, plan, how.json)


def packed(artifact: Artifact, folder: Path, target: Target, out: Path) -> Code:
    """The artifact's bundle."""
    made = bundle(folder, "aws", out, python=target.python, arch=target.arch or "x86_64")
    data = made.archive.read_bytes()
    return Code(
        made.archive,
        b64encode(sha256(data).digest()).decode(),
        len(data),
        artifact.version,
        made.digest,
        artifact.name,
    )


def planned(site: Site, seen: Observed, target: Target, code: Code, weight: float | None) -> list[Step]:
    """The steps from what is there to this."""
    secrets = grants = None
    if target.secrets is not None:
        names = target.secrets
        secrets, grants = site.patiently(lambda: resolve_secrets(site.clients, site.place, names))
    wanted = Wanted(target, code, site.journal.deployment, secrets, grants)
    if weight is None:
        return plan_deployment(wanted, seen, site.left())
    return plan_canary(wanted, seen, weight, site.left())


def tell(site: Site, seen: Observed, artifact: Artifact, plan: list[Step], as_json: bool) -> None:
    """What is live now, and the command that calls it."""
    live = seen.live
    if live is None:  # somebody has removed it meanwhile
        tell_result(
            {"name": site.place.name, "live": None}, as_json, f"{site.place.name} is not live", site.screen
        )
        return
    result: Mapping[str, Any] = {
        "name": site.place.name,
        "region": site.place.region,
        "live": live.version,
        "canary": live.canary,
        "weight": live.weight,
        "artifact": artifact.version,
        "url": seen.url,
        "public": seen.auth == "NONE",
        "steps": len(plan),
    }
    lines = [f"{site.place.name} is what it was wanted to be: nothing was changed" if not plan else ""]
    lines.append(
        f"version {live.version} is live in {site.place.region}"
        + (f", and version {live.canary} answers {live.weight:.0%} of the calls" if live.canary else "")
    )
    lines.append(how_to_call(site, seen, artifact))
    tell_result(result, as_json, "\n".join(filter(None, lines)), site.screen)
