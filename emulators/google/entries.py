"""Cloud Logging's part: what instances write becomes entries, which a filter finds.

https://cloud.google.com/run/docs/logging
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections import deque
from datetime import UTC, datetime
from typing import Any

KEPT = 10_000  # entries
SPECIAL = "logging.googleapis.com/"  # fields that go to the entry itself


class Entries:
    """The newest entries of all services."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=KEPT)

    def add(self, service: str, revision: str, line: str) -> None:
        """Take one line of an instance; a line that is a JSON object is structured."""
        _, project, _, location, _, name = service.split("/")
        entry: dict[str, Any] = {
            "insertId": secrets.token_hex(12),
            "logName": f"projects/{project}/logs/run.googleapis.com%2Fstdout",
            "resource": {
                "type": "cloud_run_revision",
                "labels": {
                    "service_name": name,
                    "revision_name": revision,
                    "location": location,
                    "project_id": project,
                },
            },
            "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        }
        try:
            payload = json.loads(line)
        except ValueError:
            payload = None
        if isinstance(payload, dict):
            if "severity" in payload:
                entry["severity"] = payload.pop("severity")
            for key in [key for key in payload if key.startswith(SPECIAL)]:
                entry[key.removeprefix(SPECIAL)] = payload.pop(key)
            entry["jsonPayload"] = payload
        else:
            entry["textPayload"] = line
        with self._lock:
            self._entries.append(entry)

    def find(self, text: str, size: int, token: str) -> dict[str, Any] | None:
        """A page of the entries for which each comparison of the filter holds; None for a filter that is none."""
        comparisons = re.findall(r'([\w.]+)\s*(=|>=)\s*"([^"]*)"', text)
        if re.sub(r'[\w.]+\s*(=|>=)\s*"[^"]*"|\bAND\b', "", text).strip():
            return None
        with self._lock:
            found = [entry for entry in self._entries if all(_holds(entry, *each) for each in comparisons)]
        start = int(token or 0)
        page: dict[str, Any] = {"entries": found[start : start + size]}
        if start + size < len(found):
            page["nextPageToken"] = str(start + size)
        return page


def _holds(entry: dict[str, Any], path: str, sign: str, wanted: str) -> bool:
    value: Any = entry
    for part in path.split("."):
        value = value.get(part, {}) if isinstance(value, dict) else {}
    if sign == "=":
        return bool(value == wanted)
    return datetime.fromisoformat(str(value)) >= datetime.fromisoformat(wanted)
