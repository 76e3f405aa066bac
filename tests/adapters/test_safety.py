"""Nothing gets into a bundle that was not asked for, and nothing is written anywhere else than was said."""

import json
import os
import shutil
import stat
import tempfile
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import leanfn
from adapters import bundle as bundles
from adapters.bundle import bundle
from adapters.libraries import Libraries
from adapters.wheels import System, lock, unpack
from leanfn import cli
from leanfn.errors import LeanfnError
from steps.export import export
from tests.adapters.wheelhouse import uv_index, wheel

AWS = System("aws", "3.13", "x86_64")
SECRET = b"s3cr3t-that-must-stay-here"
KEY = b"what-lies-outside"


def tree(folder, but=()):
    """What lies in a folder: path -> content, or where a link leads."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if any(path.is_relative_to(each) for each in but):
            continue
        found[path] = path.readlink() if path.is_symlink() else path.read_bytes() if path.is_file() else None
    return found


def contents(made):
    with zipfile.ZipFile(made.archive) as archive:
        return {entry.filename: archive.read(entry) for entry in archive.infolist()}


# Secrets

PLANTED = [
    *(".env", ".env.production", "credentials", "credentials.json", "id_rsa", "id_ed25519", "server.pem"),
    *("private.key", ".git/config", ".git/HEAD", ".aws/credentials", ".aws/config", ".netrc", ".pypirc"),
    *(".azure/accessTokens.json", "service-account.json", "local.settings.json", ".ssh/id_rsa", "token.txt"),
    *(".config/gcloud/application_default_credentials.json", "model.json.bak", "hooks.py", "pipeline.joblib"),
]
LINKED = ["functions.py", "secrets"]  # a link to a file and one to a folder, both out of the tree


def test_secrets_that_lie_about_stay_out(heart_folder, tmp_path, monkeypatch):
    """Beside the artifact's members, in the working folder, in the home, in the environment, and behind links."""
    folder, home, work, abroad = (tmp_path / name for name in ("artifact", "home", "work", "abroad"))
    shutil.copytree(heart_folder, folder)
    for place in (folder, home, work):
        for name in PLANTED:
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(SECRET)
    abroad.mkdir()
    (abroad / "key").write_bytes(SECRET)
    (folder / LINKED[0]).symlink_to(abroad / "key")
    (folder / LINKED[1]).symlink_to(abroad)
    assert len(PLANTED) + len(LINKED) == 25
    monkeypatch.chdir(work)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET.decode())
    for cloud in ("aws", "google", "azure"):
        made = bundle(folder, cloud, tmp_path / "out")
        found = contents(made)
        assert not [name for name, data in found.items() if SECRET in data]
        assert not {f"artifact/{name}" for name in (*PLANTED, *LINKED)} & set(found)
        assert not [path for path in made.folder.rglob("*") if path.is_symlink()]


def test_what_is_hidden_in_a_wheel_stays_out(monkeypatch, tmp_path):
    house = uv_index(monkeypatch, tmp_path / "house")
    wheel(
        house,
        "thing",
        "1.0",
        entries=[(f"thing/{name}", SECRET) for name in (".env", ".git/config", ".netrc")],
    )
    files = Libraries(tuple(unpack(lock(["thing"], AWS), AWS))).files([])
    assert sorted(path for path in files if not path.startswith("thing-1.0")) == ["thing/__init__.py"]


