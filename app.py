"""The local emulator: an artifact behind Flask on this machine, answered by the handler that the clouds run.

python app.py --artifact=artifacts/pipeline_example --port=8080
"""

from __future__ import annotations

import sys

from emulators.local import command
from leanfn import cli

if __name__ == "__main__":
    sys.exit(cli.run(command, name="app.py"))
