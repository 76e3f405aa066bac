import pytest

from adapters.azure.flags import FunctionFlags
from adapters.azure.target import Target, place
from leanfn.errors import DeploymentError, UsageError


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"memory": 128}, "--memory.*one of 512, 2048, 4096 MB"),
        ({"timeout": 231}, "--timeout.*1 to 230 seconds"),
        ({"python": "3.9"}, "--python.*3.13"),
        ({"env": {"WEBSITE_X": "1"}}, "--env.*none that the platform uses"),
        ({"env": {"a-b": "1"}}, "--env"),
        ({"env": {"A": "1"}, "secrets": {"A": "vault/name"}}, "A is in --env and in --secret"),
        ({"secrets": {"A": "name"}}, "--secret.*A=VAULT/SECRET"),
        ({"auth": "entra", "client": "me"}, "--entra-client.*client id"),
    ],
)
def test_what_azure_does_not_take_is_refused_before_anything_is_asked(flags, said):
    with pytest.raises(DeploymentError, match=f"(?s){said}"):
        Target(**flags)


def test_secrets_are_references_that_the_platform_resolves():
    assert Target(secrets={"A": "vault/name"}).references == {
        "A": "@Microsoft.KeyVault(VaultName=vault;SecretName=name)"
    }


def test_names_that_are_global_have_something_of_the_subscription_in_them():
    here, there = place("1", None, "pipeline-example"), place("2", None, "pipeline-example")
    assert here.group == "leanfn-pipeline-example"
    assert here.site.startswith("pipeline-example-") and here.site != there.site
    assert here.storage != there.storage and len(here.storage) == 24


def test_a_site_is_told_apart_by_the_characters_that_the_host_looks_at():
    assert len(place("1", None, "a" * 25).site) == 32


def test_a_name_is_taken_as_it_is_or_refused():
    for name in ("Heart", "h", "heart_1", "1heart", "a" * 26, "heart-"):
        with pytest.raises(DeploymentError, match="cannot name a function"):
            place("1", None, name)
    with pytest.raises(DeploymentError, match="--group"):
        place("1", "a/b", "heart")


def test_flags_become_a_target():
    flags = FunctionFlags(public=True, cors=["https://a", "https://b"], api_key="x" * 16)
    target = flags.target("westeurope")
    assert (target.auth, target.cors, target.region) == ("anonymous", "https://a,https://b", "westeurope")
    assert len(target.api_key_sha256) == 64
    assert FunctionFlags(public=False).target(None).auth == "key"
    assert FunctionFlags(api_key="", cors=[]).target(None) == Target(api_key_sha256="", cors="")
    with pytest.raises(UsageError, match="--public lets everybody in"):
        FunctionFlags(public=True, auth="entra").target(None)
    with pytest.raises(DeploymentError, match="16 to 256 visible"):
        FunctionFlags(api_key="short").target(None)
