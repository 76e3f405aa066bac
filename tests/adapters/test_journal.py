import json

from hypothesis import given
from hypothesis import strategies as st

from adapters.journal import Journal, open_journal
from adapters.plan import Step

ROLE = Step("role", "prepare", "iam:CreateRole", "create the role heart", makes="role/heart")
LOG = Step("log", "prepare", "logs:CreateLogGroup", "create the log heart", makes="log/heart")


def test_a_step_is_on_the_disk_before_it_is_made(tmp_path):
    journal = Journal(tmp_path / "deep" / "j.jsonl", "d1", clock=lambda: 5.0)
    journal.begin(ROLE)
    assert json.loads(journal.path.read_text()) == {
        "time": 5.0,
        "deployment": "d1",
        "step": "role",
        "call": "iam:CreateRole",
        "makes": "role/heart",
        "state": "begun",
    }
    assert journal.path.stat().st_mode & 0o077 == 0


def test_what_was_begun_may_be_there_unless_it_was_refused(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", "d1")
    journal.begin(ROLE)
    journal.begin(LOG)
    assert journal.begun() == ["role/heart", "log/heart"]
    journal.end(LOG, "refused")
    assert journal.begun() == ["role/heart"]
    journal.end(ROLE, "unknown")
    assert journal.begun() == ["role/heart"]


def test_a_run_that_broke_off_is_known_by_its_last_step(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", "d1")
    assert journal.interrupted() is None
    journal.begin(ROLE)
    assert journal.interrupted() == "role"
    journal.end(ROLE, "done")
    assert journal.interrupted() is None


def test_a_line_that_was_cut_off_hides_no_other(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", "d1")
    journal.begin(ROLE)
    with journal.path.open("a") as file:
        file.write('{"step": "log", "sta')
    assert journal.begun() == ["role/heart"]


def test_a_journal_that_is_lost_or_forgotten_is_an_empty_one(tmp_path):
    journal = Journal(tmp_path / "j.jsonl", "d1")
    journal.begin(ROLE)
    journal.forget()
    assert (journal.begun(), journal.interrupted()) == ([], None)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_name_of_a_function_or_a_place_leads_out_of_the_folder(place, name):
    from pathlib import Path

    folder = Path("deployments")
    assert open_journal("aws", place, name, folder).path.parent == folder
