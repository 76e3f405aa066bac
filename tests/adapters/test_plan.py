import json

import pytest

from adapters.plan import PHASES, Change, Result, Step, document, resolve, show

ROLE = Step("role", "prepare", "iam:CreateRole", "create the role heart", {"RoleName": "heart"}, "role/heart")
FUNCTION = Step(
    "function",
    "function",
    "lambda:UpdateFunctionConfiguration",
    "change the settings of heart",
    {"Role": Result("role", "Arn"), "Layers": [Result("role", "Arn")], "Memory": 256},
    changes=(Change("memory", 128, 256), Change("cors", None, "*")),
)


def test_phases_come_in_the_order_of_a_safe_deployment():
    assert PHASES == ("prepare", "upload", "function", "ready", "version", "probe", "live", "access", "tidy")


def test_what_an_earlier_step_gives_takes_its_place_wherever_it_stands():
    resolved = resolve(FUNCTION.arguments, {"role": {"Arn": "arn:heart"}})
    assert resolved == {"Role": "arn:heart", "Layers": ["arn:heart"], "Memory": 256}


def test_a_result_of_a_step_that_was_not_made_is_a_bug_and_no_silent_none():
    with pytest.raises(KeyError):
        resolve(FUNCTION.arguments, {})


def test_a_plan_shows_each_step_with_its_reason_its_call_and_what_changes():
    assert show([ROLE, FUNCTION]).splitlines() == [
        " 1. create the role heart",
        '    iam:CreateRole {"RoleName": "heart"}',
        " 2. change the settings of heart",
        '    lambda:UpdateFunctionConfiguration {"Role": "<Arn of role>", "Layers": ["<Arn of role>"], "Memory": 256}',
        "    memory: 128 → 256",
        '    cors: none → "*"',
    ]


def test_an_empty_plan_says_that_there_is_nothing_to_do():
    assert show([]) == "nothing to do: what is deployed is what is wanted"


def test_a_plan_as_a_document_is_json_with_everything_in_it():
    role, function = json.loads(json.dumps(document([ROLE, FUNCTION])))
    assert role["makes"] == "role/heart"
    assert function["arguments"]["Role"] == "<Arn of role>"
    assert function["changes"][0] == {"setting": "memory", "old": 128, "new": 256}
