"""What each operation costs: to build it when a model is loaded, and for each row.

    python -m benchmarks.operations

Takes the kept models of tests/golden, each of which holds some operations at a small size, and times every node by
itself: the milliseconds to check and build it, and the microseconds of one row, medians of several turns. Prints a table
in the form of docs/operations-cost.md, the slowest first.
"""

from __future__ import annotations

import base64
import json
import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from leanfn import tensors
from leanfn.engines.lean import operations
from leanfn.engines.lean.operations import Node, Wire

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
TURNS = 15
CALLS = 20

# what a row passes on to a node, and how the node costs
Cost = tuple[str, str, int, float, float]


def nodes(kept: dict[str, Any]) -> Iterator[Cost]:
    """Model's operation, kinds it takes, width it is given, milliseconds at load, microseconds a row."""
    members = kept["members"]
    arrays = tensors.load(base64.b64decode(members["model.safetensors"]))
    yield from _timed(members, "model.json", arrays, kept["rows"][0])
    if "explain.json" in members:
        own = tensors.load(base64.b64decode(members["explain.safetensors"]))
        yield from _timed(members, "explain.json", {**arrays, **own}, kept["rows"][0])


def _timed(members: dict[str, str], name: str, arrays: dict[str, Any], row: Any) -> Iterator[Cost]:
    wires: list[Wire] = []
    values: list[Any] = []
    for entry in json.loads(members[name])["nodes"]:
        op = entry["op"]
        declared = operations.find(op)

        def make(entry: dict[str, Any] = entry) -> Node:
            own = {key: None if at is None else arrays[at] for key, at in entry["arrays"].items()}
            inputs = tuple(wires[i] for i in entry["in"])
            return Node(entry["op"], inputs, entry["params"], own, lambda: _functions(members))

        wires.append(operations.check(declared, make()))
        load = _median(lambda declared=declared, make=make: _build(declared, make()), 1)  # type: ignore[misc]
        node = make()
        operations.check(declared, node)
        step, given = declared.build(node), [values[i] for i in entry["in"]] or [row]
        values.append(step(*given))
        one = _median(lambda step=step, given=given: step(*given), CALLS)  # type: ignore[misc]
        width = wires[entry["in"][0]].width if entry["in"] else wires[-1].width
        yield op, "+".join(wires[i].kind for i in entry["in"]) or "row", width, load * 1e3, one * 1e6


def _build(declared: operations.Operation, node: Node) -> None:
    operations.check(declared, node)
    declared.build(node)


def _functions(members: dict[str, str]) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(members["functions.py"], namespace)
    return namespace


def _median(run: Callable[[], object], calls: int) -> float:
    """Seconds of one call."""
    times = []
    for _ in range(TURNS):
        began = perf_counter()
        for _ in range(calls):
            run()
        times.append((perf_counter() - began) / calls)
    return median(times)


def main() -> None:
    costs: dict[str, Cost] = {}
    for path in sorted(GOLDEN.glob("*.json")):
        for cost in nodes(json.loads(path.read_text("utf-8"))):
            if cost[0] not in costs or cost[4] > costs[cost[0]][4]:
                costs[cost[0]] = cost
    today = datetime.now(UTC).date()
    print(f"Measured {today} with Python {platform.python_version()}, {platform.machine()}.\n")
    print("| operation | of | columns | ms at load | us a row |\n|---|---|---|---|---|")
    for op, kind, width, load, row in sorted(costs.values(), key=lambda cost: -cost[4]):
        print(f"| `{op}` | {kind} | {width} | {load:.3f} | {row:.2f} |")


if __name__ == "__main__":
    main()
