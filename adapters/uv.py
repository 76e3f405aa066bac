"""uv, which finds and unpacks wheels for another system and another Python: the tool and how it is asked.

https://docs.astral.sh/uv/reference/cli/ The index is the one that uv is configured for (UV_DEFAULT_INDEX, uv.toml).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from leanfn.errors import BundleError

SAID = 12  # lines of what uv says that are worth repeating


def find_uv(environ: Mapping[str, str] = os.environ) -> Path:
    """The uv on the path, or the one that is installed beside leanfn; BundleError when there is none."""
    on_path = shutil.which("uv", path=environ.get("PATH"))
    if on_path is not None:
        return Path(on_path)
    try:
        from uv import find_uv_bin

        return Path(find_uv_bin())
    except (ImportError, FileNotFoundError):
        raise BundleError(
            "wheels are found and unpacked by uv\n  wanted: uv on the path, or installed beside leanfn\n"
            "  found:  neither\nInstall it: pip install 'leanfn[bundle]'"
        ) from None


def run(folder: Path, *arguments: str) -> None:
    """Run `uv pip …` in a folder, whose parents hold no settings; BundleError with what it said when it fails."""
    line = [str(find_uv()), "--quiet", "--no-progress", "pip", *arguments, "--python", sys.executable]
    environ = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    done = subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "\n".join(f"  {row}" for row in done.stderr.strip().splitlines()[-SAID:])
        raise BundleError(
            f"uv does not find what the function needs\n{said}\n"
            "Look at the index that it asks (UV_DEFAULT_INDEX), or name another --python or --arch"
        )
