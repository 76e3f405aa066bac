from dataclasses import dataclass

import pytest

from adapters.settings import read, with_settings
from leanfn.cli import run
from leanfn.errors import UsageError

KNOWN = {"region", "memory", "public", "env", "name"}
FILE = """
[tool.leanfn]
memory = 256
[tool.leanfn.aws]
region = "eu-west-1"
public = false
env = {A = "1", B = "x=y"}
[tool.leanfn.google]
region = "europe-west1"
[tool.leanfn.stage.prod]
memory = 512
[tool.leanfn.stage.prod.aws]
region = "eu-central-1"
"""

SHORT = FILE.replace("public = false\n", "").replace('env = {A = "1", B = "x=y"}\n', "")


@pytest.fixture
def pyproject(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "pyproject.toml"
    file.write_text(FILE)
    return file


def test_the_most_particular_table_counts(pyproject):
    plain = {"memory": "256", "region": "eu-west-1", "public": "false", "env": "A=1,B=x=y"}
    assert read(pyproject, "aws", None, KNOWN) == plain
    assert read(pyproject, "aws", "prod", KNOWN) == {**plain, "memory": "512", "region": "eu-central-1"}
    assert read(pyproject, "google", None, KNOWN) == {"memory": "256", "region": "europe-west1"}


def test_without_a_file_there_are_no_settings(tmp_path):
    assert read(tmp_path / "pyproject.toml", "aws", "prod", KNOWN) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[tool.leanfn]\nmemroy = 1", "no setting 'memroy'\n  nearest: memory"),
        ("[tool.leanfn.aws]\nenv = {A = '1,B=2'}", "an item with a comma"),
        ("[tool.leanfn", "is no TOML"),
        ("[tool.leanfn.stage.dev]\nmemory = 1", "has no stage 'prod'\n  wanted: one of dev"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(pyproject, text, said):
    pyproject.write_text(text)
    with pytest.raises(UsageError, match=said):
        read(pyproject, "aws", "prod", KNOWN)


def deploy(
    artifact: str, *, region: str | None = None, memory: int | None = None, stage: str | None = None
) -> None:
    """Deploy it."""
    seen.append((artifact, region, memory, stage))


seen: list[tuple[object, ...]] = []


def test_a_flag_that_is_typed_comes_before_the_file_and_numbers_are_numbers(pyproject):
    pyproject.write_text(SHORT)
    command = with_settings("aws", {"deploy": deploy})["deploy"]
    command("heart", region="us-east-1", stage="prod")
    command("heart")
    assert seen == [("heart", "us-east-1", 512, "prod"), ("heart", "eu-west-1", 256, None)]


def test_a_value_of_another_kind_is_refused_as_its_flag_would_be(pyproject):
    pyproject.write_text("[tool.leanfn]\nmemory = 1.5")
    with pytest.raises(UsageError, match=r"--memory does not take this value\n  wanted: a whole number"):
        with_settings("aws", {"deploy": deploy})["deploy"]("heart")


@dataclass(frozen=True)
class Wanted:
    """What is wanted.

    Args:
        memory: in MB
    """

    memory: int | None = None
    stage: str | None = None


def test_the_fields_of_a_flag_group_are_filled_up_as_flags_are(pyproject):
    pyproject.write_text(SHORT)
    got = []

    def ship(artifact: str, *, wanted: Wanted = Wanted(), region: str | None = None) -> None:
        """Ship it."""
        got.append((wanted, region))

    command = with_settings("aws", {"ship": ship})["ship"]
    assert run(command, ["heart", "--stage=prod"], name="x") == 0
    assert run(command, ["heart", "--memory=1", "--region=x"], name="x") == 0
    assert got == [(Wanted(512, "prod"), "eu-central-1"), (Wanted(1), "x")]
