"""Libraries are found, pinned, unpacked and trimmed, and nothing that is in a wheel gets anywhere else.

uv resolves and unpacks here as ever, from a folder of wheels that the test makes.
"""

import csv
import io
import json
import os
import zipfile
from dataclasses import replace

import pytest

from adapters import uv
from adapters.bundle import bundle
from adapters.libraries import Libraries, libraries_of
from adapters.trial import Trial, can_run
from adapters.trim import is_needed
from adapters.wheels import Locked, Package, System, lock, requirements_txt, unpack
from leanfn import manifest
from leanfn.errors import ArtifactError, BundleError
from leanfn.http import Request
from leanfn.interpreters import find_python
from tests.adapters.wheelhouse import shared_object, uv_index, wheel

AWS = System("aws", "3.13", "x86_64")
ARM = System("aws", "3.13", "arm64")


@pytest.fixture
def house(monkeypatch, tmp_path):
    return uv_index(monkeypatch, tmp_path / "house")


@pytest.fixture(scope="module")
def onnx_folder(tmp_path_factory):
    """An artifact of the onnx engine; its libraries are the test's own."""
    pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LinearRegression

    import leanfn

    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    return leanfn.export(
        model, [[0.0], [1.0]], name="graph", out=tmp_path_factory.mktemp("onnx"), engine="onnx"
    ).path


def fill(house, folder, arch="arm64", **others):
    """Wheels of the libraries that the artifact asks for."""
    machine = {"x86_64": "x86_64", "arm64": "aarch64"}[arch]
    for requirement in manifest.read(folder).requirements:
        name, _, version = requirement.partition("==")
        files = {f"{name}/__init__.py": b"A = 1\n", f"{name}/core.so": shared_object(arch)}
        files |= {f"{name}/tests/test_it.py": b"", f"{name}/core.pyi": b"", f"{name}/core.h": b""}
        files |= others.get(name, {})
        wheel(
            house, name, version, files, f"cp313-cp313-manylinux_2_28_{machine}", "License-Expression: MIT\n"
        )


def names(packages):
    return {package.name: sorted(package.files) for package in packages}


def test_a_wheel_is_pinned_and_its_files_are_those_of_its_record(house):
    wheel(
        house,
        "thing",
        "1.2",
        {"thing/__init__.py": b"x = 1\n", "thing/data.csv": b"1,2\n", "thing/tests/test_thing.py": b""},
        metadata="Requires-Dist: other>=2\nClassifier: License :: OSI Approved :: BSD License\n",
    )
    wheel(house, "other", "2.0")
    wheel(house, "other", "1.0")
    wheel(house, "unwanted", "1.0")
    locked = lock(["thing==1.2"], AWS)
    assert [(each.name, each.version, list(each.hashes)) for each in locked] == [
        ("other", "2.0", ["other-2.0-py3-none-any.whl"]),
        ("thing", "1.2", ["thing-1.2-py3-none-any.whl"]),
    ]
    packages = unpack(locked, AWS)
    assert names(packages)["thing"] == [
        *(f"thing-1.2.dist-info/{name}" for name in ("METADATA", "RECORD", "WHEEL")),
        *("thing/__init__.py", "thing/data.csv"),
    ]
    thing = packages[1]
    assert thing.licence == ("name", "BSD License")
    assert thing.sha256 == locked[1].hashes["thing-1.2-py3-none-any.whl"]
    record = list(csv.reader(io.StringIO(thing.files["thing-1.2.dist-info/RECORD"].decode())))
    assert {row[0] for row in record} == set(thing.files) - {"thing-1.2.dist-info/RECORD"}


def test_a_wheel_for_another_processor_python_or_newer_glibc_is_not_taken(house):
    for tag in (
        "cp313-cp313-manylinux_2_28_aarch64",
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp313-cp313-manylinux_2_38_x86_64",
        "cp313-cp313-win_amd64",
        "cp313-cp313-macosx_11_0_arm64",
    ):
        wheel(house, "thing", "1.0", tag=tag)
    with pytest.raises(BundleError, match=r"(?s)uv does not find.*thing.*--python or --arch"):
        lock(["thing"], AWS)
    assert lock(["thing"], ARM)[0].version == "1.0"


