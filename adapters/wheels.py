"""The libraries of an engine: found for a cloud's system and Python, pinned by hash, and unpacked.

uv resolves, downloads and unpacks; of what it unpacked come the files that it records as a wheel's, and no others, less
what nothing imports in a function (trim.py).
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import tomllib
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from email.parser import BytesHeaderParser
from hashlib import sha256
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from leanfn.errors import BundleError

from . import uv
from .elf import Glibc, glibc, machine
from .trim import is_needed

# The glibc below a cloud's Python: Amazon Linux 2 up to 3.11, then Amazon Linux 2023; Google's Ubuntu and Azure's
# Debian have 2.31 or newer. https://docs.aws.amazon.com/linux/al2023/ug/compare-with-al2.html
GLIBC: dict[tuple[str, str] | str, Glibc] = {
    ("aws", "3.11"): (2, 26),
    "aws": (2, 34),
    "google": (2, 28),
    "azure": (2, 28),
}
TRIPLES = {"x86_64": "x86_64", "arm64": "aarch64"}
LICENCE_LENGTH = 100  # longer ones are the text itself


@dataclass(frozen=True, slots=True)
class System:
    """What the wheels are for."""

    cloud: str
    python: str
    arch: str

    @property
    def glibc(self) -> Glibc:
        return GLIBC.get((self.cloud, self.python)) or GLIBC[self.cloud]

    @property
    def tag(self) -> str:
        """The newest platform of wheels that it runs, in uv's words; uv has none of glibc 2.18 to 2.27."""
        old = self.glibc < (2, 28)
        return f"{TRIPLES[self.arch]}-{'manylinux2014' if old else 'manylinux_{}_{}'.format(*self.glibc)}"


@dataclass(frozen=True, slots=True)
class Locked:
    """One distribution that was found: hashes has the sha256 of each of its wheels that would do, by file name."""

    name: str
    version: str
    hashes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Package:
    """One distribution in a bundle. files: path in the function -> bytes.

    licence: as its metadata words it, an SPDX expression or a name.
    """

    name: str
    version: str
    wheel: str
    sha256: str
    licence: tuple[Literal["expression", "name"], str] | None
    files: Mapping[str, bytes] = field(repr=False)


def lock(requirements: Sequence[str], system: System) -> list[Locked]:
    """The requirements and all that they need, each at one version."""
    with tempfile.TemporaryDirectory(prefix="leanfn-") as scratch:
        folder = Path(scratch)
        (folder / "requirements.in").write_text("".join(f"{line}\n" for line in requirements), "utf-8")
        what = ["--format=pylock.toml", "--output-file=pylock.toml", "--no-header", "--no-annotate"]
        uv.run(folder, "compile", "requirements.in", *what, *_for(system))
        found = tomllib.loads((folder / "pylock.toml").read_text("utf-8"))
    return [_locked(package) for package in found.get("packages", [])]


def _for(system: System) -> list[str]:
    return [f"--python-platform={system.tag}", f"--python-version={system.python}", "--only-binary=:all:"]


def _locked(package: Mapping[str, Any]) -> Locked:
    wheels = package.get("wheels", [])
    hashes = {_file_name(wheel): wheel["hashes"]["sha256"] for wheel in wheels}
    return Locked(package["name"], package["version"], dict(sorted(hashes.items())))


def _file_name(wheel: Mapping[str, str]) -> str:
    place = wheel.get("name") or wheel.get("path") or urlsplit(wheel["url"]).path
    return unquote(PurePosixPath(place).name)


def requirements_txt(locked: Iterable[Locked]) -> str:
    """What a cloud's own build installs: these versions, with these hashes."""
    lines = []
    for each in locked:
        hashes = sorted(set(each.hashes.values()))
        lines.append(
            " \\\n".join([f"{each.name}=={each.version}", *(f"    --hash=sha256:{h}" for h in hashes)])
        )
    return "".join(f"{line}\n" for line in lines)


def unpack(locked: Sequence[Locked], system: System) -> list[Package]:
    """The distributions' files, trimmed; BundleError for a wheel that the system cannot run."""
    with tempfile.TemporaryDirectory(prefix="leanfn-") as scratch:
        target, listed = Path(scratch, "target"), Path(scratch, "requirements.txt")
        listed.write_text(requirements_txt(locked), "utf-8")
        install(listed, target, system, "--require-hashes", "--no-deps")
        return [_package(each, target, system) for each in locked]


