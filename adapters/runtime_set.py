"""What of leanfn a function needs: the modules that its entry can reach, and no others.

Imports are followed wherever they stand, at the top or inside a function; nothing is imported or run to find them.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from leanfn.artifact import ENGINES
from leanfn.engines.lean.program import families
from leanfn.errors import ArtifactError
from leanfn.manifest import Manifest

# What only a person's own machine needs: there artifacts are made, looked at and trusted.
NEVER_SHIPPED = ("leanfn.exporters", "leanfn.cli", "leanfn.__main__", "leanfn.card", "leanfn.trust")


def runtime_set(manifest: Manifest, cloud: str) -> dict[str, bytes]:
    """The sources that answer for an artifact on a cloud: path in the function -> bytes."""
    return reachable([*_roots(manifest, cloud), *_families(manifest, "explain.json")])


def cold_set(manifest: Manifest, cloud: str) -> list[str]:
    """The paths of those that a first answer to a row needs.

    Elsewhere than in the engine, what is imported inside a function is for rarer requests.
    """
    roots = _roots(manifest, cloud)
    if "hooks.py" in manifest.members:
        roots.append("leanfn.hooks")
    return list(reachable(roots, lambda module: module.startswith("leanfn.engines.")))


def _roots(manifest: Manifest, cloud: str) -> list[str]:
    roots = [
        "leanfn.artifact",
        "leanfn.handlers.service",
        f"leanfn.handlers.{cloud}",
        ENGINES[manifest.engine],
    ]
    if manifest.engine == "lean":
        roots += _families(manifest, "model.json")
    return roots


def _families(manifest: Manifest, member: str) -> list[str]:
    """The modules of operations that are looked up by name when a member asks for them: no import leads there."""
    if member not in manifest.members:
        return []
    engine = ENGINES["lean"].rpartition(".")[0]
    try:
        return [f"{engine}.{family}" for family in families(manifest.read(member))]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ArtifactError(
            f"{manifest.folder}: {member} is no model of the lean engine\nExport the model again with 'leanfn export'"
        ) from error


def reachable(
    roots: Iterable[str], follow_functions: Callable[[str], bool] = lambda _: True
) -> dict[str, bytes]:
    """The sources of these modules of leanfn and of all that they import from it: path in the function -> bytes.

    follow_functions: whether a module's imports inside its functions are followed too.
    """
    sources: dict[str, bytes] = {}
    seen: set[str] = set()
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module in seen or any(f"{module}.".startswith(f"{name}.") for name in NEVER_SHIPPED):
            continue
        seen.add(module)
        path, file = _locate(module)
        if not file.is_file():  # a name that is imported from a module, and no module itself
            continue
        sources[path] = source = file.read_bytes()
        package = module if path.endswith("/__init__.py") else module.rpartition(".")[0]
        waiting += _imported(source, path, package, follow_functions(module))
        waiting.append(module.rpartition(".")[0] or "leanfn")
    return dict(sorted(sources.items()))


@cache  # a bundle asks for the engine's twice
def _imported(source: bytes, path: str, package: str, in_functions: bool) -> tuple[str, ...]:
    return tuple(imported(ast.parse(source, path), package, in_functions))


def _locate(module: str) -> tuple[str, Traversable]:
    """Where a module lies in the function, and its file here.

    A function has the wheel's names. In the checkout a leaf lies at the root, a sibling of this one.
    """
    floor, *inner = module.split(".")
    folder = files(floor)
    if inner[:1] == ["handlers"]:
        house = __package__.rpartition(".")[0]
        folder = files(f"{house}.handlers" if house else "handlers")
        inner = inner[1:]
    path = module.replace(".", "/")
    here = folder.joinpath(*inner)
    if here.is_dir():
        return f"{path}/__init__.py", here.joinpath("__init__.py")
    return f"{path}.py", folder.joinpath(*inner[:-1], f"{inner[-1]}.py")


def imported(tree: ast.AST, package: str, in_functions: bool = True) -> Iterator[str]:
    """The names under leanfn that a module imports when it runs; each may be a module or a name within one."""
    for child in ast.iter_child_nodes(tree):
        if (
            isinstance(child, ast.If)
            and isinstance(child.test, ast.Name)
            and child.test.id == "TYPE_CHECKING"
        ):
            yield from imported(ast.Module(child.orelse, []), package, in_functions)
        elif isinstance(child, ast.Import):
            yield from (name.name for name in child.names if name.name.partition(".")[0] == "leanfn")
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            if child.level:
                above = package.split(".")[: 1 - child.level or None]
                base = ".".join([*above, base] if base else above)
            if base.partition(".")[0] == "leanfn":
                yield base
                yield from (f"{base}.{name.name}" for name in child.names)
        elif in_functions or not isinstance(child, ast.FunctionDef):
            yield from imported(child, package, in_functions)
