"""From nothing to rollback on a cloud in this process: which calls are made, and what they leave."""

import json

import pytest

from adapters.aws.plan import plan_destroy, plan_promote, plan_rollback
from adapters.aws.release import planned
from adapters.aws.target import Target
from adapters.plan import PHASES
from leanfn import load
from leanfn.errors import DeploymentError


@pytest.fixture
def deploy(aws, codes, folders):
    """Deploys the first or the second artifact; the plan that was carried out."""

    def deploy(number=0, weight=None, site=None, **flags):
        site = site or aws.site()
        target = Target("hearts", **flags)
        plan = planned(site, site.see(target.role), target, codes[number], weight)
        site.carry_out(plan, load(folders[number]))
        return plan

    return deploy


@pytest.fixture
def move(aws):
    def move(plan_move):
        site = aws.site()
        plan = plan_move(site.see(), site.journal.deployment)
        site.carry_out(plan)
        return plan

    return move


def live(aws):
    alias = aws.functions["hearts"].aliases["live"]
    return alias.version, alias.weights


def names(plan):
    return [step.call for step in plan]


def test_a_first_deployment_makes_what_a_function_needs_and_nothing_else(aws, deploy):
    plan = deploy()
    assert names(plan) == [
        "CreateLogGroup", "PutRetentionPolicy", "CreateRole", "PutRolePolicy", "CreateFunction", "Wait",
        "PublishVersion", "Probe", "CreateAlias", "CreateFunctionUrlConfig",
    ]  # fmt: skip
    assert live(aws) == ("1", {})
    assert aws.cloud.resources() == [
        "arn:aws:iam::123456789012:role/leanfn-hearts-eu-west-1",
        "arn:aws:lambda:eu-west-1:123456789012:function:hearts",
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hearts",
    ]


