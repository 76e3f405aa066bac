"""The memory of processes that were started here: their proportional set size, as the kernel counts it.

A page that several processes share counts for each with its part, so that the sum over a server's processes is what
the server takes of the machine. Other systems than Linux do not tell, and give None.
"""

from __future__ import annotations

from pathlib import Path

PROC = Path("/proc")


def descendants_mb(ancestor: int) -> float | None:
    """MB of all processes that descend from this one, without itself; None where the system does not tell."""
    if not (PROC / "self" / "smaps_rollup").is_file():
        return None
    return sum(map(pss, descendants(ancestor))) / 1000


def own_mb() -> float | None:
    """MB of this process."""
    return pss("self") / 1000 if (PROC / "self" / "smaps_rollup").is_file() else None


def descendants(ancestor: int) -> list[int]:
    """The processes that descend from one, nearest first."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            parent = _parent(entry)
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [ancestor]
    while waiting:
        below = children.get(waiting.pop(0), [])
        found += below
        waiting += below
    return found


def pss(process: int | str) -> float:
    """KB of one process; 0 of one that has ended."""
    try:
        lines = (PROC / str(process) / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((float(line.split()[1]) * 1.024 for line in lines if line.startswith("Pss:")), 0.0)


def _parent(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return -1
