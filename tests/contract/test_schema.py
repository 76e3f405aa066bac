"""Requests generated from GET /openapi.json get documented answers, and no 5xx, from the emulator and Google's framework.

A longer run, with an emulator or any other function at an address (5,000 cases in some minutes):

schemathesis run http://127.0.0.1:8080/openapi.json --max-examples=1000 --checks=CHECKS
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.runtimes import KEY, RUNTIMES

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "allow_header_conformance",
)


@pytest.mark.skipif(not SCHEMATHESIS.exists(), reason="schemathesis is not installed")
@pytest.mark.parametrize("name", ["emulator-google", "functions-framework"])
def test_a_generated_request_gets_a_documented_answer(name, heart_folder, tmp_path):
    with RUNTIMES[name](heart_folder, tmp_path) as ask:
        line = [
            str(SCHEMATHESIS),
            "run",
            f"http://127.0.0.1:{ask.port}/openapi.json",
            f"--checks={','.join(CHECKS)}",
        ]
        line += [f"--header=x-api-key: {KEY}", "--phases=examples,fuzzing", "--max-examples=15", "--no-color"]
        line += ["--generation-deterministic", "--request-timeout=60"]
        run = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout[-5000:] + run.stderr
    generated, passed = re.search(r"(\d+) generated, (\d+) passed", run.stdout).groups()
    assert int(generated) == int(passed) >= 100
