"""Requests a second that one instance answers, from one client to saturation, on Google's functions framework.

Each client sends its next request when it has the answer to its last. The clients are one process of their own; it
shares the machine with the function.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from benchmarks.asking import post
from benchmarks.cold_start import functions_framework
from benchmarks.contenders import NAMES, lay_out, payload
from leanfn.errors import LeanfnError

CLIENTS = (1, 2, 4, 8, 16, 32, 64)
SECONDS = 2.0  # at each number of clients


def measure(version: str) -> dict[str, Any]:
    """Requests a second and latency, by function and number of clients."""
    rows = []
    for name in NAMES:
        print(f"throughput: {name} ...", file=sys.stderr)
        try:
            rows.append({"name": name, "levels": _levels(name, version)})
        except LeanfnError as error:
            rows.append({"name": name, "reason": str(error)})
    return {"python": version, "seconds": SECONDS, "rows": rows}


def _levels(name: str, version: str) -> list[dict[str, float]]:
    python, folder = lay_out(name, "google", version)
    levels = []
    with functions_framework(python)(folder) as connect:
        with connect() as connection:
            port = connection.getpeername()[1]
        for count in (1, *CLIENTS):  # the first warms up
            line = [str(python), "-m", "benchmarks.clients", str(port), str(count), str(SECONDS)]
            done = subprocess.run(line, input=post("/", payload()), capture_output=True, check=False)
            if done.returncode:
                raise LeanfnError(f"{count} clients: {done.stderr.decode().strip().splitlines()[-1]}")
            levels.append({"clients": count, **json.loads(done.stdout)})
    return levels[1:]
