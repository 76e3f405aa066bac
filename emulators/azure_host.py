"""A small Functions host around Microsoft's own worker code (azure-functions-runtime), for HTTP functions.

python -P emulators/azure_host.py FUNCTION_FOLDER [KEY]

runs it, in an interpreter of Python 3.13 or later that has azure-functions-runtime; it prints the port it listens on.
Indexing, decoding, calling and encoding are Microsoft's; routes, methods, keys and the size of a body are the host's
part and stand here as https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger has
them. The real host speaks to its worker through gRPC; here the messages are plain objects in one process.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import subprocess
import sys
import threading
import uuid
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

BODY_LIMIT = 100 * 1024 * 1024  # maxRequestBodySize of the host, the same on every plan
SUCCESS = 1


@contextmanager
def running(
    folder: Path,
    python: str = sys.executable,
    *,
    key: str = "",
    log: int | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Iterator[str]:
    """The URL of a function app in a process of its own, for as long as the block runs.

    environ: of that process, which holds the app's settings.
    """
    line = [python, "-P", __file__, str(folder.resolve()), key]
    environ = {**environ, "PYTHONDONTWRITEBYTECODE": "1"}  # run from package: the folder is read-only
    with subprocess.Popen(line, env=environ, stdout=subprocess.PIPE, stderr=log, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            if not port:
                from leanfn.errors import EmulatorError  # here: the interpreter that hosts has no leanfn

                raise EmulatorError(f"the function app in {folder} does not start")
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


class Message(SimpleNamespace):
    """A message of the host's protocol: a field that was never set reads as None."""

    def __getattr__(self, name: str) -> None:
        return None


class TypedData(SimpleNamespace):
    """A value under the name of its kind."""

    def WhichOneof(self, _: str) -> str | None:
        return next(iter(vars(self)), None)


def _messages() -> SimpleNamespace:
    """What the worker expects of the generated protobuf module, as far as HTTP functions need it."""
    names = "FunctionLoadResponse FunctionMetadataResponse InvocationResponse RpcException RpcFunctionMetadata RpcHttp"
    names += " WorkerInitResponse WorkerMetadata NullableBool NullableDouble NullableString NullableTimestamp"
    directions = {"in": 0, "out": 1, "inout": 2}
    kinds = {"undefined": 0, "string": 1, "binary": 2, "stream": 3}
    return SimpleNamespace(
        TypedData=TypedData,
        StatusResult=type("StatusResult", (Message,), {"Failure": 0, "Success": SUCCESS, "Cancelled": 2}),
        BindingInfo=type("BindingInfo", (Message,), {**directions, **kinds}),
        **{name: type(name, (Message,), {}) for name in names.split()},
    )


class Worker:
    """Microsoft's worker with one function app in it."""

    def __init__(self, folder: str) -> None:
        import azure_functions_runtime

        sys.path.insert(0, folder)
        os.chdir(folder)
        self._runtime = azure_functions_runtime
        self._messages = _messages()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._runtime.start_threadpool_executor()
        init = Message(capabilities={}, function_app_directory=folder)
        _check(self._run(self._runtime.worker_init_request(self._request(worker_init_request=init))))
        metadata = self._run(self._runtime.functions_metadata_request(self._request()))
        self.functions = list(metadata.function_metadata_results or [])
        for function in self.functions:
            load = Message(function_id=function.function_id, metadata=function)
            _check(self._run(self._runtime.function_load_request(self._request(function_load_request=load))))

    def call(self, function: Any, trigger: str, http: Message) -> Any:
        """What a function returns for a request; RuntimeError with its traceback when it raises."""
        data = TypedData(http=http)
        invocation = Message(
            invocation_id=str(uuid.uuid4()),
            function_id=function.function_id,
            input_data=[Message(name=trigger, data=data, WhichOneof=lambda _: "data")],
            trigger_metadata={},
            trace_context=Message(trace_parent="", trace_state="", attributes={}),
            retry_context=Message(retry_count=0, max_retry_count=0),
        )
        answer = self._run(self._runtime.invocation_request(self._request(invocation_request=invocation)))
        _check(answer)
        return answer.return_value

    def _request(self, **parts: Message) -> Message:
        return Message(request=Message(**parts), properties={"host": "127.0.0.1", "protos": self._messages})

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()


def _check(answer: Any) -> None:
    if answer.result.status != SUCCESS:
        raise RuntimeError(f"{answer.result.exception.message}\n{answer.result.exception.stack_trace}")


