"""Measure everything, or some of it, and write down what came out.

    python -m benchmarks.run [--only=startup,predictors,growth,throughput]

make bench does all of it. Each section writes its part of benchmarks/results.json as it finishes, so that a run that
was interrupted goes on with --only. From the results docs/benchmarks.md, its plots and the README's table are made.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Literal

from benchmarks import environments, page, results, startup, throughput
from leanfn import cli

Section = Literal["startup", "predictors", "growth", "throughput"]
SECTIONS: tuple[Section, ...] = ("startup", "predictors", "growth", "throughput")


def main(*, only: list[Section] | None = None, runs: int = 21, warm: int = 1000, python: str = "") -> None:
    """Measure, and make the page, the plots and the README's table of all that was measured so far.

    Args:
        only: the sections to measure, all when not said; their order is startup, predictors, growth, throughput
        runs: how many cold starts of each contender
        warm: how many warm requests to each contender
        python: the version of Python to run everything on; the newest of 3.13, 3.12 and 3.11 that is here
    """
    version = python or environments.newest_python()
    # what is trusted here is trusted nowhere else
    os.environ["XDG_STATE_HOME"] = str(environments.STATE)
    for section in SECTIONS:
        if only is None or section in only:
            print(f"{section} ...", file=sys.stderr)
            results.record(section, lambda section=section: _measure(section, version, runs, warm))  # type: ignore[misc]
    page.write(results.read())


def _measure(section: Section, version: str, runs: int, warm: int) -> dict[str, Any]:
    if section == "startup":
        return startup.measure(version, runs, warm)
    if section == "throughput":
        return throughput.measure(version)
    python = environments.models(version)
    told: dict[str, Any] = json.loads(environments.run_module(python, f"benchmarks.{section}"))
    return {"python": version, "versions": environments.installed(python), **told}


if __name__ == "__main__":
    sys.exit(cli.run(main, name="run"))
