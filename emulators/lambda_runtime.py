"""One Lambda execution environment: AWS's own runtime client (awslambdaric) under a Runtime API of ours.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html

It adds what the service itself enforces around the client: payload limits, the timeout, an answer for a process that
died, a new process after it. It does not limit memory, and the file system can be written.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO, Self

PAYLOAD_LIMIT = 6_291_556  # bytes, either way: 6 MB and the 100 bytes that the service grants on top
INIT_LIMIT = 10.0  # seconds: https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
REGION = "us-east-1"
FUNCTION = "function"
PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What the Invoke API answers: its status, the X-Amz-Function-Error header if there is one, the payload."""

    status: int
    error: str | None
    payload: bytes


class LambdaRuntime:
    """A function's folder, served by the real runtime client; one invocation at a time, as the service has it."""

    def __init__(
        self,
        task: Path,
        handler: str = "lambda_function.lambda_handler",
        *,
        python: str = sys.executable,
        timeout: float = 3.0,
        environ: Mapping[str, str] | None = None,
        log: IO[bytes] | int | None = None,
    ) -> None:
        """python must be able to import awslambdaric; log is where the function's output goes."""
        self._task = task
        self._command = [python, "-m", "awslambdaric", handler]
        self._timeout = timeout
        self._log = log
        self._one_at_a_time = threading.Lock()
        self._api = _RuntimeApi(timeout)
        self._environ = {
            **environment(task, handler, environ or {}),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._api.server_port}",
        }
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def invoke(self, event: bytes, client_context: str | None = None) -> Invocation:
        """The function's answer to an event, or the service's when the function gives none.

        client_context: JSON that only a caller of the Invoke API itself can send along.
        """
        if len(event) > PAYLOAD_LIMIT:
            return _refusal(
                413,
                "RequestTooLargeException",
                f"{len(event)} byte payload is too large for Invoke",
            )
        with self._one_at_a_time:
            if self._api.init_failed:
                self._process.wait()  # the client ends itself once it has told why
            if self._process.poll() is not None:
                self._start()
            answer = self._api.hand_over(event, client_context)
            if answer is None:
                self._stop()
                return _refusal(
                    200,
                    "Sandbox.Timedout",
                    f"Task timed out after {self._timeout:.2f} seconds",
                    "Unhandled",
                )
            return answer

    def close(self) -> None:
        """End the process and the API."""
        self._stop()
        self._api.shutdown()
        self._api.server_close()

    def _start(self) -> None:
        self._api.renew()
        self._process = subprocess.Popen(
            self._command,
            cwd=self._task,
            env=self._environ,
            stdout=self._log,
            stderr=self._log,
        )
        threading.Thread(target=self._watch, args=(self._process,), daemon=True).start()

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _watch(self, process: subprocess.Popen[bytes]) -> None:
        """Answer in the place of a process that died over its work."""
        status = process.wait()
        told = f"signal: {-status}" if status < 0 else f"exit status {status}"
        if process is self._process:
            self._api.settle(
                _refusal(
                    200,
                    "Runtime.ExitError",
                    f"Runtime exited with error: {told}",
                    "Unhandled",
                )
            )


def environment(task: Path, handler: str, own: Mapping[str, str]) -> dict[str, str]:
    """What Lambda promises to be set, and the function's own; this machine's environment stays outside.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    """
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PYTHONPATH": str(task),
        "PYTHONDONTWRITEBYTECODE": "1",  # /var/task is read-only
        "LAMBDA_TASK_ROOT": str(task),
        "_HANDLER": handler,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
        **own,
    }


class _Work:
    """An event on its way through the runtime."""

    def __init__(self, event: bytes, client_context: str | None) -> None:
        self.number = str(uuid.uuid4())
        self.event = event
        self.client_context = client_context
        self.taken = threading.Event()
        self.settled = threading.Event()
        self.answer: Invocation | None = None

    def settle(self, answer: Invocation) -> None:
        self.answer = answer
        self.taken.set()
        self.settled.set()


class _RuntimeApi(ThreadingHTTPServer):
    """The HTTP API that a runtime asks for work and gives its answers to."""

    daemon_threads = True

    def __init__(self, timeout: float) -> None:
        super().__init__(("127.0.0.1", 0), _Exchange)
        self.timeout_of_function = timeout
        self.queue: queue.Queue[_Work | None] = queue.Queue()
        self.current: _Work | None = None
        self.init_failed = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def renew(self) -> None:
        """Let go of the calls of a process that is gone, so that they take no work from its successor."""
        self.queue.put(None)
        self.queue = queue.Queue()
        self.init_failed = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A runtime that was ended drops its connection; that is no error of the API."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]

    def hand_over(self, event: bytes, client_context: str | None) -> Invocation | None:
        """Give an event to the runtime and wait for its answer; None when the time is up."""
        work = self.current = _Work(event, client_context)
        self.queue.put(work)
        if work.taken.wait(INIT_LIMIT):
            work.settled.wait(self.timeout_of_function)
        self.current = None
        return work.answer

    def settle(self, answer: Invocation, number: str | None = None) -> None:
        """The answer to the work at hand; one to work that nobody waits for any more is dropped."""
        work = self.current
        if work is not None and number in (None, work.number):
            work.settle(answer)


class _Exchange(BaseHTTPRequestHandler):
    """One call of the runtime. https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet: in two, Nagle's algorithm costs 40 ms a call
    disable_nagle_algorithm = True
    server: _RuntimeApi

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        """invocation/next: waits until there is work."""
        work = self.server.queue.get()
        if work is None:
            self.close_connection = True
            return
        deadline = time.time() + self.server.timeout_of_function
        arn = f"arn:aws:lambda:{REGION}:000000000000:function:{FUNCTION}"
        headers = {
            "Lambda-Runtime-Aws-Request-Id": work.number,
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": arn,
            "Content-Type": "application/json",
        }
        if work.client_context is not None:
            headers["Lambda-Runtime-Client-Context"] = work.client_context
        self._reply(200, work.event, headers)
        work.taken.set()

    def do_POST(self) -> None:
        """init/error, invocation/ID/response or invocation/ID/error."""
        payload = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        what, _, kind = self.path.removeprefix(PREFIX).rpartition("/")
        number = None if what == "init" else what.removeprefix("invocation/")
        self.server.init_failed = number is None
        answer = Invocation(200, "Unhandled" if kind == "error" else None, payload)
        if len(payload) > PAYLOAD_LIMIT:
            text = f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes)."
            answer = _refusal(200, "Function.ResponseSizeTooLarge", text, "Unhandled")
        self.server.settle(answer, number)
        self._reply(202, b"{}", {})

    def _reply(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _refusal(status: int, kind: str, message: str, error: str | None = None) -> Invocation:
    return Invocation(status, error, json.dumps({"errorType": kind, "errorMessage": message}).encode())