def test_amazon_linux_2_gets_wheels_that_its_glibc_runs(house):
    wheel(house, "thing", "1.0", tag="cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64")
    wheel(house, "thing", "2.0", tag="cp311-cp311-manylinux_2_28_x86_64")
    wheel(house, "thing", "2.0", tag="cp312-cp312-manylinux_2_28_x86_64")
    assert lock(["thing"], System("aws", "3.11", "x86_64"))[0].version == "1.0"
    assert lock(["thing"], System("aws", "3.12", "x86_64"))[0].version == "2.0"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (shared_object("arm64"), r"(?s)for another machine.*wanted: x86_64.*found:  arm64"),
        (shared_object(machine=3), "found:  no shared object of Linux"),
        (b"MZ not of Linux", "found:  no shared object of Linux"),
        (shared_object(glibc="2.38"), r"(?s)wanted: glibc 2\.34 or older.*found:  glibc 2\.38"),
        (shared_object()[:80], "damaged"),
    ],
    ids=["arm", "i386", "windows", "newer glibc", "cut short"],
)
def test_what_a_wheel_says_of_its_objects_is_not_believed(house, data, said):
    """The tag names the right machine; the object is for another."""
    wheel(house, "thing", "1.0", {"thing/core.so": data}, "cp313-cp313-manylinux_2_28_x86_64")
    with pytest.raises(BundleError, match=said):
        unpack(lock(["thing"], AWS), AWS)


def test_a_versioned_library_is_looked_at_too(house):
    files = {"thing.libs/libgfortran-1a.so.5.0.0": shared_object(glibc="2.39")}
    wheel(house, "thing", "1.0", files, "cp313-cp313-manylinux_2_28_x86_64")
    with pytest.raises(BundleError, match=r"libgfortran-1a\.so\.5\.0\.0 does not run"):
        unpack(lock(["thing"], AWS), AWS)


def test_a_file_that_is_not_the_pinned_one_is_refused(house):
    wheel(house, "thing", "1.0")
    (locked,) = lock(["thing"], AWS)
    other = replace(locked, hashes=dict.fromkeys(locked.hashes, "0" * 64))
    with pytest.raises(BundleError, match=r"(?i)hash"):
        unpack([other], AWS)


def test_a_source_distribution_is_never_built(house):
    """Building one runs its code."""
    import tarfile

    with tarfile.open(house / "thing-1.0.tar.gz", "w:gz") as archive:
        data = b"raise SystemExit('built')\n"
        for name in ("thing-1.0/setup.py", "thing-1.0/PKG-INFO"):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with pytest.raises(BundleError, match=r"(?s)uv does not find"):
        lock(["thing"], AWS)


def test_requirements_name_each_version_with_its_hashes():
    locked = [Locked("numpy", "2.0", {"a.whl": "22", "b.whl": "11"}), Locked("six", "1.0", {"c.whl": "33"})]
    assert requirements_txt(locked) == (
        "numpy==2.0 \\\n    --hash=sha256:11 \\\n    --hash=sha256:22\nsix==1.0 \\\n    --hash=sha256:33\n"
    )


@pytest.mark.parametrize(
    "path", ["numpy/tests/test_a.py", "numpy/_core/include/numpy/a.h", "numpy/a.pyi", "numpy/.git/config"]
)
def test_what_a_function_never_imports_is_left_behind(path):
    assert not is_needed(path, "numpy")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "numpy/testing/__init__.py",
            "numpy/a.so",
            "numpy/.libs/b.so",
            "sklearn/datasets/data/iris.csv",
            "test.py",
        ),
        *(
            "numpy-2.dist-info/METADATA",
            "numpy-2.dist-info/licenses/LICENSE.txt",
            "numpy-2.dist-info/docs/a.md",
        ),
    ],
)
def test_what_it_may_ask_for_is_kept(path):
    assert is_needed(path, "numpy")


# A whole bundle


def test_lambda_gets_the_libraries_files(house, onnx_folder, tmp_path):
    fill(house, onnx_folder)
    made = bundle(onnx_folder, "aws", tmp_path / "out", arch="arm64", bytecode=False)
    assert {"numpy/__init__.py", "numpy/core.so", "onnxruntime/__init__.py"} <= set(made.sizes)
    assert not [path for path in made.sizes if path.endswith((".pyi", ".h")) or "/tests/" in path]
    assert "requirements.txt" not in made.sizes
    assert {name.partition(" ")[0] for name in made.parts} >= {"numpy", "onnxruntime", "runtime", "artifact"}


