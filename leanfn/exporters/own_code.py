"""The user's own classes and functions inside a model: their module ships with it, or the export says how it could."""

import ast
import io
import pickle
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import packages_distributions
from pathlib import Path
from types import BuiltinFunctionType, FunctionType
from typing import Any

from leanfn.errors import Refusal

HOW = (
    "Put the classes and functions into one module that imports installed packages alone, fit the model with them, "
    "and export it again (or make them a package and install it)"
)


@dataclass(frozen=True, slots=True)
class OwnCode:
    """What a model's pickle names. modules: the top-level packages; name, source: of the user's own module."""

    modules: set[str]
    name: str | None = None
    source: bytes | None = None


def own_code(model: Any) -> OwnCode:
    """What must be there to unpickle a model; Refusal where that cannot be shipped."""
    named = _modules_named(model)
    installed = packages_distributions()
    tops = {name.partition(".")[0] for name in named}
    own = {name for name in named if name.partition(".")[0] not in installed and _is_own(name)}
    if not own:
        return OwnCode(tops & set(installed))
    if len(own) > 1:
        raise _refused(
            f"the model is of classes of several modules that no package installs: {', '.join(sorted(own))}"
        )
    (name,) = own
    if name in ("__main__", "__mp_main__"):
        raise _refused("the model is of classes that a script or a notebook defines itself (__main__)")
    source = _source_of(name)
    needed = _imported(name, source)
    strangers = sorted(needed - set(installed) - set(sys.stdlib_module_names))
    if strangers:
        raise _refused(f"the module {name} imports what no package installs: {', '.join(strangers)}")
    return OwnCode((tops | needed) & set(installed), name, source)


def _is_own(name: str) -> bool:
    """Whether a module that no distribution claims is the user's; compiled ones may bear a name that is none."""
    top = name.partition(".")[0]
    if top in ("__main__", "__mp_main__"):
        return True
    file = getattr(sys.modules.get(name), "__file__", None)
    libraries = [sysconfig.get_path(kind) for kind in ("purelib", "platlib")]
    return (
        file is not None
        and top != "leanfn"
        and top not in sys.stdlib_module_names
        and not any(Path(file).is_relative_to(library) for library in libraries)
    )


def _refused(problem: str) -> Refusal:
    return Refusal(f"{problem}\n{HOW}")


class _Names(pickle.Pickler):
    """Writes nowhere, and keeps the modules of all classes and functions that it meets."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), protocol=5)
        self.modules: set[str] = set()

    def persistent_id(self, thing: Any) -> None:
        if isinstance(thing, (type, FunctionType, BuiltinFunctionType)):
            self.modules.add(getattr(thing, "__module__", None) or "builtins")


def _modules_named(model: Any) -> set[str]:
    names = _Names()
    try:
        names.dump(model)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise _refused(f"the model cannot be pickled: {error}") from error
    return names.modules - {"builtins"}


def _source_of(name: str) -> bytes:
    file = getattr(sys.modules.get(name), "__file__", None)
    if file is None or not file.endswith(".py"):
        raise _refused(f"the module {name} has no source file")
    return Path(file).read_bytes()


def _imported(name: str, source: bytes) -> set[str]:
    """The top-level packages that a module imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise _refused(
                    f"the module {name} imports its neighbours (from {'.' * node.level}{node.module or ''})"
                )
            found.add((node.module or "").partition(".")[0])
    return found
