"""What the emulated AWS refuses and delays, asked by boto3's own clients: where a lenient double would prove nothing."""

import io
import json
import zipfile

import pytest

pytest.importorskip("boto3", reason="the clients of AWS are an extra")

from botocore.exceptions import ClientError

from tests.adapters.aws.fakes import Aws, Sdk

ROLE = "arn:aws:iam::123456789012:role/own"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


def packed(text="def handler(event, context): pass"):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as file:
        file.writestr("app.py", text)
    return data.getvalue()


@pytest.fixture(scope="module")
def sdk():
    return Sdk()


@pytest.fixture
def cloud(tmp_path, sdk):
    return Aws(tmp_path, sdk)


@pytest.fixture
def client(cloud):
    cloud.cloud.addresses.open = lambda *_: "http://127.0.0.1:1/"
    cloud.clients()["iam"].create_role(RoleName="own", AssumeRolePolicyDocument=json.dumps(TRUST))
    return cloud.clients()["lambda"]


def create(client, **given):
    return client.create_function(
        **{
            "FunctionName": "f",
            "Runtime": "python3.13",
            "Handler": "app.handler",
            "Role": ROLE,
            "Code": {"ZipFile": packed()},
            **given,
        }
    )


@pytest.fixture
def function(cloud, client):
    """A function with two versions, the first of which is live."""
    cloud.clock.sleep(10)
    create(client)
    cloud.clock.sleep(10)
    client.publish_version(FunctionName="f")
    client.update_function_code(FunctionName="f", ZipFile=packed("other = 1"))
    cloud.clock.sleep(10)
    client.publish_version(FunctionName="f")
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    return client


def refusal(call, **given):
    with pytest.raises(ClientError) as refused:
        call(**given)
    return refused.value.response["Error"]["Code"], refused.value.response["ResponseMetadata"][
        "HTTPStatusCode"
    ]


def test_a_role_takes_a_while_until_it_can_be_assumed(cloud, client):
    assert refusal(lambda: create(client)) == ("InvalidParameterValueException", 400)
    cloud.clock.sleep(10)
    create(client)


@pytest.mark.parametrize(
    "given",
    [
        {"MemorySize": 10_241},
        {"Timeout": 901},
        {"Runtime": "python9.9"},
        {"FunctionName": "a b!"},
        {"FunctionName": "x" * 200},
        {"Architectures": ["x86"]},
        {"Handler": "a b"},
        {"Code": {"ZipFile": b"junk"}},
        {"Code": {"S3Bucket": "none", "S3Key": "k"}},
        {"Role": "arn:aws:iam::123456789012:role/none"},
        {"Environment": {"Variables": {"AWS_REGION": "x"}}},
        {"Environment": {"Variables": {"LONG": "x" * 5000}}},
        {"Tags": {f"k{number}": "v" for number in range(51)}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_lambda_does_not_take_is_refused(cloud, client, given):
    cloud.clock.sleep(10)
    code, status = refusal(lambda: create(client, **given))
    assert code in ("ValidationException", "InvalidParameterValueException")
    assert status == 400


def test_a_function_is_pending_first_and_its_revision_changes_when_it_is_not(cloud, client):
    cloud.clock.sleep(10)
    made = create(client)
    assert made["State"] == "Pending"
    assert refusal(client.publish_version, FunctionName="f") == ("ResourceConflictException", 409)
    cloud.clock.sleep(10)
    found = client.get_function_configuration(FunctionName="f")
    assert found["State"] == "Active"
    assert found["RevisionId"] != made["RevisionId"]
    stale = {"FunctionName": "f", "RevisionId": made["RevisionId"]}
    assert refusal(client.publish_version, **stale) == ("PreconditionFailedException", 412)


def test_of_two_updates_at_once_the_second_waits(cloud, function):
    function.update_function_configuration(FunctionName="f", MemorySize=256)
    again = {"FunctionName": "f", "MemorySize": 512}
    assert refusal(function.update_function_configuration, **again) == ("ResourceConflictException", 409)
    cloud.clock.sleep(10)
    function.update_function_configuration(**again)


def test_publishing_what_has_not_changed_gives_the_same_version(function):
    assert function.publish_version(FunctionName="f", Description="another")["Version"] == "2"
    assert refusal(function.publish_version, FunctionName="f", CodeSha256="x" * 44)[1] == 400


@pytest.mark.parametrize(
    ("version", "weights"),
    [("1", {"9": 0.5}), ("1", {"2": 1.7}), ("1", {"1": 0.5}), ("9", {}), ("$LATEST", {"1": 0.5})],
)
def test_an_alias_takes_versions_that_are_there_and_shares_of_one(function, version, weights):
    routing = {"AdditionalVersionWeights": weights}
    given = {"FunctionName": "f", "Name": "live", "FunctionVersion": version, "RoutingConfig": routing}
    assert refusal(function.update_alias, **given)[1] in (400, 404)


def test_what_is_there_already_or_in_use_is_said_so(function):
    given = {"FunctionName": "f", "Qualifier": "live"}
    function.create_function_url_config(**given, AuthType="AWS_IAM")
    statement = {**given, "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "*"}
    function.add_permission(**statement)
    conflict = ("ResourceConflictException", 409)
    assert refusal(lambda: create(function)) == conflict
    assert refusal(function.create_alias, FunctionName="f", Name="live", FunctionVersion="1") == conflict
    assert refusal(function.create_function_url_config, **given, AuthType="NONE") == conflict
    assert refusal(function.add_permission, **statement) == conflict
    assert refusal(function.delete_function, FunctionName="f", Qualifier="1") == conflict
    alias = function.get_alias(FunctionName="f", Name="live")
    moved = {"FunctionName": "f", "Name": "live", "FunctionVersion": "2", "RevisionId": alias["RevisionId"]}
    function.update_alias(**moved)
    assert refusal(function.update_alias, **moved) == ("PreconditionFailedException", 412)


def test_a_role_with_policies_is_not_deleted(cloud, client):
    iam = cloud.clients()["iam"]
    policy = {"Version": "2012-10-17", "Statement": []}
    iam.put_role_policy(RoleName="own", PolicyName="p", PolicyDocument=json.dumps(policy))
    assert refusal(iam.delete_role, RoleName="own")[0] == "DeleteConflict"
    assert (
        refusal(iam.create_role, RoleName="own", AssumeRolePolicyDocument=json.dumps(TRUST))[0]
        == "EntityAlreadyExists"
    )
    assert (
        refusal(iam.create_role, RoleName="new", AssumeRolePolicyDocument="{}")[0]
        == "MalformedPolicyDocument"
    )


def test_a_key_that_nobody_has_is_refused(cloud):
    client = cloud.clients("AKIANOBODY0000000000")["lambda"]
    assert refusal(client.get_function, FunctionName="f") == ("UnrecognizedClientException", 403)


def test_versions_and_log_lines_come_in_pages(cloud, function):
    for number in range(60):
        function.update_function_code(FunctionName="f", ZipFile=packed(f"n = {number}"))
        cloud.clock.sleep(10)
        function.publish_version(FunctionName="f")
    first = function.list_versions_by_function(FunctionName="f")
    assert len(first["Versions"]) == 50
    rest = function.list_versions_by_function(FunctionName="f", Marker=first["NextMarker"])
    assert len(rest["Versions"]) == 13
