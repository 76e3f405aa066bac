"""GET / in a browser, without one: who gets the page, what it may do, and that it holds nothing of the model."""

import json
import subprocess
import sys
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest

from handlers.aws import wrap as aws
from handlers.page_script import SCRIPT
from handlers.service import Service
from leanfn.errors import ArtifactError
from leanfn.http import Request
from leanfn.signature import Field, Signature
from tests.handlers.fakes import Fake, post, told

ROOT = Path(__file__).parent.parent.parent
CHROMIUM = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
EXPLORER = "text/html, application/xhtml+xml, */*"
HTML = "text/html; charset=utf-8"
EVIL = "</script><img src=x onerror=alert(1)>"
SIZE_LIMIT = 30_000  # bytes


def browse(service, accept=CHROMIUM, method="GET", **headers):
    return service(Request(method, "/", headers={"accept": accept, **headers}))


class Page(HTMLParser):
    """The page's elements, and what stands between the tags of its script and style."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self.inline = {"script": [], "style": []}
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.cdata_elem:  # inside a script or a style
            self.inline[self.cdata_elem].append(data)


@pytest.fixture
def service():
    return Service(Fake, {})


@pytest.mark.parametrize(
    "accept", [CHROMIUM, FIREFOX, EXPLORER, "text/html", "TEXT/HTML, text/plain", "text/*"]
)
def test_a_browser_gets_the_page(service, accept):
    response = browse(service, accept)
    assert (response.status, response.headers["content-type"]) == (200, HTML)
    assert response.body.startswith(b"<!doctype html>") and response.body.endswith(b"</html>\n")


@pytest.mark.parametrize(
    "accept",
    [
        "",
        "*/*",
        "application/json",
        "application/json, text/plain, */*",
        "application/json, text/html",
        "application/json, text/html;q=0.9",
        "text/html;q=0, */*",
        "text/html;q=0.1, application/*;q=0.2",
        "text/html;q=nan",
        "text/html;q=7, */*;q=0.1",
        "text/html;q=, */*",
        "text/plain",
        "text/htmlx",
        ";q=1,,;text/html",
    ],
)
def test_everyone_else_gets_json(service, accept):
    assert told(browse(service, accept))["name"] == "fake"


def test_a_client_that_says_nothing_gets_json(service):
    assert told(service(Request("GET", "/")))["name"] == "fake"


def test_only_the_root_is_a_page_and_only_to_read(service):
    for path in ("/health", "/signature", "/version", "/openapi.json", "/v2"):
        response = service(Request("GET", path, headers={"accept": CHROMIUM}))
        assert response.headers["content-type"] == "application/json"
    assert told(service(post(path="/", headers={"accept": CHROMIUM}))) == {"verdict": "yes"}
    assert service(Request("OPTIONS", "/", headers={"accept": CHROMIUM})).body == b""


def test_head_is_get_without_the_body(service):
    got, headed = browse(service), browse(service, method="HEAD")
    assert (headed.status, headed.body) == (200, b"")
    assert {**got.headers, "x-request-id": ""} == {**headed.headers, "x-request-id": ""}


def test_it_is_small(service):
    assert len(browse(service).body) < SIZE_LIMIT


def test_it_holds_nothing_of_the_model():
    class Hostile(Fake):
        name = EVIL

        def __init__(self):
            super().__init__()
            self.signature = Signature("table", [Field(EVIL, "string", categories=[EVIL])])

    service = Service(Hostile, {})
    service.model()
    assert browse(service).body == browse(Service(Fake, {})).body


def test_its_own_script_and_style_run_and_nothing_else(service):
    response = browse(service)
    page = Page(response.body.decode())
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    for kind in ("script", "style"):
        (text,) = page.inline[kind]
        assert policy[f"{kind}-src"] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["frame-ancestors"] == policy["trusted-types"] == "'none'"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]


def test_it_fetches_nothing_from_elsewhere(service):
    elements = Page(browse(service).body.decode()).elements
    links = [
        value for _, attrs in elements for name, value in attrs.items() if name in ("src", "href", "action")
    ]
    assert [link.partition(":")[0] for link in links] == ["data"]  # the icon
    assert not [name for _, attrs in elements for name in attrs if name == "style" or name.startswith("on")]


def test_its_script_never_reads_a_text_as_markup():
    assert not [
        sink
        for sink in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval", "Function(")
        if sink in SCRIPT
    ]


def test_every_control_has_its_label(service):
    elements = Page(browse(service).body.decode()).elements
    labels = {attrs.get("for") for tag, attrs in elements if tag == "label"}
    assert [attrs["id"] for tag, attrs in elements if tag in ("input", "select", "textarea")] == ["key"]
    assert labels == {"key"}
    ids = [attrs["id"] for _, attrs in elements if "id" in attrs]
    assert len(set(ids)) == len(ids)
    named = [
        attrs[name].split()
        for _, attrs in elements
        for name in attrs
        if name in ("aria-labelledby", "aria-describedby")
    ]
    assert {name for names in named for name in names} <= set(ids)
    assert ("div", {"id": "news", "aria-live": "polite"}) in elements


def test_it_is_off_where_that_is_asked_for():
    service = Service(Fake, {"LEANFN_PAGE": "off"})
    assert told(browse(service))["name"] == "fake"


def test_where_a_key_is_wanted_the_page_is_there_to_take_it_and_the_model_is_not_told():
    service = Service(Fake, {"LEANFN_API_KEY_SHA256": sha256(b"k").hexdigest()})
    assert browse(service).status == 200
    assert browse(service, "*/*").status == 401
    assert service(Request("GET", "/signature", headers={"accept": CHROMIUM})).status == 401
    off = Service(Fake, {"LEANFN_API_KEY_SHA256": sha256(b"k").hexdigest(), "LEANFN_PAGE": "off"})
    assert browse(off).status == 401


def test_it_is_there_where_the_model_is_not():
    def load():
        raise ArtifactError("artifact/model.json is damaged")

    service = Service(load, {})
    assert browse(service).status == 200
    assert browse(service, "*/*").status == 503


def test_it_goes_through_a_cloud_as_it_is(service):
    event = {
        "rawPath": "/prod",
        "headers": {"Accept": CHROMIUM},
        "requestContext": {"stage": "prod", "http": {"method": "GET"}},
    }
    reply = aws(service, tell=lambda line: None)(event, None)
    assert reply["body"].encode() == browse(service).body
    assert reply["headers"]["content-type"] == HTML and not reply["isBase64Encoded"]


def test_azure_writes_its_kind_as_it_is(service):
    from azure.functions import HttpRequest
    from azure.functions.http import HttpResponseConverter

    from handlers import azure

    event = HttpRequest("GET", "https://x/api/", headers={"accept": CHROMIUM}, body=b"")
    reply = azure.write(service(azure.read(event)), event)
    encoded = HttpResponseConverter.encode(reply, expected_type=None)
    assert encoded.value["headers"]["content-type"].value == HTML


IMPORTED = """
import sys
sys.path.insert(0, {root!r})
from handlers.service import Service
from leanfn.artifact import load
from leanfn.http import Request
service = Service(lambda: load({folder!r}))
def pages():
    return [name for name in sys.modules if name.startswith("handlers.page")]
service(Request(body={body!r}, headers={{"accept": "text/html"}}))
service(Request("GET", "/", headers={{"accept": "*/*"}}))
service(Request("GET", "/health", headers={{"accept": "text/html"}}))
before = pages()
service(Request("GET", "/", headers={{"accept": "text/html"}}))
print(before, sorted(pages()))
"""


def test_no_other_request_pays_for_it(heart_folder, patient):
    code = IMPORTED.format(root=str(ROOT), folder=str(heart_folder), body=json.dumps(patient).encode())
    ran = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[] ['handlers.page', 'handlers.page_script', 'handlers.page_style']\n"
