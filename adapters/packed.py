"""Ships beside a function's entry: imports leanfn from one file of bytecode, made for one Python.

A cold start then reads one file where Python's own finder would look at a hundred places: a fifth of what leanfn
adds to a hello-world function. The sources lie where the bytecode says, so tracebacks show them; without the file, or
with one that another Python made, they are what is imported.

Nothing but what the interpreter has loaded by itself is imported here.
"""

from __future__ import annotations

import marshal
import sys
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import MAGIC_NUMBER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, ModuleType

FILE = "leanfn.bytecode"


class Packed:
    """Finds and loads the modules of one file.

    The file: Python's magic number, four bytes with the length of the index, the index, the marshalled codes. The
    index: module -> (its source's path below the function, where its code starts and ends among the codes).
    """

    def __init__(self, folder: str, data: bytes) -> None:
        start = len(MAGIC_NUMBER) + 4
        end = start + int.from_bytes(data[len(MAGIC_NUMBER) : start], "little")
        self._folder = folder
        self._index: dict[str, tuple[str, int, int]] = marshal.loads(data[start:end])
        self._codes = memoryview(data)[end:]

    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        if name not in self._index:
            return None
        place = f"{self._folder}/{self._index[name][0]}"
        package = place.endswith("/__init__.py")
        spec = ModuleSpec(name, self, origin=place, is_package=package)  # type: ignore[arg-type]
        spec.has_location = True
        if package:
            spec.submodule_search_locations = [place.removesuffix("/__init__.py")]
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        """None: an ordinary module will do."""

    def exec_module(self, module: ModuleType) -> None:
        _, start, end = self._index[module.__name__]
        code: CodeType = marshal.loads(self._codes[start:end])
        exec(code, module.__dict__)


def install(folder: str) -> None:
    """Import leanfn from the bytecode in a function's folder, if it is there and this Python made it."""
    folder = folder or "."
    try:
        with open(f"{folder}/{FILE}", "rb") as file:
            data = file.read()
    except OSError:
        return
    if data.startswith(MAGIC_NUMBER):
        sys.meta_path.insert(0, Packed(folder, data))