# Wheels


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def hostile_wheels(outside):
    """What a wheel may hold beside its module: further members of the zip, and rows of its record."""
    evil = f"{outside}/evil"
    up = "../" * 12 + evil.lstrip("/")
    data = "thing-1.0.data"
    return {
        "parent": ([("../evil", SECRET)], ["../evil,,"]),
        "grandparents": ([(up, SECRET)], [f"{up},,"]),
        "inside out": ([(f"thing/../../{up}", SECRET)], [f"thing/../../{up},,"]),
        "absolute": ([(evil, SECRET)], [f"{evil},,"]),
        "two slashes": ([(f"/{evil}", SECRET)], [f"/{evil},,"]),
        "backslashes": ([("..\\..\\evil", SECRET)], ["..\\..\\evil,,"]),
        "drive": ([("C:\\evil", SECRET)], ["C:\\evil,,"]),
        "dot": ([("./../evil", SECRET)], ["./../evil,,"]),
        "scripts": ([(f"{data}/scripts/../../../{up}", SECRET)], [f"{data}/scripts/../../../{up},,"]),
        "data": ([(f"{data}/data/{up}", SECRET)], [f"{data}/data/{up},,"]),
        "data, absolute": ([(f"{data}/data/{evil}", SECRET)], [f"{data}/data/{evil},,"]),
        "modules": ([(f"{data}/purelib/{up}", SECRET)], [f"{data}/purelib/{up},,"]),
        "headers": ([(f"{data}/headers/{up}", SECRET)], [f"{data}/headers/{up},,"]),
        "link to a file": ([(link("thing/key"), f"{outside}/key")], ["thing/key,,"]),
        "link to a folder": (
            [(link("thing/away"), str(outside)), ("thing/away/evil", SECRET)],
            ["thing/away,,", "thing/away/evil,,"],
        ),
        "record of a file abroad": ([], [f"{outside}/key,,"]),
        "record of a way up": ([], [f"{'../' * 12}{str(outside).lstrip('/')}/key,,"]),
        "record of what is not there": ([], ["thing/absent.py,,"]),
        "script's name": (
            [("thing-1.0.dist-info/entry_points.txt", f"[console_scripts]\n{up} = thing:main\n")],
            ["thing-1.0.dist-info/entry_points.txt,,"],
        ),
        "path file": ([("evil.pth", f"import os; open({evil!r}, 'w')\n")], ["evil.pth,,"]),
        "no text": ([("thing/\udcff".encode("utf-8", "surrogatepass").decode("latin-1"), SECRET)], []),
        "long name": ([("thing/" + "n" * 5000, SECRET)], ["thing/" + "n" * 5000 + ",,"]),
    }


@pytest.mark.parametrize("kind", hostile_wheels("/outside"))
def test_a_hostile_wheel_writes_and_reads_nothing_elsewhere(monkeypatch, tmp_path, kind):
    """uv unpacks, and refuses most of them; what it lets pass is no member of the function."""
    house, outside = uv_index(monkeypatch, tmp_path / "house"), tmp_path / "outside"
    outside.mkdir()
    (outside / "key").write_bytes(KEY)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    entries, rows = hostile_wheels(outside)[kind]
    wheel(house, "thing", "1.0", entries=entries, recorded=rows)
    before = tree(tmp_path, [tmp_path / "uv-cache"])
    try:
        files = Libraries(tuple(unpack(lock(["thing"], AWS), AWS))).files([])
    except LeanfnError:
        files = {}
    assert tree(tmp_path, [tmp_path / "uv-cache"]) == before
    escaped = [path for path in files if ".." in Path(path).parts or Path(path).is_absolute() or "\\" in path]
    assert not escaped
    assert not [path for path in files if path.endswith(".pth") or KEY in files[path]]
    assert not [
        path for path in (tmp_path / "uv-cache").rglob("*evil*") if not inside_archive(path, tmp_path)
    ]


def inside_archive(path, tmp_path):
    """Whether it is what uv keeps of a wheel that it unpacked."""
    return path.is_relative_to(tmp_path / "uv-cache" / "archive-v0")


# Artifacts


def described(folder, name, data):
    """Put a member into an artifact, with a manifest that agrees."""
    document = json.loads((folder / "manifest.json").read_text())
    document["members"][name] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    (folder / "manifest.json").write_text(json.dumps(document))


