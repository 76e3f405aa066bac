"""What Azure answers when it refuses, in our words: what is wrong, on what, and the command to type next.

The codes are those of Azure Resource Manager: https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from leanfn.errors import DeploymentError, Transient

TAKEN = ("StorageAccountAlreadyTaken", "AccountNameAlreadyTaken", "WebsiteAlreadyExists")
BUSY = (
    "AnotherOperationInProgress",
    "OperationNotAllowedInProgress",
    "AccountIsBeingCreated",
    "StorageAccountOperationInProgress",
)
QUOTA = re.compile(r"(?i)quota")


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as Azure tells it; status is None where there was no answer, as without credentials."""

    status: int | None
    code: str
    said: str


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn whatever the client libraries raise into DeploymentError, or Transient where another try may help."""
    from azure.core import exceptions as core

    try:
        yield
    except core.ClientAuthenticationError as error:  # also of azure-identity, which has no response
        raise _refused(error) from error
    except core.HttpResponseError as error:
        raise _refused(error) from error
    except (core.ServiceRequestError, core.ServiceResponseError) as error:
        raise Transient(f"Azure cannot be reached: {_first(str(error))}") from error


def missing(error: Any) -> bool:
    """Whether it says that there is no such thing."""
    return getattr(error, "status_code", None) == 404 and code_of(error) != "SubscriptionNotFound"


def code_of(error: Any) -> str:
    """Azure's own word for it."""
    inner = getattr(error, "error", None)
    found = getattr(inner, "code", None) or getattr(error, "error_code", None) or ""
    return str(getattr(found, "value", found))  # the storage library has them as an enumeration


def _refused(error: Any) -> DeploymentError:
    told = Told(getattr(error, "status_code", None), code_of(error), _first(_message(error)))
    for matches, words in WORDS:
        if matches(told):
            return DeploymentError(words(told))
    if told.status in (408, 429, 500, 502, 503, 504) or told.code in BUSY:
        return Transient(f"Azure says {told.status} {told.code}: {told.said}", _after(error))
    return DeploymentError(f"Azure refuses this\n  code:   {told.code or told.status}\n  said:   {told.said}")


def _message(error: Any) -> str:
    inner = getattr(error, "error", None)
    return str(getattr(inner, "message", None) or getattr(error, "message", None) or error)


def _first(text: str) -> str:
    return " ".join(text.split())[:1000]


def _after(error: Any) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    found = str(headers.get("Retry-After", ""))
    return float(found) if found.isdigit() else None


def _no_credentials(told: Told) -> str:
    return f"nobody is signed in to Azure\n  said:   {told.said[:300]}\nSign in: az login"


def _no_subscription(told: Told) -> str:
    return (
        f"the subscription is not one that these credentials see\n  said:   {told.said}\n"
        "Look at yours with 'az account list --output table', and name one with --subscription=ID"
    )


def _not_allowed(told: Told) -> str:
    who = re.search(r"object id '([^']+)'", told.said)
    action, scope = re.search(r"action '([^']+)'", told.said), re.search(r"over scope '([^']+)'", told.said)
    where = re.sub(r"(/resourceGroups/[^/]+)/.*", r"\1", scope[1], flags=re.IGNORECASE) if scope else "SCOPE"
    return (
        "these credentials may not do this\n"
        f"  wanted: {action[1] if action else told.said}\n  on:     {scope[1] if scope else 'unknown'}\n"
        "Ask who owns it for: az role assignment create --role Contributor "
        f"--assignee {who[1] if who else 'YOU'} --scope {where}"
    )


def _not_registered(told: Told) -> str:
    name = re.search(r"namespace '([^']+)'", told.said)
    return (
        f"the subscription does not have this service yet\n  said:   {told.said}\n"
        f"Register it: az provider register --wait --namespace {name[1] if name else 'Microsoft.Web'}"
    )


def _over_quota(told: Told) -> str:
    return (
        f"the subscription's quota is used up\n  code:   {told.code}\n  said:   {told.said}\n"
        "Ask for more under 'Usage + quotas' of the subscription, or deploy to another --region"
    )


def _taken(told: Told) -> str:
    return (
        f"the name is taken, and names of sites and storage accounts are the world's\n  said:   {told.said}\n"
        "Deploy under another: --name=ANOTHER-NAME"
    )


def _no_location(told: Told) -> str:
    return f"this region does not have it\n  said:   {told.said}\nDeploy to another: --region=…"


def _locked(told: Told) -> str:
    return f"a lock or a policy of the subscription forbids this\n  said:   {told.said}\nSee: az lock list --output table"


WORDS: list[tuple[Callable[[Told], bool], Callable[[Told], str]]] = [
    (lambda told: told.status != 429 and bool(QUOTA.search(f"{told.code} {told.said}")), _over_quota),
    (lambda told: told.status in (None, 401), _no_credentials),
    (lambda told: told.code in ("SubscriptionNotFound", "InvalidSubscriptionId"), _no_subscription),
    (lambda told: told.code in ("AuthorizationFailed", "LinkedAuthorizationFailed"), _not_allowed),
    (lambda told: told.code == "MissingSubscriptionRegistration", _not_registered),
    (lambda told: told.code in TAKEN or (told.status == 409 and "already exists" in told.said), _taken),
    (lambda told: told.code.startswith("LocationNotAvailable"), _no_location),
    (lambda told: told.code in ("ScopeLocked", "RequestDisallowedByPolicy"), _locked),
]
