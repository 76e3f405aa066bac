"""Where something else is faster, smaller or cheaper than leanfn: found in the results, with the reason and the plan."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from adapters.cost import break_even, price_list
from benchmarks import bills
from benchmarks.contenders import HELLO, LEAN, LOGGED
from benchmarks.plots import crossing, shown
from benchmarks.tables import beside_hello, lean_rows

OURS = ("leanfn", "leanfn, validated")
WORDS = {"m2cgen": "m2cgen (of a pipeline the last step alone)"}
NOISE = 1.03  # a ratio within it is no difference

# what a model's name holds -> why something else is faster there, and what is to be done
REASONS = {
    "neighbours": (
        "every training row is compared, in Python",
        "a tree over the rows that keeps the order of ties",
    ),
    "SVC": (
        "a kernel for every support vector, in Python",
        "the onnx engine for models with many support vectors",
    ),
    "texts": ("words are split and counted in Python", "none: what is left is splitting and counting"),
    "squares": ("every product is its own multiplication in Python", "fused products and sums"),
    "forest": (
        "compiled code walks a tree in nanoseconds; the lean engine answers from bit masks or walks in Python",
        "fewer operations a row for deep forests",
    ),
    "boosting": ("compiled code walks a tree in nanoseconds", "fewer operations a row for deep trees"),
    "network": ("compiled code multiplies matrices", "none: larger networks are for the onnx engine"),
}
ARITHMETIC = (
    "compiled code does the same arithmetic",
    "none: it is microseconds beside a request's half a millisecond",
)

BATCH = (
    "Reason: a batch shares what one row pays, and the lean engine takes its rows one at a time. Plan: none: a function is"
    " asked for a row."
)
GROWN = {
    "us": (
        "is faster",
        'Reason: compiled code pays less for each further step. Plan: `engine="auto"` refuses what takes over 5 ms a row.',
    ),
    "bytes": (
        "is smaller",
        (
            "Reason: the lean artifact keeps what explanations need beside the model, and category names as JSON. Plan: none:"
            " it is zipped when it is shipped."
        ),
    ),
    "load_ms": (
        "loads faster",
        (
            "Reason: Python prepares each node once, so that a row costs little. Plan: prepare less for large forests; the"
            " others' libraries take longer to import than this, which is not in the figure."
        ),
    ),
}


def findings(results: dict[str, Any]) -> list[str]:
    """One line each."""
    lines: list[str] = []
    if "startup" in results:
        lines += _startup(results["startup"])
    if "predictors" in results:
        lines += _predictors(results["predictors"])
    if "growth" in results:
        lines += _growth(results["growth"])
    if "throughput" in results:
        lines += _throughput(results["throughput"])
    if "startup" in results:
        lines += _bills(results["startup"])
    return lines


def _startup(section: dict[str, Any]) -> Iterator[str]:
    for what, which, name in (
        ("cold_ms", "median", "cold start"),
        ("warm_ms", "p50", "warm p50"),
        ("warm_ms", "p99", "warm p99"),
    ):
        over = []
        for row in lean_rows(section):
            ratio = beside_hello(section, row, what, which)
            if ratio is not None and ratio > NOISE:
                over.append(f"{ratio:.2f} on {row['runtime']}")
        if over:
            yield (
                f"**Hello world's {name}** is shorter: leanfn takes {', '.join(over)} times as long. Reason: the handler's"
                " modules are imported, and a request is read, validated, answered and logged; what headers and the"
                " log line take of it, the logged hello world says. Plan: what a first answer"
                " needs is counted in milliseconds by a test, and only shrinks."
            )
    for row in lean_rows(section):
        others = [
            other
            for other in section["rows"]
            if other["runtime"] == row["runtime"]
            and other["name"] not in (HELLO, LOGGED, LEAN)
            and "reason" not in other
        ]
        for other in others:
            for what, which in (("cold_ms", "median"), ("warm_ms", "p50"), ("warm_ms", "p99")):
                if other[what][which] * NOISE < row[what][which]:
                    yield (
                        f"**{other['name']}** on {row['runtime']}: {what[:4]} {which} {shown(other[what][which])} ms, leanfn"
                        f" lean {shown(row[what][which])} ms. Reason and plan: not known; measure again on a quiet machine."
                    )


def _predictors(section: dict[str, Any]) -> Iterator[str]:
    for model in section["models"]:
        times = {name: found["us"] for name, found in model["predictors"].items() if "us" in found}
        ours = times.get("leanfn")
        if ours is None:
            reason = " ".join(model["predictors"]["leanfn"]["reason"].split())
            yield f"**{model['name']}**: the lean engine does not carry it ({reason}); the next engine does."
            continue
        faster = {name: us for name, us in times.items() if name not in OURS and us * NOISE < ours}
        if faster:
            beside = ", ".join(
                f"{WORDS.get(name, name)} {shown(us)} µs"
                for name, us in sorted(faster.items(), key=lambda item: item[1])
            )
            reason, plan = next((why for part, why in REASONS.items() if part in model["name"]), ARITHMETIC)
            yield f"**{model['name']}**: {beside}; leanfn {shown(ours)} µs. Reason: {reason}. Plan: {plan}."


def crossings(section: dict[str, Any], what: str) -> Iterator[tuple[str, str, float, float]]:
    """Scale, engine, and where the lean engine begins to take more than it."""
    for scale, points in section.items():
        if scale in ("about", "python", "versions"):
            continue
        ours = _points(points, "leanfn", what)
        for engine in ("scikit-learn", "onnxruntime"):
            met = crossing(ours, _points(points, engine, what))
            if met is not None:
                yield scale, engine, *met


def _points(points: list[dict[str, Any]], engine: str, what: str) -> list[tuple[float, float]]:
    return [
        (point["value"], point[engine][what])
        for point in points
        if engine in point and point[engine].get(what) is not None
    ]


def _growth(section: dict[str, Any]) -> Iterator[str]:
    for what, (better, why) in GROWN.items():
        for scale, engine, at, _ in crossings(section, what):
            reason = BATCH if scale == "rows" else why
            yield f"**{scale.capitalize()}**: {engine} {better} from about {shown(at)} {scale} on. {reason}"


def _throughput(section: dict[str, Any]) -> Iterator[str]:
    rows = {row["name"]: row["levels"] for row in section["rows"] if "levels" in row}
    if LEAN not in rows:
        return
    best = {name: max(level["per_second"] for level in levels) for name, levels in rows.items()}
    for name, most in best.items():
        if most > best[LEAN] * NOISE:
            yield (
                f"**{name.capitalize()}'s throughput**: {most:,.0f} requests a second at most, leanfn lean"
                f" {best[LEAN]:,.0f}. Reason: the time of one request, as above. Plan: as above."
            )


def _bills(section: dict[str, Any]) -> Iterator[str]:
    _, _, endpoints = price_list()
    for cloud, functions in bills.bills(section).items():
        if LEAN in functions:
            requests = break_even(functions[LEAN], endpoints[cloud])
            yield (
                f"**Always on**: {endpoints[cloud].product} costs less than the lean function from about"
                f" {requests / 1e6:,.0f} million requests a month on. Reason: functions are paid by the request. Plan: none."
            )
