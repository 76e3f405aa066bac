"""Google's errors in our words: the thing, what is wrong with it, and one command to type."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from leanfn.errors import DeploymentError, LeanfnError, Transient

LOGIN = "gcloud auth application-default login"
NO_IDENTITY = (
    "these credentials can deploy but cannot call a closed function: they give no identity token\n"
    "  kind:   {kind}\n"
    f"Log in as yourself with '{LOGIN}', or impersonate a service account"
)
# What a 400 says of an account that was made a moment ago. https://cloud.google.com/iam/docs/service-accounts-create
NOT_KNOWN_YET = ("does not exist", "was not found", "not found")


@contextmanager
def told(project: str) -> Iterator[None]:
    """Whatever Google's clients raise inside leaves as one of ours; anything else is a bug and passes."""
    from google.api_core.exceptions import GoogleAPICallError, RetryError
    from google.auth.exceptions import GoogleAuthError
    from requests.exceptions import RequestException

    try:
        yield
    except LeanfnError:
        raise
    except GoogleAPICallError as error:
        raise _refused(error, project) from error
    except GoogleAuthError as error:
        raise _nobody(error) from error
    except (RequestException, RetryError) as error:
        raise Transient(f"Google does not answer\n  found:  {_first_line(error)}") from error


def _nobody(error: Exception) -> DeploymentError:
    from google.auth.exceptions import DefaultCredentialsError, RefreshError, TransportError

    if isinstance(error, TransportError):
        return Transient(f"Google does not answer\n  found:  {_first_line(error)}")
    if isinstance(error, DefaultCredentialsError):
        return DeploymentError(f"no credentials for Google on this machine\nLog in: {LOGIN}")
    if isinstance(error, RefreshError):
        return DeploymentError(
            f"the credentials for Google are no longer good\n  found:  {_first_line(error)}\nLog in again: {LOGIN}"
        )
    return DeploymentError(
        f"the credentials for Google do not work\n  found:  {_first_line(error)}\nLog in: {LOGIN}"
    )


def _refused(error: Any, project: str) -> DeploymentError:
    """One answer of Google's, by its status and the reason that it gives for programs.

    https://cloud.google.com/apis/design/errors
    """
    said, reason, about = message(error), error.reason or "", error.metadata or {}
    status = error.code or 0
    if status == 429 and "quota" in said.lower() and "per minute" not in said.lower():
        return DeploymentError(
            f"a quota of {project} is used up\n  found:  {said}\n"
            f"Ask for more: https://console.cloud.google.com/iam-admin/quotas?project={project}"
        )
    if status in (408, 429) or status >= 500:
        return Transient(f"Google asks to wait\n  found:  {status} {said}", after=_retry_after(error))
    if status == 409 and ("already exists" in said or reason == "ALREADY_EXISTS"):
        return DeploymentError(f"the name is taken\n  found:  {said}")
    if status == 409:
        return Transient(f"something else is changing it\n  found:  {said}")
    if status == 401:
        return DeploymentError(f"Google does not know who asks\n  found:  {said}\nLog in: {LOGIN}")
    if reason == "SERVICE_DISABLED":
        service = about.get("service", "cloudfunctions.googleapis.com")
        return DeploymentError(
            f"{service} is not enabled in {project}\nEnable it: gcloud services enable {service} --project={project}"
        )
    if reason in ("CONSUMER_INVALID", "USER_PROJECT_DENIED", "RESOURCE_PROJECT_INVALID"):
        return DeploymentError(
            f"there is no project {project} that these credentials may use\n  found:  {said}\n"
            "See which there are: gcloud projects list"
        )
    if reason == "BILLING_DISABLED":
        return DeploymentError(
            f"{project} has no billing account, and Cloud Functions wants one\n"
            f"Link one: gcloud billing projects link {project} --billing-account=ACCOUNT"
        )
    if status == 403:
        return _forbidden(said, about, project)
    if status == 400 and "service account" in said.lower() and any(words in said for words in NOT_KNOWN_YET):
        return Transient(f"the service account is not known everywhere yet\n  found:  {said}")
    if "allowedPolicyMemberDomains" in said or "permitted customer" in said:
        return DeploymentError(
            "the organization lets nobody make a function public\n"
            "  policy: constraints/iam.allowedPolicyMemberDomains\n"
            "Leave out --public and call it with an identity token"
        )
    return DeploymentError(f"Google refuses it\n  found:  {status} {said}")


def _forbidden(said: str, about: Any, project: str) -> DeploymentError:
    permission = about.get("permission", "")
    if not permission:
        quoted = [part for part in said.split("'") if "." in part and "/" not in part and " " not in part]
        permission = quoted[0] if quoted else "the one named above"
    role = ROLES.get(permission.partition(".")[0], "roles/cloudfunctions.admin")
    return DeploymentError(
        f"a permission is missing in {project}\n  found:  {said}\n  wanted: {permission}\n"
        f"Grant it: gcloud projects add-iam-policy-binding {project} --member=user:YOU --role={role}"
    )


ROLES = {
    "cloudfunctions": "roles/cloudfunctions.admin",
    "run": "roles/run.admin",
    "iam": "roles/iam.serviceAccountAdmin",
    "secretmanager": "roles/secretmanager.admin",
    "logging": "roles/logging.viewer",
}


def message(error: Any) -> str:
    """What Google says, without the method and address that the REST transport puts before it."""
    text = str(error.message)
    method, _, rest = text.partition(" ")
    if method in ("GET", "POST", "PUT", "PATCH", "DELETE") and rest.startswith("http"):
        text = rest.partition(": ")[2]
    return text.strip() or "no reason given"


def _retry_after(error: Any) -> float | None:
    for detail in error.details or ():
        if isinstance(detail, dict) and detail.get("@type", "").endswith("RetryInfo"):
            return float(str(detail.get("retryDelay", "0s")).removesuffix("s"))
    return None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0][:300] or type(error).__name__
