"""The runtime set alone, without site-packages, on every Python: the same answers, and nothing slow imported for them."""

import json
import subprocess

import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor

from adapters.archive import fill
from adapters.runtime_set import runtime_set
from leanfn import load
from leanfn.interpreters import find_python
from tests.bare import write_unproved

PYTHONS = ["3.11", "3.12", "3.13", *(version for version in ("3.14",) if find_python(version))]

ANSWER = """
import json, sys
sys.path.insert(0, sys.argv[1])
from leanfn.artifact import load
artifact = load(sys.argv[2])
rows = json.loads(sys.stdin.read())
answers = {method: artifact.call(method, rows) for method in artifact.methods}
answers["records"] = artifact.predict(rows, probabilities=True, explain=True)
print(json.dumps(answers))
"""

# What a request needs is imported by these lines, and what they import is paid for at every cold start.
IMPORTED = """
import sys
sys.path.insert(0, sys.argv[1])
from leanfn.artifact import load
from leanfn.http import Request
from leanfn.handlers.{cloud} import wrap
from leanfn.handlers.service import Service
service = Service(lambda: load(sys.argv[2]))
wrap(service)
response = service(Request(headers={{"content-type": "application/json"}}, body=sys.stdin.buffer.read()))
assert response.status == 200, response.body
print(*sys.modules)
"""

# Slow to import, each for a reason that a function has not: DESIGN says what they cost.
SLOW = {
    *(
        "dataclasses",
        "inspect",
        "typing",
        "logging",
        "pathlib",
        "hashlib",
        "binascii",
        "threading",
        "base64",
        "hmac",
    ),
    *(
        "datetime",
        "decimal",
        "fractions",
        "tempfile",
        "random",
        "uuid",
        "urllib",
        "http",
        "email",
        "asyncio",
        "ssl",
    ),
    *(
        "subprocess",
        "shutil",
        "zipfile",
        "csv",
        "traceback",
        "argparse",
        "difflib",
        "pickle",
        "importlib.metadata",
    ),
}


@pytest.fixture
def folder(heart_folder, tmp_path):
    for cloud in ("aws", "google", "azure"):
        fill(tmp_path, runtime_set(load(heart_folder).manifest, cloud))
    return tmp_path


def run(version, script, folder, artifact, stdin):
    python = find_python(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    line = [str(python), "-I", "-S", "-B", "-c", script, str(folder), str(artifact)]
    found = subprocess.run(line, input=stdin, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    return found.stdout


def rows(heart_folder):
    from leanfn.certificate import examples

    return examples(load(heart_folder))[0]


@pytest.mark.parametrize("version", PYTHONS)
def test_it_answers_as_it_does_here(folder, heart_folder, version):
    sent = rows(heart_folder)
    artifact = load(heart_folder)
    found = json.loads(run(version, ANSWER, folder, heart_folder, json.dumps(sent)))
    for method in artifact.methods:
        wanted = artifact.call(method, sent)
        if method == "predict":
            assert found[method] == wanted
        else:
            assert found[method] == [pytest.approx(answer, rel=1e-12, abs=1e-12) for answer in wanted]


def test_the_newer_pythons_give_the_same_bytes(folder, heart_folder):
    sent = json.dumps(rows(heart_folder))
    answers = {run(version, ANSWER, folder, heart_folder, sent) for version in ("3.12", "3.13")}
    assert len(answers) == 1


PREDICTIONS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from leanfn.artifact import load
print(json.dumps(load(sys.argv[2]).call("predict", json.loads(sys.stdin.read()))))
"""


@pytest.fixture(scope="module")
def forests(tmp_path_factory):
    """Many small trees, which are masked, and few deep ones, which are walked: artifacts, rows and answers."""
    X, y = load_diabetes(return_X_y=True)
    rows, made = X[:20], []
    small, deep = (
        RandomForestRegressor(count, max_depth=depth, random_state=0) for count, depth in ((30, 4), (8, None))
    )
    for model in (GradientBoostingRegressor(random_state=0), small, deep):
        model.fit(X, y)
        folder = tmp_path_factory.mktemp("forests")
        write_unproved(model, rows, folder / "forest")
        fill(folder / "task", runtime_set(load(folder / "forest").manifest, "aws"))
        made.append((folder / "task", folder / "forest", rows.tolist(), model.predict(rows).tolist()))
    return made


@pytest.mark.parametrize("version", PYTHONS)
def test_sums_over_trees_are_scikit_learns_bits_on_every_python(forests, version):
    """The builtin sum compensates from 3.12 on, which a sum in the order of the trees must not."""
    for task, artifact, sent, wanted in forests:
        assert json.loads(run(version, PREDICTIONS, task, artifact, json.dumps(sent))) == wanted


@pytest.mark.parametrize("cloud", ["aws", "google", "azure"])
@pytest.mark.parametrize("version", PYTHONS)
def test_a_first_answer_imports_nothing_slow(folder, heart_folder, patient, version, cloud):
    script = IMPORTED.format(cloud=cloud)
    assert not SLOW & set(run(version, script, folder, heart_folder, json.dumps(patient)).split())
