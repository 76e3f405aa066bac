"""What Google's errors become for a person: what is wrong, and what to type."""

import pytest
import requests
from google.api_core.exceptions import (
    BadRequest,
    Conflict,
    Forbidden,
    GatewayTimeout,
    InternalServerError,
    NotFound,
    TooManyRequests,
    Unauthorized,
)
from google.auth.exceptions import (
    DefaultCredentialsError,
    MutualTLSChannelError,
    RefreshError,
    TransportError,
)

from adapters.google.ask import ask
from adapters.google.errors import told
from emulators.google.front import Front, Passage
from emulators.google.instances import Answer
from leanfn.errors import DeploymentError, Transient
from leanfn.http import Request


class Info:
    """google.rpc.ErrorInfo as the client libraries hand it on."""

    def __init__(self, reason, **metadata):
        self.reason, self.metadata = reason, metadata

    def get(self, name, default=None):
        return getattr(self, name, default)


def refused(kind, message="said", reason=None, details=(), **about):
    error = kind(message, details=details)
    if reason is not None:
        error._error_info = Info(reason, **about)
    return error


def told_of(error):
    with pytest.raises(DeploymentError) as found, told("my-project"):
        raise error
    return found.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        pytest.param(
            DefaultCredentialsError("x"),
            "no credentials for Google on this machine\nLog in: gcloud auth application-default login",
            id="no credentials",
        ),
        pytest.param(
            RefreshError("invalid_grant: Token has been expired or revoked."),
            "the credentials for Google are no longer good\n  found:  invalid_grant: Token has been expired or revoked.\n"
            "Log in again: gcloud auth application-default login",
            id="expired",
        ),
        pytest.param(
            MutualTLSChannelError("x"),
            "the credentials for Google do not work\n  found:  x\nLog in: gcloud auth application-default login",
            id="other credentials",
        ),
        pytest.param(
            refused(Forbidden, reason="SERVICE_DISABLED", service="run.googleapis.com"),
            "run.googleapis.com is not enabled in my-project\n"
            "Enable it: gcloud services enable run.googleapis.com --project=my-project",
            id="API not enabled",
        ),
        pytest.param(
            refused(Forbidden, "Permission denied on resource project x.", reason="CONSUMER_INVALID"),
            "there is no project my-project that these credentials may use\n"
            "  found:  Permission denied on resource project x.\nSee which there are: gcloud projects list",
            id="wrong project",
        ),
        pytest.param(
            refused(Forbidden, reason="BILLING_DISABLED"),
            "my-project has no billing account, and Cloud Functions wants one\n"
            "Link one: gcloud billing projects link my-project --billing-account=ACCOUNT",
            id="no billing",
        ),
        pytest.param(
            refused(
                Forbidden,
                "POST https://x.googleapis.com/v2/y: Permission 'iam.serviceAccounts.create' denied on resource"
                " 'projects/my-project' (or it may not exist).",
            ),
            "a permission is missing in my-project\n"
            "  found:  Permission 'iam.serviceAccounts.create' denied on resource 'projects/my-project'"
            " (or it may not exist).\n"
            "  wanted: iam.serviceAccounts.create\n"
            "Grant it: gcloud projects add-iam-policy-binding my-project --member=user:YOU"
            " --role=roles/iam.serviceAccountAdmin",
            id="missing permission, in the text",
        ),
        pytest.param(
            refused(Forbidden, "no", reason="IAM_PERMISSION_DENIED", permission="run.services.setIamPolicy"),
            "a permission is missing in my-project\n  found:  no\n  wanted: run.services.setIamPolicy\n"
            "Grant it: gcloud projects add-iam-policy-binding my-project --member=user:YOU --role=roles/run.admin",
            id="missing permission, for programs",
        ),
        pytest.param(
            refused(Unauthorized, "no token"),
            "Google does not know who asks\n  found:  no token\nLog in: gcloud auth application-default login",
            id="nobody",
        ),
        pytest.param(
            refused(TooManyRequests, "Quota exceeded for total allowable CPU per project per region."),
            "a quota of my-project is used up\n"
            "  found:  Quota exceeded for total allowable CPU per project per region.\n"
            "Ask for more: https://console.cloud.google.com/iam-admin/quotas?project=my-project",
            id="quota",
        ),
        pytest.param(
            refused(Conflict, "Resource 'x' already exists"),
            "the name is taken\n  found:  Resource 'x' already exists",
            id="name taken",
        ),
        pytest.param(
            refused(
                BadRequest, "One or more users named in the policy do not belong to a permitted customer."
            ),
            "the organization lets nobody make a function public\n"
            "  policy: constraints/iam.allowedPolicyMemberDomains\n"
            "Leave out --public and call it with an identity token",
            id="public is forbidden",
        ),
        pytest.param(refused(NotFound, "x"), "Google refuses it\n  found:  404 x", id="anything else"),
    ],
)
def test_what_will_not_pass_by_itself_is_told_with_what_to_type(error, said):
    found = told_of(error)
    assert str(found) == said
    assert not isinstance(found, Transient)


@pytest.mark.parametrize(
    "error",
    [
        refused(TooManyRequests, "Quota exceeded for quota metric 'Write requests' per minute"),
        refused(InternalServerError),
        refused(GatewayTimeout),
        refused(Conflict, "An operation on function x is already in progress. Please try again later."),
        refused(BadRequest, "Service account a@b.iam.gserviceaccount.com does not exist."),
        TransportError("refused"),
        requests.ConnectionError("refused"),
        requests.Timeout("too long"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_may_pass_by_itself_is_tried_again(error):
    assert isinstance(told_of(error), Transient)


def test_a_pause_that_google_asks_for_is_kept():
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7.5s"}]
    assert told_of(refused(TooManyRequests, "slow down", details=details)).after == 7.5


def test_a_bug_stays_a_bug():
    with pytest.raises(KeyError), told("p"):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (401, DeploymentError, "does not take this identity"),
        (403, Transient, "gcloud run services add-iam-policy-binding"),
        (404, Transient, "is not ready\n  found:  404"),
        (503, Transient, "is not ready\n  found:  503"),
    ],
)
def test_an_answer_of_googles_front_is_told_from_the_functions_own(status, kind, said):
    front = Front(Passage(lambda _: None, lambda *_: Answer(status, [], b"<html>no</html>")))
    own = Front(Passage(lambda _: None, lambda *_: Answer(status, [("x-request-id", "1")], b"{}")))
    try:
        with pytest.raises(kind, match=said):
            ask(front.url, Request(), "token")
        assert ask(own.url, Request(), "token").status == status
    finally:
        front.close()
        own.close()


def test_an_address_that_does_not_answer_is_tried_again():
    with pytest.raises(Transient, match="does not answer"):
        ask("http://127.0.0.1:1", Request(), None)
