"""One row in process for every pipeline of docs/pipelines.md: how many times scikit-learn's own call takes.

    python -m benchmarks.pipelines

The pipelines are those of tests/pipelines.py, at their small size: few trees, few words, few training rows. Prints, per
estimator of the two tiers, the pipeline where the ratio is least: its microseconds (the median of several rows, each the
best of some calls, both in turn), scikit-learn's, and the ratio; the smallest ratios first.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from leanfn import cli, tensors
from leanfn.engines.lean import program
from leanfn.errors import Refusal
from leanfn.exporters.lean import build
from leanfn.exporters.original import Original

pipelines: Any = importlib.import_module("tests.pipelines")  # which no type checker reads

ROWS = 5
CALLS = 40  # of the engine; scikit-learn's are a tenth


def main(*, only: str = "", below: float = 0.0) -> None:
    """Measure and print.

    Args:
        only: a part of the names of the estimators to measure; all when not said
        below: print only what is below this ratio
    """
    warnings.simplefilter("ignore")
    print(f"Python {sys.version.split()[0]}; us a row")
    least = []
    for name in pipelines.TIERS:
        if only in name:
            least.append(min((_measured(case) for case in pipelines.cases(name)), key=lambda found: found[1]))
    for pipeline, ratio, lean_us, us in sorted(least, key=lambda found: found[1]):
        if not below or ratio < below:
            print(f"{pipeline:<58}{lean_us:>10.1f}{us:>10.0f}{ratio:>8.1f}")
    print(f"{len(least)} estimators, {sum(ratio < 10 for _, ratio, *_ in least)} of them below 10")


def _measured(case: Any) -> tuple[str, float, float, float]:
    """The pipeline's name, the ratio, and the microseconds of both; infinite where the engine refuses it."""
    model, X, fresh = case.fit()
    original = Original(model, X)
    named = f"{case.name} ({case.way}, {case.task})"
    try:
        members = build.build(original).members
    except Refusal:
        return named, float("inf"), float("nan"), float("nan")
    method = "predict" if hasattr(model, "predict") else "transform"
    run = program.read(
        members["model.json"], tensors.load(members["model.safetensors"]), _functions(members)
    ).compile(method)
    ask = getattr(model, method)
    ours, theirs = [], []
    for number, row in enumerate(Original(model, fresh).rows[:ROWS]):
        one = fresh.iloc[number : number + 1] if hasattr(fresh, "iloc") else fresh[number : number + 1]
        ours.append(_best(run, row, CALLS))
        theirs.append(_best(ask, one, CALLS // 10))
    return named, median(theirs) / median(ours), median(ours), median(theirs)


def _functions(members: dict[str, bytes]) -> Callable[[], dict[str, Any]]:
    space: dict[str, Any] = {}
    if "functions.py" in members:
        exec(members["functions.py"], space)  # made here a moment ago, of functions of tests/pipelines.py
    return lambda: space


def _best(function: Callable[[Any], Any], row: Any, calls: int) -> float:
    """Microseconds of the best of some calls."""
    times: Sequence[float] = [_seconds(function, row) for _ in range(calls)]
    return min(times) * 1e6


def _seconds(function: Callable[[Any], Any], row: Any) -> float:
    began = perf_counter()
    function(row)
    return perf_counter() - began


if __name__ == "__main__":
    sys.exit(cli.run(main, name="pipelines"))
