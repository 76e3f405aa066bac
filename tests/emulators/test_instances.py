"""Instances come and go as in a cloud: cold starts, a new version, a call that takes too long."""

import os
import shutil
import threading
import time

import pytest

from emulators.instances import Deployed, Instances, TimedOut
from leanfn.errors import ArtifactError
from leanfn.exporters.write import write
from leanfn.manifest import KEYS, read


class Folder:
    """Stands for what is deployed; `change` says that the next call finds a new version."""

    change = False

    def changed(self):
        found, self.change = self.change, False
        return found

    def load(self):
        raise AssertionError("nothing here needs a model")


def counted(function):
    """A start that numbers its instances: each call tells which one answered, and what the function did."""
    started = []

    def start(load):
        number = len(started)
        started.append(number)
        return lambda *event: (number, function(*event))

    return start


def test_one_instance_answers_all_calls():
    instances = Instances(Folder(), counted(str), timeout=5)
    assert [instances(n) for n in range(3)] == [(0, "0"), (0, "1"), (0, "2")]


@pytest.mark.parametrize("alone", [False, True])
def test_every_nth_call_is_a_cold_start(alone):
    instances = Instances(Folder(), counted(str), timeout=5, cold_every=3, alone=alone)
    assert [instances("")[0] for _ in range(7)] == [0, 0, 0, 1, 1, 1, 2]


@pytest.mark.parametrize("alone", [False, True])
def test_a_new_version_is_a_cold_start(alone):
    folder = Folder()
    instances = Instances(folder, counted(str), timeout=5, alone=alone)
    assert instances("")[0] == 0
    folder.change = True
    assert [instances("")[0] for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(("alone", "used"), [(True, {0, 1, 2, 3}), (False, {0})])
def test_an_instance_that_is_alone_has_one_call_at_a_time(alone, used):
    together = threading.Barrier(4)
    instances = Instances(Folder(), counted(lambda: together.wait(5)), timeout=5, alone=alone)
    found = set()
    threads = [threading.Thread(target=lambda: found.add(instances()[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == used


def test_an_instance_that_is_alone_and_takes_too_long_is_given_up():
    instances = Instances(Folder(), counted(time.sleep), timeout=0.1, alone=True)
    assert instances(0)[0] == 0
    with pytest.raises(TimedOut):
        instances(1)
    assert instances(0)[0] == 1


def test_an_exception_of_the_function_comes_through():
    instances = Instances(Folder(), counted(lambda: 1 / 0), timeout=5)
    with pytest.raises(ZeroDivisionError):
        instances()


@pytest.fixture
def exported(heart_folder, tmp_path):
    """Writes the heart-disease artifact, as an export does, under a label of the test's choice."""
    manifest = read(heart_folder)
    members = {name: manifest.read(name) for name in manifest.members}
    fields = {key: getattr(manifest, key) for key in KEYS if key not in ("format", "members")}

    def export(label):
        write(tmp_path / "hearts", members, **{**fields, "labels": [[0, "clear"], [1, label]]})
        return tmp_path / "hearts"

    return export


def test_a_replaced_artifact_is_the_next_cold_starts(exported, patient):
    said = []
    deployed = Deployed(exported("ill"), said.append)
    assert deployed.load().predict(patient) == {"diagnosis": "ill"}
    assert not deployed.changed()
    exported("sick")
    assert deployed.changed() and not deployed.changed()
    assert deployed.load().predict(patient) == {"diagnosis": "sick"}
    assert said == [f"hearts {deployed.load().version} answers from now on"]


def test_what_is_written_to_the_folder_disturbs_no_call(exported, patient):
    folder = exported("ill")
    said = []
    deployed = Deployed(folder, said.append)
    (folder / "model.json").write_text("{}")
    os.utime(folder / "manifest.json")
    assert [deployed.changed(), deployed.changed()] == [False, False]
    assert deployed.load().predict(patient) == {"diagnosis": "ill"}
    assert len(said) == 1 and "goes on answering" in said[0] and "model.json" in said[0]
    shutil.rmtree(folder)
    assert not deployed.changed()
    assert deployed.load().predict(patient, probabilities=True)["diagnosis"] == "ill"


def test_without_an_artifact_there_is_nothing_to_deploy(tmp_path):
    with pytest.raises(ArtifactError, match="no artifact at"):
        Deployed(tmp_path, print)