class Route:
    """An HTTP trigger: which requests are the function's, and who may send them."""

    def __init__(self, function: Any, binding: dict[str, Any], prefix: str) -> None:
        self.function = function
        self.trigger: str = binding["name"]
        self.methods = [str(getattr(each, "name", each)).upper() for each in binding.get("methods") or []]
        self.is_open = str(binding.get("authLevel", "FUNCTION")).upper() == "ANONYMOUS"
        self._pattern = re.compile(_pattern(f"{prefix}/{binding.get('route') or function.name}"))

    def match(self, path: str) -> dict[str, str] | None:
        """The route's parameters in a path, or None if the path is not the route's."""
        inner = path.strip("/")
        found = self._pattern.fullmatch(f"/{inner}" if inner else "")
        if found is None:
            return None
        return {name: unquote(value) for name, value in found.groupdict().items() if value}


def _pattern(template: str) -> str:
    """The regular expression of a route: {name}, {name:constraint}, {name?}, and {*name} for all that is left."""
    pattern = ""
    for part in template.strip("/").split("/"):
        named = re.fullmatch(r"\{(\*?)(\w+)(?::\w+)?(\??)\}", part)
        if named is None:
            pattern += f"/{re.escape(part)}" if part else ""
        elif named[1]:
            pattern += f"(?:/(?P<{named[2]}>.*))?"
        else:
            pattern += f"(?:/(?P<{named[2]}>[^/]+)){named[3]}"
    return pattern


class Host(ThreadingHTTPServer):
    """The host's front: finds the function, asks the worker, sends its answer."""

    daemon_threads = True

    def __init__(self, worker: Worker, prefix: str, key: str, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Exchange)
        self.worker = worker
        self.key = key
        self.routes = [
            Route(function, binding, prefix)
            for function in worker.functions
            for binding in map(json.loads, function.raw_bindings)
            if binding["type"].lower() == "httptrigger"
        ]


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: in two, Nagle's algorithm costs 40 ms a call
    disable_nagle_algorithm = True
    server: Host

    def log_message(self, format: str, *args: object) -> None:
        pass

    def handle_one_request(self) -> None:
        """As the base class does it, but for every method alike."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline:
            self.close_connection = True
        elif self.parse_request():
            self._answer()
            self.wfile.flush()

    def _answer(self) -> None:
        url = urlsplit(self.path)
        query = _joined(parse_qsl(url.query, keep_blank_values=True))
        body = self._read_body()
        if body is None:
            self.close_connection = True
            return self._send(413)
        found = [
            (route, params) for route in self.server.routes if (params := route.match(url.path)) is not None
        ]
        found = [
            (route, params) for route, params in found if self.command in (route.methods or [self.command])
        ]
        if not found:
            return self._send(404)
        route, params = found[0]
        keys = (self.headers.get("x-functions-key"), query.get("code"))
        if not route.is_open and self.server.key and self.server.key not in keys:
            return self._send(401)
        http = Message(
            method=self.command,
            url=f"http://{self.headers.get('Host', 'localhost')}{self.path}",
            headers=_joined([(name.lower(), value) for name, value in self.headers.items()]),
            query=query,
            params=params,
            body=TypedData(bytes=body),
        )
        try:
            answer = self.server.worker.call(route.function, route.trigger, http)
        except RuntimeError as error:
            print(error, file=sys.stderr, flush=True)
            return self._send(500)
        if answer is None:
            return self._send(204)
        kind = answer.WhichOneof("data")
        if kind != "http":
            return self._send(200, getattr(answer, kind), {"Content-Type": "text/plain; charset=utf-8"})
        reply = answer.http
        content = getattr(reply.body, reply.body.WhichOneof("data")) if reply.body else b""
        return self._send(int(reply.status_code or 200), content, reply.headers)

    def _read_body(self) -> bytes | None:
        """The body, chunked or not; None when it is too large."""
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            size = int(self.headers.get("Content-Length") or 0)
            return None if size > BODY_LIMIT else self.rfile.read(size)
        pieces, total = [], 0
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            total += size
            if total > BODY_LIMIT:
                return None
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return b"".join(pieces)

    def _send(self, status: int, content: bytes | str = b"", headers: dict[str, str] | None = None) -> None:
        data = content.encode() if isinstance(content, str) else content
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def _joined(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Names with several values as the host hands them on: with commas between."""
    joined: dict[str, str] = {}
    for name, value in pairs:
        joined[name] = f"{joined[name]},{value}" if name in joined else value
    return joined


def main(folder: str, key: str = "") -> None:
    # as Application Insights gets it: what the function's own code says, and not the worker about itself
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("azure").setLevel(logging.WARNING)
    settings = json.loads(Path(folder, "host.json").read_text("utf-8"))
    prefix = settings.get("extensions", {}).get("http", {}).get("routePrefix", "api")
    host = Host(Worker(folder), prefix, key)
    print(host.server_port, flush=True)
    host.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
