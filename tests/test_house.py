"""Rules of the house that import-linter does not see: names, scripts, and what importing costs."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEAVES = ("handlers", "steps", "adapters", "emulators")
SOURCES = sorted(path for name in ("leanfn", *LEAVES) for path in (ROOT / name).rglob("*.py"))
HEAVY = {
    "numpy",
    "pandas",
    "sklearn",
    "scipy",
    "flask",
    "werkzeug",
    "rich",
    "fire",
    "boto3",
    "joblib",
    "awslambdaric",
}
MAKERS = ROOT / "leanfn" / "exporters"  # they speak numpy, and are imported only where a model is exported


def imports(source):
    """(level, module, names) of every import in a source."""
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", tuple(alias.name for alias in node.names)


def label(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("source", SOURCES, ids=label)
def test_the_wheels_names_of_leaves_stand_only_in_strings(source):
    named = {f"leanfn.{leaf}" for leaf in LEAVES}
    for level, module, names in imports(source):
        written = {module, *(f"{module}.{name}" for name in names)}
        assert level or not {name for name in written for leaf in named if f"{name}.".startswith(f"{leaf}.")}


@pytest.mark.parametrize("leaf", LEAVES)
def test_inside_a_leaf_imports_are_relative(leaf):
    """The same line is then true in the checkout and in the wheel."""
    for source in (ROOT / leaf).rglob("*.py"):
        assert not {
            module for level, module, _ in imports(source) if not level and module.partition(".")[0] in LEAVES
        }, source


def test_a_step_imports_no_other_step():
    for source in (ROOT / "steps").glob("*.py"):
        assert not [module for level, module, _ in imports(source) if level], source


def test_importing_anything_but_the_exporters_is_cheap_and_silent():
    modules = [
        label(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        for path in SOURCES
        if not path.is_relative_to(MAKERS) and path.name != "__main__.py"
    ]
    script = f"import importlib, sys; [importlib.import_module(name) for name in {modules!r}]; print(*sys.modules, file=sys.stderr)"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == ""
    assert not HEAVY & set(run.stderr.split())


def test_the_command_line_is_written_in_one_place():
    for source in [*SOURCES, *ROOT.glob("*.py")]:
        if label(source) != "leanfn/cli.py":
            assert not [
                module for _, module, _ in imports(source) if module.partition(".")[0] in ("fire", "argparse")
            ], source