@pytest.mark.parametrize(
    ("cloud", "library"), [("google", "functions-framework"), ("azure", "azure-functions")]
)
def test_the_other_clouds_install_what_is_pinned_by_hash(house, onnx_folder, tmp_path, cloud, library):
    fill(house, onnx_folder, "x86_64")
    version = {"google": "3.9", "azure": "1.21"}[cloud]
    wheel(house, library.replace("-", "_"), version)
    made = bundle(onnx_folder, cloud, tmp_path / "out", bytecode=False)
    text = (made.folder / "requirements.txt").read_text()
    assert text.count("==") == 3 and text.count("--hash=sha256:") == 3 and f"{library}=={version}" in text
    assert "://" not in text and str(house) not in text
    assert not [path for path in made.sizes if path.startswith("numpy")]


def test_no_index_and_no_folder_of_this_machine_is_in_a_bundle(house, onnx_folder, tmp_path):
    fill(house, onnx_folder)
    made = bundle(onnx_folder, "aws", tmp_path / "out", arch="arm64", bytecode=False)
    with zipfile.ZipFile(made.archive) as archive:
        for name in archive.namelist():
            assert str(tmp_path).encode() not in archive.read(name), name
            assert b"pypi.org" not in archive.read(name) and b"pythonhosted" not in archive.read(name), name


@pytest.mark.parametrize(
    "path",
    [
        "leanfn/artifact.py",
        "artifact/model.json",
        "lambda_function.py",
        "bundle.json",
        "json.py",
        "json/__init__.py",
    ],
)
def test_a_library_that_would_stand_in_for_the_functions_own_modules_is_refused(
    house, onnx_folder, tmp_path, path
):
    fill(house, onnx_folder, numpy={path: b"stolen"})
    with pytest.raises(BundleError, match=f"numpy-.*whl holds {path}"):
        bundle(onnx_folder, "aws", tmp_path / "out", arch="arm64", bytecode=False)
    assert not (tmp_path / "out").exists()


def test_two_libraries_with_one_file_are_refused():
    one = Package("one", "1", "one.whl", "0", None, {"shared/__init__.py": b"1"})
    two = Package("two", "1", "two.whl", "0", None, {"shared/__init__.py": b"2"})
    assert Libraries((one, one)).files([]) == {"shared/__init__.py": b"1"}
    with pytest.raises(BundleError, match=r"two\.whl holds shared/__init__\.py"):
        Libraries((one, two)).files([])


def test_what_does_not_fit_is_told_with_what_takes_the_space(house, onnx_folder, tmp_path):
    fill(house, onnx_folder, numpy={"numpy/large.bin": bytes(260 * 1024 * 1024)})
    with pytest.raises(BundleError) as raised:
        bundle(onnx_folder, "aws", tmp_path / "out", arch="arm64", bytecode=False)
    said = str(raised.value)
    assert "too large for aws, unpacked\n  wanted:  at most 250.0 MB\n  found:   260" in said
    assert (
        "\n    numpy " in said
        and "260.0 MB\n" in said
        and said.endswith("with --engine=lean, or fit a smaller one")
    )
    assert not (tmp_path / "out").exists()


def test_a_function_that_cannot_answer_here_is_not_shipped(house, onnx_folder, tmp_path):
    """The libraries are the test's own, and run no graph."""
    if find_python("3.13") is None or not can_run("x86_64"):
        pytest.skip("no Python 3.13 on Linux, x86_64, to try the function with")
    fill(house, onnx_folder, "x86_64")
    with pytest.raises(BundleError, match=r"(?s)does not run on this machine\n  said: .*503.*AttributeError"):
        bundle(onnx_folder, "aws", tmp_path / "out", python="3.13", bytecode=False)
    assert not list((tmp_path / "out").iterdir())


