import subprocess
import sys
import typing
from pathlib import Path

import azure.functions as func

from handlers import azure
from handlers.service import Service
from tests.handlers.fakes import Fake

ROOT = Path(__file__).parent.parent.parent


def test_the_app_has_its_function_under_its_route():
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
    app.function_name("predict")(app.route(route="{*route}")(azure.wrap(Service(Fake, {}))))
    (function,) = app.get_functions()
    bindings = {binding["type"]: binding for binding in function.get_bindings_dict()["bindings"]}
    assert bindings["httpTrigger"]["route"] == "{*route}"
    assert bindings["httpTrigger"]["name"] == "req"


def test_the_worker_can_resolve_the_functions_annotations():
    assert typing.get_type_hints(azure.wrap(Service(Fake, {}))) == {}


def test_the_query_is_the_addresss_without_the_functions_key():
    """In params the host joins what comes twice, and leaves out what is empty."""
    url = "https://x/api/predict?code=k&clientId=default&a=1&a=2&b="
    params = {"code": "k", "clientId": "default", "a": "1,2"}
    request = azure.read(func.HttpRequest("post", url, params=params, body=b""))
    assert (request.method, dict(request.query)) == ("POST", {"a": "2", "b": ""})


def test_a_prefix_in_the_url_is_not_part_of_the_path():
    event = func.HttpRequest("GET", "https://x/api/v2/models", route_params={"route": "v2/models"}, body=b"")
    assert azure.read(event).path == "/v2/models"
    assert azure.read(func.HttpRequest("GET", "https://x/api/", body=b"")).path == "/"


def test_importing_the_entry_imports_nothing_of_azure():
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import handlers.azure, handlers.service; print(*sys.modules)"
    seen = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True
    )
    assert "azure" not in seen.stdout.split()
