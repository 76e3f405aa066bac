"""Google's cloud on this machine, as far as a function needs it: its control plane, and real instances behind it."""

from __future__ import annotations

from collections.abc import Mapping

from .. import background


def connect() -> Mapping[str, str]:
    """What Google's clients need to reach the emulated cloud, which is started if it does not run."""
    return background.connect("google")
