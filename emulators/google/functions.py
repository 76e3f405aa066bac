"""Cloud Functions' part: functions, their sources, builds as long-running operations.

https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions
"""

from __future__ import annotations

import io
import re
import secrets
import shutil
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from leanfn.platforms import GOOGLE

from .accounts import Accounts
from .instances import BuildError, Runtime
from .rest import Refused, aborted, exists, invalid, not_found
from .run import CloudRun

NAME = r"projects/[^/]+/locations/[^/]+/functions/[a-z]([-a-z0-9]{0,61}[a-z0-9])?"
INTERNAL = 13  # google.rpc.Code


class CloudFunctions:
    """All functions, and the operations that change them. folder: where sources are unpacked."""

    def __init__(self, folder: Path, accounts: Accounts, run: CloudRun, runtime: Runtime) -> None:
        from google.cloud import functions_v2
        from google.longrunning.operations_pb2 import Operation
        from google.protobuf.empty_pb2 import Empty

        self._types, self._operation, self._empty = functions_v2, Operation, Empty  # Google's own messages
        self._folder, self._accounts, self._run, self._runtime = folder, accounts, run, runtime
        self._lock = threading.RLock()
        self._busy: set[str] = set()
        self._threads: list[threading.Thread] = []
        self.functions: dict[str, Any] = {}
        self.operations: dict[str, Any] = {}
        self.objects: dict[str, bytes | None] = {}
        self.endpoint = ""

    def upload_url(self, request: Any) -> Any:
        match = re.fullmatch(r"projects/([^/]+)/locations/([^/]+)", request.parent)
        if match is None:
            raise invalid(f"Invalid parent {request.parent!r}")
        name = f"{secrets.token_hex(16)}.zip"
        self.objects[name] = None
        source = self._types.StorageSource(bucket=f"gcf-v2-uploads-{match[1]}-{match[2]}", object_=name)
        return self._types.GenerateUploadUrlResponse(
            upload_url=f"{self.endpoint}/upload/{name}", storage_source=source
        )

    def runtimes(self, _: Any) -> Any:
        return self._types.ListRuntimesResponse(
            runtimes=[
                self._types.ListRuntimesResponse.Runtime(
                    name=f"python{python.replace('.', '')}",
                    display_name=f"Python {python}",
                    stage="GA",
                    environment="GEN_2",
                )
                for python in ("3.10", *GOOGLE.pythons)
            ]
        )

    def get(self, request: Any) -> Any:
        with self._lock:
            if request.name not in self.functions:
                raise not_found(f"Resource '{request.name}' was not found")
            return self._types.Function(self.functions[request.name])

    def list(self, request: Any) -> Any:
        project, _, location = request.parent.partition("/locations/")
        with self._lock:
            found = [
                function
                for name, function in sorted(self.functions.items())
                if name.startswith(f"{project}/locations/") and location in ("-", name.split("/")[3])
            ]
        return self._types.ListFunctionsResponse(functions=found)

    def create(self, request: Any) -> Any:
        name = f"{request.parent}/functions/{request.function_id}"
        function = self._types.Function(request.function)
        function.name = name
        if not re.fullmatch(NAME, name):
            raise invalid(f"Invalid function name {name!r}")
        self._check(function)
        with self._lock:
            if name in self.functions or _service_name(name) in self._run.services:
                raise exists(f"Resource '{name}' already exists")
            return self._build(function, "create", floating=True)

    def update(self, request: Any) -> Any:
        with self._lock:
            current = self.get(self._types.GetFunctionRequest(name=request.function.name))
            changed = self._types.Function(current)
            request.update_mask.MergeMessage(
                self._types.Function.pb(request.function),
                self._types.Function.pb(changed),
                replace_message_field=True,
                replace_repeated_field=True,
            )
            self._check(changed)
            return self._build(changed, "update", changed.service_config.all_traffic_on_latest_revision)

    def delete(self, request: Any) -> Any:
        function = self.get(request)

        def work() -> Any:
            self._run.delete(_service_name(function.name))
            with self._lock:
                del self.functions[function.name]
            return self._empty()

        with self._lock:
            operation = self._begin(function.name, "delete", work)
            self.functions[function.name].state = "DELETING"
            return operation

    def get_operation(self, name: str) -> Any:
        with self._lock:
            if name not in self.operations:
                raise not_found(f"Operation {name} was not found")
            copy = self._operation()
            copy.CopyFrom(self.operations[name])
            return copy

    def close(self) -> None:
        for thread in self._threads:
            thread.join()

    def _check(self, function: Any) -> None:
        build, service = function.build_config, function.service_config
        runtimes = {each.name for each in self.runtimes(None).runtimes}
        if build.runtime not in runtimes:
            raise invalid(f"Invalid value for build_config.runtime: {build.runtime!r}")
        if not build.entry_point:
            raise invalid("build_config.entry_point is required")
        if not self.objects.get(build.source.storage_source.object_):
            raise invalid("build_config.source: the object was not uploaded")
        if service.timeout_seconds > GOOGLE.timeout:
            raise invalid(f"timeout_seconds must be at most {GOOGLE.timeout}")
        email = service.service_account_email
        if email and email not in self._accounts.accounts:
            raise invalid(f"Service account {email} does not exist.")
        for key, text in function.labels.items():
            if not re.fullmatch(r"[a-z][a-z0-9_-]{0,62}", key) or not re.fullmatch(r"[a-z0-9_-]{0,63}", text):
                raise invalid(f"Invalid label {key}={text}")
        if service.max_instance_request_concurrency > 1 and float(service.available_cpu or 0.1) < 1:
            raise invalid("Total cpu < 1 is not supported with concurrency > 1.")

    def _build(self, function: Any, verb: str, floating: bool) -> Any:
        """Begin to build a function and to start it; under the lock."""
        name = function.name

        def work() -> Any:
            folder = self._folder / secrets.token_hex(8)
            try:
                source = function.build_config.source.storage_source.object_
                with zipfile.ZipFile(io.BytesIO(self.objects[source] or b"")) as archive:
                    archive.extractall(folder)
                python = re.sub(r"python(\d)", r"\1.", function.build_config.runtime)
                built = self._runtime.build(folder, python)
                revision = self._run.revise(_service_name(name), folder, built, function, floating)
            except (BuildError, zipfile.BadZipFile) as error:
                shutil.rmtree(folder, ignore_errors=True)
                with self._lock:
                    failed = self.functions[name]
                    failed.state = "FAILED"
                    failed.state_messages = [
                        self._types.StateMessage(
                            severity="ERROR",
                            type_="Failed",
                            message=str(error),
                        )
                    ]
                raise
            with self._lock:
                _made(function, self._run.get(_service_name(name)), revision)
                self.functions[name] = function
                return self._types.Function.pb(function)

        operation = self._begin(name, verb, work)
        building = self._types.Function(function)
        building.state = "DEPLOYING"
        building.environment = "GEN_2"
        self.functions[name] = building
        return operation

    def _begin(self, name: str, verb: str, work: Callable[[], Any]) -> Any:
        if name in self._busy:
            raise aborted(f"An operation on function {name} is already in progress. Please try again later.")
        self._busy.add(name)
        parent = name.rpartition("/functions/")[0]
        operation = self._operation(name=f"{parent}/operations/operation-{secrets.token_hex(8)}")
        about = self._types.OperationMetadata(target=name, verb=verb, api_version="v2")
        operation.metadata.Pack(self._types.OperationMetadata.pb(about))
        self.operations[operation.name] = operation

        def run() -> None:
            done = self._operation()
            done.CopyFrom(operation)
            done.done = True
            try:
                done.response.Pack(work())
            except (Refused, BuildError, zipfile.BadZipFile) as error:
                done.error.code, done.error.message = INTERNAL, str(error)
            with self._lock:
                self._busy.discard(name)
                self.operations[operation.name] = done

        thread = threading.Thread(target=run, daemon=True)
        self._threads.append(thread)
        thread.start()
        return operation


def _service_name(function: str) -> str:
    return function.replace("/functions/", "/services/")


def _made(function: Any, service: Any, revision: str) -> None:
    """What Google fills in once a function runs."""
    config = function.service_config
    function.state, function.environment = "ACTIVE", "GEN_2"
    function.update_time = datetime.now(UTC)
    function.url = config.uri = service.uri
    config.service, config.revision = service.name, revision
    config.all_traffic_on_latest_revision = all(not each.revision for each in service.traffic if each.percent)
    config.available_memory = config.available_memory or f"{GOOGLE.default_memory}M"
    config.available_cpu = config.available_cpu or "0.1666"
    config.timeout_seconds = config.timeout_seconds or GOOGLE.default_timeout
    config.max_instance_count = config.max_instance_count or 100
    config.max_instance_request_concurrency = config.max_instance_request_concurrency or 1
