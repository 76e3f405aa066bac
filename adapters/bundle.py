"""A function's files, laid out for one cloud and one Python: a folder to look at, and a zip of it to ship.

Members come from the manifest, from the modules that the entry reaches and from the generated entry; no folder is
swept up and no link is followed. The same artifact and the same leanfn give the same bytes anywhere.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from leanfn import __version__
from leanfn import manifest as manifests
from leanfn.errors import ArtifactError, BundleError
from leanfn.manifest import MANIFEST, Manifest
from leanfn.platforms import MB, PLATFORMS, Platform

from .archive import fill, open_to_readers, pack
from .bytecode import compile_each, compile_packed, find_python
from .entries import ARTIFACT, ENTRIES, entry_files
from .packed import FILE
from .runtime_set import cold_set, runtime_set

LABEL = "bundle.json"  # what the bundle says of itself, and how a folder is known as one that may be replaced


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle on disk. sizes: bytes of each member; digest: over what was laid out, whatever packed or compiled it."""

    cloud: str
    python: str
    bytecode: bool
    folder: Path
    archive: Path
    digest: str
    sizes: dict[str, int]


def command(
    cloud: Literal["aws", "google", "azure"],
    artifact: Path,
    *,
    python: str | None = None,
    out: Path = Path("bundles"),
    bytecode: bool | None = None,
) -> None:
    """Lay out a function for a cloud: a folder, and a zip of it to ship.

    Args:
        cloud: where the function will run
        artifact: the artifact's folder
        python: the version of Python that the cloud will run, such as 3.13; the cloud's usual one when not given
        out: the folder to put the bundle in
        bytecode: ship compiled modules too, for a faster cold start; when not said, if that Python is on this machine
    """
    made = bundle(artifact, cloud, out, python=python, bytecode=bytecode)
    print(table(made), file=sys.stderr)
    print(made.archive)


def bundle(
    artifact: Path, cloud: str, out: Path, *, python: str | None = None, bytecode: bool | None = None
) -> Bundle:
    """Write OUT/NAME-CLOUD and OUT/NAME-CLOUD.zip, whole or not at all.

    bytecode: None takes it where an interpreter of that Python is on this machine; True insists.

    Raises BundleError for what cannot be shipped there, ArtifactError for a damaged artifact.
    """
    platform = PLATFORMS[cloud]
    python = python or platform.default_python
    if python not in platform.pythons:
        raise BundleError(
            f"{cloud} runs no functions on Python {python}\n  wanted: one of {', '.join(platform.pythons)}\n"
            f"  found:  {python}"
        )
    interpreter = None if bytecode is False else find_python(python)
    if bytecode and interpreter is None:
        raise BundleError(
            f"bytecode is made by the Python that will read it\n  wanted: python{python} on this machine\n"
            "  found:  none\nInstall it, or leave it out with --no-bytecode"
        )
    manifest = manifests.read(artifact)
    folder, archive = _places(manifest, cloud, out)
    sources = lay_out(manifest, cloud)
    made = Bundle(cloud, python, interpreter is not None, folder, archive, _digest(sources), {})
    sources[LABEL] = _label(made, manifest)
    try:
        return _write(made, sources, interpreter, cold_set(manifest, cloud))
    except OSError as error:
        raise BundleError(
            f"{out} cannot be written: {error.strerror}\n  at: {error.filename}\nName another place with --out"
        ) from error


def lay_out(manifest: Manifest, cloud: str) -> dict[str, bytes]:
    """What the function is made of: path -> bytes. Nothing is written."""
    if manifest.engine != "lean" and cloud == "aws":
        raise BundleError(
            f"{manifest.name} runs on the {manifest.engine} engine, whose libraries Lambda does not install\n"
            "  wanted: an artifact of the lean engine\nExport it again with --engine=lean, or bundle it for google or azure"
        )
    members = {f"{ARTIFACT}/{MANIFEST}": _read(manifest, MANIFEST)}
    for name in manifest.members:
        members[f"{ARTIFACT}/{name}"] = _read(manifest, name)
    members |= runtime_set(manifest, cloud) | entry_files(manifest, cloud)
    return dict(sorted(members.items()))


def _read(manifest: Manifest, member: str) -> bytes:
    path = Path(manifest.folder, member)
    if path.is_symlink():
        raise ArtifactError(
            f"{path} is a link, and what it points to is no part of the artifact\nPut the file itself there"
        )
    return path.read_bytes() if member == MANIFEST else manifest.read(member)


