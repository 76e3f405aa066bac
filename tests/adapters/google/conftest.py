import shutil

import pytest

from tests.adapters.google.fakes import Project


@pytest.fixture(scope="session")
def shared_project(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("google"))
    yield project
    project.cloud.close()


@pytest.fixture
def project(shared_project):
    """The emulated project; every session at it has a function of its own."""
    yield shared_project
    shared_project.faults.clear()
    shared_project.runtime.broken = False


@pytest.fixture(scope="session")
def other_folder(heart_folder, tmp_path_factory):
    """An artifact of the same name whose answers are others: its label is."""
    folder = tmp_path_factory.mktemp("other") / "hearts"
    shutil.copytree(heart_folder, folder)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"heart-disease"', '"ill"'))
    return folder
