"""Cold start, warm latency, memory and installed size: every function on the clouds' own runtimes, and the servers.

A cold start is the time from the start of the process to the first right answer to a row. All contenders are started
in turns, in another order each time, so that what else the machine does meets all of them.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median, quantiles
from typing import Any

from benchmarks.cold_start import Ask
from benchmarks.contenders import Absent, Contender, functions, prepared
from benchmarks.memory import descendants_mb
from benchmarks.servers import servers
from leanfn.errors import LeanfnError

BLOCK = 50  # requests to one function before the next has its turn
SETTLED = 20  # requests before memory is read

Row = dict[str, Any]


def measure(version: str, runs: int, warm: int) -> dict[str, Any]:
    """Figures of all contenders on all runtimes."""
    everything = [*functions(version), *servers(version)]
    rows = measure_all(everything, runs, warm)
    return {"python": version, "runs": runs, "warm_requests": warm, "model": prepared(version), "rows": rows}


def measure_all(everything: Sequence[Contender | Absent], runs: int, warm: int) -> list[Row]:
    contenders = [each for each in everything if isinstance(each, Contender)]
    failures = {(each.runtime, each.name): each.reason for each in everything if isinstance(each, Absent)}
    seconds, memory = cold(contenders, runs, failures)
    by_runtime: dict[str, list[Contender]] = {}
    for contender in contenders:
        if (contender.runtime, contender.name) not in failures:
            by_runtime.setdefault(contender.runtime, []).append(contender)
    latency: dict[tuple[str, str], list[float]] = {}
    for runtime, group in by_runtime.items():
        print(f"warm: {runtime} ...", file=sys.stderr)
        latency |= _warm(group, warm, failures)
    rows = []
    for each in everything:
        key = each.runtime, each.name
        row: Row = {"runtime": each.runtime, "name": each.name}
        if key in failures:
            row["reason"] = failures[key]
        else:
            assert isinstance(each, Contender)
            row["cold_ms"] = spread(seconds[key])
            row["warm_ms"] = _tail(latency[key])
            row["memory_mb"] = round(median(memory[key]), 1) if memory[key] else None
            row["installed_mb"] = round(each.installed / 1e6, 3)
        rows.append(row)
    return rows


def cold(
    contenders: Sequence[Contender], runs: int, failures: dict[tuple[str, str], str]
) -> tuple[dict[tuple[str, str], list[float]], dict[tuple[str, str], list[float]]]:
    """Seconds to the first answer, and MB after a few more; who fails once is out, with the reason."""
    seconds: dict[tuple[str, str], list[float]] = {(each.runtime, each.name): [] for each in contenders}
    memory: dict[tuple[str, str], list[float]] = {key: [] for key in seconds}
    chooser = random.Random(0)
    for run in range(runs + 1):  # the first one fills the disk's cache and does not count
        print(f"cold: {run} of {runs} ...", file=sys.stderr)
        for each in chooser.sample(contenders, len(contenders)):
            key = each.runtime, each.name
            if key in failures:
                continue
            try:
                began = time.perf_counter()
                with each.start() as ask:
                    ask()
                    took = time.perf_counter() - began
                    for _ in range(SETTLED):
                        ask()
                    megabytes = descendants_mb(os.getpid())
            except (LeanfnError, OSError) as error:
                failures[key] = str(error)
                continue
            if run:
                seconds[key].append(took)
                memory[key] += [] if megabytes is None else [megabytes]
    return seconds, memory


def _warm(
    group: Sequence[Contender], requests: int, failures: dict[tuple[str, str], str]
) -> dict[tuple[str, str], list[float]]:
    """Seconds of each request to functions that have answered before; they take turns in blocks."""
    latency: dict[tuple[str, str], list[float]] = {(each.runtime, each.name): [] for each in group}
    with ExitStack() as running:
        asks = {(each.runtime, each.name): running.enter_context(each.start()) for each in group}
        for block in range(-(-requests // BLOCK) + 1):
            for key, ask in list(asks.items()):
                try:
                    took = [_seconds(ask) for _ in range(BLOCK)]
                except (LeanfnError, OSError) as error:
                    failures[key] = str(error)
                    del asks[key]
                    continue
                latency[key] += took if block else []  # the first block warms up
    return latency


def _seconds(ask: Ask) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def spread(seconds: Sequence[float]) -> dict[str, Any]:
    """Milliseconds: the median, the quartiles, the extremes and all of them."""
    low, middle, high = quantiles(seconds, n=4, method="inclusive")
    return {
        "median": round(middle * 1000, 2),
        "low": round(low * 1000, 2),
        "high": round(high * 1000, 2),
        "all": [round(each * 1000, 1) for each in seconds],
    }


def _tail(seconds: Sequence[float]) -> dict[str, float]:
    hundredths = quantiles(seconds, n=100, method="inclusive")
    return {"p50": round(hundredths[49] * 1000, 3), "p99": round(hundredths[98] * 1000, 3)}
