import os
import subprocess
import sys

import pytest

from leanfn import __version__
from leanfn.__main__ import main

HEAVY = {"numpy", "pandas", "sklearn", "joblib", "flask", "boto3", "rich", "fire", "onnxruntime", "asyncio"}

COMMANDS = """
from pathlib import Path

def weigh(artifact: Path, *, loud: bool = False) -> None:
    \"\"\"Weigh an artifact.

    Args:
        artifact: the folder
        loud: twice
    \"\"\"
    print("weighed", artifact, loud)

def ship(name: str) -> None:
    \"\"\"Ship it.\"\"\"
    print("shipped", name)

SEA = {"ship": ship, "calm": {"ship": ship}}
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A distribution with commands of its own, as pip would leave it."""
    (tmp_path / "sample_commands.py").write_text(COMMANDS)
    folder = tmp_path / "sample_commands-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: sample-commands\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(
        "[leanfn.commands]\n"
        "weigh = sample_commands:weigh\nsea = sample_commands:SEA\nbroken = sample_missing:run\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sample_commands", raising=False)
    return tmp_path


@pytest.mark.parametrize("line", [[], ["--help"], ["-h"]])
def test_the_commands_are_listed_with_one_line_each(plugin, capsys, line):
    assert main(line) == 0
    out, err = capsys.readouterr()
    rows = dict(row.split(maxsplit=1) for row in out.splitlines() if row.startswith("  ") and row[2] != " ")
    assert out.startswith("usage: leanfn COMMAND …\n") and err == ""
    assert rows["weigh"] == "Weigh an artifact"
    assert rows["sea"] == "ship, calm"
    assert rows["broken"].startswith("cannot be loaded: No module named 'sample_missing'")


def test_a_command_of_another_distribution_runs(plugin, capsys):
    assert main(["weigh", "heart", "--loud"]) == 0
    assert main(["sea", "calm", "ship", "heart"]) == 0
    assert capsys.readouterr().out == "weighed heart True\nshipped heart\n"


def test_a_misspelt_command_names_the_nearest_and_imports_none(plugin, capsys):
    assert main(["wiegh", "heart"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "sample_commands" not in sys.modules
    assert (
        err == "leanfn has no command 'wiegh'\n  nearest: weigh\nType 'leanfn --help' to see what it takes\n"
    )
    assert main(["sea", "clam", "ship", "heart"]) == 2
    assert main(["weigh", "heart", "--luod"]) == 2
    assert main(["--loud", "weigh"]) == 2
    assert capsys.readouterr().out == ""


def test_the_help_of_one_command(plugin, capsys):
    assert main(["weigh", "--help"]) == 0
    assert capsys.readouterr().out == (
        "usage: leanfn weigh ARTIFACT [flags]\n\nWeigh an artifact\n\n"
        "  ARTIFACT  the folder\n  --loud    twice\n"
    )


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"leanfn {__version__}\n"


@pytest.mark.parametrize("line", [[], ["--help"], ["--version"], ["wiegh"]])
def test_listing_imports_nothing_heavy(plugin, line):
    code = f"import sys; from leanfn.__main__ import main; main({line}); print(*sys.modules, file=sys.stderr)"
    path = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert not HEAVY & set(done.stderr.split())
