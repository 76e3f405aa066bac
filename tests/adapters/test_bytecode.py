"""Bytecode is found, is true to its sources, and gets in nobody's way."""

import shutil
import subprocess
import sys

import pytest

from adapters.bytecode import compile_each, compile_packed
from adapters.packed import FILE
from leanfn.interpreters import find_python

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

INSTALL = """
import sys
sys.path.insert(0, ".")
import packed
packed.install("")
"""


@pytest.fixture
def function(tmp_path):
    """A function's folder with a package named leanfn of two modules, and the loader."""
    import adapters.packed

    package = tmp_path / "leanfn"
    package.mkdir()
    (package / "__init__.py").write_text("from leanfn.inner import answer\n")
    (package / "inner.py").write_text('"""Inner."""\n\n\ndef answer():\n    return 1 / 0  # as told\n')
    shutil.copy(adapters.packed.__file__, tmp_path)
    return tmp_path


def pack(function, version=HERE, home=None, paths=("leanfn/__init__.py", "leanfn/inner.py")):
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    return compile_packed(python, function, home or str(function), paths)


def run(function, script):
    line = [sys.executable, "-B", "-I", "-S", "-c", INSTALL + script]
    return subprocess.run(line, cwd=function, capture_output=True, text=True, check=False)


def test_the_packed_modules_are_what_is_imported(function):
    assert pack(function) == [FILE]
    (function / "leanfn" / "inner.py").write_text("def answer(): return 'from the source'")
    out = run(
        function,
        "import leanfn, leanfn.inner; print(type(leanfn.__loader__).__name__, leanfn.inner.__file__)",
    )
    assert out.stdout == "Packed ./leanfn/inner.py\n", out.stderr


def test_a_module_that_is_not_packed_is_imported_from_its_source(function):
    pack(function, paths=["leanfn/__init__.py"])
    out = run(function, "import leanfn; print(type(leanfn.inner.__loader__).__name__)")
    assert out.stdout == "SourceFileLoader\n", out.stderr


def test_a_traceback_shows_the_source_line(function):
    pack(function)
    assert "return 1 / 0  # as told" in run(function, "import leanfn; leanfn.answer()").stderr


def test_code_names_its_place_in_the_cloud(function):
    pack(function, home="/var/task")
    out = run(function, "import leanfn; print(leanfn.answer.__code__.co_filename)")
    assert out.stdout == "/var/task/leanfn/inner.py\n", out.stderr


@pytest.mark.parametrize("content", [None, b"", b"something else altogether"])
def test_without_bytecode_of_this_python_the_sources_are_imported(function, content):
    if content is not None:
        (function / FILE).write_bytes(content)
    out = run(function, "import leanfn; print(type(leanfn.__loader__).__name__)")
    assert out.stdout == "SourceFileLoader\n", out.stderr


def test_another_pythons_bytecode_is_passed_by(function):
    pack(function, version=next(version for version in ("3.12", "3.13") if version != HERE))
    out = run(function, "import leanfn; print(type(leanfn.__loader__).__name__)")
    assert out.stdout == "SourceFileLoader\n", out.stderr


def test_a_module_that_is_not_there_is_missed_as_ever(function):
    pack(function)
    assert "No module named 'leanfn.exporters'" in run(function, "import leanfn.exporters").stderr


def test_an_entrys_bytecode_is_read_whatever_the_time_of_its_source(function):
    (function / "main.py").write_text("print('as compiled')")
    (compiled,) = compile_each(find_python(HERE), function, "/workspace", ["main.py"])
    assert (function / compiled).is_file()
    (function / "main.py").write_text("print('as written later')")
    assert run(function, "import main").stdout == "as compiled\n"
