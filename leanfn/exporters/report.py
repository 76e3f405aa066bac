"""A climb of the ladder as a table for people: with rich on a terminal, plain text anywhere else."""

import sys
import textwrap
from typing import TextIO

from leanfn.platforms import MB

from .ladder import Climb, Rung

HEAD = ("engine", "carried", "difference", "flips", "artifact", "installed", "load ms", "µs/row")
WIDTH = 110
REASON_LINES = 6


def show(climb: Climb, stream: TextIO | None = None) -> None:
    """Print the rungs, why those that do not carry the model do not, and which was taken."""
    stream = sys.stderr if stream is None else stream
    rows = [_row(rung, climb) for rung in climb.rungs]
    if stream.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
        for head in HEAD:
            table.add_column(head, no_wrap=True)
        for row, rung in zip(rows, climb.rungs):
            table.add_row(*row, style="green" if rung is climb.taken else None)
        Console(file=stream).print(table)
    else:
        widths = [max(map(len, column)) for column in zip(HEAD, *rows)]
        for row in (HEAD, *rows):
            print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip(), file=stream)
    for rung in climb.rungs if climb.taken is not None else ():  # else they are what is raised
        for note in _notes(rung):
            print(note, file=stream)


def _row(rung: Rung, climb: Climb) -> tuple[str, ...]:
    if rung.certificate is None:
        return (rung.engine, "no" if rung.tried else "not tried", *["-"] * (len(HEAD) - 2))
    flips = sum(method["flips"] for method in rung.certificate.methods.values())
    return (
        rung.engine,
        "yes, taken" if rung is climb.taken else "yes",
        f"{rung.certificate.largest:.1e}",
        str(flips),
        _size(rung.artifact_bytes),
        _size(rung.installed_bytes),
        "-" if rung.load_ms is None else f"{rung.load_ms:.1f}",
        "-" if rung.row_us is None else f"{rung.row_us:,.1f}",
    )


def _size(found: int | None) -> str:
    if found is None:
        return "-"
    return f"{found / MB:.1f} MB" if found >= MB else f"{found / 1024:.1f} KB" if found else "0"


def _notes(rung: Rung) -> list[str]:
    """Lines on why a rung is not what one would like."""
    if rung.carried:
        return [f"{rung.engine}: {drawback}" for drawback in rung.drawbacks]
    if rung.reason is None or not rung.tried:
        return []
    first, *more = rung.reason.splitlines()
    lines = textwrap.wrap(f"{rung.engine}: {first}", WIDTH, subsequent_indent="  ")
    cut = [line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…" for line in more]
    return [*lines, *cut][:REASON_LINES]
