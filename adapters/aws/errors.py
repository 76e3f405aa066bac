"""What botocore raises, in our own words: what is worth another try, and what a person can do about the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from leanfn.errors import DeploymentError, Transient

# https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
THROTTLED = {
    "TooManyRequestsException", "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
    "RequestThrottled", "SlowDown", "ConcurrentModification", "ConcurrentModificationException", "OperationAbortedException",
}  # fmt: skip
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
UNKNOWN_KEY = {
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AuthFailure",
    "InvalidSignatureException", "MissingAuthenticationToken",
}  # fmt: skip
DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
# A role takes seconds until Lambda may assume it, and its key grants follow later still.
NOT_YET = ("cannot be assumed by Lambda", "KMS key is invalid for CreateGrant")


def ask(method: Callable[..., Any], **arguments: Any) -> Any:
    """Call a client's method; DeploymentError when it is refused, Transient when another try may do."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return method(**arguments)
    except ResponseParserError as error:  # something between here and AWS has spoken
        raise Transient(f"the answer is none of AWS's\n  said: {error}") from error
    except (ClientError, BotoCoreError) as error:
        raise explained(error) from error


def code(error: DeploymentError) -> str:
    """AWS's own code of what was refused; nothing when no service has spoken."""
    response = getattr(error.__cause__, "response", None)
    return str(response["Error"]["Code"]) if isinstance(response, dict) else ""


def explained(error: Exception) -> DeploymentError:
    """What a person reads of it."""
    from botocore import exceptions

    if isinstance(error, exceptions.ClientError):
        return _refused(error.operation_name, error.response)
    if isinstance(error, exceptions.NoCredentialsError | exceptions.PartialCredentialsError):
        return DeploymentError(
            "AWS does not know who you are\n  wanted: credentials, in the environment or in a profile\n"
            "  found:  none\nSign in with 'aws configure' or 'aws sso login', or name a profile with --profile"
        )
    if isinstance(error, exceptions.TokenRetrievalError | exceptions.UnauthorizedSSOTokenError):
        return _expired(str(error))
    if isinstance(error, exceptions.EndpointConnectionError):
        return Transient(
            f"nothing answers at {error.kwargs.get('endpoint_url')}\n"
            "  wanted: a region that AWS has, and a network\nName the region with --region, such as --region=eu-west-1"
        )
    if isinstance(error, exceptions.HTTPClientError):
        return Transient(f"no answer came: {error}")
    return DeploymentError(f"AWS cannot be asked: {error}")


def _refused(operation: str, response: dict[str, Any]) -> DeploymentError:
    said = response.get("Error", {})
    name, message = said.get("Code", ""), said.get("Message", "")
    metadata = response.get("ResponseMetadata", {})
    status = metadata.get("HTTPStatusCode", 0)
    if name in THROTTLED or status == 429:
        after = metadata.get("HTTPHeaders", {}).get("retry-after", "")
        return Transient(
            f"AWS asks for fewer calls ({operation})\n  said: {message}",
            float(after) if after.isdigit() else None,
        )
    if status >= 500:
        return Transient(f"AWS had an error of its own ({operation})\n  said: {name} {message}".rstrip())
    if any(text in message for text in NOT_YET):
        return Transient(f"the role is not known to Lambda yet\n  said: {message}")
    if name in EXPIRED:
        return _expired(message)
    if name in UNKNOWN_KEY:
        return DeploymentError(
            f"AWS does not take these credentials\n  said: {message}\n"
            "Look at what 'aws sts get-caller-identity' says, or name a profile with --profile"
        )
    if name in DENIED:
        return _denied(operation, message)
    return DeploymentError(f"AWS refuses {operation}\n  said: {name}: {message}{_advice(name, message)}")


def _expired(message: str) -> DeploymentError:
    return DeploymentError(
        f"the credentials have expired\n  said: {message}\nSign in again with 'aws sso login', or renew the session's keys"
    )


def _denied(operation: str, message: str) -> DeploymentError:
    """Which action, on what, and the statement that would allow it."""
    found = re.search(r"perform: (\S+)(?: on resource: (\S+))?", message)
    if found is None:
        return DeploymentError(f"AWS does not allow {operation}\n  said: {message}\n{POLICY}")
    action, resource = found[1], found[2] or "*"
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return DeploymentError(
        f"you are not allowed to {action}\n  on:   {resource}\n  said: {message}\n"
        f"Ask for this statement: {json.dumps(statement)}\n{POLICY}"
    )


POLICY = "'leanfn aws policy' prints all that a deployer needs"


def _advice(name: str, message: str) -> str:
    if name in ("CodeStorageExceededException", "RequestEntityTooLargeException"):
        return "\nRemove functions or versions that you no longer need, or make the artifact smaller"
    if "UnreservedConcurrentExecution" in message:
        return "\nReserve less with --max-concurrency, or ask AWS for a higher limit"
    if name in ("NoSuchBucket", "PermanentRedirect"):
        return "\nName a bucket of the same region with --bucket"
    return ""
