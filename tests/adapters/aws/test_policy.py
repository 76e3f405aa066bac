"""The least policy of a deployer: all that leanfn does is inside it, and nothing in it is more than that."""

import json

import pytest

from adapters.aws.commands import read_log
from adapters.aws.invoke import Invoker
from adapters.aws.plan import plan_destroy, plan_promote, plan_rollback
from adapters.aws.policy import deployers_policy
from adapters.aws.release import planned
from adapters.aws.target import Target
from emulators.aws import permissions
from leanfn import load
from leanfn.errors import DeploymentError
from leanfn.http import JSON, Request

USER = "AKIADEPLOYER00000000"
ROLE = "arn:aws:iam::123456789012:role/own"


@pytest.fixture
def life(aws, codes, folders):
    """All that leanfn does with a function, under a policy; the actions that were asked for."""

    def life(policy, role=None, **flags):
        account = aws.cloud.account
        account.policies[USER] = policy["Statement"]
        used = set()

        def see(call):
            if call.key == USER:
                used.update(action for action, _, _ in permissions.needed(call))

        aws.cloud.seen = see

        def deploy(number, weight=None, **more):
            site = aws.site(key=USER)
            target = Target("hearts", role=role, **{**flags, **more})
            plan = planned(site, site.see(role), target, codes[number], weight)
            site.carry_out(plan, load(folders[number]))

        def move(plan_move):
            site = aws.site(key=USER)
            site.carry_out(plan_move(site.see(role), "d"))

        deploy(0, public=True, concurrency=5, boundary="arn:aws:iam::aws:policy/PowerUserAccess")
        deploy(1, boundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
        deploy(0, 0.5, memory=256)
        move(plan_promote)
        move(plan_rollback)
        deploy(1, public=False, concurrency=0)
        site = aws.site(key=USER)
        Invoker(site.clients, "hearts", "live")(
            Request("POST", "/predict", {}, {"content-type": JSON}, b"[]")
        )
        list(read_log(site, 0, False))
        site.carry_out(plan_destroy(site.see(role)))
        return used

    return life


def actions(policy):
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def test_the_whole_life_of_a_function_keeps_within_the_least_policy(aws, life):
    policy = deployers_policy(aws.site().place)
    by_address = {"lambda:InvokeFunctionUrl"}  # asked of whoever calls the address, see below
    assert life(policy) == actions(policy) - by_address
    assert aws.cloud.resources() == []


def test_so_it_does_with_a_role_of_ones_own_a_bucket_and_a_secret(aws, life, codes, monkeypatch):
    aws.clients()["iam"].create_role(
        RoleName="own",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    aws.clock.sleep(60)
    aws.cloud.buckets.all["code"] = {}
    vault = aws.cloud.region("eu-west-1").vault
    vault.secrets["token"] = "s3cret"
    policy = deployers_policy(aws.site().place, ROLE, "code", [vault.arn("token")])
    monkeypatch.setattr("leanfn.platforms.AWS.package", 1000)  # bundles of a few KB are large then
    used = life(policy, ROLE, bucket="code", secrets={"TOKEN": vault.arn("token")})
    assert used == actions(policy) - {"lambda:InvokeFunctionUrl"}
    assert aws.cloud.buckets.all["code"] == {}
    assert not any(action.startswith("iam:Create") for action in used)


def test_no_action_is_a_wildcard_and_no_resource_is_everything(aws):
    for statement in deployers_policy(aws.site().place)["Statement"]:
        assert not any("*" in action for action in statement["Action"])
        assert not any(resource == "*" for resource in statement["Resource"])


@pytest.mark.parametrize(
    "action",
    [
        "lambda:CreateFunction",
        "lambda:PublishVersion",
        "lambda:UpdateAlias",
        "lambda:InvokeFunction",
        "iam:PassRole",
    ],
)
def test_without_one_of_its_actions_it_does_not_do(aws, life, action):
    policy = deployers_policy(aws.site().place)
    for statement in policy["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != action]
    with pytest.raises(DeploymentError, match=f"not allowed to {action}"):
        life({"Statement": [each for each in policy["Statement"] if each["Action"]]})
