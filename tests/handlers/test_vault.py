"""Secrets of a function on Lambda, from stores that are a dict each."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from handlers.aws import prepare
from handlers.vault import fill

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
