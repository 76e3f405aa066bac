"""The bill of materials is CycloneDX's, says what is in the bundle, and is the same bytes for the same bundle."""

import json

import pytest

from adapters.bill import bill
from adapters.bundle import bundle
from adapters.libraries import Libraries
from adapters.wheels import Locked, Package
from leanfn import __version__, manifest

PACKAGES = (
    Package(
        "numpy", "2.0", "numpy-2.0-cp313-cp313-a.whl", "1" * 64, ("expression", "BSD-3-Clause AND MIT"), {}
    ),
    Package("six", "1.0+local", "six-1.0-py3-none-any.whl", "2" * 64, ("name", "MIT License"), {}),
    Package("bare", "1", "bare-1-py3-none-any.whl", "3" * 64, None, {}),
)
KINDS = [
    Libraries(packages=PACKAGES),
    Libraries(locked=(Locked("numpy", "2.0", {"a.whl": "4" * 64, "b.whl": "5" * 64}),)),
    Libraries(named=("functions-framework>=3.8,<4",)),
    Libraries(),
]


@pytest.mark.parametrize("libraries", KINDS, ids=["unpacked", "locked", "named", "none"])
def test_it_meets_the_published_schema(heart_folder, libraries):
    validation = pytest.importorskip("cyclonedx.validation.json")
    from cyclonedx.schema import SchemaVersion

    text = bill(manifest.read(heart_folder), "aws", libraries).decode()
    found = validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    assert found is None, found
    broken = text.replace('"library"', '"libary"')
    assert validation.JsonStrictValidator(SchemaVersion.V1_6).validate_str(broken) is not None


def test_it_names_leanfn_the_model_and_each_wheel(heart_folder):
    read = manifest.read(heart_folder)
    document = json.loads(bill(read, "aws", Libraries(packages=PACKAGES)))
    leanfn, model, numpy, six, bare = document["components"]
    assert leanfn["purl"] == f"pkg:pypi/leanfn@{__version__}"
    assert leanfn["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert (model["version"], model["hashes"][0]["content"]) == (read.version, read.digest)
    assert numpy["purl"] == "pkg:pypi/numpy@2.0?file_name=numpy-2.0-cp313-cp313-a.whl"
    assert numpy["hashes"] == [{"alg": "SHA-256", "content": "1" * 64}]
    assert numpy["licenses"] == [{"expression": "BSD-3-Clause AND MIT"}]
    assert six["purl"].startswith("pkg:pypi/six@1.0%2Blocal?")
    assert six["licenses"] == [{"license": {"name": "MIT License"}}]
    assert "licenses" not in bare


def test_what_the_cloud_installs_is_named_as_far_as_it_is_known(heart_folder):
    read = manifest.read(heart_folder)
    (*_, numpy) = json.loads(bill(read, "google", KINDS[1]))["components"]
    assert [each["value"] for each in numpy["properties"]] == [
        f"a.whl sha256:{'4' * 64}",
        f"b.whl sha256:{'5' * 64}",
    ]
    (*_, framework) = json.loads(bill(read, "google", KINDS[2]))["components"]
    assert framework["name"] == "functions-framework" and "version" not in framework


def test_a_bundle_carries_it(heart_folder, tmp_path):
    made = bundle(heart_folder, "google", tmp_path, bytecode=False)
    document = json.loads((made.folder / "sbom.cdx.json").read_text())
    assert document["bomFormat"] == "CycloneDX"
    assert [each["name"] for each in document["components"]] == ["leanfn", "hearts", "functions-framework"]
    assert "timestamp" not in document["metadata"] and "serialNumber" not in document
