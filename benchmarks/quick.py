"""The short form, for continuous integration: ratios within one run that leave no doubt, never absolute times.

    python -m benchmarks.quick

Hello world and the lean function start in turns on each runtime that is here, and one row is asked of the lean engine
and of scikit-learn in turns. A limit is set where only a mistake reaches: what is measured for the README lies well
below it, also on a busy machine.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from adapters.bundle import bundle
from benchmarks import startup
from benchmarks.cold_start import RUNTIMES, hello, starter
from benchmarks.contenders import CLOUDS, HELLO, LEAN, Contender, payload
from benchmarks.environments import ROOT, WORK, make, newest_python
from benchmarks.predictors import best
from leanfn import cli
from leanfn.errors import LeanfnError
from leanfn.exporters.original import Original

COLD_LIMIT = 1.3  # times hello world's start
ROW_LIMIT = 20.0  # times that scikit-learn with pandas takes
MEMORY_LIMIT = 1.3  # times hello world's memory
ATTEMPTS = 3  # at a start that is over its limit


@dataclass(frozen=True, slots=True)
class Ratio:
    """What was compared, how it came out, and the limit; at_most says on which side of it the ratio must lie."""

    name: str
    found: float
    limit: float
    at_most: bool = True

    @property
    def holds(self) -> bool:
        return self.found <= self.limit if self.at_most else self.found >= self.limit

    def __str__(self) -> str:
        wanted = f"{'at most' if self.at_most else 'at least'} {self.limit:g}"
        return f"{self.name:<58}{self.found:>10,.2f}   wanted: {wanted:<14}{'' if self.holds else 'NOT MET'}"


def main(*, runs: int = 15, python: str = "") -> None:
    """Measure the ratios that must hold on any machine; exit code 1 when one does not.

    Args:
        runs: how many cold starts of each function
        python: the version of Python to run the functions on; the newest of 3.13, 3.12 and 3.11 that is here
    """
    found = []
    for ratio in ratios(runs, python):
        found.append(ratio)
        print(ratio, flush=True)
    if not all(ratio.holds for ratio in found):
        raise LeanfnError("a ratio is not met; measure again alone with: make bench-quick")


def ratios(runs: int, version: str) -> Iterator[Ratio]:
    """Each as soon as it is measured."""
    import pandas as pd

    import leanfn
    from steps.train import CATEGORICAL_FEATURES, LABEL, NUMERIC_FEATURES, build

    table = pd.read_csv(ROOT / "datasets" / "default.csv").astype(float)
    rows = table[[*NUMERIC_FEATURES, *CATEGORICAL_FEATURES]]
    model = build(rows, NUMERIC_FEATURES, CATEGORICAL_FEATURES).fit(rows, table[LABEL].astype(int))
    with tempfile.TemporaryDirectory() as folder:
        artifact = leanfn.export(model, rows, name="quick", out=folder, engine="lean", output="diagnosis")
        yield from _rows(artifact, model, rows)
        yield from _starts(artifact.path, runs, version or newest_python())


def _rows(artifact: Any, model: Any, rows: Any) -> Iterator[Ratio]:
    import pandas as pd

    record = rows.iloc[7].to_dict()
    run, values = artifact.run("predict"), Original(model, rows).rows[7]
    times = best(
        {
            "arithmetic": lambda: run(values),
            "validated": lambda: artifact.predict(record),
            "scikit-learn": lambda: model.predict(pd.DataFrame([record])),
        }
    )
    for name in ("arithmetic", "validated"):
        ratio = times["scikit-learn"] / times[name]
        yield Ratio(f"one row, {name}: scikit-learn with pandas takes", ratio, ROW_LIMIT, at_most=False)


def _starts(artifact: Path, runs: int, version: str) -> Iterator[Ratio]:
    python = make(f"python{version}", RUNTIMES, version)
    contenders = []
    for cloud, runtime in CLOUDS.items():
        start = starter(cloud, python, payload())
        made = bundle(artifact, cloud, WORK / "quick", python=version, bytecode=True)
        for name, folder in ((HELLO, hello(cloud, version)), (LEAN, made.folder)):
            contenders.append(Contender(runtime, name, partial(start, folder), 0))
    for runtime in CLOUDS.values():
        yield from _beside_hello(runtime, [each for each in contenders if each.runtime == runtime], runs)


def _beside_hello(runtime: str, contenders: list[Contender], runs: int) -> Iterator[Ratio]:
    """A start that is over its limit is measured again: other work on the machine makes starts longer, never shorter."""
    ratio, memory = _compare(runtime, contenders, runs)
    for _ in range(ATTEMPTS - 1):
        if not ratio.holds:
            ratio, memory = _compare(runtime, contenders, runs)
    yield ratio
    if memory is not None:
        yield memory


def _compare(runtime: str, contenders: list[Contender], runs: int) -> tuple[Ratio, Ratio | None]:
    """How a start compares with hello world's, and its memory where the system tells."""
    failures: dict[tuple[str, str], str] = {}
    seconds, memory = startup.cold(contenders, runs, failures)
    if failures:
        raise LeanfnError("\n".join(f"{' '.join(key)}: {reason}" for key, reason in failures.items()))
    start = least_ratio(seconds[runtime, LEAN], seconds[runtime, HELLO])
    took = [median(memory[runtime, name]) for name in (LEAN, HELLO) if memory[runtime, name]]
    return (
        Ratio(f"start on {runtime}: beside hello world", start, COLD_LIMIT),
        Ratio(f"memory on {runtime}: beside hello world", took[0] / took[1], MEMORY_LIMIT) if took else None,
    )


def least_ratio(lean: list[float], bare: list[float]) -> float:
    """The smaller of two ratios, of the medians and of the shortest: a slower start is slower in both."""
    return min(median(lean) / median(bare), min(lean) / min(bare))


if __name__ == "__main__":
    sys.exit(cli.run(main, name="quick"))
