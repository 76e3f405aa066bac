"""What an engine's requirements take on a disk: measured from what is installed here, with all that they need."""

import re
from collections.abc import Iterator, Sequence
from importlib.metadata import Distribution, PackageNotFoundError, distribution

NAME = re.compile(r"[A-Za-z0-9._-]+")


def installed_bytes(requirements: Sequence[str]) -> int:
    """The bytes of the distributions and of all they need, without compiled modules, which no wheel holds."""
    return sum(_size(found) for found in _needed(requirements))


def _needed(requirements: Sequence[str]) -> Iterator[Distribution]:
    """The installed distributions behind requirements, each once; one for another system is not installed here."""
    seen: set[str] = set()
    waiting = list(requirements)
    while waiting:
        requirement, _, marker = waiting.pop().partition(";")
        match = NAME.match(requirement.strip())
        if match is None or "extra" in marker:
            continue
        name = match[0].lower().replace("_", "-").replace(".", "-")
        if name in seen:
            continue
        seen.add(name)
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        yield found
        waiting += found.requires or []


def _size(found: Distribution) -> int:
    size = 0
    for file in found.files or []:
        if file.suffix != ".pyc":
            try:
                size += file.locate().stat().st_size  # type: ignore[attr-defined]
            except OSError:  # listed, and removed since
                continue
    return size