def test_the_real_libraries_answer_when_they_are_trimmed(onnx_folder, tmp_path):
    """From the index that is configured; the bundle is tried when it is made, and once more here."""
    pytest.importorskip("uv")
    interpreter = find_python("3.13")
    if interpreter is None or not can_run("x86_64"):
        pytest.skip("no Python 3.13 on Linux, x86_64, to try the function with")
    try:
        lock(manifest.read(onnx_folder).requirements, AWS)
    except BundleError as error:
        pytest.skip(f"no index of packages: {str(error).splitlines()[1]}")
    made = bundle(onnx_folder, "aws", tmp_path / "out", python="3.13", bytecode=False)
    assert not [path for path in made.sizes if "/tests/" in path or path.endswith((".pyi", ".h"))]
    with Trial("aws", made.folder, interpreter) as trial:
        answer = trial.ask(
            Request("POST", "/", headers={"content-type": "application/json"}, body=b"[[0.25]]")
        )
        assert json.loads(answer.body)[0]["prediction"] == pytest.approx(0.25)
        imported = trial.imported()
    assert any(path.startswith("onnxruntime/capi/") for path in imported)
    bill = json.loads((made.folder / "sbom.cdx.json").read_text())
    (found,) = [each for each in bill["components"] if each["name"] == "onnxruntime"]
    assert (
        found["licenses"] == [{"license": {"name": "MIT License"}}]
        and len(found["hashes"][0]["content"]) == 64
    )


def test_an_old_onnxruntime_is_not_taken_to_lambdas_arm64(onnx_folder, tmp_path):
    folder = rewritten(onnx_folder, tmp_path, requirements=["numpy==2.0.0", "onnxruntime==1.26.0"])
    with pytest.raises(
        BundleError, match=r"(?s)1\.27 or later.*found:  onnxruntime 1\.26\.0\n.*--arch=x86_64"
    ):
        libraries_of(manifest.read(folder), ARM)


@pytest.mark.parametrize(
    "requirement",
    [
        "numpy",
        "numpy>=2",
        "numpy==2.0 --index-url=http://elsewhere",
        "--index-url=http://elsewhere",
        "-r /etc/passwd",
        "numpy @ http://elsewhere/numpy.whl",
        "numpy @ file:///numpy.whl",
        "git+http://elsewhere/numpy",
        "./numpy",
        "/numpy==2.0",
        "numpy==2.0\nevil==1.0",
        "numpy==2.0 \\\n--find-links=/",
        "numpy==2.0; python_version > '3'",
        "numpy[extra]==2.0",
        "numpy==*",
        "numpy==../../x",
        "",
        "evil==1.0",
    ],
)
def test_a_requirement_that_is_no_pinned_library_of_the_engine_is_refused(onnx_folder, tmp_path, requirement):
    folder = rewritten(onnx_folder, tmp_path, requirements=["onnxruntime==1.30.0", requirement])
    for cloud in ("aws", "google", "azure"):
        with pytest.raises(ArtifactError, match="does not say what its engine needs"):
            bundle(folder, cloud, tmp_path / "out", bytecode=False)
    assert not (tmp_path / "out").exists()


def test_the_lean_engine_has_no_requirements(heart_folder, tmp_path):
    folder = rewritten(heart_folder, tmp_path, requirements=["evil==1.0"])
    with pytest.raises(ArtifactError, match="needs the standard library alone"):
        bundle(folder, "google", tmp_path / "out", bytecode=False)


def rewritten(folder, tmp_path, **fields):
    """A copy of an artifact whose manifest says something else."""
    copy = tmp_path / "rewritten"
    copy.mkdir()
    for path in folder.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    document = json.loads((folder / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps({**document, **fields}))
    return copy


def test_uv_is_found_or_what_to_install_is_said(tmp_path, monkeypatch):
    pytest.importorskip("uv")
    assert uv.find_uv({"PATH": str(tmp_path)}).name.startswith("uv")
    own = tmp_path / "uv"
    own.write_text("#!/bin/sh\n")
    own.chmod(0o755)
    assert uv.find_uv({"PATH": str(tmp_path)}) == own
    monkeypatch.setitem(__import__("sys").modules, "uv", None)
    with pytest.raises(BundleError, match=r"pip install 'leanfn\[bundle\]'"):
        uv.find_uv({"PATH": os.devnull})
