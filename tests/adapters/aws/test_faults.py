"""Every call of a first and of a second deployment goes wrong once, in every way that calls go wrong.

Whatever happens: what is live has answered its artifact's examples; running it again ends where it would have ended;
what was made stands in the journal or is tagged; a rollback is one call.
"""

import copy

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from adapters.aws.plan import plan_rollback
from adapters.aws.release import planned
from adapters.aws.target import Target
from emulators.aws.account import Refused
from emulators.aws.wire import Reply, refuse
from leanfn import load
from leanfn.errors import DeploymentError


class Killed(BaseException):
    """The process ends here."""


def refused(service, send):
    return refuse(service, Refused("AccessDenied", "because no identity-based policy allows it"))


def lost(service, send):
    send()
    raise ConnectionClosedError(endpoint_url="https://aws")


def killed(service, send):
    send()
    raise Killed


def killed_before(service, send):
    raise Killed


def throttled(service, send):
    return refuse(service, Refused("TooManyRequestsException", "Rate exceeded", 429, {"retry-after": "2"}))


def broken(service, send):
    return refuse(service, Refused("ServiceException", "An error of its own", 500))


def silent(service, send):
    raise ReadTimeoutError(endpoint_url="https://aws")


FAULTS = [refused, lost, killed, killed_before, throttled, broken, silent]
PATIENT = {lost, throttled, broken, silent}  # what a deployment waits out by itself


class State:
    """What is there, to go back to."""

    def __init__(self, aws):
        self._aws = aws
        self._kept = copy.deepcopy(self._parts())

    def _parts(self):
        region = self._aws.cloud.region("eu-west-1")
        account = self._aws.cloud.account
        return [region.functions.all, region.groups.all, account.roles, account.sessions, self._aws.clock.now]

    def restore(self):
        for part, kept in zip(self._parts()[:-1], copy.deepcopy(self._kept[:-1])):
            part.clear()
            part.update(kept)
        self._aws.clock.now = self._kept[-1]
        for journal in self._aws.folder.glob("*"):
            journal.unlink()


class Deployment:
    """Deploys one artifact after another, and looks after each call at what is live."""

    def __init__(self, aws, codes, folders):
        self._aws = aws
        self._codes = codes
        self._artifacts = [load(folder) for folder in folders]
        aws.cloud.addresses.open = lambda *_: "http://127.0.0.1:1/"
        aws.cloud.addresses.close = lambda _: None
        self.send = aws.wire.fault

    def run(self, number):
        site = self._aws.site()
        plan = planned(site, site.see(), Target("hearts", public=True), self._codes[number], None)
        site.carry_out(plan, self._artifacts[number])
        return plan

    def faulty(self, at, fault):
        """The call of this number goes wrong, and after every call what is live is looked at."""
        start = len(self._aws.wire.sent)

        def answer(number, service, send):
            try:
                return fault(service, send) if number - start == at else send()
            finally:
                self.check_live()

        self._aws.wire.fault = answer

    def sound(self):
        self._aws.wire.fault = self.send

    def check_live(self):
        function = self._aws.functions.get("hearts")
        if function is not None and "live" in function.aliases:
            alias = function.aliases["live"]
            for version in (alias.version, *alias.weights):
                assert (function.arn, version) in self._aws.runner.asked, (
                    "a version is live that was not asked"
                )

    def check_resources(self, journal):
        """Tagged, or in the journal."""
        region, account = self._aws.cloud.region("eu-west-1"), self._aws.cloud.account
        known = set(journal.begun())
        for role in account.roles.values():
            assert "leanfn" in role.tags or role.arn in known
        for name, group in region.groups.all.items():
            assert "leanfn" in group.tags or any(resource.endswith(name) for resource in known)
        for function in region.functions.all.values():
            assert "leanfn" in function.tags or function.arn in known
            assert all(version.settings["Description"].startswith("leanfn ") for version in function.versions)

    def version_of(self, number):
        function = self._aws.functions["hearts"]
        (version,) = [each for each in function.versions if each.number == function.aliases["live"].version]
        return self._codes[number].artifact in version.settings["Description"]


@pytest.fixture
def deployment(aws, codes, folders):
    return Deployment(aws, codes, folders)


@pytest.mark.parametrize("second", [False, True], ids=["first", "second"])
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_every_call_goes_wrong_once(aws, deployment, fault, second):
    number = int(second)
    if second:
        deployment.run(0)
    asked = set(aws.runner.asked)
    before = State(aws)
    sent = len(aws.wire.sent)
    deployment.run(number)
    calls = len(aws.wire.sent) - sent
    assert calls > 15
    for at in range(calls):
        before.restore()
        aws.runner.asked = set(asked)
        deployment.faulty(at, fault)
        try:
            deployment.run(number)
            ended = True
        except (DeploymentError, Killed):
            ended = False
        deployment.sound()
        deployment.check_live()
        assert not second or ended or deployment.version_of(0) or deployment.version_of(1)
        # the caller's identity is asked once, before there is anything to be patient about
        assert ended or fault not in PATIENT or at == 0, f"call {at} ended it"
        site = aws.site()
        deployment.check_resources(site.journal)
        deployment.run(number)
        deployment.check_live()
        assert deployment.version_of(number)
        assert deployment.run(number) == [], "it does not come to rest"
        assert aws.functions["hearts"].urls["live"]["AuthType"] == "NONE"
        assert len(aws.functions["hearts"].policies["live"]) == 2
        assert aws.functions["hearts"].tags["leanfn-artifact"]
        if second:
            plan = plan_rollback(aws.site().see(), "d")
            assert len(plan) == 1
            aws.site().carry_out(plan)
            assert deployment.version_of(0)


@pytest.mark.parametrize("fault", [lost, killed, refused], ids=lambda fault: fault.__name__)
def test_destroying_comes_to_an_end_whatever_goes_wrong(aws, deployment, fault):
    from adapters.aws.plan import plan_destroy

    deployment.run(0)
    before = State(aws)
    sent = len(aws.wire.sent)
    site = aws.site()
    site.carry_out(plan_destroy(site.see()))
    for at in range(len(aws.wire.sent) - sent):
        before.restore()
        deployment.faulty(at, fault)
        try:
            site = aws.site()
            site.carry_out(plan_destroy(site.see()))
        except (DeploymentError, Killed):
            pass
        deployment.sound()
        site = aws.site()
        site.carry_out(plan_destroy(site.see()))
        assert aws.cloud.resources() == []


def test_an_answer_that_is_none_of_awss_is_waited_out(aws, deployment):
    page = Reply(502, {}, b"<html>a proxy's page</html>")
    deployment.faulty(3, lambda service, send: page)
    deployment.run(0)
    assert deployment.version_of(0)
