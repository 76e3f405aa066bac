"""Where a plan has slots: probed before it is live, shared, swapped."""

import pytest

from adapters.azure.target import Target
from emulators.azure.front import say
from leanfn.errors import DeploymentError
from leanfn.http import Request

EP1 = Target(region="westeurope", plan="EP1")


def shares(azure, count=200):
    """How often each version answers."""
    asked = azure.session().calls.asked()
    answers = [
        asked(Request("GET", "/version", {}, {}, b"")).headers["x-model-version"] for _ in range(count)
    ]
    return {version: answers.count(version) / count for version in set(answers)}


def test_a_version_is_probed_in_the_slot_and_swapped(azure, heart_folder, other_folder, versions):
    azure.deploy(heart_folder, EP1)
    assert azure.ask() == (200, versions[0])
    calls = [step.call for step in azure.deploy(other_folder)]
    assert calls.index("ZipDeploy") < calls.index("Probe") < calls.index("WebApps.SwapSlotWithProduction")
    assert azure.ask() == (200, versions[1])
    assert azure.deploy(other_folder) == []
    steps = azure.rollback()
    assert [step.call for step in steps] == ["Blobs.Lease", "WebApps.SwapSlotWithProduction"]
    assert azure.ask() == (200, versions[0])


def test_settings_go_with_the_version_and_come_back_with_it(azure, heart_folder):
    azure.deploy(heart_folder, EP1)
    azure.deploy(heart_folder, Target(env={"A": "1"}))
    assert azure.session().found().app.settings["A"] == "1"
    azure.rollback()
    assert "A" not in azure.session().found().app.settings


def test_a_version_that_fails_its_probe_is_never_live(azure, heart_folder, other_folder, versions):
    azure.deploy(heart_folder, EP1)
    azure.cloud.interfere = lambda call: (
        say(200, [{"diagnosis": "x"}] * len(call.document), x_model_version=versions[1])
        if call.path == "/predict"
        else None
    )
    with pytest.raises(DeploymentError, match=r"could not ask the slot the examples(?s:.*)example 0"):
        azure.deploy(other_folder)
    azure.cloud.interfere = lambda _: None
    assert azure.ask() == (200, versions[0])
    with pytest.raises(DeploymentError, match="no previous version"):  # what the slot has was not probed
        azure.rollback()


def test_a_canary_gets_its_share_and_more_and_is_promoted(azure, heart_folder, other_folder, versions):
    azure.deploy(heart_folder, EP1)
    azure.canary(other_folder, 0.25)
    found = shares(azure)
    assert 0.15 < found[versions[1]] < 0.35
    steps = azure.canary(other_folder, 0.5)
    assert "ZipDeploy" not in [step.call for step in steps]
    assert 0.4 < shares(azure)[versions[1]] < 0.6
    azure.promote()
    assert shares(azure, 20) == {versions[1]: 1.0}
    azure.rollback()
    assert shares(azure, 20) == {versions[0]: 1.0}


def test_rollback_ends_a_canary_and_then_has_nothing_to_go_back_to(
    azure, heart_folder, other_folder, versions
):
    azure.deploy(heart_folder, EP1)
    azure.canary(other_folder, 0.25)
    steps = azure.rollback()
    assert [step.call for step in steps][:2] == ["Blobs.Lease", "WebApps.UpdateConfiguration"]
    assert shares(azure, 20) == {versions[0]: 1.0}
    with pytest.raises(DeploymentError, match="no previous version"):
        azure.rollback()


def test_a_canary_that_is_deployed_is_live_for_all(azure, heart_folder, other_folder, versions):
    azure.deploy(heart_folder, EP1)
    azure.canary(other_folder, 0.25)
    azure.deploy(other_folder)
    assert shares(azure, 20) == {versions[1]: 1.0}
    with pytest.raises(DeploymentError, match="is live for all"):
        azure.canary(other_folder, 0.25)


def test_promote_without_a_canary_says_how_to_begin_one(azure, heart_folder):
    azure.deploy(heart_folder, EP1)
    with pytest.raises(DeploymentError, match=r"(?s)has no canary.*leanfn azure canary"):
        azure.promote()


def test_memory_is_the_plans_there(azure, heart_folder):
    with pytest.raises(DeploymentError, match="the memory of a function on EP1 is its plan's"):
        azure.deploy(heart_folder, Target(region="westeurope", plan="EP1", memory=2048))


def test_a_function_stays_on_its_plan_and_in_its_region(azure, heart_folder):
    azure.deploy(heart_folder, EP1)
    with pytest.raises(DeploymentError, match="stays on its plan"):
        azure.deploy(heart_folder, Target(plan="FC1"))
    with pytest.raises(DeploymentError, match="stays where it is"):
        azure.deploy(heart_folder, Target(region="eastus"))


def test_a_plan_that_is_there_is_used_and_kept(azure, heart_folder):
    azure.clients.resources.resource_groups.create_or_update("shared", {"location": "westeurope"})
    plan = {"location": "westeurope", "sku": {"name": "P1v3"}, "properties": {"reserved": True}}
    plan = azure.clients.web.app_service_plans.begin_create_or_update("shared", "big", plan).result()
    azure.deploy(heart_folder, Target(region="westeurope", plan=plan.id))
    azure.deploy(heart_folder)
    azure.destroy()
    assert [key.rpartition("/")[2] for key in azure.cloud.arm.resources] == ["shared", "big"]


def test_a_plan_that_is_not_there_or_has_no_slots_is_refused(azure, heart_folder):
    azure.clients.resources.resource_groups.create_or_update("leanfn-hearts", {"location": "westeurope"})
    nowhere = azure.session().place.resource("Microsoft.Web/serverfarms", "nowhere")
    with pytest.raises(DeploymentError, match=r"(?s)a plan that is there is one with slots.*found:  none at"):
        azure.deploy(heart_folder, Target(region="westeurope", plan=nowhere))


def test_destroy_leaves_nothing_of_slots_either(azure, heart_folder):
    azure.deploy(heart_folder, EP1)
    azure.destroy()
    assert azure.cloud.arm.resources == {} and azure.cloud.arm.apps == {}
