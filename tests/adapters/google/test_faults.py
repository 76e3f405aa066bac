"""Every call of a first and of a second deployment fails in every way, at the emulated cloud's own door.

Whatever happens: callers reach a version that was probed, all that was made says so, and the same command once more
brings it to its end.
"""

import time

import pytest

from adapters.flags import How
from adapters.google import traffic
from adapters.google.ask import ask
from adapters.google.commands import move, ship
from adapters.google.flags import FunctionFlags
from adapters.google.observe import observe
from adapters.google.plan import plan_rollback
from adapters.journal import open_journal
from emulators.google.rest import Broken, Refused
from leanfn.errors import DeploymentError
from leanfn.http import Request, encode

FIRST = [
    "POST serviceAccounts",
    "POST functions:generateUploadUrl",
    "PUT upload",
    "POST functions",
    "PATCH its address",
    "PATCH live",
    "POST setIamPolicy",
]
SECOND = [
    "POST functions:generateUploadUrl",
    "PUT upload",
    "PATCH functions",
    "PATCH its address",
    "PATCH live",
]


class Killed(BaseException):
    """The process ends here: nothing catches it."""


# name -> the error before the call (None: it is made, and its answer is lost), and what the command does about it
FAULTS = {
    "refused before": (Refused(403, "PERMISSION_DENIED", "Permission 'x.y.z' denied"), DeploymentError),
    "answer lost": (None, None),
    "killed before": (Broken(), Killed),
    "killed after": (None, Killed),
    "throttled": (Refused(429, "RESOURCE_EXHAUSTED", "Too many requests per minute"), None),
    "500": (Refused(500, "INTERNAL", "An internal error has occurred."), None),
    "timeout": (Broken(), None),
}


def deploy(session, artifact):
    ship(session, artifact, FunctionFlags(public=True), How())


def call(project, session, row):
    """The diagnosis that the function's own address gives to somebody, or None when it is closed."""
    seen = observe(session.clients, session.place)
    if not seen.url:
        return None
    token = session.clients.identity_token(seen.url)
    answer = ask(seen.url, Request("POST", "/", {}, {"content-type": "application/json"}, encode(row)), token)
    assert answer.status == 200
    return answer.body


def break_at(project, name, artifact, at, fault):
    """Run a deployment into a fault; what stands in the journal afterwards."""
    error, raised = FAULTS[fault]

    def sleep(_):
        """The pause before another try is where a process that was killed is no more."""
        if raised is Killed and project.faults.hit:
            raise Killed
        time.sleep(0.002)

    session = project.session(name, sleep)
    project.faults.arm(at, error, late=error is None)
    if raised is None:
        deploy(session, artifact)
    else:
        with pytest.raises(raised):
            deploy(session, artifact)
    assert project.faults.hit
    project.faults.clear()
    return session


def check_what_is_there(project, session):
    seen = observe(session.clients, session.place)
    live = traffic.live(seen.shares)
    probed = {revision for revision, rows in project.runtime.asked.items() if rows >= 50}
    assert live is None or live.revision in probed
    assert live is not None or not seen.public
    assert traffic.canary(seen.shares) is None
    journal = open_journal("google", f"{session.place.project}-{session.place.region}", session.place.name)
    if seen.settings is not None:
        assert seen.ours
        assert session.place.function in journal.begun()
    if seen.account:
        assert f"projects/{session.place.project}/serviceAccounts/{session.place.account}" in journal.begun()


def check_the_end(project, session, artifact):
    deploy(session, artifact)
    seen = observe(session.clients, session.place)
    assert seen.public
    project.faults.clear()
    deploy(session, artifact)
    assert project.faults.seen == []


def id_of(names):
    return [pytest.param(at, id=name.replace(" ", "-")) for at, name in enumerate(names)]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", id_of(FIRST))
def test_a_first_deployment(project, heart_folder, patient, at, fault):
    name = project.session().place.name
    session = break_at(project, name, heart_folder, at, fault)
    check_what_is_there(project, session)
    again = project.session(name)
    check_the_end(project, again, heart_folder)
    assert call(project, again, patient) == b'{"diagnosis":"heart-disease"}'


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("at", id_of(SECOND))
def test_a_second_deployment(project, heart_folder, other_folder, patient, at, fault):
    name = project.session().place.name
    deploy(project.session(name), heart_folder)
    session = break_at(project, name, other_folder, at, fault)
    check_what_is_there(project, session)
    assert call(project, session, patient) in (b'{"diagnosis":"heart-disease"}', b'{"diagnosis":"ill"}')
    again = project.session(name)
    check_the_end(project, again, other_folder)
    assert call(project, again, patient) == b'{"diagnosis":"ill"}'
    project.faults.clear()
    move(again, plan_rollback, How())
    assert project.faults.seen == [f"PATCH {name}"]
    assert call(project, again, patient) == b'{"diagnosis":"heart-disease"}'


def test_the_calls_of_the_matrix_are_all_there_are(project, heart_folder, other_folder):
    name = project.session().place.name
    for artifact, calls in ((heart_folder, FIRST), (other_folder, SECOND)):
        project.faults.clear()
        deploy(project.session(name), artifact)
        assert [each.split()[0] for each in project.faults.seen] == [each.split()[0] for each in calls]
