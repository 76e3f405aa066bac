"""AWS's Runtime Interface Emulator beside our Runtime API: where both say what the service does, they say the same."""

import json
import subprocess

import pytest

from emulators.interface_emulator import InterfaceEmulator, fetch
from emulators.lambda_runtime import PAYLOAD_LIMIT, LambdaRuntime
from leanfn.errors import EmulatorError
from tests.contract.runtimes import rie

pytest.importorskip("awslambdaric", reason="AWS's runtime client is for Linux alone")

FUNCTION = """
import os, time

COUNT = [0]

def handler(event, context):
    what, value = event
    COUNT[0] += 1
    if what == "environ":
        return {name: os.environ.get(name) for name in value}
    if what == "fail":
        raise ValueError(value)
    if what == "die":
        os._exit(value)
    if what == "sleep":
        time.sleep(value)
    return "x" * value if what == "large" else [COUNT[0], value]
"""
ENVIRON = [
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "AWS_REGION",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
]
ENVIRON += ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "TZ", "LANG", "OWN", "HOME"]
ALIKE = [
    ("echo", {"é": [1.5, None, "\u2028"]}),
    ("echo", 1),
    ("environ", ENVIRON),
    ("large", PAYLOAD_LIMIT - 2),
    ("fail", "as told"),
    ("echo", 2),
    ("die", 3),
    ("echo", 3),
]


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same function under AWS's emulator and under ours."""
    task = tmp_path_factory.mktemp("task")
    (task / "function.py").write_text(FUNCTION)
    options = {"timeout": 1, "environ": {"OWN": "1"}, "log": subprocess.DEVNULL}
    with (
        InterfaceEmulator(rie(), task, "function.handler", **options) as theirs,
        LambdaRuntime(task, "function.handler", **options) as ours,
    ):
        yield theirs, ours


def told(runtime, event):
    """What the function's caller learns; where an error stands in the code, each tells in its own way."""
    payload = json.loads(runtime.invoke(json.dumps(event).encode()).payload)
    if not isinstance(payload, dict) or "errorType" not in payload:
        return payload
    return payload["errorType"], payload["errorMessage"].rpartition("Error: ")[2]


@pytest.mark.parametrize("event", ALIKE, ids=lambda event: event[0])
def test_they_give_the_same_payload(both, event):
    theirs, ours = (told(runtime, event) for runtime in both)
    assert theirs == ours


def test_what_takes_too_long_is_ended_by_both(both):
    for runtime in both:
        assert b"Task timed out after 1.00 seconds" in runtime.invoke(b'["sleep", 5]').payload
        assert told(runtime, ("echo", None)) == [1, None]  # a new process counts from the start


def test_an_event_that_would_be_cut_short_is_not_sent(both):
    with pytest.raises(ValueError, match="cut short"):
        both[0].invoke(b" " * (PAYLOAD_LIMIT + 1))


def test_another_machine_is_told_that_there_is_none(tmp_path):
    with pytest.raises(EmulatorError, match="not made for linux on riscv64"):
        fetch(tmp_path, "riscv64")
