"""The local emulator: an artifact behind Flask on this machine, answered by the handler that the clouds run.

python app.py --artifact=artifacts/pipeline_example --port=8080
"""

from __future__ import annotations

import sys
from pathlib import Path

from emulators import local
from handlers import google
from handlers.service import Service
from leanfn import cli, load


def main(artifact: Path = Path("artifacts/pipeline_example"), *, port: int = 8080) -> None:
    """Serve an artifact on this machine, as a cloud would.

    Args:
        artifact: the artifact's folder
        port: where to listen; 0 takes a free one
    """
    local.serve(google.wrap(Service(lambda: load(artifact))), load(artifact), port)


if __name__ == "__main__":
    sys.exit(cli.run(main, name="app.py"))
