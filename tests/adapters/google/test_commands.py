"""The commands at an emulated cloud, through Google's own clients. Instances answer in this process."""

import base64
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
import requests

from adapters.flags import How
from adapters.google import commands, show
from adapters.google.commands import call as call_once
from adapters.google.commands import move, remove, ship
from adapters.google.flags import FunctionFlags, Where
from adapters.google.logs import line, read_log
from adapters.google.observe import EVERYBODY, observe
from adapters.google.plan import plan_promote, plan_rollback
from adapters.plan import PHASES
from emulators.google.rest import Refused
from leanfn import load
from leanfn.errors import ArtifactError, DeploymentError
from leanfn.http import Request, encode

HOW = How()
START = datetime.now(UTC) - timedelta(minutes=5)


def deploy(session, artifact, share=100, how=HOW, **flags):
    """What the command prints on stdout."""
    session.screen.stdout.truncate(0)
    session.screen.stdout.seek(0)
    ship(session, artifact, FunctionFlags(**flags), how, share=share)
    return session.screen.stdout.getvalue()


def seen(session):
    return observe(session.clients, session.place)


def call(session, row, token=None, **headers):
    """A caller's own request; token: an identity token of the owner's when not given, none when empty."""
    url = session.clients.get_service(session.place.service).uri
    if token is None:
        token = session.clients.identity_token(url)
    given = {"authorization": f"Bearer {token}", **headers} if token else headers
    return requests.post(url, json=row, headers=given, timeout=10)


@pytest.fixture
def session(project):
    return project.session()


@pytest.fixture
def deployed(session, heart_folder):
    deploy(session, heart_folder)
    return session


def test_a_first_deployment_is_closed_and_probed_before_it_is_live(project, session, heart_folder, patient):
    deploy(session, heart_folder)
    found = seen(session)
    (share,) = found.shares
    assert (share.percent, share.tag) == (100, "live")
    assert project.runtime.asked[share.revision] >= 50
    assert not found.public
    assert call(session, patient).json() == {"diagnosis": "heart-disease"}
    assert call(session, patient, token="").status_code == 403
    assert call(session, patient, token="x.y.z").status_code == 401


def test_the_account_is_the_functions_own_and_has_no_role(project, deployed):
    account = deployed.place.account
    function = project.cloud.functions.functions[deployed.place.function]
    assert function.service_config.service_account_email == account
    description = project.cloud.accounts.accounts[account]["description"]
    assert description == f"made by leanfn for the function {deployed.place.name}"
    bound = json.dumps(list(project.cloud.accounts.policies.values()))
    assert account not in bound


def test_everything_made_says_what_it_is(project, deployed, heart_folder):
    labels = dict(project.cloud.functions.functions[deployed.place.function].labels)
    assert labels["leanfn-made"] == "true"
    assert labels["leanfn-version"] == load(heart_folder).version
    bundle = project.bundle(heart_folder, "google", None, "3.13")
    assert bundle.digest.startswith(labels["leanfn-bundle"])
    assert len(labels["leanfn-deployment"]) == 16


def test_nothing_changed_nothing_called(project, deployed, heart_folder):
    project.faults.clear()
    assert "nothing to do" in deploy(deployed, heart_folder)
    assert project.faults.seen == []


def test_a_new_artifact_gets_no_traffic_until_it_is_probed(project, deployed, other_folder, patient):
    old = seen(deployed).shares[0].revision
    deploy(deployed, other_folder)
    now = {share.tag: (share.revision, share.percent) for share in seen(deployed).shares}
    assert now["prev"] == (old, 0)
    assert now["live"][1] == 100
    assert project.runtime.asked[now["live"][0]] >= 50
    assert call(deployed, patient).json() == {"diagnosis": "ill"}


