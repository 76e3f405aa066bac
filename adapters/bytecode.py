"""Bytecode for the Python that a cloud runs, compiled by that Python.

A function's file system is read-only: without it every module is compiled again at every cold start. Another Python
than the one it was made for passes it by and compiles the sources, as it always did.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from .packed import FILE

# Unchecked: neither a source's time nor its content is asked for when the bytecode is loaded, so that unpacking may
# set any time. Code carries its source's place in the cloud: tracebacks name it, and nothing is mended at loading.
COMPILE = """
import os, py_compile, sys
folder, home, *paths = sys.argv[1:]
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
for path in paths:
    place = f"{home}/{path}"
    try:
        file = py_compile.compile(os.path.join(folder, path), dfile=place, doraise=True, invalidation_mode=unchecked)
    except py_compile.PyCompileError:  # some wheels hold sources of other Pythons; who imports one is told then
        continue
    print(os.path.relpath(file, folder).replace(os.sep, "/"))
"""

# Docstrings and assertions are for who reads and checks the sources: a tenth of the file.
PACK = """
import marshal, os, sys
from _frozen_importlib_external import MAGIC_NUMBER
folder, home, file, *paths = sys.argv[1:]
index, codes = {}, b""
for path in paths:
    with open(os.path.join(folder, path), "rb") as source:
        code = compile(source.read(), f"{home}/{path}", "exec", dont_inherit=True, optimize=2)
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    start, codes = len(codes), codes + marshal.dumps(code)
    index[name] = (path, start, len(codes))
index = marshal.dumps(index)
with open(os.path.join(folder, file), "wb") as pack:
    pack.write(MAGIC_NUMBER + len(index).to_bytes(4, "little") + index + codes)
print(file)
"""


def compile_each(interpreter: Path, folder: Path, home: str, paths: Iterable[str]) -> list[str]:
    """Compile sources, each into a file of its own where Python looks for it; the paths of the files.

    home: where the folder will lie in the cloud.
    """
    return _run(interpreter, COMPILE, folder, home, *sorted(paths))


def compile_packed(interpreter: Path, folder: Path, home: str, paths: Iterable[str]) -> list[str]:
    """Compile sources into the one file that packed.py imports from; its path."""
    return _run(interpreter, PACK, folder, home, FILE, *sorted(paths))


def _run(interpreter: Path, script: str, *arguments: str | Path) -> list[str]:
    line = [str(interpreter), "-I", "-S", "-c", script, *map(str, arguments)]
    return subprocess.run(line, check=True, capture_output=True, text=True).stdout.splitlines()
