"""Hands a package to an app's deployment service, and waits for its build and its end.

https://learn.microsoft.com/azure/azure-functions/functions-deployment-technologies#one-deploy
https://learn.microsoft.com/azure/app-service/deploy-zip
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from leanfn.errors import DeploymentError, Transient

from .clients import Clients
from .errors import in_our_words

LIMIT = 15 * 60.0  # seconds for a build
LINES = 12  # of the build's own, when it failed
SUCCEEDED = 4
ENDS = {3: "failed", 5: "was superseded by another", 6: "succeeded in part only", -1: "was cancelled"}


def publish(
    clients: Clients,
    host: str,
    data: bytes,
    *,
    flexible: bool,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """host: the app's deployment service. A build installs what requirements.txt names, as az has it done for Python."""
    path = "publish?RemoteBuild=true" if flexible else "zipdeploy?isAsync=true"
    deadline = clock() + LIMIT
    _send(clients, "POST", f"https://{host}/api/{path}", data)
    while True:
        found = _send(clients, "GET", f"https://{host}/api/deployments/latest")
        state = found.json() if found.status_code == 200 else {}
        if state.get("complete"):
            break
        if clock() > deadline:
            raise Transient(f"the deployment has not ended within {LIMIT:.0f} seconds")
        sleep(clients.poll)
    if state.get("status") == SUCCEEDED:
        return
    said = "\n".join(f"  {line}" for line in _last_lines(clients, host, state))
    end = ENDS.get(int(state.get("status") or 0), f"ended as {state.get('status')}")
    raise DeploymentError(f"the deployment {end}\n{said}")


def _last_lines(clients: Clients, host: str, state: dict[str, Any]) -> list[str]:
    lines = [str(state.get("status_text") or "")]
    try:
        lines += _log(clients, f"https://{host}/api/deployments/{state.get('id')}/log")
    except DeploymentError:  # the log adds to an error that is told anyway
        pass
    whole = [line for text in lines for line in text.splitlines() if line.strip()]
    return whole[-LINES:] or ["it says nothing about it"]


def _log(clients: Clients, url: str) -> Iterator[str]:
    for entry in _send(clients, "GET", url).json():
        yield str(entry.get("message") or "")
        if entry.get("details_url"):
            yield from _log(clients, entry["details_url"])


def _send(clients: Clients, method: str, url: str, data: bytes | None = None) -> Any:
    from azure.core.rest import HttpRequest

    headers = {"content-type": "application/zip"} if data is not None else {}
    with in_our_words():
        found = clients.web.send_request(HttpRequest(method, url, headers=headers, content=data))
        if found.status_code == 409:
            raise Transient("another package is being deployed")
        if found.status_code != 404 or method != "GET":
            found.raise_for_status()
    return found
