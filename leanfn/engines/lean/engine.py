"""The lean engine: reads a model's two members and compiles its methods."""

from __future__ import annotations

from leanfn import tensors

from . import program

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.manifest import Manifest


def load(manifest: Manifest) -> Callable[[str], Callable[[Any], Any]]:
    """From a method's name to its function of one row's values; ArtifactError for a model it refuses."""
    arrays = tensors.load(manifest.read("model.safetensors"))
    return program.read(manifest.read("model.json"), arrays).compile
