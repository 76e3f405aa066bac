"""Replay the certificate of an artifact from the artifact alone."""

from __future__ import annotations

from pathlib import Path

from leanfn import cli


def verify(artifact: Path) -> None:
    """Replay an artifact's examples and compare with the original's answers.

    Args:
        artifact: its folder
    """
    import leanfn

    loaded = leanfn.load(artifact)
    print(
        f"{loaded.path}: version {loaded.version} answers as the original does ({loaded.verify().summary()})"
    )


if __name__ == "__main__":
    raise SystemExit(cli.run(verify, name="verify.py"))
