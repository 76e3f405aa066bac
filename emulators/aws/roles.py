"""IAM's roles with their inline policies, and STS's word on who calls."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from .account import NUMBER, Account, Refused, Role

Operation = Callable[[Mapping[str, Any]], dict[str, Any]]


class Roles:
    """IAM, which has no regions."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def operations(self) -> dict[str, Operation]:
        return {
            "CreateRole": self.create,
            "GetRole": self.get,
            "DeleteRole": self.delete,
            "PutRolePermissionsBoundary": self.put_boundary,
            "PutRolePolicy": self.put_policy,
            "GetRolePolicy": self.get_policy,
            "ListRolePolicies": self.list_policies,
            "DeleteRolePolicy": self.delete_policy,
        }

    def resources(self) -> list[str]:
        return [role.arn for role in self._account.roles.values()]

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["RoleName"]
        if name in self._account.roles:
            raise Refused("EntityAlreadyExists", f"Role with name {name} already exists.")
        tags = {each["Key"]: each["Value"] for each in given.get("Tags", [])}
        role = Role(
            name,
            _document(given["AssumeRolePolicyDocument"]),
            self._account.clock(),
            tags,
            given.get("PermissionsBoundary"),
        )
        self._account.roles[name] = role
        return {"Role": _described(role)}

    def get(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"Role": _described(self._role(given))}

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if self._role(given).policies:
            raise Refused("DeleteConflict", "Cannot delete entity, must delete policies first.")
        del self._account.roles[given["RoleName"]]
        return {}

    def put_boundary(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self._role(given).boundary = given["PermissionsBoundary"]
        return {}

    def put_policy(self, given: Mapping[str, Any]) -> dict[str, Any]:
        role = self._role(given)
        policies = {**role.policies, given["PolicyName"]: _document(given["PolicyDocument"])}
        if sum(len(json.dumps(each, separators=(",", ":"))) for each in policies.values()) > 10_240:
            raise Refused(
                "LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {role.name}"
            )
        role.policies = policies
        return {}

    def get_policy(self, given: Mapping[str, Any]) -> dict[str, Any]:
        role, name = self._role(given), given["PolicyName"]
        if name not in role.policies:
            raise Refused("NoSuchEntity", f"The role policy with name {name} cannot be found.")
        return {
            "RoleName": role.name,
            "PolicyName": name,
            "PolicyDocument": json.dumps(role.policies[name]),
        }

    def list_policies(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {"PolicyNames": sorted(self._role(given).policies), "IsTruncated": False}

    def delete_policy(self, given: Mapping[str, Any]) -> dict[str, Any]:
        role = self._role(given)
        if role.policies.pop(given["PolicyName"], None) is None:
            raise Refused("NoSuchEntity", f"The role policy with name {given['PolicyName']} cannot be found.")
        return {}

    def _role(self, given: Mapping[str, Any]) -> Role:
        role = self._account.roles.get(given["RoleName"])
        if role is None:
            raise Refused("NoSuchEntity", f"The role with name {given['RoleName']} cannot be found.")
        return role


def caller_identity(account: Account, key: str) -> dict[str, Any]:
    """STS's GetCallerIdentity, which every caller may ask."""
    return {"UserId": key, "Account": NUMBER, "Arn": account.principal(key)}


def _described(role: Role) -> dict[str, Any]:
    described: dict[str, Any] = {
        "Path": "/",
        "RoleName": role.name,
        "RoleId": "AROAEMULATED00000000",
        "Arn": role.arn,
        "CreateDate": datetime(2026, 1, 1, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "AssumeRolePolicyDocument": json.dumps(role.trust),
        "Tags": [{"Key": key, "Value": value} for key, value in role.tags.items()],
    }
    if role.boundary is not None:
        described["PermissionsBoundary"] = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": role.boundary,
        }
    return described


def _document(text: str) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(text)
        statements = document["Statement"]
    except (ValueError, KeyError, TypeError):
        raise Refused("MalformedPolicyDocument", "The policy is not in the valid JSON format.") from None
    if document.get("Version") != "2012-10-17" or not isinstance(statements, list):
        raise Refused("MalformedPolicyDocument", "Syntax errors in policy.")
    return document
