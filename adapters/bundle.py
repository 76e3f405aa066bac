"""A function's files, laid out for one cloud and one Python: a folder to look at, and a zip of it to ship.

Members come from the manifest, from the modules that the entry reaches, from the generated entry and from the records
of the engine's wheels; no folder is swept up and no link is followed. The same artifact, the same leanfn and the same
wheels give the same bytes anywhere.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal, get_args

from leanfn import __version__
from leanfn import manifest as manifests
from leanfn.artifact import Artifact
from leanfn.errors import ArtifactError, BundleError
from leanfn.interpreters import find_python
from leanfn.manifest import MANIFEST, Manifest
from leanfn.platforms import PLATFORMS, Platform

from .archive import fill, open_to_readers, pack
from .bill import BILL, bill
from .bytecode import compile_each, compile_packed
from .entries import ARTIFACT, ENTRIES, entry_files
from .libraries import Libraries, libraries_of
from .limits import check_limits, notes, rows
from .packed import FILE
from .runtime_set import cold_set, runtime_set
from .trial import can_run, check_trust, prove
from .wheels import System

LABEL = "bundle.json"  # what the bundle says of itself, and how a folder is known as one that may be replaced
Cloud = Literal["aws", "google", "azure"]
Arch = Literal["x86_64", "arm64"]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle on disk.

    digest: over what was laid out, whatever packed or compiled it. sizes: bytes of each member. parts: bytes of what
    takes the space, by name. notes: what is good to know of it, for people.
    """

    cloud: str
    python: str
    bytecode: bool
    folder: Path
    archive: Path
    digest: str
    sizes: dict[str, int]
    arch: str = "x86_64"
    parts: dict[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def command(
    cloud: Cloud,
    artifact: Path,
    *,
    python: str | None = None,
    arch: Arch = "x86_64",
    out: Path = Path("bundles"),
    bytecode: bool | None = None,
) -> None:
    """Lay out a function for a cloud: a folder, and a zip of it to ship.

    Args:
        cloud: where the function will run
        artifact: the artifact's folder
        python: the version of Python that the cloud will run, such as 3.13; the cloud's usual one when not given
        arch: the processor that it will run on; arm64 is Lambda's alone
        out: the folder to put the bundle in
        bytecode: ship compiled modules too, for a faster cold start; when not said, if that Python is on this machine
    """
    made = bundle(artifact, cloud, out, python=python, bytecode=bytecode, arch=arch)
    print(table(made), file=sys.stderr)
    print(made.archive)


def bundle(
    artifact: Path,
    cloud: str,
    out: Path,
    *,
    python: str | None = None,
    bytecode: bool | None = None,
    arch: str = "x86_64",
    anonymous: bool = False,
) -> Bundle:
    """Write OUT/NAME-CLOUD and OUT/NAME-CLOUD.zip, whole or not at all.

    bytecode: None takes it where an interpreter of that Python is on this machine; True insists. anonymous: Azure's
    host lets everybody in; the other clouds have settings for that.

    Raises BundleError for what cannot be shipped there, ArtifactError for a damaged artifact, TrustError where the
    artifact's code would have to run here and nobody has trusted it.
    """
    python = _check(cloud, python, arch)
    _check_regular(artifact / MANIFEST)
    manifest = Artifact(manifests.read(artifact)).manifest  # of an engine that there is, and with a signature
    folder, archive = _places(manifest, cloud, out)
    interpreter = _interpreter(python, bytecode)
    libraries = libraries_of(manifest, System(cloud, python, arch))
    sources = lay_out(manifest, cloud, libraries, anonymous=anonymous)
    made = Bundle(
        cloud,
        python,
        bytecode is not False and interpreter is not None,
        folder,
        archive,
        _digest(sources),
        {},
        arch,
    )
    try:
        return _write(made, manifest, sources, libraries, interpreter)
    except OSError as error:
        raise BundleError(
            f"{out} cannot be written: {error.strerror}\n  at: {error.filename}\nName another place with --out"
        ) from error


def _check(cloud: str, python: str | None, arch: str) -> str:
    """The Python that is meant, once the cloud is known to run it on such a processor."""
    platform = PLATFORMS.get(cloud)
    if platform is None:
        raise BundleError(
            f"there are no bundles for this cloud\n  wanted: one of {', '.join(PLATFORMS)}\n  found:  {cloud[:120]!r}"
        )
    python = python or platform.default_python
    if python not in platform.pythons:
        raise BundleError(
            f"{cloud} runs no functions on Python {python}\n  wanted: one of {', '.join(platform.pythons)}\n"
            f"  found:  {python}"
        )
    arches = get_args(Arch) if cloud == "aws" else get_args(Arch)[:1]
    if arch not in arches:
        raise BundleError(
            f"{cloud} runs no functions on {arch}\n  wanted: {' or '.join(arches)}\n  found:  {arch}"
        )
    return python


def _interpreter(python: str, bytecode: bool | None) -> Path | None:
    """This machine's interpreter of that Python, which compiles the modules and tries the function."""
    interpreter = find_python(python)
    if bytecode and interpreter is None:
        raise BundleError(
            f"bytecode is made by the Python that will read it\n  wanted: python{python} on this machine\n"
            "  found:  none\nInstall it, or leave it out with --no-bytecode"
        )
    return interpreter


def lay_out(
    manifest: Manifest, cloud: str, libraries: Libraries, *, anonymous: bool = False
) -> dict[str, bytes]:
    """What the function is made of: path -> bytes. Nothing is written."""
    members = {f"{ARTIFACT}/{MANIFEST}": _read(manifest, MANIFEST)}
    for name in manifest.members:
        members[f"{ARTIFACT}/{name}"] = _read(manifest, name)
    members |= runtime_set(manifest, cloud) | entry_files(manifest, cloud, anonymous)
    members[BILL] = bill(manifest, cloud, libraries)
    members |= libraries.files([*members, LABEL, FILE])
    return dict(sorted(members.items()))


def _read(manifest: Manifest, member: str) -> bytes:
    path = Path(manifest.folder, member)
    _check_regular(path)
    return path.read_bytes() if member == MANIFEST else manifest.read(member)


def _check_regular(path: Path) -> None:
    """What is there is a file: a link may lead to a secret, and a pipe has no end."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        kind = "a link, and what it points to" if path.is_symlink() else "no file, and"
        raise ArtifactError(f"{path} is {kind} is no part of the artifact\nPut the file itself there")


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
        "arch": bundle.arch,
        "bytecode": bundle.bytecode,
        "artifact": {"name": manifest.name, "engine": manifest.engine, "digest": manifest.digest},
        "digest": bundle.digest,
    }
    return (json.dumps(label, indent=2) + "\n").encode()


def _write(
    bundle: Bundle,
    manifest: Manifest,
    sources: Mapping[str, bytes],
    libraries: Libraries,
    interpreter: Path | None,
) -> Bundle:
    """Both are made beside their places first: a reader meets the old or the new, and a refusal changes nothing."""
    folder = bundle.folder
    if folder.is_symlink() or (folder.exists() and not (folder / LABEL).is_file()):
        raise BundleError(
            f"{folder} is there and is no bundle\nMove it away, or name another place with --out"
        )
    platform = PLATFORMS[bundle.cloud]
    owners = {
        path: f"{package.name} {package.version}" for package in libraries.packages for path in package.files
    }
    if owners and interpreter is not None and can_run(bundle.arch):
        check_trust(manifest)
    members = {**sources, LABEL: _label(bundle, manifest)}
    check_limits(platform, folder.name, _parts(members, owners), manifest.engine)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        fresh, packed = Path(scratch, "folder"), Path(scratch, "zip")
        fill(fresh, members)
        told = []
        if interpreter is not None and bundle.bytecode:
            ours, theirs = _compile(bundle.cloud, manifest, fresh, interpreter, members, owners)
            members |= ours
            if _fits(platform, members | theirs):
                members |= theirs
            else:
                told.append(
                    "without the libraries' bytecode, for which there is no room: a cold start compiles them"
                )
                for path in theirs:
                    (fresh / path).unlink()
        if interpreter is not None and owners and can_run(bundle.arch):
            prove(manifest, bundle.cloud, fresh, interpreter)
        pack(packed, members)
        if folder.exists():
            folder.rename(Path(scratch, "old"))
        open_to_readers(fresh)
        fresh.rename(folder)
        packed.replace(bundle.archive)
    sizes = {path: len(data) for path, data in sorted(members.items())}
    told += notes(platform, bundle.archive.stat().st_size)
    return replace(bundle, sizes=sizes, parts=_parts(members, owners), notes=tuple(told))


def _compile(
    cloud: str,
    manifest: Manifest,
    folder: Path,
    interpreter: Path,
    members: Mapping[str, bytes],
    owners: Mapping[str, str],
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The bytecode of leanfn's own modules and the entry, and that of the libraries: path -> bytes."""
    home = ENTRIES[cloud].home
    entry = [path for path in members if path.endswith(".py") and "/" not in path and path not in owners]
    ours = compile_packed(interpreter, folder, home, cold_set(manifest, cloud))
    ours += compile_each(interpreter, folder, home, entry)
    theirs = compile_each(interpreter, folder, home, [path for path in owners if path.endswith(".py")])
    return _contents(folder, ours), _contents(folder, theirs)


def _contents(folder: Path, paths: list[str]) -> dict[str, bytes]:
    return {path: (folder / path).read_bytes() for path in paths}


def _fits(platform: Platform, members: Mapping[str, bytes]) -> bool:
    return platform.unpacked is None or sum(map(len, members.values())) <= platform.unpacked


def table(bundle: Bundle) -> str:
    """What takes the space, for people."""
    machine = f", {bundle.arch}" if bundle.arch != "x86_64" else ""
    shown = [f"{bundle.folder}  {bundle.cloud}, Python {bundle.python}{machine}"]
    totals = {"unpacked": sum(bundle.sizes.values()), "zipped": bundle.archive.stat().st_size}
    shown += [f"  {row}" for row in rows(bundle.parts, totals)]
    if not bundle.bytecode:
        shown.append(
            f"  without bytecode: every cold start compiles it again; it needs a python{bundle.python} here"
        )
    return "\n".join([*shown, *(f"  {note}" for note in bundle.notes)])


def _parts(members: Mapping[str, bytes], owners: Mapping[str, str]) -> dict[str, int]:
    """What takes the space: bytes by name."""
    parts: dict[str, int] = {}
    for path, data in members.items():
        name = owners.get(path) or _part(path)
        parts[name] = parts.get(name, 0) + len(data)
    return parts


def _part(path: str) -> str:
    if path.endswith(".pyc") or path == FILE:
        return "bytecode"
    if path.startswith("leanfn/handlers/"):
        return "handlers"
    return {"leanfn": "runtime", ARTIFACT: "artifact"}.get(path.partition("/")[0], "entry")
