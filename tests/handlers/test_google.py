import io
import json
import tracemalloc

import flask
import pytest

from handlers import google
from handlers.service import Service
from leanfn.platforms import BODY_LIMIT, GOOGLE
from tests.handlers.fakes import GOOD, Fake


class Endless(io.RawIOBase):
    """A chunked body that a sender never ends, in pieces of odd sizes."""

    def __init__(self, size):
        self.left = size
        self.read_so_far = 0

    def readable(self):
        return True

    def read(self, size=-1):
        size = min(size, 40_000, self.left)
        self.left -= size
        self.read_so_far += size
        return b" " * size


def chunked(stream):
    environ = {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    app = flask.Flask(__name__)
    with app.test_request_context(
        "/predict", method="POST", headers={"content-type": "application/json"}
    ) as context:
        environ = {**context.request.environ, **environ}
        environ.pop("CONTENT_LENGTH", None)
        return flask.Request(environ)


def call(event):
    body, status, _ = google.wrap(Service(Fake, {}), lambda line: None)(event)
    return status, json.loads(body)


def test_a_chunked_body_is_read_whole():
    assert call(chunked(io.BytesIO(json.dumps(GOOD).encode()))) == (200, {"verdict": "yes"})


def test_a_chunked_body_over_the_cap_is_413_and_is_not_kept():
    tracemalloc.start()
    status, _ = call(chunked(Endless(GOOGLE.request - 1)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert status == 413
    assert peak < 3 * BODY_LIMIT


def test_a_body_without_end_is_not_read_for_ever():
    stream = Endless(10**12)
    assert call(chunked(stream))[0] == 413
    assert stream.read_so_far < GOOGLE.request + BODY_LIMIT


@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 400), (BODY_LIMIT + 1, 413)])
def test_the_cap_is_exact(size, status):
    assert call(chunked(Endless(size)))[0] == status


def test_a_body_that_was_parsed_as_a_form_is_still_refused():
    app = flask.Flask(__name__)
    with app.test_request_context("/", method="POST", data={"size": "2"}) as context:
        assert call(context.request)[0] == 415


def test_the_last_value_of_a_repeated_query_wins():
    app = flask.Flask(__name__)
    with app.test_request_context("/?a=1&a=2") as context:
        assert dict(google.read(context.request).query) == {"a": "2"}
