"""An environment is made once; what went wrong in making it is told with the command that did."""

import sys
from pathlib import Path

import pytest

from emulators.environment import environment
from leanfn.errors import EmulatorError


def test_it_is_made_once_and_again_when_other_packages_are_asked_for(tmp_path, capsys):
    folder = tmp_path / "environment"
    python = environment(folder, Path(sys.executable), [])
    assert python.is_file()
    assert environment(folder, Path(sys.executable), []) == python
    assert capsys.readouterr().err.count("setting up") == 1


def test_what_went_wrong_is_told_with_its_command(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is no uv
    with pytest.raises(EmulatorError, match=r"(?s)cannot be set up.*command: /bin/false -I -m venv"):
        environment(tmp_path / "environment", Path("/bin/false"), [])
    assert not (tmp_path / "environment" / "ready").exists()
