from hashlib import sha256

import pytest

from adapters.google.flags import FunctionFlags
from adapters.google.target import (
    BUNDLE,
    CORS,
    KEY,
    Place,
    Settings,
    percent,
    typed,
    wanted_settings,
)
from leanfn.errors import DeploymentError

PLACE = Place("p", "europe-west1", "heart")
OLD = Settings("3.12", PLACE.account, memory=512, cpu="0.333", env={"A": "1", BUNDLE: "b", KEY: "k"})


def wanted(old=OLD, **flags):
    return wanted_settings(FunctionFlags(**flags), PLACE, old)


@pytest.mark.parametrize("name", ["Heart", "1heart", "heart-", "h" * 43, "heart_1", ""])
def test_a_typed_name_is_taken_as_it_is_or_not_at_all(name):
    with pytest.raises(DeploymentError, match="wanted: 1 to 42 of a-z"):
        typed(name)


def test_an_account_of_its_own_has_a_name_that_google_takes():
    long = Place("p", "r", "a-very-long-name-of-a-function-that-is-deployed")
    name = long.account.partition("@")[0]
    assert len(name) <= 30
    assert (
        name != Place("p", "r", "a-very-long-name-of-a-function-that-is-destroyed").account.partition("@")[0]
    )


def test_a_flag_that_is_not_given_keeps_what_is_deployed():
    assert wanted() == OLD


def test_a_first_deployment_has_an_account_of_its_own_and_googles_defaults():
    assert wanted_settings(FunctionFlags(), PLACE, None) == Settings(
        "3.13", "leanfn-heart@p.iam.gserviceaccount.com"
    )


def test_variables_replace_the_users_own_and_leave_those_of_other_flags():
    env = wanted(
        env={"B": "2"}, cors=["https://a.example", "https://b.example"], api_key="0123456789abcdef"
    ).env
    digest = sha256(b"0123456789abcdef").hexdigest()
    assert env == {"B": "2", BUNDLE: "b", KEY: digest, CORS: "https://a.example,https://b.example"}


def test_an_empty_key_and_no_origins_take_them_away():
    assert KEY not in wanted(api_key="").env
    assert CORS not in wanted(cors=[]).env


def test_a_secret_without_a_version_is_its_latest():
    assert wanted(secret={"K": "name", "L": "other:3"}).secrets == {"K": "name:latest", "L": "other:3"}


def test_labels_are_made_as_google_wants_them():
    assert wanted(labels={"Team": "Data Science", "cost-centre": "42"}).labels == {
        "team": "data_science",
        "cost-centre": "42",
    }


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"memory": 300}, "--memory is no size that Google has\n  wanted: one of 128, 256"),
        ({"timeout": 0}, "wanted: 1 to 3600 seconds\n  found:  0"),
        ({"timeout": 3601}, "wanted: 1 to 3600 seconds"),
        ({"cpu": 3.0}, "--cpu is no number of CPUs"),
        ({"cpu": 0.05}, "--cpu is no number of CPUs"),
        ({"cpu": 8.0}, "8 CPUs come with more memory\n  wanted: 4096 MB or more\n  found:  512"),
        ({"concurrency": 80}, "cannot answer 80 requests at once with less than one CPU(.|\n)*Add --cpu=1"),
        ({"concurrency": 1001}, "wanted: 1 to 1000\n  found:  1001"),
        ({"min_instances": -1}, "--min-instances is out of range"),
        ({"min_instances": 5, "max_instances": 2}, "fewer instances are allowed"),
        ({"service_account": "Me"}, "names no service account"),
        ({"env": {"1A": "x"}}, "'1A' cannot name a variable"),
        ({"env": {"PORT": "1"}}, "PORT is set by Google"),
        ({"env": {KEY: "1"}}, "is set by leanfn\n  in:     --env\nUse --api-key"),
        ({"secret": {"K": "a/b"}}, "names no secret\n  wanted: K=NAME or K=NAME:VERSION"),
        ({"secret": {"K": "a:newest"}}, "names no secret"),
        ({"secret": {"A": "a"}}, "A is in --env and in --secret"),
        ({"labels": {"9": "x"}}, "cannot be a label"),
        ({"labels": {"leanfn-made": "x"}}, "neither goog nor leanfn"),
        ({"labels": {"a": "x" * 64}}, "wanted: at most 63 characters\n  found:  64"),
        ({"labels": {"A": "1", "a": "2"}}, "two of them become 'a'"),
        ({"labels": {f"a{n}": "" for n in range(61)}}, "wanted: at most 60\n  found:  61"),
    ],
)
def test_what_google_would_refuse_later_is_refused_now(flags, said):
    with pytest.raises(DeploymentError, match=said):
        wanted(**flags)


def test_many_requests_at_once_are_allowed_with_a_cpu_or_the_memory_that_brings_one():
    assert wanted(concurrency=80, cpu=1.0).concurrency == 80
    assert wanted_settings(FunctionFlags(concurrency=80, memory=2048), PLACE, None).concurrency == 80


def test_a_canarys_share_is_in_whole_percents():
    assert [percent(weight) for weight in (0.01, 0.1, 0.29, 0.99)] == [1, 10, 29, 99]


@pytest.mark.parametrize("weight", [0.0, 1.0, 0.005, -0.1, 0.125])
def test_another_share_is_refused(weight):
    with pytest.raises(DeploymentError, match=r"wanted: 0\.01 to 0\.99"):
        percent(weight)
