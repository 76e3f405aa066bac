"""The tables of docs/benchmarks.md and of the README, each from its section of the results."""

from __future__ import annotations

from typing import Any

from benchmarks.contenders import HELLO, LEAN, LOGGED, NAMES
from benchmarks.plots import shown

Section = dict[str, Any]


def startup(section: Section) -> list[str]:
    """Every function and server, by runtime."""
    rows = [
        "| runtime | what runs | cold, ms (quartiles) | beside hello world | warm p50, ms | warm p99, ms | memory, MB | installed, MB |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in section["rows"]:
        start = f"| {row['runtime']} | {row['name']} |"
        if "reason" in row:
            rows.append(f"{start} {_reason(row)} | | | | | |")
            continue
        cold, warm = row["cold_ms"], row["warm_ms"]
        ratio = beside_hello(section, row)
        rows.append(
            f"{start} {shown(cold['median'])} ({shown(cold['low'])}-{shown(cold['high'])})"
            f" | {'' if ratio is None else f'{ratio:.2f}'} | {shown(warm['p50'])} | {shown(warm['p99'])}"
            f" | {'' if row['memory_mb'] is None else shown(row['memory_mb'])} | {installed(row)} |"
        )
    return rows


def predictors(section: Section) -> list[str]:
    """Microseconds of one row, and the largest difference from the original."""
    names = list(section["models"][0]["predictors"])
    rows = [f"| model | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    reasons: dict[str, int] = {}
    for model in section["models"]:
        cells = []
        for name in names:
            found = model["predictors"][name]
            if "us" in found:
                apart = found["differs"]
                cells.append(f"{shown(found['us'])}{'' if not apart else f' ({apart:.0e})'}")
            else:
                note = reasons.setdefault(_reason(found), len(reasons) + 1)
                cells.append(f"none [{note}]")
        rows.append(f"| {model['name']} | {' | '.join(cells)} |")
    notes = ", ".join(f"[{number}] {reason}" for reason, number in reasons.items())
    return [*rows, "", f"None: {notes}."] if notes else rows


def throughput(section: Section) -> list[str]:
    """Requests a second by the number of clients, and the p99 at the most of them."""
    levels = next(row["levels"] for row in section["rows"] if "levels" in row)
    heads = [f"{level['clients']} clients" if level["clients"] > 1 else "1 client" for level in levels]
    rows = [f"| requests a second | {' | '.join(heads)} | p99 there, ms |", "|---" * (len(heads) + 2) + "|"]
    for row in section["rows"]:
        if "reason" in row:
            rows.append(f"| {row['name']} | {_reason(row)} |{' |' * len(heads)}")
            continue
        cells = [f"{level['per_second']:,.0f}" for level in row["levels"]]
        rows.append(f"| {row['name']} | {' | '.join(cells)} | {shown(row['levels'][-1]['p99_ms'])} |")
    return rows


def growth(section: Section) -> list[str]:
    """Every point of every scale."""
    rows = [
        "| scale | | engine | one row, µs | model, KB | load, ms | memory, MB |",
        "|---|---|---|---|---|---|---|",
    ]
    for scale, points in section.items():
        if scale in ("about", "python", "versions", "rows"):
            continue
        for point in points:
            for engine, found in point.items():
                if engine != "value":
                    memory = "" if found["memory_mb"] is None else shown(found["memory_mb"])
                    rows.append(
                        f"| {scale} | {point['value']:,} | {engine} | {shown(found['us'])} | {shown(found['bytes'] / 1000)}"
                        f" | {shown(found['load_ms'])} | {memory} |"
                    )
    rows += [
        "",
        "| rows in one call | leanfn, ms | scikit-learn, ms | onnxruntime, ms |",
        "|---|---|---|---|",
    ]
    for point in section["rows"]:
        cells = [shown(point[engine]["us"] / 1000) for engine in ("leanfn", "scikit-learn", "onnxruntime")]
        rows.append(f"| {point['value']:,} | {' | '.join(cells)} |")
    return rows


def readme(section: Section) -> list[str]:
    """One line a runtime and function, for the README."""
    rows = [
        "| real runtime, on one's own machine | what runs | start to first answer, ms | warm p50, ms | memory, MB | installed, MB |",
        "|---|---|---|---|---|---|",
    ]
    for row in section["rows"]:
        if "reason" in row:
            rows.append(f"| {row['runtime']} | {row['name']} | does not run here | | | |")
            continue
        ratio = beside_hello(section, row)
        beside = f" ({ratio:.2f})" if row["name"] in NAMES[1:] and ratio is not None else ""
        rows.append(
            f"| {row['runtime']} | {row['name']} | {shown(row['cold_ms']['median'])}{beside}"
            f" | {shown(row['warm_ms']['p50'])} | {'' if row['memory_mb'] is None else shown(row['memory_mb'])}"
            f" | {installed(row)} |"
        )
    return rows


def find(section: Section, runtime: str, name: str) -> dict[str, Any] | None:
    """A contender's figures, if it ran."""
    for row in section["rows"]:
        if (row["runtime"], row["name"]) == (runtime, name) and "reason" not in row:
            found: dict[str, Any] = row
            return found
    return None


def beside_hello(
    section: Section, row: dict[str, Any], what: str = "cold_ms", which: str = "median"
) -> float | None:
    """How many times hello world's figure; None for a server, which has none beside it."""
    hello = find(section, row["runtime"], HELLO)
    return None if hello is None else float(row[what][which] / hello[what][which])


def installed(row: dict[str, Any]) -> str:
    return shown(row["installed_mb"]) if row["name"] not in (HELLO, LOGGED) else "0"


def lean_rows(section: Section) -> list[dict[str, Any]]:
    return [row for row in section["rows"] if row["name"] == LEAN and "reason" not in row]


def _reason(found: dict[str, Any]) -> str:
    return " ".join(str(found["reason"]).split()).replace("|", "\\|")[:160]
