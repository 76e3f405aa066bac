"""Microsoft's own worker under our host: it is the host's part that is tested, and that a bundle works in it."""

import http.client
import json
import subprocess
from types import SimpleNamespace

import pytest

from emulators.azure_host import Route, running
from leanfn.errors import LeanfnError

APP = """
import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="echo/{name}/{rest?}", methods=["GET", "POST"])
def echo(req: func.HttpRequest) -> func.HttpResponse:
    body = {
        "method": req.method, "params": dict(req.route_params), "query": dict(req.params),
        "header": req.headers.get("x-twice"), "size": len(req.get_body()),
    }
    import json
    return func.HttpResponse(json.dumps(body), status_code=201, headers={"x-own": "1"}, mimetype="application/json")

@app.route(route="fail")
def fail(req):
    raise ValueError("secret")

@app.route(route="text")
def text(req):
    return "plain"

@app.route(route="closed", auth_level=func.AuthLevel.FUNCTION)
def closed(req):
    return "open"
"""


@pytest.fixture(scope="module")
def python():
    """A Python 3.13 with azure-functions-runtime, set up once in .bench/."""
    from benchmarks.cold_start import runtimes

    try:
        return str(runtimes("3.13"))
    except LeanfnError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def port(python, tmp_path_factory):
    folder = tmp_path_factory.mktemp("app")
    (folder / "function_app.py").write_text(APP)
    (folder / "host.json").write_text('{"version": "2.0"}')
    with running(folder, python, key="k3y", log=subprocess.DEVNULL) as url:
        yield int(url.rpartition(":")[2])


def ask(port, method, path, body=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(
            method, path, body, headers or {}, encode_chunked="Transfer-Encoding" in (headers or {})
        )
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_a_request_comes_in_and_an_answer_goes_out_whole(port):
    status, headers, body = ask(port, "POST", "/api/echo/a%20b?x=1&x=2&y=", b"abc")
    assert (status, headers["x-own"]) == (201, "1")
    assert json.loads(body) == {
        "method": "POST",
        "params": {"name": "a b"},
        "query": {"x": "1,2", "y": ""},
        "header": None,
        "size": 3,
    }


def test_a_chunked_body_comes_whole(port):
    _, _, body = ask(
        port, "POST", "/api/echo/a", iter([b"abc", b"d" * 70_000]), {"Transfer-Encoding": "chunked"}
    )
    assert json.loads(body)["size"] == 70_003


def test_a_body_over_the_hosts_limit_never_reaches_the_function(port):
    assert ask(port, "POST", "/api/echo/a", headers={"Content-Length": str(101 * 1024 * 1024)})[0] == 413


def test_what_no_route_takes_is_not_found(port):
    assert ask(port, "GET", "/")[0] == 404
    assert ask(port, "GET", "/api/echo")[0] == 404
    assert ask(port, "DELETE", "/api/echo/a")[0] == 404


def test_an_exception_is_a_500_that_shows_nothing(port):
    status, _, body = ask(port, "GET", "/api/fail")
    assert (status, body) == (500, b"")


def test_text_is_an_answer(port):
    assert ask(port, "GET", "/api/text")[2] == b"plain"


def test_a_closed_function_wants_its_key(port):
    assert ask(port, "GET", "/api/closed")[0] == 401
    assert ask(port, "GET", "/api/closed?code=wrong")[0] == 401
    assert ask(port, "GET", "/api/closed?code=k3y")[0] == 200
    assert ask(port, "GET", "/api/closed", headers={"x-functions-key": "k3y"})[0] == 200


def test_an_app_that_cannot_be_imported_does_not_start(python, tmp_path):
    (tmp_path / "function_app.py").write_text("raise RuntimeError('at import')")
    (tmp_path / "host.json").write_text("{}")
    with (
        pytest.raises(LeanfnError, match="does not start"),
        running(tmp_path, python, log=subprocess.DEVNULL),
    ):
        pass


def test_the_bundle_answers_in_microsofts_worker(python, heart_folder, patient, tmp_path):
    from adapters.bundle import bundle

    made = bundle(heart_folder, "azure", tmp_path, python="3.13")
    with running(made.folder, python, log=subprocess.DEVNULL) as url:
        port = int(url.rpartition(":")[2])
        for path in ("/", "/predict"):
            status, headers, body = ask(
                port, "POST", path, json.dumps(patient), {"content-type": "application/json"}
            )
            assert (status, json.loads(body)) == (200, {"diagnosis": "heart-disease"})
            assert headers["content-type"] == "application/json"
        assert ask(port, "GET", "/health")[0] == 200
        assert ask(port, "GET", "/nowhere")[0] == 404
        assert ask(port, "HEAD", "/health")[2] == b""


@pytest.mark.parametrize(
    ("template", "prefix", "path", "params"),
    [
        ("{*route}", "", "/", {}),
        ("{*route}", "", "/predict", {"route": "predict"}),
        ("{*route}", "", "/v2/models/a%2Fb/", {"route": "v2/models/a/b"}),
        ("{*route}", "api", "/api", {}),
        ("{*route}", "api", "/apis", None),
        ("a/{b:int}", "api", "/api/a/1", {"b": "1"}),
        ("a/{b?}", "api", "/api/a", {}),
        ("a.b", "api", "/api/axb", None),
    ],
)
def test_a_route_takes_the_paths_that_its_template_says(template, prefix, path, params):
    binding = {"name": "req", "route": template}
    assert Route(SimpleNamespace(name="f"), binding, prefix).match(path) == params
