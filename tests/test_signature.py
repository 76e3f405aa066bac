import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn import signature as signatures
from leanfn.errors import ArtifactError, InvalidRows
from leanfn.signature import Field, Signature

FIELDS = [
    Field("age", "number", low=29, high=77),
    Field("sex", "number", nullable=True, categories=[0, 1]),
    Field("city", "string", categories=["Rome", "Oslo"], closed=True),
    Field("smoker", "boolean", nullable=True),
]
RIGHT = {"age": 50, "sex": 1, "city": "Rome", "smoker": True}


@pytest.fixture
def signature():
    return Signature("table", FIELDS)


def problems(signature, row):
    with pytest.raises(InvalidRows) as caught:
        signature.read(row)
    return {problem["pointer"]: problem for problem in caught.value.problems}


def test_a_right_row_gives_its_values_in_field_order(signature):
    for _ in range(2):  # the second time over the shape that is remembered
        values, warnings = signature.read({name: RIGHT[name] for name in reversed(RIGHT)})
        assert (list(values), warnings) == ([50, 1, "Rome", True], [])


def test_a_list_is_a_row_in_field_order(signature):
    assert list(signature.read([50, None, "Oslo", False])[0]) == [50, None, "Oslo", False]
    assert problems(signature, [50])[""]["detail"] == "wrong number of values"


def test_everything_that_is_wrong_is_told_at_once(signature):
    found = problems(signature, {"age": "50", "sex": 1.5, "city": "Room", "smoker": 1})
    assert found.keys() == {"/age", "/city", "/smoker"}
    assert found["/age"] == {
        "pointer": "/age",
        "detail": "wrong type",
        "expected": "a number",
        "found": '"50" (a string)',
    }
    assert found["/city"]["nearest"] == "Rome"


def test_a_missing_field_is_a_problem_and_names_the_nearest_that_came(signature):
    found = problems(signature, {"agee": 50, "sex": 1, "city": "Rome"})
    assert found["/age"]["detail"] == "missing field" and found["/age"]["nearest"] == "agee"


@pytest.mark.parametrize(
    ("change", "pointer", "detail"),
    [
        ({"age": 2000}, "/age", "outside the trained range"),
        ({"sex": 7}, "/sex", "category not seen in training"),
        ({"extra": 1}, "/extra", "unknown field, not read"),
    ],
)
def test_a_suspicious_row_is_read_with_a_warning_every_time(signature, change, pointer, detail):
    for _ in range(3):
        _, warnings = signature.read({**RIGHT, **change})
        assert [(warning["pointer"], warning["detail"]) for warning in warnings] == [(pointer, detail)]


def test_a_missing_nullable_field_is_null_with_a_warning(signature):
    values, warnings = signature.read({"age": 50, "city": "Rome", "smoker": None})
    assert list(values) == [50, None, "Rome", None]
    assert [warning["detail"] for warning in warnings] == ["missing, read as null"]


def test_a_boolean_is_no_number_and_a_number_is_no_boolean(signature):
    assert problems(signature, {**RIGHT, "age": True})["/age"]["found"] == "true (a boolean)"
    assert problems(signature, {**RIGHT, "smoker": 0})["/smoker"]["expected"] == "true or false or null"


@pytest.mark.parametrize("value", [math.inf, -math.inf, 10**400], ids=["inf", "-inf", "a long integer"])
def test_a_number_out_of_a_floats_reach_is_a_problem(signature, value):
    assert problems(signature, {**RIGHT, "age": value})["/age"]["detail"] == "number out of reach"


def test_nan_is_a_missing_value(signature):
    assert signature.read({**RIGHT, "sex": math.nan})[0][1] is None
    assert problems(signature, {**RIGHT, "age": math.nan})["/age"]["found"] == "null"


def test_numpy_scalars_are_the_python_values_they_stand_for(signature):
    import numpy as np

    row = {"age": np.int64(50), "sex": np.float64(1.0), "city": np.str_("Rome"), "smoker": np.bool_(True)}
    assert list(signature.read(row)[0]) == [50, 1.0, "Rome", True]


def test_many_rows_point_into_the_list(signature):
    with pytest.raises(InvalidRows) as caught:
        signature.read_all([RIGHT, {**RIGHT, "age": "x"}, 7])
    assert [problem["pointer"] for problem in caught.value.problems] == ["/1/age", "/2"]
    assert caught.value.count == 2
    values, warnings = signature.read_all([RIGHT, {**RIGHT, "sex": 9}])
    assert len(values) == 2 and warnings[0]["pointer"] == "/1/sex"


def test_at_most_a_hundred_problems_are_listed_and_all_are_counted(signature):
    with pytest.raises(InvalidRows) as caught:
        signature.read_all([{}] * 1000)
    assert len(caught.value.problems) == 100 and caught.value.count == 2000


def test_names_are_escaped_as_json_pointers():
    signature = Signature("table", [Field("a/b~c", "number"), Field("x", "number")])
    assert problems(signature, {"x": 1}).keys() == {"/a~1b~0c"}


def test_a_bare_value_may_stand_alone_or_under_its_name():
    signature = Signature("bare", [Field("text", "string")])
    assert list(signature.read("hello")[0]) == list(signature.read({"text": "hello"})[0]) == ["hello"]
    assert problems(signature, 5)["/text"]["expected"] == "a string"


def test_an_open_record_takes_any_field_of_numbers_and_strings():
    signature = Signature("record", [])
    assert signature.read({"a": 1, "b": "x"})[0] == {"a": 1, "b": "x"}
    assert problems(signature, {"a": {}}).keys() == {"/a"}
    assert problems(signature, [1])[""]["expected"] == "an object"


def test_the_document_is_read_back_whole(signature):
    again = signatures.read(signature.document())
    assert again.document() == signature.document()


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"kind": "table", "fields": []},
        {"kind": "sideways", "fields": [FIELDS[0].document()]},
        {"kind": "table", "fields": [FIELDS[0].document()] * 2},
        {"kind": "table", "fields": [{**FIELDS[0].document(), "typo": 1}]},
        {"kind": "table", "fields": [{**FIELDS[0].document(), "type": "date"}]},
        {"kind": "table", "fields": [{**FIELDS[0].document(), "low": "1"}]},
    ],
)
def test_a_signature_of_another_make_is_refused(document):
    with pytest.raises(ArtifactError):
        signatures.read(document)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=3), items, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["age", "sex", "city", "smoker", "x"]), JSON, max_size=5) | JSON)
def test_any_row_is_read_as_its_types_say_or_refused_with_its_problems(row):
    signature = Signature("table", FIELDS)
    for _ in range(2):
        try:
            values, _warnings = signature.read(row)
        except InvalidRows as error:
            assert error.problems and all(problem["expected"] for problem in error.problems)
        else:
            age, sex, city, smoker = values
            assert type(age) in (int, float) and math.isfinite(age)
            assert sex is None or type(sex) in (int, float)
            assert city in ("Rome", "Oslo") and smoker in (None, True, False)
