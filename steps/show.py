"""Show what an artifact is; nothing of it is run."""

from __future__ import annotations

from json import dumps
from pathlib import Path

from leanfn import cli


def inspect(artifact: Path, *, json: bool = False) -> None:
    """Show what an artifact is: engine, version, signature, certificate.

    Args:
        artifact: its folder
        json: print the manifest as JSON
    """
    from leanfn import manifest
    from leanfn.artifact import Artifact
    from leanfn.card import facts

    found = manifest.read(artifact)
    if json:
        document = {key: getattr(found, key) for key in manifest.KEYS}
        print(dumps({"version": found.version, "digest": found.digest, **document}, indent=1))
        return
    for fact, words in facts(Artifact(found)):
        print(f"{fact + ':':21}{words}")


if __name__ == "__main__":
    raise SystemExit(cli.run(inspect, name="show.py"))
