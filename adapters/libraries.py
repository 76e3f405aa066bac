"""What an artifact's engine needs beside leanfn: unpacked into the bundle, or named for the cloud's own build.

Lambda installs nothing, so the wheels' files ship. Google and Azure build from requirements.txt; for an engine with
libraries every line of it is pinned to a version and its hashes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from leanfn.errors import BundleError
from leanfn.manifest import Manifest

from .entries import ENTRIES
from .requirements import checked
from .wheels import Locked, Package, System, lock, requirements_txt, unpack

REQUIREMENTS = "requirements.txt"
# Before, it ended the process where Lambda hides the list of processors from arm64 functions:
# https://github.com/microsoft/onnxruntime/pull/28230
ARM_ONNXRUNTIME = (1, 27)


@dataclass(frozen=True, slots=True)
class Libraries:
    """packages lie in the bundle; locked ones the cloud's build installs; named ones it installs as it finds them."""

    packages: tuple[Package, ...] = ()
    locked: tuple[Locked, ...] = ()
    named: tuple[str, ...] = ()

    def files(self, ours: Iterable[str]) -> dict[str, bytes]:
        """Path in the function -> bytes. ours: the paths that are leanfn's, where no library may lie."""
        files: dict[str, bytes] = {}
        if self.locked or self.named:
            lines = "".join(f"{line}\n" for line in self.named)
            files[REQUIREMENTS] = (lines + requirements_txt(self.locked)).encode()
        taken = {path.partition("/")[0] for path in ours}
        for package in self.packages:
            _check_places(package, taken, files)
            files |= package.files
        return files


def libraries_of(manifest: Manifest, system: System) -> Libraries:
    """What is needed, found and pinned; the lean engine asks nobody and needs no network."""
    library = ENTRIES[system.cloud].library
    own = [] if library is None else [library]
    wanted = checked(manifest)
    if not wanted:
        return Libraries(named=tuple(own))
    _check_arm(wanted, system)
    locked = lock([*own, *wanted], system)
    if library is not None:
        return Libraries(locked=tuple(locked))
    return Libraries(packages=tuple(unpack(locked, system)))


def _check_places(package: Package, taken: set[str], files: Mapping[str, bytes]) -> None:
    """A library may not stand where the function's own modules, or those of Python itself, would be looked for."""
    for path, data in package.files.items():
        top = path.partition("/")[0]
        if top in taken or top.partition(".")[0] in sys.stdlib_module_names or files.get(path, data) != data:
            raise BundleError(
                f"{package.wheel} holds {path}, which would hide what is there already\n"
                "Fit the model without that library, or with another version of it"
            )


def _check_arm(requirements: Iterable[str], system: System) -> None:
    for requirement in requirements:
        name, _, version = requirement.partition("==")
        if name == "onnxruntime" and system.arch == "arm64" and system.cloud == "aws":
            found = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
            if found < ARM_ONNXRUNTIME:
                raise BundleError(
                    "onnxruntime ends the function's process on Lambda's arm64, up to version 1.26\n"
                    f"  wanted: onnxruntime {'.'.join(map(str, ARM_ONNXRUNTIME))} or later, or --arch=x86_64\n"
                    f"  found:  onnxruntime {version}\nBundle it with --arch=x86_64"
                )
