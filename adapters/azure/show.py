"""What commands say of a function."""

from __future__ import annotations

import json
from typing import Any

from .observe import Observed
from .target import SLOT, Place, is_reference


def description(place: Place, seen: Observed) -> dict[str, Any]:
    """What status says, as a document."""
    app, live, begun = seen.app, seen.live, seen.record.begun
    assert app is not None
    versions = {"live": live, "previous": seen.previous, "canary": seen.canary}
    shown: dict[str, Any] = {
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
        "auth": live.auth if live else None,
        "share of the canary": seen.share,
        # published, or about to be, when a deployment broke off: what answers was not probed
        "unfinished": json.loads(begun.line()) if begun and not seen.canary else None,
    }
    return shown | {name: json.loads(each.line()) if each else None for name, each in versions.items()}


def line(value: object) -> str:
    """A value of the description, for people."""
    if isinstance(value, dict):
        return f"{value['artifact']}  {value['bundle'][:12]}  {value['made']}"
    return "-" if value is None else str(value)


def table(seen: Observed) -> list[dict[str, str]]:
    """The packages that are kept, each with what it is."""
    marks = {"live": seen.live, "previous": seen.previous, "canary": seen.canary}
    return [
        {
            "version": each.artifact,
            "bundle": each.bundle,
            "made": each.made,
            "is": " ".join(mark for mark, found in marks.items() if found and found.bundle == each.bundle),
        }
        for each in seen.packages
    ]


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
