"""Three clouds, one way: the same commands, the same flags for the same thing, the same words, the same order of steps."""

import inspect
import json
import subprocess
import sys

import pytest

from adapters.aws.commands import COMMANDS as AWS
from adapters.azure.commands import COMMANDS as AZURE
from adapters.google.commands import COMMANDS as GOOGLE
from adapters.plan import PHASES
from leanfn.cli import _fields, described

CLOUDS = {"aws": AWS, "google": GOOGLE, "azure": AZURE}
REGIONS = {"aws": "eu-west-1", "google": "europe-west1", "azure": "westeurope"}
HOW = ("--emulate", "--dry-run", "--json")
SHARED = ("deploy", "canary", "promote", "rollback", "status", "versions", "invoke", "logs", "destroy")
OWN = {"aws": {"policy"}, "google": set(), "azure": set()}
# flag -> the commands that take it on every cloud
MOVING = ("deploy", "canary", "promote", "rollback", "destroy")  # they have plans
# flag -> the commands that take it on every cloud
FLAGS = {
    **dict.fromkeys(("stage", "region", "emulate"), SHARED),
    **dict.fromkeys(
        ("memory", "timeout", "python", "public", "cors", "api_key", "env", "secret"), ("deploy",)
    ),
    "name": ("deploy", "canary"),
    "dry_run": MOVING,
    "json": (*MOVING, "status", "versions"),
    "weight": ("canary",),
    "payload": ("invoke",),
    "follow": ("logs",),
    "since": ("logs",),
    "yes": ("destroy",),
}
OWN_WORDS = {"region", "memory", "timeout", "secret"}  # what they may be differs


def summary(command):
    return inspect.getdoc(command).partition("\n")[0].rstrip(".")


def fields(command):
    return {field.name: field for field in _fields(command)}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_commands_are_the_same(cloud):
    assert set(CLOUDS[cloud]) == {*SHARED, *OWN[cloud]}


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("flag", FLAGS)
def test_a_flag_that_all_have_has_one_type_one_default_and_one_description(cloud, flag):
    for name in FLAGS[flag]:
        command, model = CLOUDS[cloud][name], AWS[name]
        found, wanted = fields(command)[flag], fields(model)[flag]
        assert (found.kind.shape, found.default) == (wanted.kind.shape, wanted.default), name
        if flag not in OWN_WORDS:
            assert described(command)[flag] == described(model)[flag], name


@pytest.mark.parametrize("cloud", CLOUDS)
@pytest.mark.parametrize("name", SHARED)
def test_a_command_says_the_same_of_itself_on_every_cloud(cloud, name):
    command, model = CLOUDS[cloud][name], AWS[name]
    assert summary(command) == summary(model)
    place = "artifact" if name in ("deploy", "canary") else "name"
    assert [field.name for field in _fields(command) if field.by_place] == [place]
    assert described(command)[place] == described(model)[place]


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_steps_of_a_first_deployment_come_in_the_order_of_the_phases(
    cloud, heart_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    line = [sys.executable, "-m", "leanfn", cloud]
    try:
        run = subprocess.run(
            [*line, "deploy", str(heart_folder), "--region=" + REGIONS[cloud], *HOW],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        phases = [step["phase"] for step in json.loads(run.stdout)]
    finally:
        subprocess.run([sys.executable, "-m", "leanfn", "emulator", "stop", cloud], check=True)
    assert phases == sorted(phases, key=PHASES.index)
    assert {"prepare", "function", "ready", "probe"} <= set(phases)
