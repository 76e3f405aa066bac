"""Google's own tool as an independent witness: what it deploys here, it would deploy there."""

import json
import os
import shutil
import subprocess

import pytest
import requests

from adapters.bundle import bundle
from emulators.google.cloud import PROJECT, REGION, Cloud

GCLOUD = shutil.which("gcloud")
APIS = ("CLOUDFUNCTIONS", "SERVICEUSAGE", "RUN", "CLOUDRESOURCEMANAGER", "CLOUDBUILD", "LOGGING")

pytestmark = pytest.mark.skipif(GCLOUD is None, reason="gcloud is not installed")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    cloud = Cloud(
        tmp_path_factory.mktemp("cloud"), strict=False
    )  # gcloud sends no credentials that it does not have
    yield cloud
    cloud.close()


@pytest.fixture(scope="module")
def gcloud(cloud, tmp_path_factory):
    environ = {
        **os.environ,
        "CLOUDSDK_CONFIG": str(tmp_path_factory.mktemp("gcloud")),
        "CLOUDSDK_CORE_PROJECT": PROJECT,
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "CLOUDSDK_CORE_CHECK_GCE_METADATA": "false",
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        **{f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{api}": f"{cloud.endpoint}/" for api in APIS},
    }

    def run(*words):
        done = subprocess.run(
            [GCLOUD, *words], env=environ, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_an_unpacked_bundle_is_deployed_described_and_deleted(cloud, gcloud, heart_folder, patient, tmp_path):
    made = bundle(heart_folder, "google", tmp_path, bytecode=False)
    place = ("hearts", f"--region={REGION}")
    gcloud(
        "functions", "deploy", *place, "--gen2", "--runtime=python313", f"--source={made.folder}",
        "--entry-point=predict_handler", "--trigger-http", "--allow-unauthenticated",
    )  # fmt: skip
    found = json.loads(gcloud("functions", "describe", *place, "--gen2", "--format=json"))
    assert found["state"] == "ACTIVE"
    assert requests.post(found["url"], json=patient, timeout=20).json() == {"diagnosis": "heart-disease"}
    gcloud("functions", "delete", *place, "--gen2", "--quiet")
    assert not cloud.functions.functions
