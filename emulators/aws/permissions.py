"""What each call needs: the IAM action and resource that its service asks for, and whether a policy grants them.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_identityandaccessmanagement.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .account import NUMBER, Account, Refused
from .wire import Call

# Operations whose action has another name than their own.
ACTIONS = {"Invoke": "InvokeFunction", "HeadObject": "GetObject"}
# What of Lambda asks for an alias's or a version's ARN when it names one.
# CreateAlias, UpdateAlias and the like ask for the function's.
QUALIFIED = (
    "Invoke",
    "GetFunction",
    "GetFunctionConfiguration",
    "CreateFunctionUrlConfig",
    "GetFunctionUrlConfig",
    "UpdateFunctionUrlConfig",
    "AddPermission",
    "RemovePermission",
    "GetPolicy",
    "DeleteFunction",
)


def check(account: Account, call: Call) -> None:
    """Refuse a call that its caller has no permission for."""
    statements = account.statements(call.key)
    if statements is None:
        return
    for action, resource, context in needed(call):
        if not allowed(statements, action, resource, context):
            raise Refused(
                "AccessDenied" if call.service in ("iam", "s3") else "AccessDeniedException",
                f"User: {account.principal(call.key)} is not authorized to perform: {action} on resource: {resource} "
                f"because no identity-based policy allows the {action} action",
            )


def needed(call: Call) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Action, resource and the context that conditions may ask about; who one is, everybody may ask."""
    if call.service == "sts":
        return
    given = call.parameters
    action = f"{call.service}:{ACTIONS.get(call.operation, call.operation)}"
    if call.service == "lambda":
        yield action, _function(call), {}
        if call.operation in ("CreateFunction", "UpdateFunctionConfiguration") and "Role" in given:
            yield "iam:PassRole", given["Role"], {"iam:PassedToService": "lambda.amazonaws.com"}
        if call.operation == "CreateFunction" and given.get("Tags"):
            yield "lambda:TagResource", _function(call), {}
        if "S3Key" in (code := given.get("Code", given)):
            yield "s3:GetObject", f"arn:aws:s3:::{code['S3Bucket']}/{code['S3Key']}", {}
    elif call.service == "iam":
        resource = f"arn:aws:iam::{NUMBER}:role/{given['RoleName']}"
        yield action, resource, {}
        if call.operation == "CreateRole" and given.get("Tags"):
            yield "iam:TagRole", resource, {}
    elif call.service == "logs":
        yield from _logs(call, action)
    elif call.service == "s3":
        yield action, f"arn:aws:s3:::{given['Bucket']}/{given['Key']}", {}
    elif call.service == "secretsmanager":
        yield action, given["SecretId"], {}
    else:
        yield action, f"arn:aws:ssm:{call.region}:{NUMBER}:parameter/{given['Name'].lstrip('/')}", {}


def _function(call: Call) -> str:
    given = call.parameters
    if "Resource" in given:
        return str(given["Resource"])
    arn = f"arn:aws:lambda:{call.region}:{NUMBER}:function:{given['FunctionName'].rpartition(':')[2]}"
    qualifier = given.get("Qualifier") if call.operation in QUALIFIED else None
    return f"{arn}:{qualifier}" if qualifier else arn


def _logs(call: Call, action: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    given = call.parameters
    if call.operation == "DescribeLogGroups":  # it looks through all of them
        yield action, f"arn:aws:logs:{call.region}:{NUMBER}:log-group::log-stream:", {}
        return
    if "resourceArn" in given:
        yield action, given["resourceArn"], {}
        return
    group = f"arn:aws:logs:{call.region}:{NUMBER}:log-group:{given['logGroupName']}"
    yield action, f"{group}:log-stream:{given.get('logStreamName', '')}", {}
    if call.operation == "CreateLogGroup" and given.get("tags"):
        yield "logs:TagResource", group, {}


def allowed(
    statements: Sequence[Mapping[str, Any]], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    """Whether the statements grant an action on a resource; nothing is granted that is not, and a denial wins."""
    met = [each for each in statements if _meets(each, action, resource, context)]
    return any(each["Effect"] == "Allow" for each in met) and all(each["Effect"] == "Allow" for each in met)


def _meets(statement: Mapping[str, Any], action: str, resource: str, context: Mapping[str, str]) -> bool:
    conditions = [
        (key, values)
        for kind, pairs in statement.get("Condition", {}).items()
        for key, values in _known(kind, pairs).items()
    ]
    return (
        any(_like(pattern.lower(), action.lower()) for pattern in _listed(statement["Action"]))
        and any(_like(pattern, resource) for pattern in _listed(statement["Resource"]))
        and all(context.get(key) in _listed(values) for key, values in conditions)
    )


def _known(kind: str, pairs: Mapping[str, Any]) -> Mapping[str, Any]:
    if kind != "StringEquals":
        raise ValueError(f"the emulated IAM knows no condition {kind}")
    return pairs


def _like(pattern: str, text: str) -> bool:
    expression = "".join(
        {"*": ".*", "?": "."}.get(part, re.escape(part)) for part in re.split(r"([*?])", pattern)
    )
    return re.fullmatch(expression, text, re.DOTALL) is not None


def _listed(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else value
