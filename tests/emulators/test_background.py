import subprocess
import sys
import time
from pathlib import Path

import pytest

from emulators import background
from leanfn.errors import EmulatorError

ROOT = Path(__file__).parents[2]
# A cloud that is nothing but its settings, in a process as the real ones have it.
SCRIPT = """
import contextlib, pathlib, sys
from emulators.background import serve
@contextlib.contextmanager
def open_cloud(called):
    called()
    yield {"endpoint": "http://127.0.0.1:1"}
    pathlib.Path(sys.argv[1], "closed").touch()
serve("aws", open_cloud, pathlib.Path(sys.argv[1]), idle=float(sys.argv[2]))
"""


@pytest.fixture
def begin(tmp_path):
    begun = []

    def begin(idle=60.0):
        line = [sys.executable, "-c", SCRIPT, str(tmp_path), str(idle)]
        begun.append(subprocess.Popen(line, cwd=ROOT))
        return begun[-1]

    yield begin
    for process in begun:
        process.kill()
        process.wait()


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_running_cloud_is_found_by_the_next_command_and_ends_when_told(tmp_path, begin):
    process = begin()
    until((tmp_path / "aws.json").exists)
    assert background.connect("aws", tmp_path) == {"endpoint": "http://127.0.0.1:1"}
    assert background.stop("aws", tmp_path) is True
    assert process.wait(30) == 0
    assert (tmp_path / "closed").exists()
    assert not (tmp_path / "aws.json").exists()
    assert background.stop("aws", tmp_path) is False


def test_of_two_that_start_at_once_one_stays(tmp_path, begin):
    processes = [begin(), begin()]
    until(lambda: any(process.poll() is not None for process in processes))
    until((tmp_path / "aws.json").exists)
    assert sorted(process.poll() is None for process in processes) == [False, True]


def test_it_ends_by_itself_when_nobody_calls(tmp_path, begin):
    process = begin(idle=0.05)
    assert process.wait(30) == 0


def test_what_a_killed_process_left_behind_counts_for_nothing(tmp_path, begin):
    process = begin()
    until((tmp_path / "aws.json").exists)
    process.kill()
    process.wait()
    assert background.stop("aws", tmp_path) is False


def test_a_cloud_that_does_not_start_says_why(tmp_path):
    with pytest.raises(EmulatorError, match=r"(?s)the emulated nowhere did not start\n.*No module named"):
        background.connect("nowhere", tmp_path)
