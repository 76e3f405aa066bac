import pytest

from handlers.service import Service
from handlers.table import read_csv
from leanfn.http import Refused
from leanfn.signature import Field, Signature
from tests.handlers.fakes import Fake, post, told

FIELDS = [
    Field("size", "number", True),
    Field("kind", "string"),
    Field("note", "string", True),
    Field("old", "boolean", True),
    Field("code", "any", True, categories=[1, "2", True]),
]
TABLE = Signature("table", FIELDS)
HEAD = b"size,kind,note,old,code\n"


def row(line):
    (found,) = read_csv(HEAD + line.encode(), TABLE)
    return list(found.values())


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        *[
            ("63", 63),
            ("-1", -1),
            ("2.5", 2.5),
            ("1e3", 1000.0),
            (" 7 ", 7),
            ("", None),
            ("007", 7),
            ("9" * 20, 1e20),
        ],
        *[
            ("1_000", "1_000"),
            ("nan", "nan"),
            ("inf", "inf"),
            ("٣", "٣"),
            ("0x1", "0x1"),
            ("ten", "ten"),
            ("1-2", "1-2"),
        ],
    ],
)
def test_a_number_is_what_json_would_take_for_one(cell, value):
    found = row(f"{cell},x,,,")[0]
    assert found == value and type(found) is type(value)


def test_a_number_beyond_a_float_is_told_by_the_signature():
    service = Service(Fake, {})
    response = service(post(b"size,kind\n1e400,x\n", headers={"content-type": "text/csv"}))
    assert response.status == 422 and told(response)["errors"][0]["pointer"] == "/0/size"


def test_an_empty_cell_is_null_but_for_a_string_that_cannot_be():
    assert row(",,,,") == [None, "", None, None, None]


def test_booleans_are_words():
    assert [row(f"1,x,,{word},")[3] for word in ("true", "FALSE", "True", "1")] == [True, False, True, "1"]


def test_a_cell_of_any_type_is_a_known_category_or_a_number_or_a_string():
    assert [row(f"1,x,,,{cell}")[4] for cell in ("1", "2", "True", "3", "red")] == [1, "2", True, 3, "red"]


def test_quotes_and_every_kind_of_line_end_are_read():
    body = b'\xef\xbb\xbfkind,size\r\n"a,""b""\nc",1\r\n\r\nx,2'
    assert read_csv(body, TABLE) == [{"kind": 'a,"b"\nc', "size": 1}, {"kind": "x", "size": 2}]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "line 1"),
        (b"\n", "line 1"),
        (b"size,size\n1,2\n", "line 1"),
        (b"63,1,3\n", "line 1 names none of the fields, which are size, kind, note, old, code"),
        (b"size,kind\n1,x\n1\n", "line 3 has 1 values, line 1 has 2 names"),
        (b'size,kind\n1,"x\n', "line 2"),
        (b'size,kind\n1,"x"y\n', "line 2"),
        (b"size,kind\n1,\xff\n", "byte 12 is not UTF-8"),
        (b"size,kind\n1," + b"x" * 200_000, "line 2"),
    ],
)
def test_what_is_no_csv_is_refused_with_its_line(body, words):
    with pytest.raises(Refused) as caught:
        read_csv(body, TABLE)
    assert caught.value.status == 400 and words in caught.value.detail


def test_no_more_rows_are_read_than_one_over_the_cap():
    assert len(read_csv(b"size\n" + b"1\n" * 20_000, TABLE)) == 10_001


def test_an_open_record_has_the_fields_that_are_filled():
    assert read_csv(b"a,b\n1,\n,x\n", Signature("record", [])) == [{"a": 1}, {"b": "x"}]


def test_csv_is_answered_as_a_list():
    response = Service(Fake, {})(
        post(b"size,kind\n2,x\n3,y\n", headers={"content-type": "text/csv; charset=utf-8"})
    )
    assert told(response) == [{"verdict": "yes"}, {"verdict": "no"}]