def install(requirements: Path, target: Path, system: System, *how: str) -> None:
    """What a file of requirements names, and what that needs, for a system, into a folder."""
    where = [f"--target={target.resolve()}", f"--requirements={requirements.resolve()}"]
    uv.run(
        requirements.parent,
        "install",
        *where,
        "--link-mode=copy",
        "--no-compile-bytecode",
        *how,
        *_for(system),
    )


def _package(locked: Locked, target: Path, system: System) -> Package:
    info = _dist_info(locked, target)
    files = {}
    for path in _recorded(info):
        if re.search(r"[\\:\x00-\x1f]", path):
            raise BundleError(
                f"{locked.name}: {path!r} is no name of a file in a wheel\nName another version"
            )
        inside = PurePosixPath(path)
        if inside.is_absolute() or ".." in inside.parts or not is_needed(path, locked.name):
            continue  # scripts and manuals lie elsewhere than the modules
        file = target / inside
        if file.is_symlink() or not file.resolve().is_relative_to(target.resolve()):
            raise BundleError(f"{locked.name}: {path} is a link, which no wheel holds\nName another version")
        files[str(inside)] = data = file.read_bytes()
        if re.search(r"\.so(\.|$)", inside.name):
            _check_object(f"{locked.name} {locked.version}: {path}", data, system)
    metadata = BytesHeaderParser().parsebytes((info / "METADATA").read_bytes())
    tags = BytesHeaderParser().parsebytes((info / "WHEEL").read_bytes()).get_all("Tag", [])
    wheel = _wheel(locked, tags)
    files[f"{info.name}/RECORD"] = _record(files)
    licence = _licence(metadata)
    return Package(
        locked.name, locked.version, wheel, locked.hashes[wheel], licence, dict(sorted(files.items()))
    )


def _dist_info(locked: Locked, target: Path) -> Path:
    for info in sorted(target.glob("*.dist-info")):
        name = info.name.removesuffix(".dist-info").rpartition("-")[0]
        if re.sub(r"[-_.]+", "-", name).lower() == locked.name:
            return info
    raise BundleError(f"{locked.name} {locked.version} was not unpacked\nName another version")


def _recorded(info: Path) -> list[str]:
    """The paths that are recorded as a wheel's, but for the record itself, which is written anew."""
    text = (info / "RECORD").read_text("utf-8")
    return sorted({row[0] for row in csv.reader(io.StringIO(text)) if row} - {f"{info.name}/RECORD"})


def _record(files: Mapping[str, bytes]) -> bytes:
    """A RECORD of what is left: installed distributions have one."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for path, data in sorted(files.items()):
        digest = urlsafe_b64encode(sha256(data).digest()).rstrip(b"=").decode()
        rows.writerow([path, f"sha256={digest}", len(data)])
    return text.getvalue().encode()


def _wheel(locked: Locked, tags: Sequence[str]) -> str:
    """Which of the wheels it was: the one whose name has the tags that it says of itself."""
    for name in locked.hashes:
        if len(locked.hashes) == 1 or set(_tags(name)) & set(tags):
            return name
    raise BundleError(f"{locked.name} {locked.version}: no wheel of this kind was found: {', '.join(tags)}")


def _tags(wheel: str) -> list[str]:
    parts = wheel.removesuffix(".whl").split("-")[-3:]
    return ["-".join(tag) for tag in product(*(part.split(".") for part in parts))]


def _licence(metadata: Any) -> tuple[Literal["expression", "name"], str] | None:
    if expression := metadata.get("License-Expression"):
        return "expression", str(expression).strip()
    named = [line for line in metadata.get_all("Classifier", []) if line.startswith("License ::")]
    if named:
        return "name", named[0].rpartition(" :: ")[2]
    stated = str(metadata.get("License") or "").strip()
    return ("name", stated) if stated and "\n" not in stated and len(stated) <= LICENCE_LENGTH else None


def _check_object(name: str, data: bytes, system: System) -> None:
    """A shared object is for the system's machine, and wants no newer glibc than it has."""
    found = machine(data)
    if found != system.arch:
        raise BundleError(
            f"{name} is for another machine\n  wanted: {system.arch}\n  found:  {found or 'no shared object of Linux'}"
        )
    try:
        wanted = glibc(data)
    except ValueError as error:
        raise BundleError(f"{name} is damaged: {error}") from None
    if wanted > system.glibc:
        has, wants = (".".join(map(str, version)) for version in (system.glibc, wanted))
        raise BundleError(
            f"{name} does not run below Python {system.python} there\n  wanted: glibc {has} or older\n"
            f"  found:  glibc {wants}\nName a later --python, or an older version of the library"
        )
