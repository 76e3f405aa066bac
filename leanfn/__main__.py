"""The command line. Its commands are entry points, so this floor names no step and no cloud."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points

from leanfn import __version__
from leanfn.cli import Command, Commands, run

GROUP = "leanfn.commands"


class Installed(Mapping[str, "Command | Commands"]):
    """The commands of every installed distribution; one is imported when it is looked at."""

    def __init__(self) -> None:
        self._entries: dict[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=GROUP)}

    def __getitem__(self, name: str) -> Command | Commands:
        command: Command | Commands = self._entries[name].load()
        return command

    def __contains__(self, name: object) -> bool:
        return name in self._entries  # Mapping would import the command to find out

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._entries))

    def __len__(self) -> int:
        return len(self._entries)


def main(argv: Sequence[str] | None = None) -> int:
    line = sys.argv[1:] if argv is None else argv
    if list(line) == ["--version"]:
        print(f"leanfn {__version__}")
        return 0
    return run(Installed(), line, name="leanfn")


if __name__ == "__main__":
    raise SystemExit(main())