def test_the_first_traffic_is_pinned_before_a_new_revision_could_get_it(
    project, session, heart_folder, other_folder
):
    """The probe of the first one is refused, so its traffic still follows the newest revision."""
    project.faults.arm(
        4, Refused(403, "PERMISSION_DENIED", "no")
    )  # account, upload, its PUT, function: then the address
    with pytest.raises(DeploymentError, match="could not give the new revision an address"):
        deploy(session, heart_folder)
    assert seen(session).floating
    project.faults.clear()
    plan = json.loads(deploy(session, other_folder, how=How(dry_run=True, json=True)))
    assert plan[0]["why"] == "keep the traffic where it is"
    deploy(session, other_folder)
    assert not seen(session).floating


def test_a_failed_probe_leaves_the_old_version_live_and_says_what_differs(
    project, deployed, heart_folder, tmp_path, patient
):
    """The artifact on this machine is not the one that the function runs: its examples say other answers."""
    lying = tmp_path / "hearts"
    shutil.copytree(heart_folder, lying)
    examples, manifest = lying / "examples.json", lying / "manifest.json"
    document = json.loads(examples.read_text())
    document["answers"]["predict_proba"][0] = [0.25, 0.75]
    examples.write_text(json.dumps(document))
    members = json.loads(manifest.read_text())
    data = examples.read_bytes()
    members["members"]["examples.json"] = {"sha256": sha256(data).hexdigest(), "size": len(data)}
    manifest.write_text(json.dumps(members))
    before = seen(deployed).shares
    with pytest.raises(
        DeploymentError,
        match=r"failed its probe, and nothing was sent to it(.|\n)*at example 0\n  row: (.|\n)*wanted:",
    ):
        deploy(deployed, lying)
    after = [share for share in seen(deployed).shares if share.percent]
    assert after == [share for share in before if share.percent]
    assert call(deployed, patient).json() == {"diagnosis": "heart-disease"}


def test_a_canary_gets_its_share_and_again_only_moves_it(project, deployed, other_folder, patient):
    deploy(deployed, other_folder, share=25)
    token = deployed.clients.identity_token(seen(deployed).url)
    answers = [call(deployed, patient, token).json()["diagnosis"] for _ in range(200)]
    assert abs(answers.count("ill") / 200 - 0.25) < 0.125  # four standard deviations
    project.faults.clear()
    deploy(deployed, other_folder, share=60)
    assert project.faults.seen == [f"PATCH {deployed.place.name}"]
    assert sorted(each.percent for each in seen(deployed).shares) == [40, 60]
    project.faults.clear()
    deploy(deployed, other_folder, share=60)
    assert project.faults.seen == []


def test_a_canary_is_promoted_and_taken_back_in_one_call_each(project, deployed, heart_folder, other_folder):
    first = seen(deployed).shares[0].revision
    deploy(deployed, other_folder, share=10)
    project.faults.clear()
    move(deployed, plan_promote, HOW)
    live = {share.tag: share.revision for share in seen(deployed).shares}
    assert live["prev"] == first
    move(deployed, plan_rollback, HOW)
    assert seen(deployed).shares[0].revision == first
    assert project.faults.seen == [f"PATCH {deployed.place.name}"] * 2


def test_a_rollback_ends_a_canary(deployed, other_folder):
    before = seen(deployed).shares
    deploy(deployed, other_folder, share=10)
    move(deployed, plan_rollback, HOW)
    assert seen(deployed).shares == before


def test_what_was_rolled_back_is_live_again_without_a_build(project, deployed, other_folder):
    deploy(deployed, other_folder)
    newest = seen(deployed).latest
    move(deployed, plan_rollback, HOW)
    project.faults.clear()
    deploy(deployed, other_folder)
    assert seen(deployed).shares[0].revision == newest
    assert project.faults.seen == [f"PATCH {deployed.place.name}"] * 2  # its address, and all the traffic


@pytest.mark.parametrize(
    ("planned", "said"),
    [(plan_promote, "has no canary"), (plan_rollback, "has no earlier live revision")],
)
def test_what_cannot_be_moved_is_said(deployed, planned, said):
    with pytest.raises(DeploymentError, match=said):
        move(deployed, planned, HOW)


