"""What was measured, in one file: each section writes its own part as it finishes, with the machine as it was then."""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path("benchmarks") / "results.json"


def read(path: Path = RESULTS) -> dict[str, Any]:
    """Section -> what it measured; empty where nothing was measured yet."""
    found: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return found


def record(section: str, measure: Callable[[], dict[str, Any]], path: Path = RESULTS) -> None:
    """Measure a section and write it beside the others, whole or not at all."""
    before, began = os.getloadavg()[0], time.monotonic()
    measured = measure()
    about = {
        "at": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "load_before": round(before, 2),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "machine": machine(),
    }
    sections = {**read(path), section: {"about": about, **measured}}
    beside = path.with_name(f".{path.name}")
    beside.write_text(json.dumps(sections, indent=1, ensure_ascii=False) + "\n", "utf-8")
    beside.replace(path)


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    return {
        "processor": _first_line("/proc/cpuinfo", "model name") or platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "memory_gb": _memory(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def _memory() -> int | None:
    found = _first_line("/proc/meminfo", "MemTotal")
    return None if found is None else round(int(found.split()[0]) * 1024 / 1e9)


def _first_line(path: str, key: str) -> str | None:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), None)
