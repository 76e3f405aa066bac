"""Secrets of a function on Lambda, from stores that are a dict each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.aws import prepare
from handlers.vault import SECONDS, _client, fill

ROOT = Path(__file__).parents[2]
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/token-a1b2c3"


class Store:
    """Both stores' clients in one; asked: what was read."""

    def __init__(self):
        self.asked = []

    def get_secret_value(self, SecretId):
        self.asked.append(SecretId)
        return {"SecretString": "of the secret"}

    def get_parameter(self, Name, WithDecryption):
        assert WithDecryption
        self.asked.append(Name)
        return {"Parameter": {"Value": "of the parameter"}}


def test_each_variable_is_filled_from_its_own_store():
    store = Store()
    environ = {"LEANFN_SECRETS": f'{{"TOKEN": "{ARN}", "KEY": "ssm:/prod/key"}}', "OTHER": "as it was"}
    fill(environ, lambda service: store)
    assert environ["TOKEN"] == "of the secret"
    assert environ["KEY"] == "of the parameter"
    assert environ["OTHER"] == "as it was"
    assert store.asked == [ARN, "/prod/key"]


def test_a_secret_that_cannot_be_read_ends_the_cold_start():
    class Closed(Store):
        def get_secret_value(self, SecretId):
            raise PermissionError("no")

    with pytest.raises(PermissionError):
        fill({"LEANFN_SECRETS": f'{{"TOKEN": "{ARN}"}}'}, lambda service: Closed())


def test_without_secrets_nothing_is_imported_for_them():
    environ = {}
    prepare(environ)
    assert environ == {}
    script = "import sys; from handlers.aws import prepare; prepare({}); print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not {"boto3", "botocore", "handlers.vault"} & set(run.stdout.split())


@pytest.mark.parametrize("service", ["ssm", "secretsmanager"])
def test_the_clients_are_botos_and_give_up_within_a_cold_start(service, monkeypatch):
    pytest.importorskip("boto3", reason="boto3 is not installed; Lambda's runtime has it")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    config = _client(service).meta.config
    assert config.read_timeout == SECONDS
    assert config.retries["total_max_attempts"] == 2


def test_what_the_settings_name_is_filled_in_before_the_service_is_made():
    with pytest.raises(ValueError, match="Expecting value"):  # read, and therefore looked at
        prepare({"LEANFN_SECRETS": "not JSON"})
