"""A deployed bundle in Microsoft's own runtime, behind the emulated platform."""

import contextlib
import io
import zipfile

import pytest

from adapters.azure.target import Target
from emulators.azure.cloud import Cloud
from emulators.azure.runtime import runner
from leanfn.errors import DeploymentError, LeanfnError


@pytest.fixture(scope="module")
def python():
    """A Python 3.13 with azure-functions-runtime, set up once in .bench/."""
    from benchmarks.cold_start import runtimes

    try:
        return runtimes("3.13")
    except LeanfnError as error:
        pytest.skip(str(error))


@pytest.fixture
def real(azure, python, tmp_path):
    """The same as the quick one, with the real runtime."""
    with contextlib.closing(Cloud(runner(python), tmp_path / "real", clock=azure.clock)) as cloud:
        yield azure.with_cloud(cloud)


def test_a_function_is_deployed_called_opened_rolled_back_and_gone(
    real, heart_folder, other_folder, versions
):
    real.deploy(heart_folder)
    assert real.ask() == (200, versions[0])
    assert real.ask(headers={})[0] == 401
    real.deploy(other_folder, Target(auth="anonymous", env={"A": "1"}))
    assert real.ask(headers={}) == (200, versions[1])
    real.rollback()
    assert real.ask(headers={})[0] == 401
    assert real.ask() == (200, versions[0])
    lines = [line for _, line in real.session().logs("2020-01-01T00:00:00Z")]
    assert any('"path": "/predict"' in line and versions[1] in line for line in lines)
    real.destroy()
    assert real.cloud.arm.resources == {}


def test_a_package_whose_import_fails_has_no_functions(real, heart_folder):
    real.deploy(heart_folder)
    session = real.session()
    seen = session.look()
    wanted, version = session.prepare(heart_folder, Target(auth="anonymous"), seen)
    session.package = without(session.package, "leanfn/http.py", "leanfn.bytecode")
    with pytest.raises(DeploymentError, match=r"(?s)finds no function in the package.*is live again"):
        session.carry_out(session.plans(seen).deployment_of(wanted, version), wanted, seen)
    assert real.ask()[0] == 200


def without(package, *names):
    """A zip without some of its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in set(old.namelist()) - set(names):
            new.writestr(name, old.read(name))
    return out.getvalue()
