"""What the emulated Azure refuses, as Azure documents it, and that its own parts do what the real ones do."""

import contextlib
import json
import ssl
import urllib.error
import urllib.request
from types import SimpleNamespace

import pytest

from emulators.azure import runtime
from emulators.azure.apps import App
from emulators.azure.cloud import SUBSCRIPTION, Cloud
from emulators.azure.front import Call, Reply
from emulators.azure.tokens import LIFETIME, Tokens
from leanfn.errors import EmulatorError

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/g"


@contextlib.contextmanager
def nothing(folder, settings, key, tell):
    yield "http://127.0.0.1:1"


@pytest.fixture
def cloud(tmp_path):
    with contextlib.closing(Cloud(nothing, tmp_path)) as cloud:
        yield cloud


@pytest.fixture
def ask(cloud):
    """(status, Azure's word for it) of a call over TLS, with a token unless another is given."""
    form = (
        f"client_id={cloud.tokens.client}&client_secret={cloud.tokens.secret}&scope={cloud.arm.base}/.default"
    )
    context = ssl.create_default_context(cafile=cloud.settings["certificate"])

    def send(method, path, body=None, **headers):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request = urllib.request.Request(f"{cloud.arm.base}{path}", data, headers, method=method)
        try:
            with urllib.request.urlopen(request, context=context) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["error"]["code"]

    token = send("POST", f"/{cloud.tokens.tenant}/oauth2/v2.0/token", form.encode())[1]["access_token"]

    def ask(method, path, body=None, authorization=f"Bearer {token}", version="?api-version=1"):
        return send(method, path + version, body, authorization=authorization)

    return ask


def test_a_call_without_a_token_is_refused(ask):
    assert ask("GET", GROUP, authorization="Bearer x") == (401, "AuthenticationFailed")


def test_a_call_without_the_interfaces_version_is_refused(ask):
    assert ask("GET", GROUP, version="") == (400, "MissingApiVersionParameter")


def test_another_subscription_is_not_there(ask):
    assert ask("GET", "/subscriptions/1/resourceGroups/g") == (404, "SubscriptionNotFound")


def test_a_resource_wants_its_group(ask):
    assert ask("GET", GROUP) == (404, "ResourceGroupNotFound")
    path = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/abc"
    assert ask("PUT", path, {"location": "westeurope"}) == (404, "ResourceGroupNotFound")


def test_names_are_checked(ask):
    ask("PUT", GROUP, {"location": "westeurope"})
    path = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/My_Store"
    assert ask("PUT", path, {"location": "westeurope"}) == (400, "InvalidResourceName")


def test_flex_wants_its_regions_pythons_and_sizes(ask):
    ask("PUT", GROUP, {"location": "westeurope"})
    plan, site = (f"{GROUP}/providers/Microsoft.Web/{kind}/n1" for kind in ("serverfarms", "sites"))
    flex = {"location": "moon", "sku": {"name": "FC1"}}
    assert ask("PUT", plan, flex) == (409, "LocationNotAvailableForResourceType")
    assert ask("PUT", plan, {**flex, "location": "West Europe"})[0] == 202
    config = {"runtime": {"version": "3.13"}, "scaleAndConcurrency": {"instanceMemoryMB": 512}}
    for part, value in (("runtime", {"version": "3.8"}), ("scaleAndConcurrency", {"instanceMemoryMB": 100})):
        body = {"properties": {"serverFarmId": plan, "functionAppConfig": {**config, part: value}}}
        assert ask("PUT", site, body) == (400, "BadRequest")
    body = {"properties": {"serverFarmId": plan, "functionAppConfig": config}}
    assert ask("PUT", site, body)[0] == 202
    assert ask("PUT", f"{site}/slots/s", body) == (400, "BadRequest")  # Flex has no slots


def test_a_token_is_for_one_audience_and_ends():
    now = SimpleNamespace(at=0.0)
    tokens = Tokens("t", "c", "s", clock=lambda: now.at)
    form = b"client_id=c&client_secret=s&scope=api://x/.default"
    token = json.loads(tokens.answer(Call("POST", "/t/oauth2/v2.0/token", {}, {}, form)).body)["access_token"]
    call = Call("GET", "/", {}, {"authorization": f"Bearer {token}"}, b"")
    assert tokens.holds(call, "api://x") and not tokens.holds(call, "api://y")
    now.at += LIFETIME + 1
    assert not tokens.holds(call, "api://x")


@pytest.fixture
def app():
    app = App(
        "a", nothing, Tokens("t", "c", "s"), lambda answer: SimpleNamespace(host="h", close=lambda: None)
    )
    app.content.package = None
    return app


def test_the_front_page_is_the_platforms_unless_it_is_disabled(app):
    call = Call("GET", "/", {}, {}, b"")
    assert b"up and running" in app.answer(call).body
    app.content.settings = {"AzureWebJobsDisableHomepage": "true"}
    assert app.answer(call) == Reply(404)


def test_a_stopped_app_answers_nobody(app):
    app.running = False
    assert app.answer(Call("GET", "/predict", {}, {}, b"")).status == 403


def test_without_the_python_of_microsofts_runtime_it_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    with pytest.raises(EmulatorError, match=r"(?s)wanted: python3\.13 on this machine.*found:  none"):
        runtime.interpreter(tmp_path)