def said(**fields):
    """The manifest says something else."""

    def change(folder, outside):
        document = json.loads((folder / "manifest.json").read_text())
        (folder / "manifest.json").write_text(json.dumps({**document, **fields}))

    return change


def member(name):
    """The manifest names a member that is none of an artifact's."""

    def change(folder, outside):
        described(folder, name.format(outside=outside), SECRET)

    return change


def replaced(name, by):
    """Something else lies in the place of a file."""

    def change(folder, outside):
        (folder / name).unlink()
        by(folder / name, outside)

    return change


HOSTILE_ARTIFACTS = {
    "member above": member("../key"),
    "member abroad": member("{outside}/key"),
    "member in a folder": member("sub/model.json"),
    "member with a null": member("model.json\0"),
    "member of no kind": member("lambda_function.py"),
    "member's other spelling": member("./model.json"),
    "linked member": replaced("model.json", lambda path, outside: path.symlink_to(outside / "key")),
    "linked manifest": replaced("manifest.json", lambda path, outside: path.symlink_to(outside / "manifest")),
    "folder for a member": replaced("model.json", lambda path, _: path.mkdir()),
    "folder for the manifest": replaced("manifest.json", lambda path, _: path.mkdir()),
    "pipe for a member": replaced("model.json", lambda path, _: os.mkfifo(path)),
    "pipe for the manifest": replaced("manifest.json", lambda path, _: os.mkfifo(path)),
    "endless manifest": replaced("manifest.json", lambda path, _: path.symlink_to("/dev/zero")),
    "deep manifest": replaced("manifest.json", lambda path, _: path.write_text("[" * 100_000)),
    "no manifest": lambda folder, _: (folder / "manifest.json").unlink(),
    "manifest of lists": replaced("manifest.json", lambda path, _: path.write_text("[]")),
    "name above": said(name="../../up"),
    "name abroad": said(name="/abroad"),
    "engine of another": said(engine="../../leanfn/cli"),
    "requirements": said(requirements=["-r /etc/passwd"]),
    "model of no nodes": lambda folder, _: redescribed(folder, "model.json", b"{}"),
    "model of a path": lambda folder, _: redescribed(
        folder, "model.json", json.dumps({"nodes": [{"op": "../../../etc/passwd"}]}).encode()
    ),
}


def redescribed(folder, name, data):
    (folder / name).write_bytes(data)
    described(folder, name, data)


@pytest.mark.parametrize("kind", HOSTILE_ARTIFACTS)
def test_a_hostile_artifact_is_refused_and_nothing_is_written(heart_folder, tmp_path, kind):
    folder, outside = tmp_path / "artifact", tmp_path / "outside"
    shutil.copytree(heart_folder, folder)
    outside.mkdir()
    (outside / "key").write_bytes(SECRET)
    shutil.copy(folder / "manifest.json", outside / "manifest")
    HOSTILE_ARTIFACTS[kind](folder, outside)
    before = set(tmp_path.rglob("*"))
    with pytest.raises(LeanfnError):
        bundle(folder, "aws", tmp_path / "out", bytecode=False)
    assert set(tmp_path.rglob("*")) == before


def test_a_zipped_artifact_is_no_artifact(heart_folder, tmp_path):
    """Only folders are read, so no zip is ever unpacked."""
    archive = Path(shutil.make_archive(str(tmp_path / "artifact"), "zip", heart_folder))
    with pytest.raises(LeanfnError, match="no artifact at"):
        bundle(archive, "aws", tmp_path / "out", bytecode=False)
    assert list(tmp_path.iterdir()) == [archive]


# Names

