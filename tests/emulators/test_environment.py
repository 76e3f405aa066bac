"""An environment is made once; what went wrong in making it is told with the command that did."""

import sys
from pathlib import Path

import pytest

from emulators.environment import environment, find_python
from leanfn.errors import EmulatorError


def test_it_is_made_once_and_again_when_other_packages_are_asked_for(tmp_path, capsys):
    folder = tmp_path / "environment"
    python = environment(folder, Path(sys.executable), [])
    assert python.is_file()
    assert environment(folder, Path(sys.executable), []) == python
    assert capsys.readouterr().err.count("setting up") == 1


def test_what_went_wrong_is_told_with_its_command(tmp_path):
    with pytest.raises(EmulatorError, match=r"(?s)cannot be set up.*command: /bin/false -I -m venv"):
        environment(tmp_path / "environment", Path("/bin/false"), [])
    assert not (tmp_path / "environment" / "ready").exists()


def test_a_python_is_found_by_its_version_and_a_shim_that_starts_nothing_is_none(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    for version, said in (("9.8", "echo 9.8"), ("9.9", "exit 1")):
        shim = tmp_path / f"python{version}"
        shim.write_text(f"#!/bin/sh\n{said}\n")
        shim.chmod(0o755)
    assert find_python("9.8") == tmp_path / "python9.8"
    assert find_python("9.9") is find_python("9.7") is None