def test_a_canary_wants_something_beside_it(session, heart_folder):
    with pytest.raises(DeploymentError, match="no live revision that a canary could stand beside"):
        deploy(session, heart_folder, share=10)


def test_what_is_live_is_no_canary(deployed, heart_folder):
    with pytest.raises(DeploymentError, match="runs this artifact for all callers already"):
        deploy(deployed, heart_folder, share=10)


def test_everybody_may_call_only_when_it_is_asked_for(project, deployed, heart_folder, patient):
    project.faults.clear()
    text = deploy(deployed, heart_folder, public=True)
    assert project.faults.seen == [f"POST {deployed.place.name}:setIamPolicy"]
    assert "curl http://127.0.0.1" in text
    assert "authorization" not in text
    assert call(deployed, patient, token="").status_code == 200
    assert "nothing to do" in deploy(deployed, heart_folder)
    assert seen(deployed).public
    deploy(deployed, heart_folder, public=False)
    assert call(deployed, patient, token="").status_code == 403


def test_other_grants_stay_when_everybodys_is_taken(project, deployed, heart_folder):
    policies = project.cloud.accounts.policies
    deploy(deployed, heart_folder, public=True)
    (binding,) = policies[deployed.place.service]["bindings"]
    assert binding == {"role": "roles/run.invoker", "members": [EVERYBODY]}
    binding["members"].append("user:me@example.com")
    deploy(deployed, heart_folder, public=False)
    assert policies[deployed.place.service]["bindings"][0]["members"] == ["user:me@example.com"]


def test_settings_change_one_by_one_and_old_ones_stay(project, deployed, heart_folder):
    deploy(deployed, heart_folder, memory=512, env={"A": "1"}, labels={"team": "x"}, max_instances=3)
    plan = json.loads(deploy(deployed, heart_folder, timeout=10, how=How(dry_run=True, json=True)))
    (function,) = (step for step in plan if step["phase"] == "function")
    assert function["changes"] == [{"setting": "timeout", "old": 60, "new": 10}]
    assert function["arguments"]["mask"] == [
        "service_config.timeout_seconds",
        "service_config.all_traffic_on_latest_revision",
        "labels",
    ]
    assert [step["phase"] for step in plan] == ["function", "ready", "version", "probe", "live"]  # no upload
    deploy(deployed, heart_folder, timeout=10)
    settings = seen(deployed).settings
    assert (settings.memory, settings.timeout, settings.max_instances) == (512, 10, 3)
    assert settings.labels == {"team": "x"}
    assert settings.env["A"] == "1"


def test_a_dry_run_changes_nothing(project, session, heart_folder):
    project.faults.clear()
    plan = json.loads(deploy(session, heart_folder, public=True, how=How(dry_run=True, json=True)))
    phases = [step["phase"] for step in plan]
    assert phases == ["prepare", "upload", "function", "ready", "version", "probe", "live", "access"]
    assert phases == sorted(phases, key=PHASES.index)
    assert project.faults.seen == []
    assert seen(session).settings is None


def test_a_secret_is_a_reference_that_the_account_alone_may_read(project, session, heart_folder):
    accounts = project.cloud.accounts
    secret = session.place.secret("pepper")
    session.clients.plain(
        "POST", "secretmanager", f"projects/{session.place.project}/secrets?secretId=pepper"
    )
    value = {"payload": {"data": base64.b64encode(b"hot").decode()}}
    session.clients.plain("POST", "secretmanager", f"{secret}:addVersion", value)
    deploy(session, heart_folder, secret={"PEPPER": "pepper"})
    (binding,) = accounts.policies[secret]["bindings"]
    assert binding == {
        "role": "roles/secretmanager.secretAccessor",
        "members": [f"serviceAccount:{session.place.account}"],
    }
    function = project.cloud.functions.functions[session.place.function]
    assert "PEPPER" not in function.service_config.environment_variables
    assert "nothing to do" in deploy(session, heart_folder)
    remove(session, True, HOW)
    assert accounts.policies[secret]["bindings"] == []
    deploy(session, heart_folder, secret={"PEPPER": "pepper"})
    del accounts.secrets[secret]  # a secret that somebody has deleted is in nobody's way
    remove(session, True, HOW)
    assert session.place.account not in accounts.accounts


