import pytest

from adapters.execute import Patience, execute
from adapters.journal import Journal
from adapters.plan import Result, Step
from leanfn.errors import DeploymentError, Transient

ROLE = Step("role", "prepare", "CreateRole", "create the role heart", {"Name": "heart"}, makes="role/heart")
FUNCTION = Step("function", "function", "CreateFunction", "create heart", {"Role": Result("role", "Arn")})


class Told:
    """Progress as a list."""

    def __init__(self):
        self.lines = []

    def begin(self, step):
        self.lines.append(f"begin {step.name}")

    def waiting(self, reason):
        self.lines.append(f"wait {reason}")

    def done(self):
        self.lines.append("done")

    def stopped(self):
        self.lines.append("stopped")


class Time:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, **given):
        return Patience(
            clock=lambda: self.now,
            sleep=self.sleep,
            chance=lambda low, high: high,
            **{"budget": 60.0, **given},
        )


@pytest.fixture
def journal(tmp_path):
    return Journal(tmp_path / "journal.jsonl", "d1")


def failing(*errors, then=None):
    """A call that raises each of these once, and answers then."""
    left = list(errors)

    def call(arguments):
        if left:
            raise left.pop(0)
        return then

    return call


def test_steps_are_made_in_order_and_hand_on_what_they_give(journal):
    seen = []

    def create_function(arguments):
        seen.append(arguments)

    calls = {"CreateRole": lambda _: {"Arn": "arn:heart"}, "CreateFunction": create_function}
    results = execute([ROLE, FUNCTION], calls, journal, Told())
    assert seen == [{"Role": "arn:heart"}]
    assert results == {"role": {"Arn": "arn:heart"}, "function": {}}


def test_a_transient_refusal_is_waited_out_with_growing_pauses_and_told(journal):
    time, told = Time(), Told()
    calls = {"CreateRole": failing(*[Transient("slow down")] * 3, then={"Arn": "a"})}
    execute([ROLE], calls, journal, told, time.patience(first=1.0))
    assert time.slept == [1.0, 2.0, 4.0]
    assert told.lines == ["begin role", *["wait slow down"] * 3, "done"]


def test_a_cloud_that_says_how_long_to_wait_is_obeyed(journal):
    time = Time()
    execute(
        [ROLE], {"CreateRole": failing(Transient("throttled", after=7.0))}, journal, Told(), time.patience()
    )
    assert time.slept == [7.0]


def test_patience_ends_and_the_last_reason_is_told(journal):
    time = Time()
    calls = {"CreateRole": failing(*[Transient("the role is not known yet")] * 99)}
    with pytest.raises(
        DeploymentError, match=r"could not create the role heart\n  the role is not known yet"
    ):
        execute([ROLE], calls, journal, Told(), time.patience(budget=30.0))
    assert time.now <= 30.0
    assert journal.begun() == ["role/heart"]


def test_a_refusal_stops_everything_after_it(journal):
    told = Told()
    calls = {
        "CreateRole": failing(DeploymentError("not allowed\n  action: iam:CreateRole")),
        "CreateFunction": failing(),
    }
    with pytest.raises(DeploymentError) as refused:
        execute([ROLE, FUNCTION], calls, journal, told)
    assert str(refused.value) == "could not create the role heart\n  not allowed\n  action: iam:CreateRole"
    assert told.lines == ["begin role", "stopped"]
    assert journal.begun() == []


@pytest.mark.parametrize("end", [KeyboardInterrupt(), RuntimeError("a bug")])
def test_what_was_under_way_when_it_broke_off_stays_in_the_journal(journal, end):
    with pytest.raises(type(end)):
        execute([ROLE], {"CreateRole": failing(end)}, journal, Told())
    assert journal.begun() == ["role/heart"]
    assert journal.interrupted() == "role"


def test_the_step_is_in_the_journal_when_the_call_is_made(journal):
    def call(arguments):
        assert journal.interrupted() == "role"

    execute([ROLE], {"CreateRole": call}, journal, Told())
