import sys

from leanfn.interpreters import find_python

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_the_running_python_is_found_and_an_unknown_one_is_not():
    assert str(find_python(HERE)) == sys.executable
    assert find_python("2.6") is None


def test_a_python_is_looked_for_where_the_environment_says(tmp_path):
    other = "3.12" if HERE != "3.12" else "3.13"
    assert find_python(other, {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)}) is None
    shim = tmp_path / f"python{other}"
    shim.write_text("#!/bin/sh\necho no such version >&2\nexit 127\n")
    shim.chmod(0o755)
    assert find_python(other, {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)}) is None
    shim.write_text(f"#!/bin/sh\necho {other}\n")
    assert find_python(other, {"PATH": str(tmp_path), "PYENV_ROOT": str(tmp_path)}) == shim
