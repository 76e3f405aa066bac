"""A function's life on Flex Consumption, from nothing to nothing."""

from dataclasses import replace

import pytest

from adapters.azure.target import Target
from emulators.azure.front import say
from leanfn.errors import DeploymentError
from leanfn.http import Request

WEST = Target(region="westeurope")


def test_a_deployment_is_live_closed_and_tagged(azure, heart_folder, versions):
    azure.deploy(heart_folder)
    assert azure.ask() == (200, versions[0])
    assert azure.ask(headers={})[0] == 401
    seen = azure.session().found()
    assert seen.app.tags["leanfn-version"] == versions[0]
    assert seen.app.tags["leanfn-bundle"] == seen.record.live.bundle
    tagged = [each for each in azure.cloud.arm.resources.values() if each.get("tags")]
    assert {each["tags"]["leanfn-function"] for each in tagged} == {"hearts"}
    assert len(tagged) == 6  # group, storage, workspace, component, plan, app


def test_nothing_changed_is_an_empty_plan(azure, heart_folder):
    azure.deploy(heart_folder)
    assert azure.deploy(heart_folder) == []
    assert azure.deploy(heart_folder, Target()) == []


def test_a_new_version_is_published_and_rolled_back_by_its_digest(
    azure, heart_folder, other_folder, versions
):
    azure.deploy(heart_folder)
    azure.deploy(other_folder)
    assert azure.ask() == (200, versions[1])
    steps = azure.rollback()
    assert azure.ask() == (200, versions[0])
    assert [step.call for step in steps].count("OneDeploy") == 1
    azure.rollback()
    assert azure.ask() == (200, versions[1])


def test_settings_alone_are_changed_without_publishing(azure, heart_folder):
    azure.deploy(heart_folder)
    steps = azure.deploy(heart_folder, Target(env={"A": "1"}, timeout=60, memory=2048))
    assert "OneDeploy" not in [step.call for step in steps]
    app = azure.session().found().app
    assert (app.settings["A"], app.settings["AzureFunctionsJobHost__functionTimeout"], app.memory) == (
        "1",
        "00:01:00",
        2048,
    )
    assert "AzureWebJobsStorage" in app.settings
    changes = [str(change) for step in steps for change in step.changes]
    assert "memory: 512 → 2048" in changes
    assert 'A: none → "1"' in changes
    azure.deploy(heart_folder, Target(env={"B": "2"}))
    settings = azure.session().found().app.settings
    assert "A" not in settings and settings["B"] == "2"
    assert settings["AzureFunctionsJobHost__functionTimeout"] == "00:01:00"


def test_public_opens_and_no_public_closes(azure, heart_folder, versions):
    azure.deploy(heart_folder)
    azure.deploy(heart_folder, Target(auth="anonymous", cors="*", api_key_sha256="ab"))
    assert azure.ask(headers={})[0] == 401  # leanfn's own key
    azure.deploy(heart_folder, Target(api_key_sha256=""))
    assert azure.ask(headers={}) == (200, versions[0])
    with pytest.raises(DeploymentError, match="--cors needs --public"):
        azure.deploy(heart_folder, Target(auth="key"))
    azure.deploy(heart_folder, Target(auth="key", cors=""))
    assert azure.ask(headers={})[0] == 401


def test_entra_asks_for_tokens_and_is_taken_away_again(azure, heart_folder, versions):
    client = "11111111-2222-3333-4444-555555555555"
    azure.deploy(heart_folder, replace(WEST, auth="entra", client=client))
    assert azure.ask() == (200, versions[0])
    assert azure.ask(headers={})[0] == 401
    assert azure.deploy(heart_folder, Target()) == []
    calls = [step.call for step in azure.deploy(heart_folder, Target(auth="key"))]
    assert calls.index("WebApps.UpdateAuthSettingsV2") > calls.index(
        "Probe"
    )  # open only what is closed by its key
    assert azure.ask(headers={})[0] == 401
    assert azure.ask() == (200, versions[0])
    calls = [step.call for step in azure.deploy(heart_folder, Target(auth="entra", client=client))]
    assert calls.index("WebApps.UpdateAuthSettingsV2") < calls.index("OneDeploy")


def test_the_home_page_is_ours(azure, heart_folder):
    azure.deploy(heart_folder)
    session = azure.session()
    response = session.calls.asked()(Request("GET", "/", {}, {}, b""))
    assert b"up and running" not in response.body


def nonsense(call, version):
    """What a function would answer that has gone wrong."""
    return say(200, [{"diagnosis": "nonsense"}] * len(call.document), x_model_version=version)


