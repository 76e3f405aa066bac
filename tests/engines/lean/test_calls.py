"""The user's own function of a row, called by name."""

import pytest

from leanfn.engines.lean.operations import check, find
from leanfn.errors import ArtifactError, HookError, RowError
from tests.nodes import node


def call(function, width=1, functions=None):
    made = node("call/1", ("vector", 2), function="own", width=width)
    check(find("call/1"), made)
    made.functions = lambda: {"own": function} if functions is None else functions
    return find("call/1").build(made)


def test_the_function_is_given_the_row_and_its_numbers_are_taken():
    assert call(lambda row: [row[0] + row[1], 7], 2)([1.0, 2.0]) == [3.0, 7.0]


def test_a_function_that_changes_its_row_changes_a_copy():
    row = [2.0, 1.0]
    assert call(lambda row: row.sort() or row, 2)(row) == [1.0, 2.0]
    assert row == [2.0, 1.0]


@pytest.mark.parametrize("row", [[1.0, 0.0], [1.0, -1.0]])
def test_numbers_that_have_no_answer_refuse_the_row(row):
    def own(row):
        return [(row[0] / row[1]) if row[1] >= 0 else int("no number")]

    with pytest.raises(RowError, match="the function own has none"):
        call(own)(row)


def test_a_function_that_fails_names_itself_and_no_more():
    def own(row):
        raise KeyError(f"the secret of {row}")

    with pytest.raises(HookError, match=r"^the function own raised KeyError$") as caught:
        call(own)([1.0, 2.0])
    assert caught.value.hook == "own"


@pytest.mark.parametrize("answer", [5, None, [None], [[1.0]], "x"])
def test_what_is_no_list_of_numbers_is_the_functions_fault(answer):
    with pytest.raises((HookError, RowError), match="the function own"):
        call(lambda row: answer)([1.0, 2.0])


def test_the_wrong_number_of_numbers_is_the_functions_fault():
    with pytest.raises(HookError, match="the function own returned 2 numbers, not 1"):
        call(lambda row: row)([1.0, 2.0])


@pytest.mark.parametrize("functions", [{}, {"own": 5}])
def test_a_function_that_is_not_there_is_a_damaged_model(functions):
    with pytest.raises(ArtifactError, match=r"call/1 wants a function own in functions\.py"):
        call(None, functions=functions)


@pytest.mark.parametrize(
    "values",
    [
        {"function": 5, "width": 1},
        {"function": "own", "width": -1},
        {"function": "own", "width": "1"},
        {"function": "own"},
    ],
)
def test_a_damaged_node_is_refused(values):
    with pytest.raises(ArtifactError):
        check(find("call/1"), node("call/1", ("vector", 2), **values))
