"""What of a wheel a function never imports: tests, headers, sources of compiled modules, types, documents.

By name alone, so that the same wheel leaves the same files behind everywhere; a bundle is run before it is shipped
where this machine can do it, and what is missed then is told.
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from pathlib import PurePosixPath

FOLDERS = {"tests", "test", "testdata", "include", "docs", "examples", "__pycache__"}
OUTSIDE = {"bin", "share", "etc", "include"}  # at the top: not modules
SOURCES = (".h", ".hpp", ".pxd", ".pyx", ".c", ".cpp", ".f", ".f90", ".pyf", ".tp", ".build", ".cmake")
OTHERS = (".pyi", ".a", ".lib", ".pyc", ".rst", ".md", ".pth", "py.typed")
HIDDEN = {".libs", ".dylibs"}  # what is shared between modules; other names with a dot in front are nobody's
# What the installer notes, not the wheel.
NOTES = {"INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "RECORD.jws", "RECORD.p7s"}
# What converts and tunes models, and the library for programs in C, of which Python's own module has a copy.
OF_NO_USE = {
    "onnxruntime": (
        "onnxruntime/capi/libonnxruntime.so.*",
        "onnxruntime/datasets/*",
        "onnxruntime/quantization/*",
        "onnxruntime/tools/*",
        "onnxruntime/transformers/*",
    )
}


def is_needed(path: str, distribution: str) -> bool:
    """Whether a file of a wheel ships."""
    place = PurePosixPath(path)
    top, *inner = place.parts
    if top.endswith(".dist-info"):  # licences, metadata, record
        return place.name not in NOTES
    if any(part.startswith(".") and part not in HIDDEN for part in place.parts):
        return False
    if top in OUTSIDE or not FOLDERS.isdisjoint(inner[:-1]):
        return False
    if place.name.endswith((*SOURCES, *OTHERS)):
        return False
    return not any(fnmatchcase(path, pattern) for pattern in OF_NO_USE.get(distribution, ()))
