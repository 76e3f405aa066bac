"""The least that somebody who deploys a function needs to be allowed to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .observe import ALIAS, Place

FUNCTION = (
    "AddPermission", "CreateAlias", "CreateFunction", "CreateFunctionUrlConfig", "DeleteFunction",
    "DeleteFunctionConcurrency", "GetAlias", "GetFunction", "GetFunctionConfiguration", "GetFunctionUrlConfig",
    "GetPolicy", "InvokeFunction", "ListVersionsByFunction", "PublishVersion", "PutFunctionConcurrency",
    "RemovePermission", "TagResource", "UpdateAlias", "UpdateFunctionCode", "UpdateFunctionConfiguration",
    "UpdateFunctionUrlConfig",
)  # fmt: skip
ROLE = (
    "CreateRole", "DeleteRole", "DeleteRolePolicy", "GetRole", "GetRolePolicy", "ListRolePolicies",
    "PutRolePermissionsBoundary", "PutRolePolicy", "TagRole",
)  # fmt: skip
LOG = (
    "CreateLogGroup", "DeleteLogGroup", "FilterLogEvents", "ListTagsForResource", "PutRetentionPolicy", "TagResource",
)  # fmt: skip


def deployers_policy(
    place: Place, role: str | None = None, bucket: str | None = None, secrets: Sequence[str] = ()
) -> dict[str, Any]:
    """For one function. role: one that is given with --role; bucket: of --bucket; secrets: ARNs of those of --secret."""
    statements = [
        # its versions are numbers, and calls by its address are made to the alias
        _allow("lambda", FUNCTION, place.arn, f"{place.arn}:*"),
        _allow("lambda", ("InvokeFunctionUrl",), f"{place.arn}:{ALIAS}"),
        {
            **_allow("iam", ("PassRole",), role or place.role),
            "Condition": {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
        },
        _allow("logs", LOG, place.group, f"{place.group}:*"),
        # a search: it can be allowed for all groups of a region alone
        _allow(
            "logs",
            ("DescribeLogGroups",),
            f"arn:{place.partition}:logs:{place.region}:{place.account}:log-group:*",
        ),
    ]
    if role is None:
        statements.append(_allow("iam", ROLE, place.role))
    if bucket is not None:
        objects = f"arn:{place.partition}:s3:::{bucket}/leanfn/{place.name}/*"
        statements.append(_allow("s3", ("DeleteObject", "GetObject", "PutObject"), objects))
    if secrets:
        statements.append(_allow("secretsmanager", ("DescribeSecret",), *secrets))
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(service: str, actions: Sequence[str], *resources: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": [f"{service}:{action}" for action in actions],
        "Resource": list(resources),
    }
