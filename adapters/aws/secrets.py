"""Secrets by the names that people give them: what the function asks for, and the least it needs to be allowed to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leanfn.errors import DeploymentError

from .clients import Clients
from .errors import ask, code
from .observe import Place

PARAMETER = "ssm:"
Statements = list[dict[str, Any]]


def resolve_secrets(
    clients: Clients, place: Place, names: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, Statements]]:
    """Variable -> what fills it, and for each of these the statements to read it. No value is read.

    Raises DeploymentError for a secret that is not there.
    """
    secrets, grants = {}, {}
    for variable, name in names.items():
        is_parameter = name.startswith(PARAMETER) or ":ssm:" in name
        secret, statements = _parameter(place, name) if is_parameter else _secret(clients, name)
        secrets[variable], grants[secret] = secret, statements
    return secrets, grants


def _secret(clients: Clients, name: str) -> tuple[str, Statements]:
    """Its ARN ends in characters that only the service knows, so it is asked."""
    try:
        found = ask(clients["secretsmanager"].describe_secret, SecretId=name)
    except DeploymentError as error:
        if code(error) != "ResourceNotFoundException":
            raise
        raise DeploymentError(
            f"there is no secret {name!r} in {clients.region}\n"
            f"Make it: aws secretsmanager create-secret --name {name} --secret-string file:///dev/stdin, or write "
            f"{PARAMETER}NAME for a parameter"
        ) from error
    statements = [_allow("secretsmanager:GetSecretValue", found["ARN"])]
    if found.get("KmsKeyId", "").startswith(
        "arn:"
    ):  # a key of one's own; AWS's lets the account in by itself
        statements.append(_allow("kms:Decrypt", found["KmsKeyId"]))
    return found["ARN"], statements


def _parameter(place: Place, name: str) -> tuple[str, Statements]:
    name = name.removeprefix(PARAMETER)
    arn = f"arn:{place.partition}:ssm:{place.region}:{place.account}:parameter/{name.lstrip('/')}"
    return f"{PARAMETER}{name}", [_allow("ssm:GetParameter", name if name.startswith("arn:") else arn)]


def _allow(action: str, resource: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}
