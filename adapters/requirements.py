"""What an artifact says it needs is looked at before anything is installed for it: names and versions, nothing else.

A line of requirements can also name a file, a server or an option, and the manifest may be a stranger's.
"""

from __future__ import annotations

import json
import re

from leanfn.errors import ArtifactError
from leanfn.manifest import Manifest

PINNED = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)==[0-9][A-Za-z0-9.!+_-]*")
ONNX = ("numpy", "onnxruntime")  # all that the engine imports


def checked(manifest: Manifest) -> list[str]:
    """The requirements of an artifact; ArtifactError for one that is no pinned version, or not of its engine.

    The sklearn engine's stand in model.json too, which the artifact's digest covers: what is trusted is what is there.
    """
    names = []
    for requirement in manifest.requirements:
        match = PINNED.fullmatch(requirement)
        if match is None:
            raise _wrong(manifest, "NAME==VERSION", requirement)
        names.append(match[1])
    if manifest.engine == "lean" and names:
        raise _wrong(manifest, "none: the lean engine needs the standard library alone", ", ".join(names))
    if manifest.engine == "onnx" and not set(names) <= set(ONNX):
        raise _wrong(manifest, ", ".join(ONNX), ", ".join(names))
    if manifest.engine == "sklearn":
        try:
            own = json.loads(manifest.read("model.json"))["requirements"]
        except (ValueError, KeyError, TypeError, RecursionError):
            own = None
        if own != manifest.requirements:
            raise _wrong(manifest, f"those of model.json: {own}", str(manifest.requirements))
    return manifest.requirements


def _wrong(manifest: Manifest, wanted: str, found: str) -> ArtifactError:
    return ArtifactError(
        f"{manifest.folder} does not say what its engine needs\n  wanted: {wanted}\n  found:  {found[:200]!r}\n"
        "Export the model again with 'leanfn export'"
    )
