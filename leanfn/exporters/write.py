"""An artifact's folder, written whole or not at all."""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from leanfn.digests import sha256_hex
from leanfn.errors import ExportError
from leanfn.manifest import FORMAT, MANIFEST, canonical


def write(folder: Path, members: dict[str, bytes], **fields: Any) -> None:
    """Write the members and the manifest that describes them.

    Everything goes into a temporary folder beside the target; the old artifact is moved aside, the new one in, and
    the old one removed: a folder cannot be replaced in one call.
    """
    if folder.exists() and not (folder / MANIFEST).is_file() and any(folder.iterdir()):
        raise ExportError(f"{folder} is no artifact and not empty\nGive another name, or empty it yourself")
    document = {
        "format": FORMAT,
        **fields,
        "members": {
            name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in sorted(members.items())
        },
    }
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        new.mkdir()
        for name, data in members.items():
            (new / name).write_bytes(data)
        (new / MANIFEST).write_bytes(pretty(document))
        if folder.exists():
            os.rename(folder, old)
        os.rename(new, folder)
        shutil.rmtree(old, ignore_errors=True)


def pretty(document: Any) -> bytes:
    """A document for people and for diffs: the same bytes as ever, one entry a line, short lists in one."""
    import json

    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False, sort_keys=False)
    assert json.loads(text) == json.loads(canonical(document))
    return (text + "\n").encode()
