"""docs/benchmarks.md, its plots and the README's table, all made from results.json; a test holds them against it.

python -m benchmarks.page
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from benchmarks import bills, plots, results, slower, tables
from benchmarks.contenders import HELLO, LOGGED
from benchmarks.plots import Bar, Line, Panel

README = Path("README.md")
START, END = "<!-- made by benchmarks/page.py -->\n", "<!-- end of benchmarks -->"
ENGINES = ("leanfn", "scikit-learn", "onnxruntime")
GROWN = {
    "us": ("time", "Time of one row", "µs"),
    "bytes": ("size", "Size of the model", "bytes"),
    "load_ms": ("load", "Time to load the model, its library imported", "ms"),
    "memory_mb": ("memory", "Memory of a process that has loaded it", "MB"),
}
COLOURS = {
    name: number
    for number, name in enumerate(("leanfn lean", "leanfn onnx", "leanfn sklearn", "pandas + joblib"))
}
GREY = 6


def write(measured: dict[str, Any]) -> None:
    """Write the page, the plots and the README's block."""
    for path, text in documents(measured).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    if {"startup", "predictors"} <= set(measured):  # what the README tells of
        README.write_text(with_block(README.read_text("utf-8"), measured), "utf-8")


def documents(measured: dict[str, Any]) -> dict[Path, str]:
    """Path -> text of all that is made, but the README."""
    folder = Path("docs") / "plots"
    made = {folder / f"{name}.svg": plot for name, plot in _plots(measured)}
    return {Path("docs") / "benchmarks.md": page(measured), **made}


def with_block(readme: str, measured: dict[str, Any]) -> str:
    """The README with its table as the results have it."""
    before, _, rest = readme.partition(START)
    _, _, after = rest.partition(END)
    return before + START + "\n".join(block(measured)) + "\n" + END + after


def block(measured: dict[str, Any]) -> list[str]:
    """The README's part: the table of the functions, and a sentence on one row."""
    section, about = measured["startup"], measured["startup"]["about"]
    model = measured["predictors"]["models"][0]
    us = {name: plots.shown(found["us"]) for name, found in model["predictors"].items() if "us" in found}
    measured_on = (
        f"Measured with the heart-disease pipeline on {_machine(about['machine'])}, Python {section['python']}: medians"
        f" of {section['runs']} interleaved starts (`make bench`, {about['at']}, load {about['load_before']} at the start);"
        " in brackets the ratio to hello world. The logged one sends the headers and writes the log line that leanfn does."
    )
    one_row = (
        f"In process, one row of such a pipeline takes {us['leanfn']} µs, {us['leanfn, validated']} µs with its validation,"
        f" {us['onnxruntime']} µs in onnxruntime and {us['scikit-learn, pandas']} µs in scikit-learn with pandas."
        " [docs/benchmarks.md](docs/benchmarks.md) has more models, how everything grows, throughput, the bill, and where"
        " others are faster."
    )
    cold, table = "![Start to first answer](docs/plots/cold.svg)", tables.readme(section)
    return [*wrap(measured_on, 118), "", *table, "", cold, "", *wrap(one_row, 118)]


def page(measured: dict[str, Any]) -> str:
    """docs/benchmarks.md."""
    parts = [INTRODUCTION]
    for name, (title, words, table) in SECTIONS.items():
        if name in measured:
            parts.append(
                f"## {title}\n\n{words}\n\n"
                + "\n".join(table(measured[name]))
                + f"\n\n{_about(measured[name])}\n"
            )
            if name == "startup":
                parts.append(f"## The bill\n\n{BILL}\n\n" + "\n".join(bills.table(measured[name])) + "\n")
    found = slower.findings(measured)
    listed = "\n".join(f"- {line}" for line in found) or "Nowhere in these results."
    parts.append(
        f"## Where others are faster\n\nFound in the results by `benchmarks/slower.py`, nothing left out.\n\n{listed}\n"
    )
    return "\n".join(parts)


def _plots(measured: dict[str, Any]) -> Iterator[tuple[str, str]]:
    if "startup" in measured:
        yield (
            "cold",
            plots.bars("Start to first answer", "ms (line: quartiles)", _groups(measured["startup"])),
        )
        yield "cost", plots.panels("What a month costs", "USD", bills.panels(measured["startup"]))
    if "throughput" in measured:
        yield (
            "throughput",
            plots.panels(
                "One instance on functions-framework", "by clients", _loaded(measured["throughput"]), 2
            ),
        )
    if "growth" in measured:
        for what, (name, title, unit) in GROWN.items():
            yield f"growth-{name}", plots.panels(title, unit, _grown(measured["growth"], what))


def _groups(section: dict[str, Any]) -> list[tuple[str, list[Bar]]]:
    groups: dict[str, list[Bar]] = {}
    for row in section["rows"]:
        if "reason" not in row:
            cold = row["cold_ms"]
            colour = COLOURS.get(row["name"], GREY if row["name"] in (HELLO, LOGGED) else 4)
            bar = Bar(row["name"], cold["median"], cold["low"], cold["high"], colour)
            groups.setdefault(row["runtime"], []).append(bar)
    return list(groups.items())


