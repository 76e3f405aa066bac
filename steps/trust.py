"""Let the code of an artifact that was made elsewhere run on this machine."""

from __future__ import annotations

from pathlib import Path

from leanfn import cli


def trust(artifact: Path) -> None:
    """Trust the code that an artifact holds (a pickle, hooks): it may run here from now on.

    Args:
        artifact: its folder
    """
    from leanfn import manifest
    from leanfn import trust as store

    found = manifest.read(artifact)
    if not found.code:
        print(f"{artifact} holds no code; there is nothing to trust")
        return
    for member in manifest.CODE:
        if member in found.members:
            found.read(member)
    store.trust(found.digest)
    print(f"{artifact}: {', '.join(found.code)} may run on this machine (version {found.version})")


if __name__ == "__main__":
    raise SystemExit(cli.run(trust, name="trust.py"))