def test_a_probe_that_fails_puts_the_previous_version_and_its_settings_back(
    azure, heart_folder, other_folder, versions
):
    azure.deploy(heart_folder, replace(WEST, env={"A": "1"}))
    before = azure.session().found()
    answers = iter([False, True])  # the new version's probe, then that of the version that is put back

    azure.cloud.interfere = lambda call: (
        nonsense(call, versions[1]) if call.path == "/predict" and not next(answers) else None
    )
    with pytest.raises(DeploymentError) as refused:
        azure.deploy(other_folder, Target(env={"A": "2", "B": "3"}, memory=2048))
    text = str(refused.value)
    assert "example 0" in text and "nonsense" in text
    assert (
        f"{versions[0]} ({before.record.live.bundle[:12]}) is live again, with the settings that it had"
        in text
    )
    azure.cloud.interfere = lambda _: None
    assert azure.ask() == (200, versions[0])
    after = azure.session().found()
    assert after.app.settings == before.app.settings
    assert (after.app.memory, after.record) == (512, before.record)


def test_a_first_deployment_whose_probe_fails_answers_nobody(azure, heart_folder, versions):
    azure.cloud.interfere = lambda call: nonsense(call, versions[0]) if call.path == "/predict" else None
    with pytest.raises(DeploymentError, match="was stopped: it had no version to go back to"):
        azure.deploy(heart_folder)
    azure.cloud.interfere = lambda _: None
    assert azure.ask()[0] == 403
    azure.deploy(heart_folder)
    assert azure.ask() == (200, versions[0])


def test_destroy_leaves_nothing(azure, heart_folder):
    azure.deploy(heart_folder)
    azure.destroy()
    assert azure.cloud.arm.resources == {}
    assert azure.cloud.blobs.accounts == {}
    azure.destroy()


def test_destroy_leaves_what_leanfn_did_not_make(azure, heart_folder):
    groups, accounts = azure.clients.resources.resource_groups, azure.clients.storage.storage_accounts
    groups.create_or_update("shared", {"location": "westeurope"})
    account = {"location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    accounts.begin_create("shared", "ours", account).result()
    azure.deploy(heart_folder, group="shared", storage="ours")
    assert len(azure.cloud.arm.resources) > 2
    azure.destroy(group="shared", storage="ours")
    left = [key.rpartition("/")[2] for key in azure.cloud.arm.resources]
    assert left == ["shared", "ours"]
    assert azure.cloud.blobs.accounts == {"ours": {}}


def test_an_app_that_leanfn_did_not_make_is_refused(azure, heart_folder):
    azure.deploy(heart_folder)
    (site,) = [each for key, each in azure.cloud.arm.resources.items() if "/sites/" in key]
    site["tags"] = {"owner": "somebody"}
    with pytest.raises(DeploymentError, match="leanfn did not make it"):
        azure.deploy(heart_folder)


def test_of_two_deployments_at_once_one_wins(azure, heart_folder, other_folder, versions):
    azure.deploy(heart_folder)
    first, second = azure.session(), azure.session()
    plans = []
    for session in (first, second):
        seen = session.look()
        plans.append(session.plans(seen).deployment_of(*session.prepare(other_folder, Target(), seen)))
    first.carry_out(plans[0])
    with pytest.raises(DeploymentError, match="another deployment of this function went first"):
        second.carry_out(plans[1])
    assert azure.ask() == (200, versions[1])


def test_a_deployment_waits_for_one_that_is_under_way_and_gives_way_to_it(azure, heart_folder, other_folder):
    azure.deploy(heart_folder)
    first, second = azure.session(), azure.session()
    seen = first.look()
    steps = second.plans(second.look()).deployment_of(*second.prepare(other_folder, Target(), seen))
    first.store.claim(seen.etag)
    with pytest.raises(DeploymentError, match="another deployment"):
        second.carry_out(steps)
    first.store.release()


def test_a_region_without_flex_is_refused_before_anything_is_made(azure, heart_folder):
    with pytest.raises(
        DeploymentError, match=r"(?s)moon has no Flex Consumption\n  wanted: --region=eastus\|.*--plan=EP1"
    ):
        azure.deploy(heart_folder, Target(region="moon"))
    assert azure.cloud.arm.resources == {}


def test_old_packages_are_forgotten_but_not_those_in_use(azure, heart_folder, other_folder):
    azure.deploy(heart_folder)
    store = azure.session().store
    live = store.read()[0].live
    for number in range(12):
        store.put(replace(live, bundle=f"{number:064}", made=f"2030-01-{number + 1:02}T00:00:00Z"), b"zip")
    azure.deploy(other_folder)
    kept = [each.bundle for each in azure.session().found().packages]
    assert live.bundle in kept
    assert len(kept) == 12  # ten, the live one and the previous one
