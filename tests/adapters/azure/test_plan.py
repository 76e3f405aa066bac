"""Plans alone: what was observed in, steps out, and no call made."""

from dataclasses import replace

import pytest

from adapters.azure.observe import App, Observed
from adapters.azure.plan import Plans
from adapters.azure.store import Record, Version
from adapters.azure.target import Target, place
from adapters.azure.wanted import fill_up
from adapters.plan import PHASES, document, show
from leanfn.errors import DeploymentError

PLACE = place("1", None, "hearts")
OLD = Version("a" * 64, "old", "3.12", "key", None, "2026-01-01T00:00:00Z")
NEW = Version("b" * 64, "new", "3.13", "key", None, "2026-01-02T00:00:00Z")
CLIENT = "11111111-2222-3333-4444-555555555555"
ID = PLACE.resource("Microsoft.Web/serverfarms")
APP = App(
    region="West Europe",
    tags={"leanfn-function": "hearts"},
    plan=ID,
    host="h",
    scm="s",
    running=True,
    python="3.12",
    memory=512,
    identity=False,
    settings={"AzureWebJobsDisableHomepage": "true", "AzureWebJobsStorage": "secret", "A": "1"},
    functions=("predict_handler",),
)
FLEX = Observed(
    group={"leanfn-function": "hearts"},
    region="westeurope",
    storage=True,
    container=True,
    workspace=True,
    component=True,
    plan="FC1",
    app=APP,
    record=Record(live=OLD),
    etag="1",
    packages=(OLD,),
)


def plans(observed):
    return Plans(PLACE, PLACE.storage, observed, "d1")


def every_plan():
    """One of each kind."""
    first = fill_up(Target(region="westeurope"), Observed())
    slots = fill_up(Target(region="westeurope", plan="EP1"), Observed())
    entra = fill_up(Target(auth="entra", client=CLIENT, secrets={"S": "vault/name"}), FLEX)
    yield plans(Observed()).deployment_of(first, NEW)
    yield plans(Observed()).deployment_of(slots, NEW)
    yield plans(Observed()).canary(slots, NEW, 0.5)
    yield plans(FLEX).deployment_of(fill_up(Target(), FLEX), NEW)
    yield plans(FLEX).deployment_of(entra, replace(NEW, auth="entra", client=CLIENT))
    yield plans(FLEX).put_back(entra)
    yield plans(replace(FLEX, record=Record(OLD, NEW))).rollback(fill_up(Target(), FLEX))
    yield plans(FLEX).destruction()


KINDS = ("first", "first with slots", "canary", "version", "entra", "put back", "rollback", "destroy")


@pytest.mark.parametrize("plan", list(every_plan()), ids=KINDS)
def test_phases_come_in_their_order_and_steps_have_names_of_their_own(plan):
    phases = [PHASES.index(step.phase) for step in plan]
    assert phases == sorted(phases)
    assert len({step.name for step in plan}) == len(plan)
    assert show(plan) and document(plan)


def test_no_plan_shows_a_secret():
    for plan in every_plan():
        assert '"secret"' not in show(plan)


def test_a_rollback_goes_back_to_the_python_of_the_version():
    observed = replace(FLEX, app=replace(APP, python="3.13"), record=Record(NEW, OLD))
    steps = {step.call: step for step in plans(observed).rollback(fill_up(Target(), observed))}
    assert steps["WebApps.Update"].arguments["python"] == "3.12"


def test_env_and_secrets_are_each_replaced_alone():
    reference = "@Microsoft.KeyVault(VaultName=vault;SecretName=name)"
    observed = replace(FLEX, app=replace(APP, settings={**APP.settings, "S": reference}))
    env = fill_up(Target(env={"B": "2"}), observed)
    assert (env.put["B"], env.drop) == ("2", ("A",))
    secrets = fill_up(Target(secrets={"A": "vault/other"}), observed)
    assert secrets.drop == ("S",)
    assert secrets.put["A"] == "@Microsoft.KeyVault(VaultName=vault;SecretName=other)"
    assert secrets.identity


def test_a_first_deployment_says_that_it_wants_a_region():
    with pytest.raises(DeploymentError, match=r"(?s)--region=REGION.*list-flexconsumption-locations"):
        fill_up(Target(), Observed())


def test_a_run_that_broke_off_is_gone_on_with():
    observed = replace(FLEX, record=Record(live=OLD, begun=NEW))
    same = fill_up(Target(), observed)
    assert "OneDeploy" in [step.call for step in plans(observed).deployment_of(same, OLD)]
    back = plans(observed).rollback(same)
    assert [step.arguments["bundle"] for step in back if step.call == "OneDeploy"] == [OLD.bundle]


def test_destroying_keeps_a_group_in_which_something_else_is():
    mine = tuple(each.lower() for each in (ID, PLACE.resource("Microsoft.Web/sites")))
    alerts = (
        PLACE.scope.lower()
        + "/providers/microsoft.insights/actiongroups/application insights smart detection"
    )
    alone = replace(FLEX, made=mine, others=(alerts,))
    assert plans(alone).destruction()[-1].call == "ResourceGroups.Delete"  # the platform put that one there
    shared = replace(alone, others=(alerts, f"{PLACE.scope}/providers/x/y/z".lower()))
    assert "ResourceGroups.Delete" not in [step.call for step in plans(shared).destruction()]
