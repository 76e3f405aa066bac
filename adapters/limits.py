"""What takes the space in a function, as a table, and the limits of its cloud, checked before anything is uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from leanfn.errors import BundleError
from leanfn.platforms import KB, MB, Platform

ROWS = 12  # of a table; the rest is one row
ADVICE = {
    "lean": "Fit a smaller model",
    "onnx": "Export the model again with --engine=lean, or fit a smaller one",
    "sklearn": "Export the model again with --engine=lean or --engine=onnx, or fit it without pandas",
}


def check_limits(platform: Platform, name: str, parts: Mapping[str, int], engine: str) -> None:
    """Refuse a function that the cloud would refuse after the upload. parts: what takes the space, in bytes."""
    unpacked = sum(parts.values())
    if platform.unpacked is not None and unpacked > platform.unpacked:
        shown = "\n".join(f"    {row}" for row in rows(parts))
        raise BundleError(
            f"{name} is too large for {platform.name}, unpacked\n  wanted:  at most {platform.unpacked / MB:.1f} MB\n"
            f"  found:   {unpacked / MB:.1f} MB\n{shown}\n{ADVICE[engine]}"
        )


def notes(platform: Platform, packed: int) -> list[str]:
    """What is allowed and still good to know of a zip of this size."""
    if platform.package is None or packed <= platform.package:
        return []
    return [f"over {platform.package / MB:.0f} MB zipped: it is uploaded through a bucket, not directly"]


def rows(parts: Mapping[str, int], totals: Mapping[str, int] = MappingProxyType({})) -> list[str]:
    """Lines for people, the largest part first, the totals last."""
    sizes = sorted(((size, name) for name, size in parts.items() if size), reverse=True)
    rest = sum(size for size, _ in sizes[ROWS:])
    shown = [(name, size) for size, name in sizes[:ROWS]] + ([("the rest", rest)] if rest else [])
    shown += totals.items()
    width = max((len(name) for name, _ in shown), default=0)
    return [f"{name:<{width}}  {_size(size):>10}" for name, size in shown]


def _size(size: int) -> str:
    return f"{size / MB:,.1f} MB" if size >= MB else f"{size / KB:,.1f} KB"
