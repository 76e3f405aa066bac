"""Whose code may run here: the digests of artifacts made or trusted on this machine. Functions never read this.

As `direnv allow` does it: a list in the user's state folder, never beside the artifact that it speaks of.
"""

import os
from collections.abc import Mapping
from pathlib import Path


def state_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where leanfn keeps what it remembers on this machine."""
    if "XDG_STATE_HOME" in environ:
        return Path(environ["XDG_STATE_HOME"]) / "leanfn"
    if "LOCALAPPDATA" in environ:
        return Path(environ["LOCALAPPDATA"]) / "leanfn"
    return Path.home() / ".local" / "state" / "leanfn"


def is_trusted(digest: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the code of the artifact with this digest may run here."""
    try:
        return digest in (state_folder(environ) / "trusted").read_text("utf-8").split()
    except OSError:
        return False


def trust(digest: str, environ: Mapping[str, str] = os.environ) -> None:
    """Let the code of the artifact with this digest run on this machine."""
    if is_trusted(digest, environ):
        return
    folder = state_folder(environ)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "trusted").open("a", encoding="utf-8") as file:
        file.write(digest + "\n")
