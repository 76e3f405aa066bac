"""The runtime set holds what a function reaches, which is the standard library's and ours."""

import ast
import sys

import pytest

from adapters.runtime_set import NEVER_SHIPPED, cold_set, imported, reachable, runtime_set
from leanfn import manifest


@pytest.fixture
def sources(heart_folder):
    return runtime_set(manifest.read(heart_folder), "aws")


def names(source):
    """Every module that a source imports absolutely, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module


def test_it_needs_nothing_but_the_standard_library(sources):
    tops = {name.partition(".")[0] for source in sources.values() for name in names(source)}
    later = {"_sha2"}  # the standard library's since Python 3.12; before, hashlib stands in
    runtimes = {"boto3", "botocore"}  # Lambda's own, imported where a function has secrets
    assert tops <= sys.stdlib_module_names | {"leanfn"} | later | runtimes


def test_nothing_in_it_is_only_for_a_persons_own_machine(sources):
    modules = {path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for path in sources}
    assert not {module for module in modules for name in NEVER_SHIPPED if f"{module}.".startswith(f"{name}.")}


def test_an_import_inside_a_function_is_followed():
    assert "leanfn/certificate.py" in reachable(["leanfn.artifact"])  # by Artifact.verify


def test_an_import_is_followed_wherever_it_runs_and_only_there():
    source = """
import json, leanfn.http
from . import program
from ..sklearn import load
from leanfn import errors
if TYPE_CHECKING:
    from leanfn.artifact import Artifact
else:
    from leanfn.exporters import export
def late():
    with open("x"):
        from .trees import OPERATIONS
"""
    found = set(imported(ast.parse(source), "leanfn.engines.lean"))
    lean, engines = "leanfn.engines.lean", "leanfn.engines"
    assert found == {
        "leanfn.http",
        *(lean, f"{lean}.program"),
        *(f"{engines}.sklearn", f"{engines}.sklearn.load"),
        *("leanfn", "leanfn.errors"),
        *("leanfn.exporters", "leanfn.exporters.export"),
        *(f"{lean}.trees", f"{lean}.trees.OPERATIONS"),
    }


def test_what_a_first_answer_needs_is_a_part_of_it(heart_folder):
    read = manifest.read(heart_folder)
    cold, whole = cold_set(read, "aws"), runtime_set(read, "aws")
    assert set(cold) < set(whole)
    assert "leanfn/engines/lean/linear.py" in cold
    assert "leanfn/certificate.py" not in cold  # imported by Artifact.verify alone


def test_what_explains_is_in_it_and_no_first_answer_needs_it(heart_folder):
    read = manifest.read(heart_folder)
    explains = {"leanfn/explanation.py", "leanfn/engines/lean/contributions.py"}
    assert explains <= set(runtime_set(read, "aws")) and not explains & set(cold_set(read, "aws"))


def test_only_the_families_that_the_model_names_are_in_it(sources):
    assert "leanfn/engines/lean/linear.py" in sources
    assert "leanfn/engines/lean/trees.py" not in sources


def test_the_packages_around_a_module_come_with_it():
    found = reachable(["leanfn.engines.lean.engine"])
    assert {"leanfn/__init__.py", "leanfn/engines/__init__.py", "leanfn/engines/lean/__init__.py"} <= set(
        found
    )


def test_the_leaf_lies_where_the_wheel_has_it(sources):
    assert "leanfn/handlers/service.py" in sources
    assert not [path for path in sources if not path.startswith("leanfn/")]
