"""The emulated AWS: what its services share an account for, where requests come in, and what runs the functions."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from .. import function_url
from . import permissions, strict, wire
from .account import KEY, NUMBER, SECRET, Account, Refused
from .aliases import Aliases, is_open
from .buckets import Buckets
from .execution import Code, Runner, Runtimes
from .functions import LATEST, Function, Functions, Version
from .groups import Groups
from .roles import Roles, caller_identity
from .signing import signer
from .urls import Addresses, listen
from .vault import Vault
from .wire import Call, Reply

FORBIDDEN = Reply(
    403,
    {"content-type": "application/json", "x-amzn-errortype": "AccessDeniedException"},
    b'{"Message":"Forbidden"}',
)
THROTTLED = Reply(429, {"content-type": "application/json"}, b'{"Message":"Rate Exceeded."}')
FAILED = Reply(502, {"content-type": "application/json"}, b'{"message":"Internal Server Error"}')
Operations = dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]


class Region:
    """The services of one region."""

    def __init__(self, cloud: Cloud, name: str) -> None:
        self.functions = Functions(cloud.account, name, cloud.buckets, self._left)
        self.aliases = Aliases(cloud.account, self.functions, cloud.addresses)
        self.groups = Groups(name)
        self.vault = Vault(name)
        self._runner = cloud.runner
        self.operations: dict[str, Operations] = {
            "lambda": {
                **self.functions.operations(),
                **self.aliases.operations(),
                "DeleteFunction": self._delete,
            },
            "logs": self.groups.operations(),
            "secretsmanager": self.vault.secret_operations(),
            "ssm": self.vault.parameter_operations(),
        }

    def _delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        if "Qualifier" not in given:
            self.aliases.left(self.functions.find(given))
        return self.functions.delete(given)

    def _left(self, function: str, version: str) -> None:
        self._runner.left(function, version)


class Cloud:
    """An account with its services. endpoint: where functions find them; chance: a number from 0 to 1 for each call.

    called is told of every request; seen of every call that its caller may make, and may raise in its place.
    """

    def __init__(
        self,
        account: Account | None = None,
        runner: Runner | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.account = account or Account()
        self.runner = runner or Runtimes()
        self.buckets = Buckets()
        self.addresses = Addresses(self.call_url)
        self.endpoint = ""
        self.called: Callable[[], object] = lambda: None
        self.seen: Callable[[Call], object] = lambda _: None
        self._chance = chance
        self._roles = Roles(self.account)
        self._regions: dict[str, Region] = {}

    def region(self, name: str) -> Region:
        with self.account.lock:
            if name not in self._regions:
                self._regions[name] = Region(self, name)
            return self._regions[name]

    def resources(self) -> list[str]:
        """The ARNs of all that there is."""
        found = self._roles.resources()
        for region in self._regions.values():
            found += [function.arn for function in region.functions.all.values()] + region.groups.resources()
        return found + [
            f"arn:aws:s3:::{bucket}/{key}" for bucket, keys in self.buckets.all.items() for key in keys
        ]

    def respond(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The answer to a request to any of the services; header names in lower case."""
        self.called()
        service = "lambda"
        try:
            call = wire.read(method, target, headers, body)
            service = call.service
            permissions.check(self.account, call)
            self.seen(call)
            return wire.write(call, self._do(call))
        except Refused as error:
            return wire.refuse(service, error)

    def _do(self, call: Call) -> Mapping[str, Any]:
        if call.service != "s3" and (
            shape := wire.service_model(call.service).operation_model(call.operation).input_shape
        ):
            if wrong := strict.violations(shape, call.parameters):
                code = "ValidationError" if call.service == "iam" else "ValidationException"
                raise Refused(code, f"{len(wrong)} validation error(s) detected: {'; '.join(wrong)}", 400)
        if call.operation == "GetCallerIdentity":
            return caller_identity(self.account, call.key)
        if call.operation == "Invoke":
            return self._invoke(call)
        shared = {"iam": self._roles.operations(), "s3": self.buckets.operations()}
        services = {**self.region(call.region).operations, **shared}
        operation = services.get(call.service, {}).get(call.operation)
        if operation is None:
            raise Refused("UnknownOperationException", f"{call.service} has no {call.operation} here", 501)
        with self.account.lock:
            return operation(call.parameters)

    def _invoke(self, call: Call) -> dict[str, Any]:
        given = call.parameters
        with self.account.lock:
            function = self.region(call.region).functions.find(given)
            version = self._pick(function, given.get("Qualifier", LATEST))
        context = given.get("ClientContext")
        told = None if context is None else base64.b64decode(context).decode()
        answer = self._run(call.region, function, version, given.get("Payload", b"{}"), told)
        if answer.status == 429:
            raise Refused("TooManyRequestsException", "Rate Exceeded.", 429)
        if answer.status == 413:
            raise Refused("RequestTooLargeException", json.loads(answer.payload)["errorMessage"], 413)
        return {
            "StatusCode": answer.status,
            "FunctionError": answer.error,
            "ExecutedVersion": version.number,
            "Payload": answer.payload,
        }

    def _pick(self, function: Function, qualifier: str) -> Version:
        """The version that answers a call, by the weights of the alias."""
        candidates, ticket = function.candidates(qualifier), self._chance()
        canaries = candidates[1:]
        version = canaries[0][0] if canaries and ticket < canaries[0][1] else candidates[0][0]
        pending = function.pending_until if version.number == LATEST else version.ready
        if self.account.clock() < pending:
            raise Refused(
                "ResourceConflictException",
                f"The operation cannot be performed at this time. The function is currently in the following state: "
                f"Pending ({function.arn}:{version.number})",
            )
        return version

    def _run(
        self, region: str, function: Function, version: Version, payload: bytes, client_context: str | None
    ) -> Any:
        role = version.settings["Role"].rpartition("/")[2]
        key = self.account.session(role)
        environ = {
            **version.settings["Environment"].get("Variables", {}),
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": key,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": version.number,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(version.settings["MemorySize"]),
        }
        code = Code(
            function.arn,
            version.number,
            version.code,
            version.settings["Handler"],
            float(version.settings["Timeout"]),
            environ,
        )
        answer, lines = self.runner.invoke(code, payload, client_context)
        self._log(region, function, version, key, lines)
        return answer

    def _log(self, region: str, function: Function, version: Version, key: str, lines: list[str]) -> None:
        """Write what a function printed, if its role may."""
        group, stream = (
            f"/aws/lambda/{function.name}",
            f"{datetime.now(UTC):%Y/%m/%d}/[{version.number}]emulated",
        )
        arn = f"arn:aws:logs:{region}:{NUMBER}:log-group:{group}:log-stream:{stream}"
        statements = self.account.statements(key) or []
        if all(
            permissions.allowed(statements, action, arn, {})
            for action in ("logs:CreateLogStream", "logs:PutLogEvents")
        ):
            self.region(region).groups.write(group, stream, lines)

    def call_url(
        self,
        region: str,
        name: str,
        qualifier: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Reply:
        """The answer of a function URL."""
        self.called()
        with self.account.lock:
            function = self.region(region).functions.all[name]
            public = function.urls[qualifier]["AuthType"] == "NONE"
            if public and not is_open(function, qualifier):
                return FORBIDDEN
        if not public and not self._may_call(region, function, qualifier, method, target, headers, body):
            return FORBIDDEN
        with self.account.lock:
            version = self._pick(function, qualifier)
        event = function_url.event(function_url.Call(method, target, dict(headers), body))
        answer = self._run(region, function, version, json.dumps(event).encode(), None)
        if answer.status == 429:
            return THROTTLED
        if answer.error or answer.status != 200:
            return FAILED
        response = function_url.response(answer.payload)
        return Reply(response.status, response.headers, response.body)

    def _may_call(
        self,
        region: str,
        function: Function,
        qualifier: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> bool:
        url = f"http://{headers.get('host', '')}{target}"
        key = signer(method, url, headers, body, region)
        if key is None:
            return False
        try:
            statements = self.account.statements(key)
        except Refused:
            return False
        return statements is None or all(
            permissions.allowed(statements, action, f"{function.arn}:{qualifier}", {})
            for action in ("lambda:InvokeFunctionUrl", "lambda:InvokeFunction")
        )


@contextmanager
def open_cloud(called: Callable[[], None], cloud: Cloud | None = None) -> Iterator[dict[str, str]]:
    """The emulated AWS as an HTTP address; the settings for its clients. called is told of every request."""
    cloud = cloud or Cloud()
    cloud.called = called
    server = listen(cloud.respond)
    cloud.endpoint = f"http://127.0.0.1:{server.server_port}"
    try:
        yield {"endpoint": cloud.endpoint, "key": KEY, "secret": SECRET}
    finally:
        server.shutdown()
        server.server_close()
        cloud.addresses.close_all()
        cloud.runner.close()
