import json
import logging

import pytest

from handlers import log
from handlers.service import Service
from leanfn.http import Request
from tests.handlers.fakes import Fake, post

HOSTILE = [
    '/x\n{"severity":"EMERGENCY"}',
    "/\r\n\x1b[2J",
    "/\u2028\u2029\x85",
    '/"}{"',
    "/\ud800",
    "/" + "a" * 10_000,
    "/\x00",
]


def recorded(request):
    Service(Fake, {})(request)
    return request.record


@pytest.mark.parametrize("shape", [log.aws, log.google, log.azure], ids=lambda shape: shape.__name__)
@pytest.mark.parametrize("path", HOSTILE, ids=ascii)
def test_hostile_strings_break_no_line(shape, path):
    line = shape(recorded(Request(path, path, {path: path}, {path: path, "traceparent": path})))
    assert line.isascii() and line.isprintable()
    assert json.loads(line)["status"] == 404
    assert len(line) < 4000 or len(path) > 1000


def test_aws_gets_metrics_in_the_line():
    line = json.loads(log.aws(recorded(post())))
    directive = line["_aws"]["CloudWatchMetrics"][0]
    for metric in directive["Metrics"]:
        assert isinstance(line[metric["Name"]], (int, float))
    for dimension in directive["Dimensions"][0]:
        assert isinstance(line[dimension], str)


def test_aws_gets_no_dimension_that_the_line_does_not_hold():
    record = recorded(Request("GET", "/nowhere"))
    assert json.loads(log.aws(record))["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [[]]


@pytest.mark.parametrize(("body", "severity"), [(b'{"size":2,"kind":"x"}', "INFO"), (b"[", "WARNING")])
def test_google_gets_a_severity_and_a_message(body, severity):
    line = json.loads(log.google(recorded(post(body))))
    assert line["severity"] == severity
    assert line["message"].startswith("POST /predict ")


def test_google_gets_a_500_as_an_error():
    request = post()
    Service(lambda: Fake(ValueError()), {})(request)
    assert json.loads(log.google(request.record))["severity"] == "ERROR"


def test_google_gets_the_callers_trace_where_the_project_is_known():
    request = post(headers={"traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"})
    line = json.loads(log.google(recorded(request), {"GOOGLE_CLOUD_PROJECT": "demo"}))
    assert line["logging.googleapis.com/trace"] == "projects/demo/traces/" + "a" * 32
    assert "logging.googleapis.com/trace" not in json.loads(log.google(request.record, {}))


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "x",
        "00-" + "A" * 32 + "-" + "b" * 16 + "-01",
        "00-aa-bb-01",
        "-" * 55,
        "00-" + "a" * 32 + "-" + "g" * 16 + "-01",
    ],
)
def test_a_traceparent_that_is_not_one_is_left_out(traceparent):
    assert "trace" not in recorded(post(headers={"traceparent": traceparent}))


def test_a_line_is_written_in_one_piece(capsys):
    log.stdout("{}")
    assert capsys.readouterr().out == "{}\n"


def test_azure_gets_the_line_through_logging(caplog):
    logging.getLogger("leanfn").setLevel(logging.NOTSET)
    log.logging_info('{"a": "%s"}')
    log.logging_info("{}")
    assert caplog.messages == ['{"a": "%s"}', "{}"]


def test_whoever_wants_warnings_only_gets_no_lines(caplog):
    logger = logging.getLogger("leanfn")
    logger.setLevel(logging.WARNING)
    try:
        log.logging_info("{}")
    finally:
        logger.setLevel(logging.NOTSET)
    assert not caplog.messages


def test_places_name_the_cause_too_and_no_message():
    try:
        try:
            raise KeyError("a name")
        except KeyError as error:
            raise ValueError("another") from error
    except ValueError as error:
        found = log.places(error)
    assert found[0] == "ValueError" and "KeyError" in found
    assert "a name" not in " ".join(found) and "another" not in " ".join(found)


def test_places_of_a_chain_without_end_are_few():
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    assert len(log.places(one)) == log.PLACES_LIMIT
