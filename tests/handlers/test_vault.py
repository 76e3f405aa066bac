"""Secrets become variables of the process, from either of AWS's two places for them."""

import json

import pytest

from handlers import aws, vault


class Secrets:
    """Stands for a client of either service."""

    def __init__(self, service):
        self.service = service

    def get_parameter(self, Name, WithDecryption):
        assert self.service == "ssm" and WithDecryption
        return {"Parameter": {"Value": f"the parameter {Name}"}}

    def get_secret_value(self, SecretId):
        assert self.service == "secretsmanager"
        return {"SecretString": f"the secret {SecretId}"}


def test_each_variable_gets_its_secret():
    environ = {"LEANFN_SECRETS": json.dumps({"TOKEN": "ssm:/heart/token", "KEY": "heart-key"})}
    vault.fill(environ, Secrets)
    assert environ["TOKEN"] == "the parameter /heart/token"
    assert environ["KEY"] == "the secret heart-key"


def test_a_secret_that_cannot_be_had_ends_the_cold_start():
    class Gone(Secrets):
        def get_secret_value(self, SecretId):
            raise LookupError(SecretId)

    with pytest.raises(LookupError):
        vault.fill({"LEANFN_SECRETS": '{"KEY": "gone"}'}, Gone)


@pytest.mark.parametrize("service", ["ssm", "secretsmanager"])
def test_the_clients_are_botos_and_give_up_within_a_cold_start(service, monkeypatch):
    pytest.importorskip("boto3", reason="boto3 is not installed; Lambda's runtime has it")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    config = vault._client(service).meta.config
    assert config.read_timeout == vault.SECONDS and config.retries["total_max_attempts"] == 2


def test_without_secrets_nothing_is_asked_for():
    environ = {"OTHER": "1"}
    aws.prepare(environ)
    assert environ == {"OTHER": "1"}


def test_what_the_settings_name_is_filled_in_before_the_service_is_made():
    with pytest.raises(json.JSONDecodeError):  # read, and therefore looked at
        aws.prepare({"LEANFN_SECRETS": "not JSON"})
