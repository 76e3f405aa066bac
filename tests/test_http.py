import json
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn import http

URLISH = st.text("%0aAfFg+&=é/ z", max_size=20)


@given(URLISH)
def test_percent_encoding_is_undone_as_the_standard_library_does(text):
    assert http.unquote(text) == unquote(text)


@given(st.text())
def test_any_text_can_be_unquoted(text):
    assert isinstance(http.unquote(text), str)


@given(URLISH)
def test_a_query_is_parsed_as_the_standard_library_does(text):
    assert http.parse_query(text) == dict(parse_qsl(text, keep_blank_values=True))


def test_the_last_value_of_a_query_wins():
    assert http.parse_query("a=1&b&a=%32") == {"a": "2", "b": ""}


def test_answers_are_compact_utf_8():
    assert http.answer(200, {"é": [1.5, None]}).body == '{"é":[1.5,null]}'.encode()


@pytest.mark.parametrize("value", [float("nan"), float("-inf"), {1}, b"x"])
def test_what_is_no_json_is_never_written(value):
    with pytest.raises((TypeError, ValueError)):
        http.encode([value])


def test_half_a_surrogate_pair_becomes_a_question_mark():
    assert http.encode("\ud800") == b'"?"'


def test_a_problem_says_what_it_is():
    problem = http.problem(405, "no", {"allow": "GET"}, detail="GET")
    assert problem.headers == {"content-type": "application/problem+json", "allow": "GET"}
    assert json.loads(problem.body) == {"title": "no", "status": 405, "detail": "GET"}


@given(
    st.dictionaries(
        st.text(max_size=5) | st.integers(0, 3),
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        min_size=1,
        max_size=2,
    )
)
def test_an_answer_is_written_as_the_librarys_own_encoder_does(value):
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert http.encode(value) == text.encode("utf-8", "replace")


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("around", [lambda x: {"a": x}, lambda x: {"a": x, "b": 1}, lambda x: [x]])
def test_a_number_that_json_does_not_have_is_never_written(number, around):
    with pytest.raises(ValueError, match="JSON"):
        http.encode(around(number))
