"""What a person reads when AWS refuses: the thing, what is wrong, and what to type next."""

import re

import pytest
from botocore.exceptions import EndpointConnectionError

from adapters.aws.clients import clients
from adapters.aws.errors import ask
from adapters.aws.release import planned
from adapters.aws.target import Target
from emulators.aws.account import Refused
from emulators.aws.wire import refuse
from leanfn.errors import DeploymentError, Transient

USER = "AKIAUSER000000000000"


def refusal(aws, code, message, status=None):
    """What is said when the first call is refused so."""
    error = Refused(code, message, status)
    aws.wire.fault = lambda number, service, send: refuse(service, error)
    with pytest.raises(DeploymentError) as told:
        ask(aws.clients()["lambda"].get_function, FunctionName="hearts")
    return told.value


def test_a_missing_permission_names_action_resource_and_the_statement_to_ask_for(aws, codes):
    allowed = {"Effect": "Allow", "Action": ["lambda:*", "logs:*", "iam:Get*"], "Resource": "*"}
    aws.cloud.account.policies[USER] = [allowed]
    site = aws.site(key=USER)
    with pytest.raises(DeploymentError) as told:
        site.carry_out(planned(site, site.see(), Target("hearts"), codes[0], None))
    text = str(told.value)
    role = "arn:aws:iam::123456789012:role/leanfn-hearts-eu-west-1"
    assert "you are not allowed to iam:CreateRole" in text
    assert f'{{"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "{role}"}}' in text
    assert "leanfn aws policy" in text


@pytest.mark.parametrize(
    ("code", "message", "status", "said"),
    [
        (
            "ExpiredTokenException",
            "The security token included in the request is expired",
            403,
            "aws sso login",
        ),
        ("UnrecognizedClientException", "The security token is invalid.", 403, "--profile"),
        ("CodeStorageExceededException", "Code storage limit exceeded.", 400, "Remove functions or versions"),
        (
            "InvalidParameterValueException",
            "… decreases account's UnreservedConcurrentExecution below …",
            400,
            "--max-concurrency",
        ),
    ],
)
def test_a_refusal_ends_with_what_to_do(aws, code, message, status, said):
    error = refusal(aws, code, message, status)
    assert not isinstance(error, Transient)
    assert said in str(error).splitlines()[-1]


@pytest.mark.parametrize(
    ("code", "message", "status"),
    [
        ("TooManyRequestsException", "Rate exceeded", 429),
        ("ThrottlingException", "Rate exceeded", 400),
        ("ServiceException", "", 500),
        (
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
            400,
        ),
    ],
)
def test_what_passes_by_itself_is_worth_another_try(aws, code, message, status):
    assert isinstance(refusal(aws, code, message, status), Transient)


def test_the_seconds_that_aws_asks_for_are_known(aws):
    error = Refused("TooManyRequestsException", "", 429, {"retry-after": "7"})
    aws.wire.fault = lambda number, service, send: refuse(service, error)
    with pytest.raises(Transient) as told:
        ask(aws.clients()["lambda"].get_function, FunctionName="hearts")
    assert told.value.after == 7.0


def test_a_region_that_is_none_is_said_so(aws):
    def nowhere(number, service, send):
        raise EndpointConnectionError(endpoint_url="https://lambda.eu-wset-1.amazonaws.com")

    aws.wire.fault = nowhere
    with pytest.raises(Transient, match=r"(?s)lambda\.eu-wset-1.*--region=eu-west-1"):
        ask(aws.clients()["lambda"].get_function, FunctionName="hearts")


@pytest.fixture
def nobody(monkeypatch, tmp_path):
    """A machine on which nobody has signed in."""
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_without_credentials_it_says_how_to_sign_in(nobody):
    made = clients("eu-west-1", None, None)
    with pytest.raises(DeploymentError, match=r"(?s)does not know who you are.*aws configure"):
        ask(made["sts"].get_caller_identity)


def test_without_a_region_it_says_how_to_name_one(nobody):
    with pytest.raises(DeploymentError, match=r"(?s)no region is named.*--region=eu-west-1"):
        clients(None, None, None)


def test_a_profile_that_is_not_there_is_said_so(nobody):
    with pytest.raises(DeploymentError, match=r"(?s)\.\./\.\./x.*--profile"):
        clients("eu-west-1", "../../x", None)


def test_a_function_that_is_not_there_is_said_so(aws):
    with pytest.raises(DeploymentError, match=re.escape("there is no function hearts\n  in:   eu-west-1")):
        aws.site().see_deployed()
