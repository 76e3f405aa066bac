"""The same artifact and the same wheels give the same bytes: whoever bundles them, where, when, and with which Python."""

import json
import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from leanfn import manifest
from leanfn.interpreters import find_python
from tests.adapters.wheelhouse import shared_object, uv_index, wheel

ROOT = Path(__file__).parents[2]
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"

# Another clock, too: what asks for the time gets the one of the line.
BUNDLE = """
import os, sys, time
artifact, out, umask, now, cloud, arch, python = sys.argv[1:]
os.umask(int(umask, 8))
true = time.localtime
time.time = lambda: float(now)
time.localtime = lambda seconds=None: true(float(now) if seconds is None else seconds)
from pathlib import Path
from adapters.bundle import bundle
made = bundle(Path(artifact), cloud, Path(out), arch=arch, python=python)
print(made.digest)
"""


def bundled(artifact, tmp_path, number, python=sys.executable, cloud="aws", arch="x86_64", target=HERE):
    """The digest and the zip's hash, made from a copy whose files were written in another order, and so on."""
    copy, work = tmp_path / f"copy{number}", tmp_path / f"work{number}"
    copy.mkdir()
    work.mkdir()
    for file in sorted(artifact.iterdir(), reverse=bool(number % 2)):
        shutil.copy(file, copy / file.name)
        os.utime(copy / file.name, (10**9 + number, 10**9 + number))
    environ = {
        **os.environ,
        "TZ": ("UTC", "Asia/Tokyo", "America/Lima")[number % 3],
        "LC_ALL": ("C", "C.UTF-8")[number % 2],
        "PYTHONHASHSEED": str(number),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # of uv, for other Pythons
        "SOURCE_DATE_EPOCH": str(10**9 * number),
    }
    umask, now = ("022", "077", "002")[number % 3], str(10**9 * (number + 1) // 2)
    out = tmp_path / f"out{number}"
    line = [str(python), "-c", BUNDLE, str(copy), str(out), umask, now, cloud, arch, target]
    run = subprocess.run(line, cwd=work, env=environ, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    (archive,) = out.glob("*.zip")
    return run.stdout, sha256(archive.read_bytes()).hexdigest()


@pytest.mark.parametrize("cloud", ["aws", "google", "azure"])
def test_it_is_the_same_over_folder_umask_zone_clock_and_order(heart_folder, tmp_path, cloud):
    assert len({bundled(heart_folder, tmp_path, number, cloud=cloud) for number in range(2)}) == 1


@pytest.mark.parametrize("builder", ["3.11", "3.12", "3.13"])
def test_it_is_the_same_whichever_python_bundles(heart_folder, tmp_path, builder):
    other = find_python(builder)
    if other is None or builder == HERE:
        pytest.skip(f"{'the tests run on' if builder == HERE else 'no'} Python {builder}")
    target = "3.13" if find_python("3.13") else HERE
    ours = bundled(heart_folder, tmp_path, 0, target=target)
    assert bundled(heart_folder, tmp_path, 1, other, target=target) == ours


def test_it_is_the_same_with_libraries(monkeypatch, tmp_path):
    """Of the onnx engine, for another processor: its wheels are the test's own."""
    pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LinearRegression

    import leanfn

    house = uv_index(monkeypatch, tmp_path / "house")
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    folder = leanfn.export(
        model, [[0.0], [1.0]], name="graph", out=tmp_path / "artifacts", engine="onnx"
    ).path
    for requirement in manifest.read(folder).requirements:
        name, _, version = requirement.partition("==")
        files = {f"{name}/{module}.py": b"x = 1\n" for module in ("__init__", "b", "a")}
        files[f"{name}/core.so"] = shared_object("arm64")
        extra = [(f"{name}-{version}.dist-info/entry_points.txt", f"[console_scripts]\n{name} = {name}:x\n")]
        wheel(house, name, version, files, "cp313-cp313-manylinux_2_28_aarch64", entries=extra)
    builders = [sys.executable, *filter(None, [find_python("3.12")])]
    made = {
        bundled(folder, tmp_path, number, python, arch="arm64", target="3.13")
        for number, python in enumerate(builders * 2)
    }
    assert len(made) == 1
    label = json.loads((tmp_path / "out0" / "graph-aws" / "bundle.json").read_text())
    assert label["arch"] == "arm64" and label["artifact"]["engine"] == "onnx"


def test_another_processor_is_another_bundle_only_by_its_libraries(heart_folder, tmp_path):
    one, other = (
        bundled(heart_folder, tmp_path, number, arch=arch) for number, arch in enumerate(("x86_64", "arm64"))
    )
    assert one[0] == other[0]  # the lean engine's sources are the same
    assert one[1] != other[1]  # the label says for which it is
