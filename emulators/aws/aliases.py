"""Lambda's aliases, the URLs on them, and the statements that say who may call a function from outside its account."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from .account import Account, Refused
from .functions import LATEST, Alias, Function, Functions

MADE = "2026-01-01T00:00:00.000Z"


class Listener(Protocol):
    """Where function URLs answer."""

    def open(self, region: str, function: str, qualifier: str) -> str: ...
    def close(self, address: str) -> None: ...


class Aliases:
    """What stands in front of the functions of one region."""

    def __init__(self, account: Account, functions: Functions, listener: Listener) -> None:
        self._account = account
        self._functions = functions
        self._listener = listener

    def operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "CreateAlias": self.create,
            "GetAlias": self.get,
            "UpdateAlias": self.update,
            "DeleteAlias": self.delete,
            "CreateFunctionUrlConfig": self.create_url,
            "GetFunctionUrlConfig": self.get_url,
            "UpdateFunctionUrlConfig": self.update_url,
            "DeleteFunctionUrlConfig": self.delete_url,
            "AddPermission": self.add_permission,
            "RemovePermission": self.remove_permission,
            "GetPolicy": self.get_policy,
        }

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, name = self._functions.find(given), given["Name"]
        if name in function.aliases:
            raise Refused("ResourceConflictException", f"Alias already exists: {function.arn}:{name}")
        return self._set(function, name, given, Alias("", {}, "", ""))

    def get(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._functions.find(given)
        return _described(function, given["Name"], self._alias(function, given["Name"]))

    def update(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, name = self._functions.find(given), given["Name"]
        alias = self._alias(function, name)
        if given.get("RevisionId", alias.revision) != alias.revision:
            raise Refused(
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the GetAlias API to retrieve the "
                "latest Revision Id",
                412,
            )
        return self._set(function, name, given, alias)

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, name = self._functions.find(given), given["Name"]
        if name in function.urls:
            raise Refused(
                "ResourceConflictException", f"Alias has a function URL configured: {function.arn}:{name}"
            )
        function.aliases.pop(name, None)
        return {}

    def _set(self, function: Function, name: str, given: Mapping[str, Any], old: Alias) -> dict[str, Any]:
        version = given.get("FunctionVersion", old.version)
        routing = given.get("RoutingConfig")
        weights = old.weights if routing is None else routing.get("AdditionalVersionWeights", {})
        for number in (version, *weights):
            function.version(number)
        if weights and (version == LATEST or LATEST in weights):
            raise _invalid("$LATEST is not supported for an alias pointing to more than 1 version")
        if version in weights or len(weights) > 1:
            raise _invalid("Invalid alias routing configuration: at most one other version, with a weight")
        if any(not 0.0 <= weight <= 1.0 for weight in weights.values()):
            raise _invalid("Invalid function version weights: each must be between 0.0 and 1.0")
        function.aliases[name] = alias = Alias(
            version, dict(weights), given.get("Description", old.description), self._account.revision()
        )
        return _described(function, name, alias)

    def _alias(self, function: Function, name: str) -> Alias:
        if name not in function.aliases:
            raise Refused("ResourceNotFoundException", f"Cannot find alias arn: {function.arn}:{name}")
        return function.aliases[name]

    def create_url(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, name = self._functions.find(given), given.get("Qualifier", LATEST)
        if name != LATEST:
            self._alias(function, name)
        if name in function.urls:
            raise Refused(
                "ResourceConflictException",
                f"Failed to create function url config for [functionArn = {function.arn}:{name}]. Error message:  "
                "FunctionUrlConfig exists for this Lambda function",
            )
        address = self._listener.open(self._functions.region, function.name, name)
        function.urls[name] = {"FunctionUrl": address, "AuthType": given["AuthType"]}
        return _url(function, name)

    def get_url(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._functions.find(given)
        return _url(function, self._with_url(function, given))

    def update_url(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._functions.find(given)
        name = self._with_url(function, given)
        function.urls[name]["AuthType"] = given.get("AuthType", function.urls[name]["AuthType"])
        return _url(function, name)

    def delete_url(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._functions.find(given)
        self._listener.close(function.urls.pop(self._with_url(function, given))["FunctionUrl"])
        return {}

    def left(self, function: Function) -> None:
        """Close what stood in front of a function that is removed."""
        for url in function.urls.values():
            self._listener.close(url["FunctionUrl"])

    def _with_url(self, function: Function, given: Mapping[str, Any]) -> str:
        name = given.get("Qualifier", LATEST)
        if name not in function.urls:
            raise Refused("ResourceNotFoundException", "The resource you requested does not exist.")
        return str(name)

    def add_permission(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, qualifier = self._functions.find(given), given.get("Qualifier", LATEST)
        function.candidates(qualifier)
        statements = function.policies.setdefault(qualifier, [])
        if any(each["Sid"] == given["StatementId"] for each in statements):
            raise Refused(
                "ResourceConflictException",
                f"The statement id ({given['StatementId']}) provided already exists. Please provide a new statement id, "
                "or remove the existing statement.",
            )
        statement: dict[str, Any] = {
            "Sid": given["StatementId"],
            "Effect": "Allow",
            "Principal": given["Principal"] if given["Principal"] == "*" else {"AWS": given["Principal"]},
            "Action": given["Action"],
            "Resource": f"{function.arn}:{qualifier}",
        }
        if "FunctionUrlAuthType" in given:
            condition = {"lambda:FunctionUrlAuthType": given["FunctionUrlAuthType"]}
            statement["Condition"] = {"StringEquals": condition}
        if given.get("InvokedViaFunctionUrl"):
            statement["Condition"] = {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
        statements.append(statement)
        return {"Statement": json.dumps(statement)}

    def remove_permission(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, qualifier = self._functions.find(given), given.get("Qualifier", LATEST)
        statements = function.policies.get(qualifier, [])
        left = [each for each in statements if each["Sid"] != given["StatementId"]]
        if len(left) == len(statements):
            raise Refused(
                "ResourceNotFoundException",
                f"Statement {given['StatementId']} is not found in resource policy.",
            )
        function.policies[qualifier] = left
        return {}

    def get_policy(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function, qualifier = self._functions.find(given), given.get("Qualifier", LATEST)
        statements = function.policies.get(qualifier)
        if not statements:
            raise Refused("ResourceNotFoundException", "The resource you requested does not exist.")
        policy = {"Version": "2012-10-17", "Id": "default", "Statement": statements}
        return {"Policy": json.dumps(policy), "RevisionId": self._account.revision()}


def is_open(function: Function, qualifier: str) -> bool:
    """Whether anybody may call a URL without a signature: both statements, as asked for since October 2025.

    https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    """
    granted = {
        (each["Action"], json.dumps(each.get("Condition", {})))
        for each in function.policies.get(qualifier, [])
        if each["Principal"] == "*"
    }
    return {
        ("lambda:InvokeFunctionUrl", json.dumps({"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}})),
        ("lambda:InvokeFunction", json.dumps({"Bool": {"lambda:InvokedViaFunctionUrl": "true"}})),
    } <= granted


def _described(function: Function, name: str, alias: Alias) -> dict[str, Any]:
    return {
        "AliasArn": f"{function.arn}:{name}",
        "Name": name,
        "FunctionVersion": alias.version,
        "Description": alias.description,
        "RevisionId": alias.revision,
        **({"RoutingConfig": {"AdditionalVersionWeights": alias.weights}} if alias.weights else {}),
    }


def _url(function: Function, name: str) -> dict[str, Any]:
    return {
        **function.urls[name],
        "FunctionArn": f"{function.arn}:{name}",
        "CreationTime": MADE,
        "LastModifiedTime": MADE,
        "InvokeMode": "BUFFERED",
    }


def _invalid(message: str) -> Refused:
    return Refused("InvalidParameterValueException", message)
