"""A function is measured as its cloud would run it, and what does not run is said before it is uploaded."""

import json
import shutil
import sys
from hashlib import sha256

import pytest

from adapters.doctor import Diagnosis, command, diagnose, recommended
from adapters.trial import can_run
from adapters.wheels import System, lock
from leanfn import cli, manifest
from leanfn.errors import BundleError, CertificateError, TrustError
from leanfn.interpreters import find_python
from leanfn.platforms import AWS, AZURE, GOOGLE
from leanfn.trust import trust

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

pytestmark = pytest.mark.skipif(not can_run("x86_64"), reason="functions are tried on Linux, x86_64")


@pytest.fixture(scope="module")
def index():
    """Skips where uv reaches no index of packages."""
    pytest.importorskip("uv")
    try:
        lock(["functions-framework", "azure-functions"], System("google", HERE, "x86_64"))
    except BundleError as error:
        pytest.skip(f"no index of packages: {str(error).splitlines()[1]}")


def with_member(folder, tmp_path, name, data):
    """A copy of an artifact with another member, or one more, that its manifest describes."""
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    (copy / name).write_bytes(data)
    document = json.loads((copy / "manifest.json").read_text())
    document["members"][name] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    (copy / "manifest.json").write_text(json.dumps(document))
    return copy


def test_a_lean_function_is_measured_from_start_to_warm(heart_folder):
    found = diagnose(heart_folder, "aws", python=HERE)
    assert found.examples == 100 and found.largest_difference <= found.bound
    assert 0 < found.warm_ms < found.first_ms
    assert found.import_ms + found.load_ms < found.first_ms
    assert 5 < found.memory_mb < 60
    assert 100_000 < found.zipped < 250_000 < found.unpacked
    assert found.recommended_memory_mb == 128
    assert found.version == manifest.read(heart_folder).version


@pytest.mark.parametrize(("cloud", "least"), [("google", 128), ("azure", 512)])
def test_the_other_clouds_own_libraries_are_part_of_it(heart_folder, index, cloud, least):
    found = diagnose(heart_folder, cloud, python=HERE)
    assert found.examples == 100 and found.largest_difference <= found.bound
    assert found.recommended_memory_mb == least
    assert found.memory_mb > 15


def test_an_answer_that_is_not_the_originals_is_told(heart_folder, tmp_path):
    examples = json.loads((heart_folder / "examples.json").read_text())
    examples["answers"]["predict_proba"][7][0] += 1e-6
    copy = with_member(heart_folder, tmp_path, "examples.json", json.dumps(examples).encode())
    with pytest.raises(CertificateError, match="differs from the original's at example 7"):
        diagnose(copy, "aws", python=HERE)


def test_a_function_that_does_not_load_is_told_with_its_log(heart_folder, tmp_path):
    model = json.loads((heart_folder / "model.json").read_text())
    model["nodes"][0]["in"] = [99]
    copy = with_member(heart_folder, tmp_path, "model.json", json.dumps(model).encode())
    with pytest.raises(
        BundleError, match=r"(?s)does not run on this machine\n  said: 503 .*log:.*ArtifactError"
    ):
        diagnose(copy, "aws", python=HERE)


def test_code_that_nobody_trusts_is_not_run(heart_folder, tmp_path):
    source = f"from pathlib import Path\nPath({str(tmp_path / 'ran')!r}).touch()\n".encode()
    copy = with_member(heart_folder, tmp_path, "hooks.py", source)
    with pytest.raises(TrustError, match=r"(?s)hooks\.py.*leanfn trust"):
        diagnose(copy, "aws", python=HERE)
    trust(manifest.read(copy).digest)
    diagnose(copy, "aws", python=HERE)
    assert (tmp_path / "ran").exists()


def test_what_cannot_run_here_is_said(heart_folder):
    with pytest.raises(BundleError, match=r"(?s)cannot be run on this machine.*arm64.*another machine"):
        diagnose(heart_folder, "aws", python=HERE, arch="arm64")
    absent = next((version for version in ("3.14", "3.12", "3.13") if find_python(version) is None), None)
    if absent is not None:
        with pytest.raises(BundleError, match=f"python{absent}\n  found:  no such Python"):
            diagnose(heart_folder, "aws", python=absent)


@pytest.mark.parametrize(
    ("platform", "memory", "first", "wanted"),
    [
        (AWS, 10, 50, 128),
        (AWS, 120, 50, 228),
        (AWS, 10, 1500, 885),  # half of the usual timeout on a whole processor
        (AWS, 10, 60_000, 1769),
        (AWS, 9_000, 50, 10_240),
        (GOOGLE, 40, 50, 128),
        (GOOGLE, 100, 50, 256),
        (AZURE, 40, 50, 512),
        (AZURE, 400, 50, 2048),
        (AZURE, 9_000, 50, 4096),
    ],
)
def test_the_smallest_size_that_will_do_is_recommended(platform, memory, first, wanted):
    assert recommended(platform, memory, first) == wanted


def test_the_command_tells_people_on_one_stream_and_programs_on_the_other(heart_folder, capsys):
    line = [str(heart_folder), "--cloud=aws", f"--python={HERE}", "--json"]
    assert cli.run(command, line, name="doctor") == 0
    out, err = capsys.readouterr()
    assert Diagnosis(**json.loads(out)).name == "hearts"
    assert "first answer:" in err and "zipped" in err and "recommended:" in err
    assert cli.run(command, [str(heart_folder)], name="doctor") == 2
    assert "--cloud" in capsys.readouterr().err
