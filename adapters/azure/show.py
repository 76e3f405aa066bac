"""What commands say of a function."""

from __future__ import annotations

from typing import Any

from .observe import Observed
from .target import SLOT, Place, is_reference


def description(place: Place, seen: Observed) -> dict[str, Any]:
    """What status says, as a document."""
    app, live, canary, begun = seen.app, seen.live, seen.canary, seen.record.begun
    assert app is not None
    return {
        "name": place.name,
        "url": f"https://{app.host}",
        "subscription": place.subscription,
        "group": place.group,
        "site": place.site,
        "region": app.region,
        "plan": seen.plan,
        "python": app.python,
        "memory": app.memory,
        "running": app.running,
        "public": live is not None and live.auth == "anonymous",
        "auth": live.auth if live else None,
        "live": live.bundle if live else None,
        "artifact": live.artifact if live else None,
        "canary": canary.bundle if canary else None,
        "weight": seen.share,
        "previous": seen.previous.bundle if seen.previous else None,
        # published, or about to be, when a deployment broke off: what answers was not probed
        "unfinished": begun.bundle if begun and not canary else None,
    }


def status_text(found: dict[str, Any]) -> str:
    """The same for people."""
    digests = ("live", "canary", "previous", "unfinished")
    rows = [(key, str(value)[:12] if key in digests and value else value) for key, value in found.items()]
    return "\n".join(f"{key + ':':<14}{'-' if value is None else value}" for key, value in rows)


def versions(seen: Observed) -> list[dict[str, Any]]:
    """The packages that are kept, each with its share of the calls."""
    live, canary = seen.live, seen.canary
    shares = {each.bundle: share for each, share in ((canary, seen.share), (live, 1.0 - seen.share)) if each}
    return [
        {
            "version": each.bundle,
            "artifact": each.artifact,
            "share": shares.get(each.bundle, 0.0),
            "made": each.made,
            "previous": each == seen.previous,
        }
        for each in seen.packages
    ]


def versions_text(rows: list[dict[str, Any]]) -> str:
    """The same for people."""
    return "\n".join(
        f"{row['version'][:12]}  {row['artifact']}  {row['made']}  "
        f"{format(row['share'], '.0%') if row['share'] else 'previous' if row['previous'] else ''}".rstrip()
        for row in rows
    )


def how_to_read(place: Place, seen: Observed) -> list[str]:
    """The commands that let the function read its secrets: roles are given by who owns the vault."""
    values = seen.app.settings.values() if seen.app else ()
    vaults = sorted(
        {value.partition("VaultName=")[2].partition(";")[0] for value in values if is_reference(value)}
    )
    identity = (
        f"$(az functionapp identity show --resource-group {place.group} --name {place.site}"
        f"{' --slot ' + SLOT if seen.slot else ''} --query principalId --output tsv)"
    )
    return [
        f"Let it read {vault}, if it may not yet: az role assignment create --role 'Key Vault Secrets User'"
        f' --assignee "{identity}" --scope "$(az keyvault show --name {vault} --query id --output tsv)"'
        for vault in vaults
    ]


def how_to_call(place: Place, seen: Observed, emulate: bool) -> str:
    """The command that calls the function, as it stands."""
    app, live = seen.app, seen.live
    if emulate or app is None or live is None:
        return f"Call it: leanfn azure invoke {place.name} --payload=payload.json{' --emulate' if emulate else ''}"
    opened = {
        "anonymous": "",
        "key": ' -H "x-functions-key: $(az functionapp keys list'
        f" --subscription {place.subscription} --resource-group {place.group} --name {place.site}"
        ' --query functionKeys.default --output tsv)"',
        "entra": f' -H "authorization: Bearer $(az account get-access-token --resource api://{live.client}'
        ' --query accessToken --output tsv)"',
    }[live.auth]
    return f"Call it: curl https://{app.host}/predict -H 'content-type: application/json' -d @payload.json{opened}"
