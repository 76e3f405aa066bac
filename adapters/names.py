"""How an artifact's name becomes a name in a cloud: one mapping for all, written down in docs/deploying.md.

pipeline_example -> pipeline-example: lower case, and one hyphen for each run of anything that is no letter or digit.
"""

from __future__ import annotations

import re
from hashlib import sha256

from leanfn.errors import DeploymentError

TAIL = 7  # characters of the digest that keeps two shortened names apart, with its hyphen


def cloud_name(name: str, stage: str | None, longest: int) -> str:
    """The function's name for an artifact's, with its stage at the end; longer ones are cut and end in a digest."""
    whole = "-".join(filter(None, [_plain(name), _plain(stage or "")]))
    whole = whole if whole[:1].isalpha() else f"f-{whole}".rstrip("-")
    if len(whole) <= longest:
        return whole
    return f"{whole[: longest - TAIL].rstrip('-')}-{sha256(whole.encode()).hexdigest()[: TAIL - 1]}"


def checked(name: str, pattern: str, wanted: str) -> str:
    """A name that somebody typed, if the cloud takes it as it is."""
    if not re.fullmatch(pattern, name, re.ASCII):
        raise DeploymentError(
            f"{name[:120]!r} cannot name a function\n  wanted: {wanted}\n  found:  {name[:120]!r}"
        )
    return name


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