PIECES = [
    "..",
    ".",
    "",
    "~",
    "a",
    "/",
    "\\",
    "\0",
    "\n",
    " ",
    "%2e%2e",
    "C:",
    "-",
    "$(id)",
    "`id`",
    ";",
    "&",
    "é",
    "\u202e",
    "CON",
]
ODD = sorted(
    {
        *(first + middle + last for first in PIECES for middle in ("/", "\\", "\0", "") for last in PIECES),
        *(f"{piece}/{'../' * depth}x" for piece in PIECES for depth in range(6)),
        *(
            "../../x",
            "/abs",
            "a\0b",
            "//host/share",
            "\\\\host\\share",
            "file:///x",
            "n" * 300,
            "..",
            "...",
            "-rf",
        ),
    }
)
ALLOWED = {"a", "CON", "aa", "aCON", "CONa", "CONCON", "a-", "CON-"}


def test_there_are_enough_of_them():
    assert len(ODD) >= 500


def test_an_odd_name_is_no_artifacts_name(tmp_path, monkeypatch):
    work = tmp_path / "deep" / "down" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    before = tree(tmp_path)
    for name in ODD:
        if name not in ALLOWED:
            with pytest.raises(LeanfnError, match="is no name for an artifact"):
                leanfn.export(None, None, name=name, out=work / "out")
    assert tree(tmp_path) == before


@pytest.fixture(scope="module")
def renamed(heart_folder, tmp_path_factory):
    """A bundle's attempt with an artifact of some name, and what may then be there."""
    root = tmp_path_factory.mktemp("renamed")
    folder = root / "deep" / "down" / "artifact"
    shutil.copytree(heart_folder, folder)
    document = json.loads((folder / "manifest.json").read_text())
    out = root / "deep" / "down" / "out"

    def attempt(name):
        (folder / "manifest.json").write_text(json.dumps({**document, "name": name}))
        try:
            bundle(folder, "aws", out, bytecode=False)
        except LeanfnError:
            return None
        finally:
            left = {path for path in root.rglob("*") if not path.is_relative_to(folder)}
            known = {root / "deep", root / "deep" / "down"}
            assert all(path in known or path.is_relative_to(out) for path in left), left - known
            made = sorted(out.iterdir()) if out.exists() else []
            shutil.rmtree(out, ignore_errors=True)
        return made

    return attempt


def test_an_odd_name_in_a_manifest_is_refused(renamed):
    for name in ODD:
        if name not in ALLOWED:
            made = renamed(name)
            assert made is None or made[0].name == f"{name}-aws", name
            assert made is None or ("/" not in name and not name.startswith("."))


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=40))
def test_no_name_at_all_leads_elsewhere(renamed, name):
    renamed(name)


@pytest.mark.parametrize("option", ["cloud", "python", "arch"])
def test_an_odd_value_of_a_bundles_option_is_refused(heart_folder, tmp_path, option):
    before = tree(tmp_path)
    for value in ODD:
        if option == "python" and not value:
            continue  # nothing said is the usual one
        arguments = {"cloud": "aws", option: value}
        with pytest.raises(LeanfnError, match=r"runs no functions|no bundles for this cloud"):
            bundle(heart_folder, arguments.pop("cloud"), tmp_path / "out", bytecode=False, **arguments)
    assert tree(tmp_path) == before


def test_an_odd_value_on_a_line_runs_nothing(heart_folder, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    model = tmp_path / "model.joblib"
    model.write_bytes(b"")
    before = tree(tmp_path)
    for value in ODD[::7]:
        for flag in ("cloud", "python", "arch", "bytecode"):
            line = [f"--artifact={heart_folder}", "--cloud=aws", f"--{flag}={value}"]
            line = [each for each in line if flag != "cloud" or each != "--cloud=aws"]
            if not (flag == "python" and not value):
                assert cli.run(bundles.command, line, name="bundle") in (1, 2), line
        for flag in ("engine", "compare", "real-examples", "trust", "labels", "name"):
            line = [str(model), "--sample=rows.csv", "--name=x", f"--{flag}={value}"]
            line = [each for each in line if flag != "name" or each != "--name=x"]
            assert cli.run(export, line, name="export") in (1, 2), line
    assert tree(tmp_path) == before
