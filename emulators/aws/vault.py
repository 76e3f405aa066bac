"""Secrets Manager and Systems Manager's parameters: values under names, made by whoever sets the account up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .account import NUMBER, Refused


class Vault:
    """The secrets and parameters of one region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self.secrets: dict[str, str] = {}
        self.parameters: dict[str, str] = {}

    def secret_operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "CreateSecret": self.create,
            "DescribeSecret": self.describe,
            "GetSecretValue": self.value,
            "DeleteSecret": self.delete,
        }

    def parameter_operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {"PutParameter": self.put_parameter, "GetParameter": self.parameter}

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if given["Name"] in self.secrets:
            raise Refused(
                "ResourceExistsException",
                f"The operation failed because the secret {given['Name']} already exists.",
            )
        self.secrets[given["Name"]] = given["SecretString"]
        return {"ARN": self.arn(given["Name"]), "Name": given["Name"]}

    def describe(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = self.name(given["SecretId"])
        return {"ARN": self.arn(name), "Name": name}

    def value(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = self.name(given["SecretId"])
        return {"ARN": self.arn(name), "Name": name, "SecretString": self.secrets[name]}

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = self.name(given["SecretId"])
        del self.secrets[name]
        return {"ARN": self.arn(name), "Name": name}

    def put_parameter(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.parameters[given["Name"]] = given["Value"]
        return {"Version": 1}

    def parameter(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["Name"]
        if name not in self.parameters:
            raise Refused("ParameterNotFound", "")
        return {"Parameter": {"Name": name, "Type": "SecureString", "Value": self.parameters[name]}}

    def arn(self, name: str) -> str:
        """A secret's ARN ends in six characters of the service's own choice."""
        return f"arn:aws:secretsmanager:{self._region}:{NUMBER}:secret:{name}-Em1x2y"

    def name(self, identity: str) -> str:
        """A secret's name for its name or ARN; Refused when there is none."""
        for name in self.secrets:
            if identity in (name, self.arn(name)):
                return name
        raise Refused("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
