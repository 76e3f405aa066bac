"""The README's first command, without its environment: train, export, serve, ask over HTTP."""

import subprocess
import sys
from pathlib import Path

import pytest

import demo
from leanfn.errors import LeanfnError

ROOT = Path(__file__).parent.parent


def test_the_demo_ends_with_the_answer_and_the_times_and_writes_one_artifact(tmp_path):
    command = [sys.executable, str(ROOT / "demo.py"), f"--out={tmp_path}"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert '\n{"diagnosis":"heart-disease"}\n' in ran.stdout
    stages = ["train, export, certify", "start the emulator", "ask", "ask again"]
    assert [line[:24].rstrip() for line in ran.stdout.splitlines()[-4:]] == stages
    assert [each.name for each in tmp_path.iterdir()] == ["pipeline_example"]


def test_an_emulator_that_does_not_start_is_told_in_its_own_words(tmp_path):
    said = r"(?s)the emulator ended with exit code 1\n.*no artifact at .*nowhere"
    with pytest.raises(LeanfnError, match=said), demo._emulator(tmp_path / "nowhere"):
        pytest.fail("nothing serves an artifact that is not there")