def test_a_secret_that_is_not_there_is_named_before_anything_is_made(project, session, heart_folder):
    project.faults.clear()
    with pytest.raises(
        DeploymentError, match=r"there is no secret missing(.|\n)*gcloud secrets create missing"
    ):
        deploy(session, heart_folder, secret={"K": "missing"})
    assert project.faults.seen == []


def test_a_function_with_a_key_is_probed_with_it(project, deployed, heart_folder, patient):
    deploy(deployed, heart_folder, api_key="open-sesame-0123456789")
    assert call(deployed, patient).status_code == 401
    assert call(deployed, patient, **{"x-api-key": "open-sesame-0123456789"}).status_code == 200
    assert "sesame" not in str(project.cloud.functions.functions[deployed.place.function])
    with pytest.raises(DeploymentError, match="wants a key, and its probe needs it too"):
        deploy(deployed, heart_folder)
    deploy(deployed, heart_folder, api_key="")
    assert call(deployed, patient).status_code == 200


def test_pages_of_other_origins_may_call_it_when_they_are_named(deployed, heart_folder, patient):
    deploy(deployed, heart_folder, cors=["https://a.example"])
    answer = call(deployed, patient, origin="https://a.example")
    assert answer.headers["access-control-allow-origin"] == "https://a.example"


def test_a_build_that_fails_is_told_with_its_last_lines(
    project, session, heart_folder, other_folder, patient
):
    project.runtime.broken = True
    with pytest.raises(
        DeploymentError, match=r"it was not built, or does not start\n(.|\n)*No module named 'nowhere'"
    ):
        deploy(session, heart_folder)
    project.runtime.broken = False
    deploy(session, heart_folder)
    project.runtime.broken = True
    with pytest.raises(DeploymentError, match="could not wait until it is built and starts"):
        deploy(session, other_folder)
    assert call(session, patient).json() == {"diagnosis": "heart-disease"}
    project.runtime.broken = False
    deploy(session, other_folder)
    assert call(session, patient).json() == {"diagnosis": "ill"}


def test_a_function_of_somebody_else_is_left_alone(project, deployed, heart_folder):
    function = project.cloud.functions.functions[deployed.place.function]
    del function.labels["leanfn-made"]
    for refused in (
        lambda: deploy(deployed, heart_folder),
        lambda: remove(deployed, True, HOW),
        lambda: move(deployed, plan_rollback, HOW),
    ):
        with pytest.raises(DeploymentError, match="the name of a function that leanfn did not make"):
            refused()


def test_an_account_of_somebody_else_is_left_alone(project, session, heart_folder):
    address = session.place.account.partition("@")[0]
    project.cloud.accounts.create_account(session.place.project, {"accountId": address})
    with pytest.raises(DeploymentError, match=r"did not make for (.|\n)*--service-account"):
        deploy(session, heart_folder)


def test_an_account_that_is_given_is_used_and_kept(project, session, heart_folder):
    project.cloud.accounts.create_account(session.place.project, {"accountId": "my-account"})
    deploy(session, heart_folder, service_account="my-account")
    assert session.place.account not in project.cloud.accounts.accounts
    remove(session, True, HOW)
    assert f"my-account@{session.place.project}.iam.gserviceaccount.com" in project.cloud.accounts.accounts


def test_a_python_that_the_region_does_not_have_is_refused(project, session, heart_folder):
    with pytest.raises(
        DeploymentError, match=r"runs no functions on Python 3\.9\n  wanted: one of python310, python311"
    ):
        deploy(session, heart_folder, python="3.9")


