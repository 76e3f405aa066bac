"""What botocore's description of a service asks of a call's parameters, in full.

Its clients check names, types and least values alone; the services refuse more. Where the description has grown for
newer products than functions, the functions' own limits stand in LIMITS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LIMITS = {".Timeout": 900, ".MemorySize": 10_240}


def violations(shape: Any, value: Any) -> list[str]:
    """What is wrong with a call's parameters; nothing when they are as described."""
    from botocore.validate import ParamValidator

    report: str = ParamValidator().validate(value, shape).generate_report()
    known = set(shape.members)
    unknown = [f".{key}: unknown" for key in value if key not in known]
    return report.splitlines() + unknown + list(_beyond(shape, value, ""))


def _beyond(shape: Any, value: Any, path: str) -> Iterator[str]:
    described = shape.metadata
    if shape.type_name == "structure":
        for key, item in value.items():
            if key in shape.members:
                yield from _beyond(shape.members[key], item, f"{path}.{key}")
    elif shape.type_name == "list":
        yield from _too_long(described, len(value), path, "items")
        for number, item in enumerate(value):
            yield from _beyond(shape.member, item, f"{path}[{number}]")
    elif shape.type_name == "map":
        yield from _too_long(described, len(value), path, "entries")
        for key, item in value.items():
            yield from _beyond(shape.key, key, f"{path}.<key>")
            yield from _beyond(shape.value, item, f"{path}.{key}")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of its {len(shape.enum)} values"
        yield from _too_long(described, len(value), path, "characters")
        if "pattern" in described and not re.fullmatch(_pattern(described["pattern"]), value):
            yield f"{path}: {value[:60]!r} is not {described['pattern'][:120]}"
    elif shape.type_name in ("integer", "long", "float", "double"):
        limit = LIMITS.get(path, described.get("max"))
        if limit is not None and value > limit:
            yield f"{path}: {value} is more than {limit}"
    elif shape.type_name == "blob":
        yield from _too_long(described, len(value), path, "bytes")


def _pattern(pattern: str) -> str:
    """The description's patterns are Java's; these names of character classes are all that differ in the ones met."""
    classes = (r"\p{L}", r"\p{Z}", r"\p{N}")
    if r"\p{" in pattern:
        return r"[\w\s:/=+\-@.]*" if all(each in pattern for each in classes) else r"(?s:.*)"
    return pattern


def _too_long(described: Any, size: int, path: str, what: str) -> Iterator[str]:
    if "max" in described and size > described["max"]:
        yield f"{path}: {size} {what}, at most {described['max']}"