def _places(manifest: Manifest, cloud: str, out: Path) -> tuple[Path, Path]:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}", manifest.name):
        raise ArtifactError(
            f"{manifest.folder}: {manifest.name[:120]!r} cannot name a folder\nExport it under another name"
        )
    name = f"{manifest.name}-{cloud}"
    return out / name, out / f"{name}.zip"


def _digest(sources: Mapping[str, bytes]) -> str:
    lines = [f"{sha256(data).hexdigest()}  {path}\n" for path, data in sorted(sources.items())]
    return sha256("".join(lines).encode()).hexdigest()


def _label(bundle: Bundle, manifest: Manifest) -> bytes:
    label = {
        "made_with": {"leanfn": __version__},
        "cloud": bundle.cloud,
        "python": bundle.python,
        "bytecode": bundle.bytecode,
        "artifact": {"name": manifest.name, "engine": manifest.engine, "digest": manifest.digest},
        "digest": bundle.digest,
    }
    return (json.dumps(label, indent=2) + "\n").encode()


def _write(bundle: Bundle, sources: Mapping[str, bytes], interpreter: Path | None, cold: list[str]) -> Bundle:
    """Both are made beside their places first: a reader meets the old or the new, and a refusal changes nothing."""
    folder = bundle.folder
    if folder.is_symlink() or (folder.exists() and not (folder / LABEL).is_file()):
        raise BundleError(
            f"{folder} is there and is no bundle\nMove it away, or name another place with --out"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh, packed = Path(scratch, "folder"), Path(scratch, "zip")
        members = dict(sources)
        fill(fresh, sources)
        if interpreter is not None:
            home = ENTRIES[bundle.cloud].home
            entry = [path for path in sources if path.endswith(".py") and "/" not in path]
            compiled = compile_packed(interpreter, fresh, home, cold)
            compiled += compile_each(interpreter, fresh, home, entry)
            members |= {path: (fresh / path).read_bytes() for path in compiled}
        pack(packed, members)
        check_limits(PLATFORMS[bundle.cloud], folder.name, members, packed.stat().st_size)
        if folder.exists():
            folder.rename(Path(scratch, "old"))
        open_to_readers(fresh)
        fresh.rename(folder)
        packed.replace(bundle.archive)
    return replace(bundle, sizes={path: len(data) for path, data in sorted(members.items())})


def check_limits(platform: Platform, name: str, members: Mapping[str, bytes], packed: int) -> None:
    """Refuse a bundle that the cloud would refuse after the upload; packed is the size of its zip."""
    unpacked = sum(map(len, members.values()))
    for found, limit, what in (
        (packed, platform.package, "zipped"),
        (unpacked, platform.unpacked, "unpacked"),
    ):
        if limit is not None and found > limit:
            largest = sorted(members, key=lambda path: -len(members[path]))[:3]
            raise BundleError(
                f"{name} is too large for {platform.name}, {what}\n"
                f"  wanted:  at most {limit / MB:.1f} MB\n  found:   {found / MB:.1f} MB\n"
                f"  largest: {', '.join(f'{path} {len(members[path]) / MB:.1f} MB' for path in largest)}"
            )


def table(bundle: Bundle) -> str:
    """What takes the space, for people."""
    parts = {"runtime": 0, "handlers": 0, "artifact": 0, "entry": 0, "bytecode": 0}
    for path, size in bundle.sizes.items():
        parts[_part(path)] += size
    rows = [(part, size) for part, size in parts.items() if size]
    rows += [("unpacked", sum(bundle.sizes.values())), ("zipped", bundle.archive.stat().st_size)]
    shown = [f"{bundle.folder}  {bundle.cloud}, Python {bundle.python}"]
    shown += [f"  {name:<10}{size / 1000:>10,.1f} KB" for name, size in rows]
    if not bundle.bytecode:
        shown.append(
            f"  without bytecode: every cold start compiles it again; it needs a python{bundle.python} here"
        )
    return "\n".join(shown)


def _part(path: str) -> str:
    if path.endswith(".pyc") or path == FILE:
        return "bytecode"
    if path.startswith("leanfn/handlers/"):
        return "handlers"
    return {"leanfn": "runtime", ARTIFACT: "artifact"}.get(path.partition("/")[0], "entry")
