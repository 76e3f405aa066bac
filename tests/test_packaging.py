"""What a user gets from pip: exactly these files, one importable name, and commands that work."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEAVES = ("handlers", "steps", "adapters", "emulators", "resources")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel's file, built from a copy: a build leaves its own folders behind."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    for name in ("leanfn", *LEAVES):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    out = tmp_path_factory.mktemp("dist")
    line = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(copy)]
    built = subprocess.run(line, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = out.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def site(wheel, tmp_path_factory):
    """A folder with the wheel installed, as pip would unpack it."""
    site = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(site)
    return site


def python(site, *line, cwd="/"):
    environ = {"PYTHONPATH": str(site), "PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-P", *line], env=environ, cwd=cwd, capture_output=True, text=True, check=False
    )


def test_the_wheel_holds_the_house_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as file:
        shipped = {name for name in file.namelist() if ".dist-info/" not in name}
    ground = {path.relative_to(ROOT).as_posix() for path in (ROOT / "leanfn").rglob("*.py")}
    leaves = {
        f"leanfn/{path.relative_to(ROOT).as_posix()}"
        for leaf in LEAVES
        for path in (ROOT / leaf).rglob("*.py")
    }
    data = {f"leanfn/resources/{path.name}" for path in (ROOT / "resources").glob("*.json")}
    assert shipped == ground | leaves | data | {"leanfn/adapters/prices.json", "leanfn/py.typed"}


def test_only_leanfn_is_importable(wheel):
    with zipfile.ZipFile(wheel) as file:
        tops = {name.partition("/")[0] for name in file.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"leanfn"}


def test_the_help_lists_the_commands_and_imports_nothing_heavy(site):
    script = (
        "import sys; from leanfn.__main__ import main; code = main(['--help']);"
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    run = python(site, "-c", script)
    assert run.returncode == 0, run.stderr
    for command in ("bundle", "export", "inspect", "serve", "train", "verify"):
        assert f"\n  {command} " in run.stdout
    heavy = {"numpy", "pandas", "sklearn", "scipy", "flask", "werkzeug", "rich", "boto3", "joblib"}
    assert not heavy & set(run.stderr.split())


def test_an_installed_leanfn_bundles(site, heart_folder, tmp_path):
    run = python(
        site, "-m", "leanfn", "bundle", "aws", str(heart_folder), "--no-bytecode", f"--out={tmp_path}"
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout == f"{tmp_path / 'hearts-aws.zip'}\n"
    assert (tmp_path / "hearts-aws" / "leanfn" / "handlers" / "service.py").is_file()


def test_an_installed_leanfn_serves(site, heart_folder):
    """The service comes through the entry points, where one leaf is handed to another."""
    script = (
        "import sys; from importlib.metadata import entry_points; from leanfn import load;"
        "from leanfn.emulators.local import application;"
        "leaf = {each.name: each.load() for each in entry_points(group='leanfn.handlers')};"
        "function = leaf['google'](leaf['service'](lambda: load(sys.argv[1])));"
        "print(application(function).test_client().get('/health').json['status'])"
    )
    run = python(site, "-c", script, str(heart_folder))
    assert run.stdout.splitlines()[-1] == "ok", run.stderr
    missing = python(site, "-m", "leanfn", "serve", "nowhere")
    assert (missing.returncode, missing.stderr.splitlines()[0]) == (1, "no artifact at nowhere")


def test_serving_without_flask_says_what_to_install(site, heart_folder):
    script = (
        "import sys; sys.modules['werkzeug'] = None; from leanfn.__main__ import main;"
        "sys.exit(main(['serve', sys.argv[1], '--port=0']))"
    )
    run = python(site, "-c", script, str(heart_folder))
    assert (run.returncode, run.stdout) == (1, "")
    assert "pip install 'leanfn[serve]'" in run.stderr
