"""Whatever goes wrong at whatever call: what is live was probed, or is said not to be, and the same command goes on.

Calls are those that change something, counted at the wire. Four faults pass: each call of one deployment meets each of
them once. Two end the deployment: an error that stays, and a process that is killed after the cloud did as it was told.
"""

import itertools

import pytest

from adapters.azure.store import LEASE
from adapters.azure.target import Target
from emulators.azure.front import DROPPED, LOST, say
from leanfn.errors import DeploymentError

READ_BY_POST = ("/token", "/list", "/listkeys", "/predict", "/query")
FLEX = Target(region="westeurope")
EP1 = Target(region="westeurope", plan="EP1")
FORBIDDEN = say(403, {"error": {"code": "AuthorizationFailed", "message": "The client 'x' may not do this"}})
PASSING = {
    "lost": LOST,
    "429": say(429, {"error": {"code": "TooManyRequests", "message": "slow down"}}, Retry_After="0"),
    "500": say(500, {"error": {"code": "InternalServerError", "message": "try again"}}),
    "timeout": DROPPED,
}


def changes(call):
    return call.method != "GET" and call.method != "HEAD" and not call.path.lower().endswith(READ_BY_POST)


class Each:
    """Meets every changing call once, however often it is tried."""

    def __init__(self, fault):
        self.fault = fault
        self.met = set()

    def __call__(self, call):
        key = (call.method, call.target, call.headers.get("x-ms-lease-action"), call.body)
        if not changes(call) or key in self.met:
            return None
        self.met.add(key)
        return self.fault


class From:
    """Everything from a changing call on fails; or, for one that is killed, everything after it."""

    def __init__(self, azure, number, kill):
        self.azure = azure
        self.left = number
        self.kill = kill
        self.struck = False

    def __call__(self, call):
        if self.azure.dead:
            return DROPPED
        if changes(call):
            self.left -= 1
            if self.left == 0:
                self.struck = True
                self.azure.dead = self.kill
                return LOST if self.kill else FORBIDDEN
        return None


def revive(azure):
    """Another process, once the lease of the first one is over."""
    azure.cloud.interfere = lambda _: None
    azure.dead = False
    azure.clock.now += LEASE + 1


@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.parametrize("target", [FLEX, EP1], ids=["flex", "slots"])
def test_a_fault_that_passes_is_waited_out_at_every_call(
    azure, heart_folder, other_folder, versions, target, fault
):
    for artifact in (heart_folder, other_folder):
        azure.cloud.interfere = each = Each(PASSING[fault])
        azure.deploy(artifact, target)
        assert len(each.met) >= 8
        revive(azure)  # the release of its lease may have been refused, too
        assert azure.deploy(artifact, target) == []
    assert azure.ask() == (200, versions[1])


@pytest.mark.parametrize("kill", [False, True], ids=["error", "killed"])
def test_a_first_deployment_that_breaks_off_anywhere_goes_on_when_it_is_run_again(
    azure, heart_folder, versions, kill
):
    for number in itertools.count(1):
        name = f"hearts-{number}"
        azure.cloud.interfere = fault = From(azure, number, kill)
        ended = broken_off(azure, heart_folder, FLEX, name=name)
        revive(azure)
        if not fault.struck:
            assert not ended
            break
        every = [each for each in azure.cloud.arm.resources.values() if name in str(each.get("tags"))]
        journal = azure.session(name=name).journal.begun()
        known = {each["id"].lower() for each in every} | {each.lower() for each in journal}
        made = [
            key
            for key in azure.cloud.arm.resources
            if f"leanfn-{name}/" in f"{key}/" and "/blobservices/" not in key
        ]
        assert set(made) <= known
        azure.deploy(heart_folder, FLEX, name=name)
        assert azure.ask(name=name) == (200, versions[0])
        assert azure.deploy(heart_folder, FLEX, name=name) == []
    assert number > 14


@pytest.mark.parametrize("kill", [False, True], ids=["error", "killed"])
def test_on_flex_a_second_deployment_that_breaks_off_anywhere_is_undone_or_said_to_be_unfinished(
    azure, heart_folder, other_folder, versions, kill
):
    azure.deploy(heart_folder, FLEX)
    folders = {versions[0]: heart_folder, versions[1]: other_folder}
    old, new = versions
    for number in itertools.count(1):
        azure.cloud.interfere = fault = From(azure, number, kill)
        broken_off(azure, folders[new], Target())
        revive(azure)
        if not fault.struck:
            break
        record = azure.session().found().record
        answering = azure.ask()[1]
        if record.begun is None:
            assert answering == record.live.artifact  # probed
        else:
            assert kill and record.live.artifact == old  # the process died between publishing and probing
            assert [step.call for step in azure.rollback()].count("OneDeploy") == 1
            assert azure.ask() == (200, old)
        azure.deploy(folders[new])
        assert azure.ask() == (200, new)
        assert azure.deploy(folders[new]) == []
        old, new = new, old
    assert number > 7


@pytest.mark.parametrize("kill", [False, True], ids=["error", "killed"])
def test_with_slots_what_is_live_was_probed_wherever_a_second_deployment_breaks_off(
    azure, heart_folder, other_folder, versions, kill
):
    azure.deploy(heart_folder, EP1)
    folders = {versions[0]: heart_folder, versions[1]: other_folder}
    old, new = versions
    for number in itertools.count(1):
        fault = From(azure, number, kill)
        probed = {old}

        def interfere(call, fault=fault, probed=probed, new=new):
            found = fault(call)
            if call.path == "/predict" and found is None:
                probed.add(new)
            return found

        azure.cloud.interfere = interfere
        broken_off(azure, folders[new], Target())
        revive(azure)
        if not fault.struck:
            break
        assert azure.ask()[1] in probed
        azure.deploy(folders[new])
        assert azure.ask() == (200, new)
        old, new = new, old
    assert number > 7


def broken_off(azure, artifact, target, **where):
    """Whether the deployment ended before its end."""
    try:
        azure.deploy(artifact, target, **where)
    except (DeploymentError, azure.Killed):
        return True
    return False