def test_of_two_deployments_at_once_one_wins(project, deployed, heart_folder, other_folder, patient):
    """The other one makes a newer revision between this one's build and its change of the traffic."""
    second = project.session(deployed.place.name)
    clients = deployed.clients
    built = False

    class Meanwhile:
        """The functions client, behind whose back somebody else deploys once."""

        def __getattr__(self, name):
            return getattr(clients.functions, name)

        def get_operation(self, *args, **kwargs):
            nonlocal built
            found = clients.functions.get_operation(*args, **kwargs)
            if found.done and not built:
                built = True
                deploy(second, heart_folder, memory=1024)
            return found

    first = replace(deployed, clients=replace(clients, functions=Meanwhile()))
    with pytest.raises(DeploymentError, match="another deployment changed it meanwhile"):
        deploy(first, other_folder)
    assert call(deployed, patient).json() == {"diagnosis": "heart-disease"}
    assert seen(deployed).settings.memory == 1024


def test_nothing_is_left_after_a_destruction(project, deployed):
    remove(deployed, True, HOW)
    cloud = project.cloud
    assert deployed.place.function not in cloud.functions.functions
    assert deployed.place.service not in cloud.run.services
    assert deployed.place.account not in cloud.accounts.accounts
    deployed.screen.stdout.truncate(0)
    remove(deployed, True, HOW)
    assert "there is nothing of" in deployed.screen.stdout.getvalue()


def test_a_destruction_is_asked_about(deployed):
    with pytest.raises(DeploymentError, match=r"delete the function(.|\n)*--yes"):
        remove(deployed, False, HOW)
    assert seen(deployed).settings is not None


def test_what_a_function_wrote_is_found(deployed):
    entries = list(read_log(deployed.clients, deployed.place, START, False))
    assert "INFO     POST /predict" in line(entries[0])


def test_new_lines_are_followed_and_none_is_told_twice(project, deployed):
    service = deployed.place.service
    waited = []

    def write(seconds):
        waited.append(seconds)
        project.cloud.entries.add(service, "r", f"line {len(waited)}")

    lines = read_log(deployed.clients, deployed.place, START, True, write)
    told = [line(next(lines)).split()[-1] for _ in range(3)]
    assert told[1:] == ["1", "2"]


def test_one_call_of_a_closed_function_and_what_it_refuses(deployed, patient):
    def post(row):
        return call_once(deployed, Request("POST", "/predict", {}, {}, encode(row)), None)

    assert post(patient).body == b'{"diagnosis":"heart-disease"}'
    assert post({"age": "old"}).status == 422


def test_what_is_deployed_is_told_in_the_words_of_every_cloud(deployed, other_folder, heart_folder):
    deploy(deployed, other_folder, share=25)
    found = show.status(deployed.place, seen(deployed))
    first, second = load(heart_folder).version, load(other_folder).version
    assert list(found)[:8] == ["name", "region", "live", "artifact", "canary", "weight", "url", "public"]
    assert (found["artifact"], found["weight"], found["public"]) == (first, 0.25, False)
    kept = show.versions(seen(deployed))
    assert [(each["artifact"], each["share"]) for each in kept] == [(second, 0.25), (first, 0.75)]
    assert [each["version"] for each in kept] == [found["canary"], found["live"]]
    assert "25% of the calls  next" in show.versions_text(kept).splitlines()[0]
    assert f"canary          {found['canary']}" in show.status_text(found)


def test_the_line_that_calls_a_closed_function_is_told(deployed, heart_folder):
    found = show.status(deployed.place, seen(deployed))
    line = show.call_line(found, heart_folder, False)
    assert line.startswith(f"curl {found['url']} -H 'content-type: application/json'")
    assert '-H "authorization: Bearer $(gcloud auth print-identity-token)"' in line
    assert show.call_line({**found, "key": True}, heart_folder, False).count('-H "x-api-key: $KEY"') == 1
    assert "authorization" not in show.call_line({**found, "public": True}, heart_folder, False)
    assert "leanfn google invoke" in show.call_line(found, heart_folder, True)


def test_a_folder_without_an_artifact_is_named_before_a_cloud_is_asked(tmp_path):
    with pytest.raises(ArtifactError, match="no artifact at"):
        commands.deploy(tmp_path, function=FunctionFlags(), where=Where(), how=HOW)