def _loaded(section: dict[str, Any]) -> list[Panel]:
    found = []
    for what, title in (("per_second", "requests a second"), ("p99_ms", "p99 latency, ms")):
        lines = [
            Line(
                row["name"],
                [(level["clients"], level[what]) for level in row["levels"]],
                COLOURS.get(row["name"], GREY),
            )
            for row in section["rows"]
            if "levels" in row and row["name"] != LOGGED  # it would hide hello world's; the table has it
        ]
        found.append(Panel(title, "clients", lines))
    return found


def _grown(section: dict[str, Any], what: str) -> list[Panel]:
    found = []
    met = list(slower.crossings(section, what))
    for scale, points in section.items():
        if scale in ("about", "python", "versions"):
            continue
        lines = []
        for colour, engine in enumerate(ENGINES):
            line = [
                (point["value"], point[engine][what])
                for point in points
                if engine in point and point[engine].get(what) is not None
            ]
            if line:
                lines.append(Line(engine, line, colour))
        if lines:
            crossed = [(at, value, f"{plots.shown(at)}") for each, _, at, value in met if each == scale]
            found.append(
                Panel(f"{scale} in one call, µs" if scale == "rows" else scale, scale, lines, crossed)
            )
    return found


def _about(section: dict[str, Any]) -> str:
    about = section["about"]
    return (
        f"_{about['at']}, {_machine(about['machine'])}, Python {section['python']}; load average"
        f" {about['load_before']} at the start; {about['minutes']} minutes._"
    )


def _machine(machine: dict[str, Any]) -> str:
    return (
        f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gb']} GB, {machine['system']}"
    )


INTRODUCTION = """\
# Benchmarks

```
make bench         # everything, some 25 minutes on two cores; its environments lie under .bench/
make bench-quick   # ratios only, under three minutes; what continuous integration runs
python -m benchmarks.run --only=startup,growth   # some of it again
```

Everything on this page is made from [benchmarks/results.json](../benchmarks/results.json), which one run writes; run it on
your own machine and the page is yours.

**Noise.** All that is compared takes turns within one run, so that what else the machine does meets all alike. Ratios
carry from one machine to another, milliseconds do not. Under each table stands when it was measured and how busy the
machine was then; the quartiles show the spread. Nothing leaves 127.0.0.1.
"""

STARTUP = """\
From the start of the process to the first right answer to one row of the heart-disease pipeline; all contenders are
started in turns, in another order each time. Each runs on its cloud's own runtime library: `awslambdaric` under a Runtime
API of our own, `functions-framework`, and `azure-functions-runtime` in a small host of our own. The functions' folders
hold bytecode of their own code as `leanfn bundle` makes it; installed libraries are compiled as pip compiles them; nothing
can write bytecode, as on a cloud's read-only disk. Every file is in the disk's cache: a cloud that fetches it first takes
longer, and the more so the larger the function. The logged hello world sends the headers and writes the log line that leanfn
does, and nothing else. Warm requests go over one connection, in blocks of fifty in turn. Memory is
the proportional set size of all processes of the function after twenty requests. Installed is what comes beside the
runtime; for the servers, all of it. Every contender is sent the example's
row with decimal points: of whole numbers pandas makes integers, which the plain handler's imputer refuses.

![Start to first answer](plots/cold.svg)"""

PREDICTORS = """\
Microseconds of one row in one process with one thread, the best of seven rounds in turn, and in brackets the largest
difference from scikit-learn's answers to a hundred rows (none when all are equal). The lean engine gets a list of values,
or a record with its validation; scikit-learn a frame or an array of one row; onnxruntime float32 tensors for a graph of
skl2onnx; m2cgen's code a list, and of a pipeline its last step alone, without the time of the steps before it."""

GROWTH = """\
Forests of 13 columns (trees: of 1,000 rows; depth: 50 trees of 20,000 rows), scaled linear models (features), one-hot
codes (categories) and tf-idf of texts of a hundred words (vocabulary), each with a logistic regression. Rings mark where
scikit-learn or onnxruntime begin to take less than the lean engine.

![Time of one row](plots/growth-time.svg)

![Size](plots/growth-size.svg)

![Load](plots/growth-load.svg)

![Memory](plots/growth-memory.svg)"""

THROUGHPUT = """\
One instance of functions-framework, one worker with the threads that it starts by itself. Every client sends its next
request when it has its last answer. The clients share the machine's cores with the function.

![Throughput](plots/throughput.svg)"""

BILL = """\
The milliseconds and megabytes above at the clouds' list prices; `leanfn cost ARTIFACT --requests=1e6` does the same for an
artifact of yours, from what `leanfn doctor` measures. Both the lean and the scikit-learn function are given the smallest
memory that holds them.

![What a month costs](plots/cost.svg)"""

SECTIONS = {
    "startup": ("Cold, warm, memory, size", STARTUP, tables.startup),
    "predictors": ("One row in process", PREDICTORS, tables.predictors),
    "growth": ("Growth", GROWTH, tables.growth),
    "throughput": ("Throughput", THROUGHPUT, tables.throughput),
}

if __name__ == "__main__":
    write(results.read())
