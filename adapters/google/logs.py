"""What a function wrote to Cloud Logging, oldest first.

https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from .clients import Clients
from .target import Place

PAGE = 500
PAUSE = 2.0  # seconds between two looks


def read_log(
    clients: Clients,
    place: Place,
    start: datetime,
    follow: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Mapping[str, Any]]:
    """The entries since then, and with follow each new one for ever."""
    last, told = start.isoformat(), set[str]()
    while True:
        for entry in _entries(clients, place, last):
            if entry["insertId"] not in told:
                told.add(entry["insertId"])
                last = entry["timestamp"]
                yield entry
        if not follow:
            return
        sleep(PAUSE)


def line(entry: Mapping[str, Any]) -> str:
    """An entry for people: when, how grave, what, and what else the function said of the request."""
    payload = entry.get("jsonPayload", {})
    text = payload.get("message", entry.get("textPayload", ""))
    rest = {
        name: value
        for name, value in payload.items()
        if name not in ("message", "severity", "method", "path", "status")
    }
    shown = "  " + json.dumps(rest, ensure_ascii=False) if rest else ""
    return f"{entry['timestamp'][:23]} {entry.get('severity', 'DEFAULT'):<8} {text}{shown}"


def _entries(clients: Clients, place: Place, since: str) -> Iterator[Mapping[str, Any]]:
    wanted = (
        f'resource.type="cloud_run_revision" resource.labels.service_name="{place.name}" '
        f'resource.labels.location="{place.region}" timestamp>="{since}"'
    )
    body = {
        "resourceNames": [f"projects/{place.project}"],
        "filter": wanted,
        "orderBy": "timestamp asc",
        "pageSize": PAGE,
    }
    token = ""
    while True:
        page = clients.entries({**body, **({"pageToken": token} if token else {})})
        yield from page.get("entries", ())
        token = page.get("nextPageToken", "")
        if not token:
            return
