"""The lean engine: reads a model's two members and compiles its methods."""

from __future__ import annotations

from leanfn import tensors

from . import program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def load(read: Callable[[str], bytes]) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values; ArtifactError for a model it refuses.

    read: a member's bytes by its name.
    """
    return program.read(read("model.json"), tensors.load(read("model.safetensors"))).compile
