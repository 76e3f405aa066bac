"""Where the deployed code runs: one environment of Lambda's own runtime for each call at the same time, kept warm."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, Protocol

from ..lambda_runtime import Invocation, LambdaRuntime

ENVIRONMENTS = 8  # of one version at a time; a call that would want one more is throttled


@dataclass(frozen=True, slots=True)
class Code:
    """What an environment is made from."""

    function: str  # its ARN
    version: str
    archive: bytes
    handler: str
    timeout: float
    environ: Mapping[str, str]


class Runner(Protocol):
    """What runs a version's code."""

    def invoke(
        self, code: Code, event: bytes, client_context: str | None
    ) -> tuple[Invocation, list[str]]: ...
    def left(self, function: str, version: str) -> None: ...
    def close(self) -> None: ...


@dataclass(slots=True)
class _Environment:
    runtime: LambdaRuntime
    folder: Path
    log: IO[bytes]

    def lines(self) -> list[str]:
        """What the function has printed since it was last asked."""
        return self.log.read().decode("utf-8", "replace").splitlines()

    def close(self) -> None:
        self.runtime.close()
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


@dataclass(slots=True)
class _Pool:
    """The environments of one version; busy: how many are answering."""

    idle: list[_Environment] = field(default_factory=list)
    busy: int = 0
    closed: bool = False


class Runtimes:
    """Runs code under awslambdaric."""

    def __init__(self, start: Callable[..., LambdaRuntime] = LambdaRuntime) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._pools: dict[tuple[str, str], _Pool] = {}

    def invoke(self, code: Code, event: bytes, client_context: str | None) -> tuple[Invocation, list[str]]:
        """A version's answer to an event, and the lines that it printed."""
        with self._lock:
            pool = self._pools.setdefault((code.function, code.version), _Pool())
            if pool.busy == ENVIRONMENTS:
                text = json.dumps(
                    {"Reason": "ConcurrentInvocationLimitExceeded", "message": "Rate Exceeded."}
                )
                return Invocation(429, None, text.encode()), []
            pool.busy += 1
            environment = pool.idle.pop() if pool.idle else None
        try:
            environment = environment or self._environment(code)
            return environment.runtime.invoke(event, client_context), environment.lines()
        finally:
            with self._lock:
                pool.busy -= 1
                if environment is not None and not pool.closed:
                    pool.idle.append(environment)
                    environment = None
            if environment is not None:
                environment.close()

    def left(self, function: str, version: str) -> None:
        """End what runs a version's code, which is no longer that or no longer there."""
        with self._lock:
            pool = self._pools.pop((function, version), _Pool())
            pool.closed = True
        for environment in pool.idle:
            environment.close()

    def close(self) -> None:
        for function, version in list(self._pools):
            self.left(function, version)

    def _environment(self, code: Code) -> _Environment:
        folder = Path(tempfile.mkdtemp(prefix="leanfn-aws-"))
        task = folder / "task"
        with zipfile.ZipFile(BytesIO(code.archive)) as file:
            file.extractall(task)
        written = (folder / "log").open("wb")
        with written:
            runtime = self._start(task, code.handler, timeout=code.timeout, environ=code.environ, log=written)
        return _Environment(runtime, folder, (folder / "log").open("rb"))
