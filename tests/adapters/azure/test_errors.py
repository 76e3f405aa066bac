"""What a person reads when Azure refuses: each with the command to type next."""

import pytest

from adapters.azure.clients import default_subscription, open_clients
from adapters.azure.target import Target
from emulators.azure.front import say
from leanfn.errors import DeploymentError

WEST = Target(region="westeurope")
WHERE = "/subscriptions/1/resourceGroups/leanfn-hearts/providers/Microsoft.Web/sites/hearts-1a2b3c"
MAY_NOT = (
    "The client 'ada@example.com' with object id '42' does not have authorization to perform action "
    f"'Microsoft.Web/sites/write' over scope '{WHERE}' or the scope is invalid."
)


def refusing(status, code, message, path, method="PUT"):
    """An Azure that refuses one kind of call."""
    reply = say(status, {"error": {"code": code, "message": message}})
    return lambda call: reply if call.method == method and path in call.path else None


@pytest.mark.parametrize(
    ("refusal", "wanted"),
    [
        (
            refusing(403, "AuthorizationFailed", MAY_NOT, "/sites/"),
            [
                "could not create the function app hearts-",
                "wanted: Microsoft.Web/sites/write",
                f"on:     {WHERE}",
                "az role assignment create --role Contributor --assignee 42 --scope /subscriptions/1/resourceGroups/leanfn-hearts",
            ],
        ),
        (
            refusing(
                404,
                "SubscriptionNotFound",
                "The subscription '1' could not be found.",
                "/resourcegroups/",
                "GET",
            ),
            ["not one that these credentials see", "az account list --output table", "--subscription=ID"],
        ),
        (
            refusing(
                409,
                "SubscriptionIsOverQuotaForSku",
                "This region has quota of 0 instances for your subscription.",
                "/serverfarms/",
            ),
            ["could not create the plan", "quota is used up", "another --region"],
        ),
        (
            refusing(
                401,
                "Unauthorized",
                "Operation cannot be completed without additional quota.",
                "/serverfarms/",
            ),
            ["quota is used up"],
        ),
        (
            refusing(409, "Conflict", "Website with given name hearts-1a2b3c already exists.", "/sites/"),
            ["the name is taken", "--name=ANOTHER-NAME"],
        ),
        (
            refusing(
                409,
                "StorageAccountAlreadyTaken",
                "The storage account named x is already taken.",
                "/storageAccounts/",
            ),
            ["could not create the storage account", "the name is taken", "--name="],
        ),
        (
            refusing(
                403, "RequestDisallowedByPolicy", "Resource was disallowed by policy 'tags'.", "/sites/"
            ),
            ["a lock or a policy", "disallowed by policy 'tags'"],
        ),
        (
            refusing(
                400,
                "LocationNotAvailableForResourceType",
                "The provided location is not available.",
                "/serverfarms/",
            ),
            ["this region does not have it", "--region="],
        ),
        (
            refusing(
                401,
                "ExpiredAuthenticationToken",
                "The access token expiry UTC time is earlier.",
                "/resourcegroups/",
                "GET",
            ),
            ["nobody is signed in to Azure", "az login"],
        ),
        (
            refusing(400, "SomethingNew", "The moon is full.", "/sites/"),
            ["Azure refuses this", "code:   SomethingNew", "said:   The moon is full."],
        ),
    ],
    ids=lambda case: "" if callable(case) else case[-1][:30],
)
def test_a_refusal_says_what_to_do(azure, heart_folder, refusal, wanted):
    azure.cloud.interfere = refusal
    with pytest.raises(DeploymentError) as refused:
        azure.deploy(heart_folder, WEST)
    for text in wanted:
        assert text in str(refused.value)


def test_a_provider_that_cannot_be_registered_is_named(azure, heart_folder):
    """The client libraries register one by themselves where they may."""
    missing = say(
        409,
        {
            "error": {
                "code": "MissingSubscriptionRegistration",
                "message": "The subscription is not registered to use namespace 'Microsoft.Web'.",
            }
        },
    )
    azure.cloud.interfere = lambda call: (
        missing if "/serverfarms/" in call.path and call.method == "PUT" else None
    )
    with pytest.raises(DeploymentError, match=r"az provider register --wait --namespace Microsoft\.Web"):
        azure.deploy(heart_folder, WEST)


def test_a_package_that_is_no_function_app_shows_the_deployments_last_lines(azure, heart_folder):
    session = azure.session()
    wanted, version = session.prepare(heart_folder, WEST, session.look())
    session.package = b"no zip"
    with pytest.raises(DeploymentError) as refused:
        session.carry_out(
            session.plans(session.look()).deployment_of(wanted, version), wanted, session.look()
        )
    assert "the deployment failed" in str(refused.value)
    assert "File is not a zip file" in str(refused.value)


def test_a_function_that_the_host_does_not_find_is_told(azure, heart_folder, monkeypatch):
    azure.deploy(heart_folder, WEST)
    for app in azure.cloud.arm.apps.values():
        app.start = lambda app=app: app.functions.clear()
    with pytest.raises(
        DeploymentError, match=r"(?s)the host finds no function in the package.*leanfn azure logs"
    ):
        azure.deploy(heart_folder, Target(auth="anonymous"))


def test_without_a_subscription_the_message_says_how_to_get_one(tmp_path):
    with pytest.raises(DeploymentError, match=r"(?s)no subscription is named.*az login"):
        default_subscription({"AZURE_CONFIG_DIR": str(tmp_path)})
    assert default_subscription({"AZURE_SUBSCRIPTION_ID": "1"}) == "1"
    profile = '\ufeff{"subscriptions": [{"id": "2"}, {"id": "3", "isDefault": true}]}'
    (tmp_path / "azureProfile.json").write_text(profile, "utf-8")
    assert default_subscription({"AZURE_CONFIG_DIR": str(tmp_path)}) == "3"


def test_wrong_credentials_are_nobodys(azure, heart_folder):
    azure.clients = open_clients(None, {**azure.cloud.settings, "secret": "wrong"})
    with pytest.raises(
        DeploymentError, match=r"(?s)nobody is signed in to Azure.*Invalid client secret.*az login"
    ):
        azure.deploy(heart_folder, WEST)


def test_an_azure_that_cannot_be_reached_is_tried_again_and_then_told(azure, heart_folder):
    azure.deploy(heart_folder, WEST)
    azure.cloud.interfere = lambda call: (
        "dropped" if "/appsettings" in call.path and call.method == "PUT" else None
    )
    with pytest.raises(DeploymentError, match="Azure cannot be reached"):
        azure.deploy(heart_folder, Target(env={"A": "1"}))
