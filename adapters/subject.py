"""A function's folder on trial: its entry, imported as the cloud imports it, answers the requests on its input.

Run by another interpreter, alone (-I -S), from the text of this file: arguments are the cloud, the folder and the
folders of libraries that the cloud itself installs. What it tells are lines of JSON: first how long the entry took to
import, then for each request the response and its milliseconds. At the end of the input it tells what is imported.
"""

from __future__ import annotations

import json
import os
import sys
from importlib import import_module
from time import monotonic, perf_counter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Asked = dict[str, Any]
    Ask = Callable[[Asked], tuple[int, dict[str, str], str]]


def aws() -> Ask:
    """The handler with the events of a function URL."""
    handler = import_module("lambda_function").lambda_handler

    def ask(asked: Asked) -> tuple[int, dict[str, str], str]:
        event = {
            "version": "2.0",
            "rawPath": asked["path"],
            "rawQueryString": asked["query"],
            "headers": asked["headers"],
            "requestContext": {"http": {"method": asked["method"], "path": asked["path"]}},
            "body": asked["body"],
            "isBase64Encoded": False,
        }
        reply = handler(event, None)
        return reply["statusCode"], reply["headers"], reply["body"]

    return ask


def google() -> Ask:
    """The functions framework's own application."""
    client = import_module("functions_framework").create_app("predict_handler", "main.py").test_client()

    def ask(asked: Asked) -> tuple[int, dict[str, str], str]:
        reply = client.open(
            asked["path"],
            method=asked["method"],
            query_string=asked["query"],
            headers=asked["headers"],
            data=asked["body"].encode(),
        )
        return reply.status_code, {name.lower(): value for name, value in reply.headers}, reply.text

    return ask


def azure() -> Ask:
    """The one function of the app, with Azure's own requests."""
    from types import SimpleNamespace
    from urllib.parse import parse_qsl

    import azure.functions as func

    (found,) = import_module("function_app").app.get_functions()
    function = found.get_user_function()
    context = SimpleNamespace(invocation_id="trial")

    def ask(asked: Asked) -> tuple[int, dict[str, str], str]:
        request = func.HttpRequest(
            method=asked["method"],
            url=f"http://localhost{asked['path']}?{asked['query']}",
            headers=asked["headers"],
            params=dict(parse_qsl(asked["query"])),
            route_params={"route": asked["path"][1:]},
            body=asked["body"].encode(),
        )
        reply = function(request, context)
        return reply.status_code, dict(reply.headers), reply.get_body().decode()

    return ask


def main(cloud: str, folder: str, *libraries: str) -> None:
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the function prints is its log, not what is told here
    os.chdir(folder)
    sys.path[:0] = [folder, *libraries]
    start = perf_counter()
    ask = {"aws": aws, "google": google, "azure": azure}[cloud]()
    tell(told, {"import_ms": (perf_counter() - start) * 1000})
    for line in sys.stdin:
        asked = json.loads(line)
        start = perf_counter()
        status, headers, body = ask(asked)
        ms = (perf_counter() - start) * 1000
        tell(told, {"status": status, "headers": headers, "body": body, "ms": ms, "at": monotonic()})
    tell(told, {"imported": imported(folder)})


def imported(folder: str) -> list[str]:
    """The sources below the folder that are imported by now."""
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    return sorted({os.path.relpath(file, folder) for file in files if file.startswith(folder + os.sep)})


def tell(told: Any, what: Any) -> None:
    told.write(json.dumps(what) + "\n")
    told.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