def test_a_default_plan_grants_nothing_to_the_public_and_names_every_action_and_resource(aws, codes):
    site = aws.site()
    plan = planned(site, site.see(), Target("hearts"), codes[0], None)
    assert not {"AddPermission", "UpdateFunctionUrlConfig"} & set(names(plan))
    (url,) = [step for step in plan if step.call == "CreateFunctionUrlConfig"]
    assert url.arguments["AuthType"] == "AWS_IAM"
    policies = [json.loads(step.arguments["PolicyDocument"]) for step in plan if step.call == "PutRolePolicy"]
    (statement,) = [each for policy in policies for each in policy["Statement"]]
    assert statement["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    # the streams of its own log, whose names Lambda makes up, and no more
    group = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hearts"
    assert statement["Resource"] == f"{group}:*"
    assert '"*"' not in json.dumps([dict(step.arguments) for step in plan], default=str)


def test_the_same_again_changes_nothing(aws, deploy):
    deploy()
    sent = len(aws.wire.sent)
    assert deploy() == []
    changing = [request for request in aws.wire.sent[sent:] if request.method in ("PUT", "DELETE")]
    assert changing == []


def test_another_artifact_becomes_a_version_and_then_live(aws, deploy):
    deploy()
    plan = deploy(1)
    assert names(plan) == [
        "UpdateFunctionConfiguration", "Wait", "UpdateFunctionCode", "Wait", "PublishVersion", "Probe", "UpdateAlias",
        "TagResource",
    ]  # fmt: skip
    assert live(aws) == ("2", {})
    assert aws.functions["hearts"].tags["leanfn-artifact"] == plan[-1].arguments["Tags"]["leanfn-artifact"]


def test_what_was_deployed_before_is_pointed_to_again(aws, deploy):
    deploy()
    deploy(1)
    assert names(deploy()) == ["Probe", "UpdateAlias", "TagResource"]
    assert live(aws) == ("1", {})


def test_a_canary_has_its_share_until_it_is_promoted(aws, deploy, move):
    deploy()
    deploy(1, 0.25)
    assert live(aws) == ("1", {"2": 0.25})
    assert names(deploy(1, 0.5)) == ["UpdateAlias"]
    assert live(aws) == ("1", {"2": 0.5})
    assert names(move(plan_promote)) == ["UpdateAlias"]
    assert live(aws) == ("2", {})


def test_a_rollback_is_one_call_and_ends_a_canary_first(aws, deploy, move):
    deploy()
    deploy(1)
    deploy(0, 0.1, memory=256)
    assert names(move(plan_rollback)) == ["UpdateAlias"]
    assert live(aws) == ("2", {})
    assert names(move(plan_rollback)) == ["UpdateAlias"]
    assert live(aws) == ("1", {})
    with pytest.raises(DeploymentError, match="no version to go back to"):
        move(plan_rollback)


def test_a_canary_of_nothing_is_refused(aws, deploy, move):
    with pytest.raises(DeploymentError, match="not live in eu-west-1"):
        deploy(0, 0.1)
    deploy()
    with pytest.raises(DeploymentError, match="has no canary"):
        move(plan_promote)
    with pytest.raises(DeploymentError, match="runs this artifact already"):
        deploy(0, 0.1)


@pytest.mark.parametrize("weight", [0.0, 1.0, -0.1, 1.5])
def test_a_share_is_between_nothing_and_all(deploy, weight):
    with pytest.raises(DeploymentError, match="is the share of calls"):
        deploy(0, weight)


def test_public_takes_both_grants_and_no_public_takes_them_back(aws, deploy):
    deploy(public=True)
    function = aws.functions["hearts"]
    assert function.urls["live"]["AuthType"] == "NONE"
    assert {each["Action"] for each in function.policies["live"]} == {
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
    }
    assert deploy() == []  # a flag that is not given keeps what is deployed
    plan = deploy(public=False)
    assert names(plan)[1:] == ["UpdateFunctionUrlConfig", "RemovePermission", "RemovePermission"]
    assert function.urls["live"]["AuthType"] == "AWS_IAM"
    assert function.policies["live"] == []


def test_flags_that_are_not_given_keep_what_is_deployed(aws, deploy):
    deploy(
        memory=256,
        timeout=9,
        env={"AA": "1"},
        cors=("https://a.example",),
        tags={"team": "red"},
        concurrency=5,
    )
    plan = deploy(1)
    settings = aws.functions["hearts"].versions[-1].settings
    assert (settings["MemorySize"], settings["Timeout"]) == (256, 9)
    assert settings["Environment"]["Variables"] == {"AA": "1", "LEANFN_CORS": "https://a.example"}
    assert aws.functions["hearts"].tags["team"] == "red"
    assert aws.functions["hearts"].concurrency == 5
    assert [
        change for step in plan if step.call == "UpdateFunctionConfiguration" for change in step.changes
    ] == []
    deploy(1, env={}, cors=(), concurrency=0)
    assert aws.functions["hearts"].versions[-1].settings["Environment"]["Variables"] == {}
    assert aws.functions["hearts"].concurrency is None


def test_a_plan_tells_old_and_new(deploy):
    deploy()
    changes = [str(change) for step in deploy(memory=512) for change in step.changes]
    assert changes == ["memory: 128 → 512", 'live version: "1" → "<Version of version>"']


def test_every_plan_keeps_to_the_order_of_phases(deploy, aws, move):
    plans = [
        deploy(public=True),
        deploy(1, concurrency=2),
        deploy(0, public=False),
        deploy(0, 0.2, memory=256),
    ]
    plans += [move(plan_promote), move(plan_rollback), plan_destroy(aws.site().see())]
    for plan in plans:
        phases = [PHASES.index(step.phase) for step in plan]
        assert phases == sorted(phases)


def test_destroying_leaves_nothing_behind(aws, deploy):
    deploy()
    site = aws.site()
    site.carry_out(plan_destroy(site.see()))
    assert aws.cloud.resources() == []
    assert plan_destroy(site.see()) == []


def test_destroying_leaves_what_leanfn_did_not_make(aws, deploy):
    aws.clients()["logs"].create_log_group(logGroupName="/aws/lambda/hearts")
    deploy()
    site = aws.site()
    site.carry_out(plan_destroy(site.see()))
    assert aws.cloud.resources() == ["arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/hearts"]


def test_a_probe_that_fails_leaves_the_old_version_live_and_says_how_it_differs(aws, codes, folders, deploy):
    deploy()
    site = aws.site()
    plan = planned(site, site.see(), Target("hearts"), codes[1], None)
    with pytest.raises(DeploymentError) as failed:
        site.carry_out(plan, load(folders[0]))  # the code is another artifact's than the examples
    assert "version 2 was not made live" in str(failed.value)
    assert "another version answers" in str(failed.value)
    assert live(aws) == ("1", {})


def test_a_function_that_leanfn_did_not_make_is_refused(aws, deploy):
    deploy()
    aws.functions["hearts"].tags = {}
    with pytest.raises(DeploymentError, match="leanfn did not make it"):
        deploy(1)
