"""The checkout itself as a function: main.py runs as often as Google's runtime likes, this is imported once."""

import os
from pathlib import Path

from handlers.google import wrap
from handlers.service import Service
from leanfn.artifact import Artifact, load

EXAMPLE = Path(__file__).parent / "artifacts" / "pipeline_example"


def _load() -> Artifact:
    """The artifact in LEANFN_ARTIFACT, else the example."""
    return load(os.environ.get("LEANFN_ARTIFACT") or EXAMPLE)


predict_handler = wrap(Service(_load))
