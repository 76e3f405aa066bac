"""JSON is read the same on every Python: one table of documents, one verdict for each."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.strict import (
    CONTAINERS_LIMIT,
    DEPTH_LIMIT,
    NotJSON,
    TooMany,
    _constant,
    _decode,
    _float,
    _object,
    _place,
    loads,
)
from tests.documents import DOCUMENTS, INVALID, VALID

ROOT = Path(__file__).parent.parent.parent
PYTHONS = sorted((Path.home() / ".pyenv" / "versions").glob("3.1[1-9]*/bin/python"))
VERDICTS = """
import sys
sys.path.insert(0, sys.argv[1])
from handlers.strict import loads
from tests.documents import DOCUMENTS
for document, _ in DOCUMENTS:
    try:
        print(ascii(loads(document)))
    except ValueError as error:
        print(type(error).__name__, ascii(str(error)))
"""


def test_the_table_holds_at_least_300_documents_of_both_kinds():
    assert len({document for document, _ in DOCUMENTS}) >= 300
    assert len(VALID) >= 50 and len(INVALID) >= 50


@pytest.mark.parametrize(("document", "valid"), DOCUMENTS, ids=lambda case: ascii(case)[:40])
def test_a_document_gets_its_verdict(document, valid):
    try:
        loads(document)
    except NotJSON:
        assert not valid
    else:
        assert valid


def verdicts(python):
    command = [str(python), "-I", "-S", "-c", VERDICTS, str(ROOT)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.skipif(not PYTHONS, reason="no other Python under ~/.pyenv/versions")
@pytest.mark.parametrize("python", PYTHONS, ids=lambda python: python.parent.parent.name)
def test_every_python_says_the_same_in_the_same_words(python):
    assert verdicts(python) == verdicts(sys.executable)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"\xef\xbb\xbf{}", "it starts with a byte order mark"),
        (b'{"a":"\xff"}', "byte 6 is not UTF-8"),
        (b'{"a":1,"a":2}', 'an object has the name "a" twice'),
        (b"[NaN]", "it holds NaN, which JSON does not have"),
        (b"[-Infinity]", "it holds -Infinity, which JSON does not have"),
        (b"1e400", "it holds a number beyond the reach of a 64-bit float"),
        (b"1" * 309, "it holds an integer of more than 308 digits"),
        (b'["\\ud800"]', "it holds half of a surrogate pair"),
        (b'{"a":1,\n}', "line 2, column 1 is not JSON"),
        (b"[" * 100, f"it is nested deeper than {DEPTH_LIMIT} levels, or never closed"),
    ],
)
def test_a_refusal_says_what_is_wrong(document, words):
    with pytest.raises(NotJSON) as caught:
        loads(document)
    assert str(caught.value) == words


def test_the_place_of_a_trailing_comma_is_the_same_on_every_python():
    text = "[1,\n ]"
    before = json.JSONDecodeError("Expecting value", text, 5)
    since_3_13 = json.JSONDecodeError("Illegal trailing comma before end of array", text, 2)
    assert _place(text, before) == _place(text, since_3_13) == "line 2, column 2 is not JSON"


def test_a_name_that_comes_twice_among_many_is_found_in_time():
    body = b"{" + b"".join(b'"%d":1,' % number for number in range(100_000)) + b'"99999":1}'
    start = time.process_time()
    with pytest.raises(NotJSON, match='"99999" twice'):
        loads(body)
    assert time.process_time() - start < 1


def test_brackets_in_strings_are_no_depth():
    document = b'["' + b"[" * 1000 + b'", "' + b'\\"[' * 1000 + b'", "\\\\", "[", [' + b"[]," * 100 + b"0]]"
    assert len(loads(document)) == 5


def test_more_objects_and_lists_than_can_be_meant_are_refused_before_they_are_built():
    with pytest.raises(TooMany):
        loads(b"[" + b"[]," * CONTAINERS_LIMIT + b"0]")


@pytest.mark.parametrize(
    "document",
    [b"[" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000],
    ids=["opened", "closed", "objects"],
)
def test_a_hundred_thousand_levels_are_refused_within_50_ms(document):
    def seconds():
        start = time.process_time()
        with pytest.raises(NotJSON):
            loads(document)
        return time.process_time() - start

    assert min(seconds() for _ in range(5)) < 0.05


@settings(max_examples=500)
@given(st.text(' \t\n\r\u00a0{}[]",:019.eE-+truefalsn\\', max_size=16))
def test_a_text_is_taken_or_refused_at_the_same_place_as_by_the_librarys_own_decoder(text):
    decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=_float, parse_constant=_constant)
    try:
        wanted = decoder.decode(text)
    except ValueError as error:
        wanted = getattr(error, "pos", 0), str(error)
    try:
        found = _decode(text)
    except ValueError as error:
        found = getattr(error, "pos", 0), str(error)
    assert found == wanted
    assert type(found) is type(wanted)
