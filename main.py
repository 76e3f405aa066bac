"""What Google's runtime looks for when the checkout itself is the function's source: predict_handler.

functions-framework --target predict_handler
"""

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
