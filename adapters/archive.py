"""Members (path -> bytes) as a folder and as a zip, the same bytes and modes whatever the clock, the umask and the order."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip can hold
LEVEL = 6  # 9 takes three times as long for libraries, and saves a hundredth


def fill(folder: Path, members: Mapping[str, bytes]) -> None:
    """Write members into a folder."""
    for path, data in members.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def open_to_readers(folder: Path) -> None:
    """The modes of a folder that a cloud's runtime, another user, can read."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def pack(archive: Path, members: Mapping[str, bytes]) -> None:
    """Write members into a zip."""
    with zipfile.ZipFile(archive, "w") as file:
        for path, data in sorted(members.items()):
            entry = zipfile.ZipInfo(path, EPOCH)
            entry.create_system = 3  # Unix, so that the modes count, also when Windows packs
            entry.external_attr = 0o100644 << 16
            file.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=LEVEL)
