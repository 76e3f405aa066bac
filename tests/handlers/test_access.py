from hashlib import sha256

import pytest

from handlers.service import Service
from leanfn.http import Request
from tests.handlers.fakes import Fake, post

ORIGIN = "https://app.example"
KEY = "correct horse"
DIGEST = sha256(KEY.encode()).hexdigest()


def cors(service, origin=ORIGIN, request=None):
    request = request or post()
    request.headers = {**request.headers, "origin": origin}
    response = service(request)
    return {
        name: value
        for name, value in response.headers.items()
        if name.startswith("access-") or name == "vary"
    }


def test_cross_origin_is_off_unless_asked_for():
    service = Service(Fake, {})
    assert cors(service) == {}
    preflight = Request("OPTIONS", "/predict", headers={"access-control-request-method": "POST"})
    assert cors(service, request=preflight) == {}


def test_a_page_of_a_known_origin_may_read_answers_and_errors():
    service = Service(Fake, {"LEANFN_CORS": f"{ORIGIN}, https://other.example"})
    for request in (post(), post(b"["), Request("GET", "/nowhere"), Request("PUT", "/")):
        found = cors(service, request=request)
        assert found["access-control-allow-origin"] == ORIGIN
        assert found["vary"] == "origin"
        assert "x-model-version" in found["access-control-expose-headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "", ORIGIN + ".evil.example", ORIGIN.upper()]
)
def test_a_page_of_another_origin_may_not(origin):
    assert cors(Service(Fake, {"LEANFN_CORS": ORIGIN}), origin) == {"vary": "origin"}


def test_every_origin_may_where_that_is_asked_for():
    assert (
        cors(Service(Fake, {"LEANFN_CORS": "*"}), "https://any.example")["access-control-allow-origin"] == "*"
    )


def test_a_preflight_is_told_what_may_be_sent():
    service = Service(Fake, {"LEANFN_CORS": ORIGIN, "LEANFN_API_KEY_SHA256": DIGEST})
    preflight = Request("OPTIONS", "/predict", headers={"access-control-request-method": "POST"})
    found = cors(service, request=preflight)
    assert found["access-control-allow-methods"] == "POST, OPTIONS"
    assert (
        "x-api-key" in found["access-control-allow-headers"]
        and "content-type" in found["access-control-allow-headers"]
    )


def test_without_a_key_nothing_is_asked():
    assert Service(Fake, {})(post()).status == 200


@pytest.mark.parametrize("key", [None, "", "wrong", DIGEST, KEY + " ", "\ud800"])
def test_a_wrong_key_opens_nothing(key):
    service = Service(Fake, {"LEANFN_API_KEY_SHA256": DIGEST})
    headers = {} if key is None else {"x-api-key": key}
    for request in (
        post(headers=headers),
        Request("GET", "/", headers=headers),
        Request("GET", "/v2", headers=headers),
    ):
        response = service(request)
        assert response.status == 401
        assert "x-api-key" in response.headers["www-authenticate"]


def test_the_right_key_opens_the_function_and_so_does_its_successor():
    later = sha256(b"new").hexdigest().upper()
    service = Service(Fake, {"LEANFN_API_KEY_SHA256": f"{DIGEST},{later}"})
    assert service(post(headers={"x-api-key": KEY})).status == 200
    assert service(post(headers={"x-api-key": "new"})).status == 200


@pytest.mark.parametrize("path", ["/health", "/v2/health/live", "/v2/health/ready"])
def test_health_is_told_without_a_key(path):
    assert Service(Fake, {"LEANFN_API_KEY_SHA256": DIGEST})(Request("GET", path)).status == 200


def test_who_may_invoke_the_function_itself_needs_no_key():
    service = Service(Fake, {"LEANFN_API_KEY_SHA256": DIGEST})
    request = post()
    assert service(request).status == 401
    request.authorized = True
    assert service(request).status == 200
