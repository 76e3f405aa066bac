"""Each bundle is run as its cloud would run it: unpacked, alone, in a clean process of the Python it was made for."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from adapters.bundle import bundle, command, lay_out, table
from adapters.libraries import libraries_of
from adapters.wheels import System
from leanfn import cli, manifest
from leanfn.errors import ArtifactError, BundleError
from leanfn.interpreters import find_python

CLOUDS = ["aws", "google", "azure"]
DOCUMENT = Path(__file__).parents[2] / "docs" / "bundles.md"
PYTHONS = ["3.11", "3.12", "3.13"]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

AWS = """
import json, sys
sys.path.insert(0, ".")
import lambda_function
print(json.dumps(lambda_function.lambda_handler(json.loads(sys.argv[1]), None)))
"""

GOOGLE = """
import sys
from functions_framework import create_app
answer = create_app("predict_handler", "main.py").test_client().post("/", data=sys.argv[1], content_type="application/json")
print(answer.text)
"""

AZURE = """
import sys
from types import SimpleNamespace
import azure.functions as func
sys.path.insert(0, ".")
import function_app
(function,) = function_app.app.get_functions()
request = func.HttpRequest(
    method="POST", url="http://localhost/", headers={"content-type": "application/json"}, body=sys.argv[1].encode()
)
print(function.get_user_function()(request, SimpleNamespace(invocation_id="1")).get_body().decode())
"""


def interpreter(version):
    found = find_python(version)
    if found is None:
        pytest.skip(f"no Python {version} on this machine")
    return str(found)


def last_line(python, script, argument, folder, *flags):
    """What a script prints last in a clean process in this folder."""
    line = [python, *flags, "-c", script, argument]
    environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    run = subprocess.run(line, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout.splitlines()[-1])


def laid_out_for(cloud, folder):
    """What a function of the lean engine is made of."""
    read = manifest.read(folder)
    return lay_out(read, cloud, libraries_of(read, System(cloud, "3.13", "x86_64")))


def unpack(archive, folder):
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    return folder


@pytest.mark.parametrize("python", PYTHONS)
def test_a_bundle_for_aws_answers_alone_with_the_standard_library(heart_folder, patient, tmp_path, python):
    made = bundle(heart_folder, "aws", tmp_path, python=python)
    folder = unpack(made.archive, tmp_path / "task")
    answer = last_line(interpreter(python), AWS, json.dumps(patient), folder, "-I", "-S")
    assert answer == {"diagnosis": "heart-disease"}


@pytest.mark.parametrize(
    ("cloud", "script", "needs"),
    [("google", GOOGLE, "functions_framework"), ("azure", AZURE, "azure.functions")],
)
def test_a_bundle_answers_in_its_clouds_own_library(heart_folder, patient, tmp_path, cloud, script, needs):
    pytest.importorskip(needs)
    made = bundle(heart_folder, cloud, tmp_path, python=HERE)
    folder = unpack(made.archive, tmp_path / "task")
    assert last_line(sys.executable, script, json.dumps(patient), folder, "-P") == {
        "diagnosis": "heart-disease"
    }


WHENCE = """
import json, sys
sys.path.insert(0, ".")
import lambda_function
lambda_function.lambda_handler(json.loads(sys.argv[1]), None)
modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "leanfn"}
print(json.dumps({name: type(module.__loader__).__name__ for name, module in modules.items()}))
"""


def test_a_first_answer_imports_nothing_that_must_be_compiled(heart_folder, patient, tmp_path):
    made = bundle(heart_folder, "aws", tmp_path, python=HERE)
    whence = last_line(sys.executable, WHENCE, json.dumps(patient), made.folder, "-I", "-S")
    assert {"leanfn.handlers.service", "leanfn.engines.lean.linear"} <= set(whence)
    assert set(whence.values()) == {"Packed"}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_bundle_is_small(heart_folder, tmp_path, cloud):
    bare = bundle(heart_folder, cloud, tmp_path / "bare", bytecode=False)
    assert bare.archive.stat().st_size <= 100_000
    if find_python("3.13"):
        whole = bundle(heart_folder, cloud, tmp_path / "whole", python="3.13", bytecode=True)
        assert whole.archive.stat().st_size <= 200_000


def test_the_folder_and_the_zip_hold_the_same(heart_folder, tmp_path):
    made = bundle(heart_folder, "aws", tmp_path, python=HERE)
    folder = unpack(made.archive, tmp_path / "task")
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    beside = {
        path.relative_to(made.folder).as_posix(): path.read_bytes()
        for path in made.folder.rglob("*")
        if path.is_file()
    }
    assert files == beside
    assert {path: len(data) for path, data in files.items()} == made.sizes


def test_a_bundle_can_be_read_by_everyone_whatever_the_umask(heart_folder, tmp_path):
    before = os.umask(0o077)
    try:
        made = bundle(heart_folder, "aws", tmp_path, bytecode=False)
    finally:
        os.umask(before)
    modes = {path.stat().st_mode & 0o777 for path in made.folder.rglob("*") if path.is_file()}
    assert modes == {0o644}
    with zipfile.ZipFile(made.archive) as file:
        assert {entry.external_attr >> 16 for entry in file.infolist()} == {0o100644}


def test_what_lies_beside_the_artifact_stays_behind(heart_folder, tmp_path):
    folder = tmp_path / "artifact"
    shutil.copytree(heart_folder, folder)
    for name in (".env", "credentials.json", "notes.py", "model.json.orig"):
        (folder / name).write_text("secret")
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("secret")
    made = bundle(folder, "aws", tmp_path / "out", bytecode=False)
    artifact = {path for path in made.sizes if path.startswith("artifact/")}
    members = {"manifest.json", "model.json", "model.safetensors", "examples.json", "certificate.json"}
    members |= {"explain.json", "explain.safetensors"}
    assert artifact == {f"artifact/{name}" for name in members}
    assert b"secret" not in made.archive.read_bytes()


def test_a_member_that_is_a_link_is_refused(heart_folder, tmp_path):
    folder = tmp_path / "artifact"
    shutil.copytree(heart_folder, folder)
    (folder / "model.json").rename(tmp_path / "elsewhere.json")
    (folder / "model.json").symlink_to(tmp_path / "elsewhere.json")
    with pytest.raises(ArtifactError, match=r"model\.json is a link"):
        bundle(folder, "aws", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_damaged_member_is_refused_and_nothing_is_written(heart_folder, tmp_path):
    folder = tmp_path / "artifact"
    shutil.copytree(heart_folder, folder)
    (folder / "model.safetensors").write_bytes(b"\0" * (folder / "model.safetensors").stat().st_size)
    with pytest.raises(ArtifactError, match="is not the file its manifest describes"):
        bundle(folder, "aws", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_name_that_is_a_path_writes_nowhere_else(heart_folder, tmp_path):
    folder = tmp_path / "artifact"
    shutil.copytree(heart_folder, folder)
    document = json.loads((folder / "manifest.json").read_text())
    for name in ("../../up", "/abroad", "", ".", "..", "a/b", "a\0b", "-x", "n" * 200):
        (folder / "manifest.json").write_text(json.dumps({**document, "name": name}))
        with pytest.raises(ArtifactError, match="cannot name a folder"):
            bundle(folder, "aws", tmp_path / "out", bytecode=False)
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_no_bundle_is_left_alone(heart_folder, tmp_path):
    mine = tmp_path / "hearts-aws"
    mine.mkdir()
    (mine / "thesis.tex").write_text("years of work")
    with pytest.raises(BundleError, match="is there and is no bundle"):
        bundle(heart_folder, "aws", tmp_path)
    assert (mine / "thesis.tex").read_text() == "years of work"


def test_a_place_that_cannot_be_written_is_said(heart_folder, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(BundleError, match=r"(?s)cannot be written.*--out"):
        bundle(heart_folder, "aws", tmp_path / "file", bytecode=False)


def test_a_bundle_replaces_the_one_before(heart_folder, tmp_path):
    bundle(heart_folder, "aws", tmp_path, python=HERE)
    made = bundle(heart_folder, "aws", tmp_path, bytecode=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["hearts-aws", "hearts-aws.zip"]
    assert not list(made.folder.rglob("*.pyc"))


def test_a_bundle_says_what_it_is(heart_folder, tmp_path):
    made = bundle(heart_folder, "google", tmp_path, python=HERE)
    label = json.loads((made.folder / "bundle.json").read_text())
    assert label["cloud"] == "google"
    assert label["python"] == HERE
    assert label["bytecode"] is True
    assert label["digest"] == made.digest
    assert label["artifact"]["digest"] == manifest.read(heart_folder).digest


def test_its_digest_is_of_what_was_laid_out_not_of_how_it_was_compiled(heart_folder, tmp_path):
    whole = bundle(heart_folder, "aws", tmp_path / "a", python=HERE)
    bare = bundle(heart_folder, "aws", tmp_path / "b", bytecode=False)
    assert whole.digest == bare.digest
    assert whole.digest != bundle(heart_folder, "google", tmp_path / "c", bytecode=False).digest


def test_the_entry_pins_the_artifact(heart_folder, patient, tmp_path):
    """An artifact that was put in the place of the bundled one is not run."""
    made = bundle(heart_folder, "aws", tmp_path, bytecode=False)
    path = made.folder / "artifact" / "manifest.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "output": "verdict"}))
    event = {**patient, "version": "2.0", "requestContext": {"http": {"method": "GET", "path": "/health"}}}
    answer = last_line(sys.executable, AWS, json.dumps(event), made.folder, "-I", "-S")
    assert answer["statusCode"] == 503


@pytest.mark.parametrize("cloud", CLOUDS)
def test_a_cloud_gets_its_own_entry_and_no_others(heart_folder, cloud):
    laid_out = set(laid_out_for(cloud, heart_folder))
    handlers = {path for path in laid_out if path.startswith("leanfn/handlers/")}
    assert {f"leanfn/handlers/{each}.py" for each in CLOUDS} & handlers == {f"leanfn/handlers/{cloud}.py"}
    top = {path for path in laid_out if "/" not in path}
    assert (
        top
        == {
            "aws": {"lambda_function.py", "leanfn_packed.py", "sbom.cdx.json"},
            "google": {
                "main.py",
                "leanfn_function.py",
                "requirements.txt",
                "leanfn_packed.py",
                "sbom.cdx.json",
            },
            "azure": {
                "function_app.py",
                "host.json",
                "requirements.txt",
                "leanfn_packed.py",
                "sbom.cdx.json",
            },
        }[cloud]
    )


def test_azures_routes_have_no_prefix(heart_folder):
    host = json.loads(laid_out_for("azure", heart_folder)["host.json"])
    assert host["extensions"]["http"]["routePrefix"] == ""


def test_azure_asks_for_a_key_unless_everybody_is_let_in(heart_folder, tmp_path):
    closed = bundle(heart_folder, "azure", tmp_path / "closed", bytecode=False)
    opened = bundle(heart_folder, "azure", tmp_path / "open", bytecode=False, anonymous=True)
    assert "AuthLevel.FUNCTION" in (closed.folder / "function_app.py").read_text()
    assert "AuthLevel.ANONYMOUS" in (opened.folder / "function_app.py").read_text()
    assert closed.digest != opened.digest


def test_a_processor_that_the_cloud_does_not_have_is_refused(heart_folder, tmp_path):
    for cloud in ("google", "azure"):
        with pytest.raises(BundleError, match=rf"(?s){cloud} runs no functions on arm64.*wanted: x86_64"):
            bundle(heart_folder, cloud, tmp_path, arch="arm64")
    with pytest.raises(BundleError, match="wanted: x86_64 or arm64"):
        bundle(heart_folder, "aws", tmp_path, arch="sparc")
    assert list(tmp_path.iterdir()) == []
    made = bundle(heart_folder, "aws", tmp_path, arch="arm64", bytecode=False)
    assert json.loads((made.folder / "bundle.json").read_text())["arch"] == "arm64"


def test_a_python_that_the_cloud_does_not_run_is_refused(heart_folder, tmp_path):
    with pytest.raises(BundleError, match=r"(?s)aws runs no functions on Python 3\.9.*3\.13.*found:  3\.9"):
        bundle(heart_folder, "aws", tmp_path, python="3.9")


def test_bytecode_that_cannot_be_made_is_refused_when_it_is_insisted_on(heart_folder, tmp_path):
    absent = next((version for version in ("3.14", "3.12", "3.13") if find_python(version) is None), None)
    if absent is None:
        pytest.skip("every Python is on this machine")
    with pytest.raises(BundleError, match=f"wanted: python{absent}"):
        bundle(heart_folder, "aws", tmp_path, python=absent, bytecode=True)
    made = bundle(heart_folder, "aws", tmp_path, python=absent)
    assert made.bytecode is False
    assert "every cold start compiles it again" in table(made)


def test_the_command_prints_the_path_for_scripts_and_the_table_for_people(heart_folder, tmp_path, capsys):
    line = ["aws", str(heart_folder), f"--out={tmp_path}", "--no-bytecode"]
    assert cli.run(command, line, name="bundle") == 0
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'hearts-aws.zip'}\n"
    assert "zipped" in err
    assert "bytecode  " not in err


def test_a_misspelt_command_line_bundles_nothing(heart_folder, tmp_path, capsys):
    for line in (
        ["awss", str(heart_folder)],
        ["aws", str(heart_folder), "--bytecodes"],
        ["aws"],
        ["aws", "nowhere"],
    ):
        assert cli.run(command, [*line, f"--out={tmp_path / 'out'}"], name="bundle") in (1, 2)
    assert not (tmp_path / "out").exists()


def test_the_documented_size_of_a_lean_bundle_is_what_it_takes(tmp_path):
    """docs/bundles.md; the others are measured by benchmarks/bundle_sizes.py."""
    if find_python("3.13") is None:
        pytest.skip("no Python 3.13 on this machine")
    import leanfn
    from benchmarks.bundle_sizes import fitted

    artifact = leanfn.export(*fitted(), name="heart_lean", out=tmp_path, engine="lean").path
    made = bundle(artifact, "aws", tmp_path / "out", python="3.13")
    (row,) = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| lean | x86_64 |")]
    unpacked, zipped, bare = (int(cell.split()[0]) * 1024 for cell in row.split("|")[3:6])
    whole = sum(made.sizes.values())
    assert whole == pytest.approx(unpacked, rel=0.1)
    assert made.archive.stat().st_size == pytest.approx(zipped, rel=0.1)
    assert whole - made.parts["bytecode"] == pytest.approx(bare, rel=0.1)
