"""Lambda's functions and versions: their code, their settings, and the states they pass through."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from .account import NUMBER, Account, Refused
from .buckets import Buckets

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
DIRECT_LIMIT = 50 * 1024**2
UNPACKED_LIMIT = 250 * 1024**2
ENVIRONMENT_LIMIT = 4096
CONCURRENCY_LIMIT = 1000  # of the account; 100 of them stay without reservation
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
RESERVED = {
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}  # fmt: skip
SETTINGS = ("Role", "Handler", "Description", "Timeout", "MemorySize", "Environment", "Runtime")
LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class Version:
    """What a version runs: settings as the API names them, and its code. ready: when it is Active."""

    number: str
    settings: Mapping[str, Any]
    code: bytes
    ready: float

    @property
    def digest(self) -> str:
        return base64.b64encode(sha256(self.code).digest()).decode()


@dataclass(slots=True)
class Alias:
    """A name for a version, and for a share of the calls another one."""

    version: str
    weights: dict[str, float]
    description: str
    revision: str


@dataclass(slots=True)
class Function:
    """A function. made: until it is Active; done: until its last update is. settled: whether that was told."""

    name: str
    arn: str
    latest: Version
    revision: str
    tags: dict[str, str]
    pending_until: float
    updating_until: float = 0.0
    settled: bool = False
    versions: list[Version] = field(default_factory=list)
    count: int = 0
    aliases: dict[str, Alias] = field(default_factory=dict)
    urls: dict[str, dict[str, str]] = field(default_factory=dict)  # by alias
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by qualifier
    concurrency: int | None = None

    def version(self, number: str) -> Version:
        for each in (self.latest, *self.versions):
            if each.number == number:
                return each
        raise Refused("ResourceNotFoundException", f"Function not found: {self.arn}:{number}")

    def candidates(self, qualifier: str) -> list[tuple[Version, float]]:
        """The versions that answer for a qualifier, each with its share."""
        alias = self.aliases.get(qualifier)
        if alias is None:
            return [(self.version(qualifier), 1.0)]
        shares = dict(alias.weights)
        return [
            (self.version(alias.version), 1.0 - sum(shares.values())),
            *((self.version(number), share) for number, share in shares.items()),
        ]


class Functions:
    """The functions of one region. left: called with what no longer runs, when code is replaced or removed."""

    def __init__(
        self, account: Account, region: str, buckets: Buckets, left: Callable[[str, str], None]
    ) -> None:
        self._account = account
        self._buckets = buckets
        self._left = left
        self.region = region
        self.all: dict[str, Function] = {}

    def operations(self) -> dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]]:
        return {
            "CreateFunction": self.create,
            "GetFunction": self.get,
            "GetFunctionConfiguration": self.get_configuration,
            "UpdateFunctionCode": self.update_code,
            "UpdateFunctionConfiguration": self.update_configuration,
            "DeleteFunction": self.delete,
            "PublishVersion": self.publish,
            "ListVersionsByFunction": self.list_versions,
            "PutFunctionConcurrency": self.put_concurrency,
            "DeleteFunctionConcurrency": self.delete_concurrency,
            "TagResource": self.tag,
            "UntagResource": self.untag,
        }

    def find(self, given: Mapping[str, Any]) -> Function:
        """The function that a call names; Refused when there is none."""
        name = given["FunctionName"].rpartition("function:")[2].partition(":")[0]
        function = self.all.get(name)
        if function is None:
            arn = f"arn:aws:lambda:{self.region}:{NUMBER}:function:{name}"
            raise Refused("ResourceNotFoundException", f"Function not found: {arn}")
        self._settle(function)
        return function

    def create(self, given: Mapping[str, Any]) -> dict[str, Any]:
        name = given["FunctionName"]
        if name in self.all:
            raise Refused("ResourceConflictException", f"Function already exist: {name}")
        code = self._code(given["Code"])
        settings = {"Description": "", "Timeout": 3, "MemorySize": 128, "Environment": {"Variables": {}}}
        settings |= {key: given[key] for key in SETTINGS if key in given}
        settings["Architectures"] = given.get("Architectures", ["x86_64"])
        for key in ("Runtime", "Handler"):
            if key not in settings:
                raise _invalid(f"{key} is mandatory for functions created with deployment packages.")
        self._check(settings)
        if len(given.get("Tags", {})) > 50:
            raise _invalid("A resource can have at most 50 tags.")
        ready = self._account.clock() + self._account.delays.pending
        function = Function(
            name,
            f"arn:aws:lambda:{self.region}:{NUMBER}:function:{name}",
            Version(LATEST, settings, code, ready),
            self._account.revision(),
            dict(given.get("Tags", {})),
            ready,
        )
        self.all[name] = function
        return self._described(function, function.latest)

    def get(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find(given)
        found: dict[str, Any] = {
            "Configuration": self._described(function, self._qualified(function, given)),
            "Code": {"RepositoryType": "S3"},
            "Tags": dict(function.tags),
        }
        if function.concurrency is not None:
            found["Concurrency"] = {"ReservedConcurrentExecutions": function.concurrency}
        return found

    def get_configuration(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find(given)
        return self._described(function, self._qualified(function, given))

    def update_code(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._changing(given)
        code = self._code(given)
        settings = {**function.latest.settings}
        if "Architectures" in given:
            settings["Architectures"] = given["Architectures"]
        return self._updated(function, Version(LATEST, settings, code, self._account.clock()))

    def update_configuration(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._changing(given)
        settings = {**function.latest.settings, **{key: given[key] for key in SETTINGS if key in given}}
        self._check(settings)
        latest = Version(LATEST, settings, function.latest.code, self._account.clock())
        return self._updated(function, latest)

    def delete(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find(given)
        number = given.get("Qualifier")
        if number is None:
            del self.all[function.name]
            for each in (function.latest, *function.versions):
                self._left(function.arn, each.number)
            return {}
        users = [
            name
            for name, alias in function.aliases.items()
            if number in (alias.version, *alias.weights) and function.version(number)
        ]
        if users:
            raise Refused(
                "ResourceConflictException",
                f"Version {function.arn}:{number} could not be deleted, because it is in use by alias {users[0]}",
            )
        if number == LATEST:
            raise _invalid("$LATEST version cannot be deleted without deleting the function.")
        function.versions = [each for each in function.versions if each.number != number]
        self._left(function.arn, number)
        return {}

    def publish(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self._changing(given)
        latest = function.latest
        if given.get("CodeSha256", latest.digest) != latest.digest:
            raise _invalid(
                f"CodeSHA256 ({given['CodeSha256']}) is different from current CodeSHA256 in $LATEST ({latest.digest})."
            )
        if function.versions:
            last = function.versions[-1]
            if (last.code, _comparable(last.settings)) == (latest.code, _comparable(latest.settings)):
                return self._described(function, last)
        function.count += 1
        settings = {**latest.settings}
        if given.get("Description"):
            settings["Description"] = given["Description"]
        ready = self._account.clock() + self._account.delays.update
        version = Version(str(function.count), settings, latest.code, ready)
        function.versions.append(version)
        return self._described(function, version)

    def list_versions(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """In pages of fifty, as the service has them."""
        function = self.find(given)
        start = int(given.get("Marker") or 0)
        page = [function.latest, *function.versions][start : start + 50]
        more = start + 50 < len(function.versions) + 1
        return {
            "Versions": [self._described(function, each) for each in page],
            **({"NextMarker": str(start + 50)} if more else {}),
        }

    def put_concurrency(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find(given)
        wanted = given["ReservedConcurrentExecutions"]
        others = sum(each.concurrency or 0 for each in self.all.values() if each is not function)
        if others + wanted > CONCURRENCY_LIMIT - 100:
            raise _invalid(
                "Specified ReservedConcurrentExecutions for function decreases account's "
                "UnreservedConcurrentExecution below its minimum value of [100]."
            )
        function.concurrency = wanted
        return {"ReservedConcurrentExecutions": wanted}

    def delete_concurrency(self, given: Mapping[str, Any]) -> dict[str, Any]:
        self.find(given).concurrency = None
        return {}

    def tag(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find({"FunctionName": given["Resource"]})
        tags = {**function.tags, **given["Tags"]}
        if len(tags) > 50:
            raise _invalid("A resource can have at most 50 tags.")
        function.tags = tags
        return {}

    def untag(self, given: Mapping[str, Any]) -> dict[str, Any]:
        function = self.find({"FunctionName": given["Resource"]})
        function.tags = {key: value for key, value in function.tags.items() if key not in given["TagKeys"]}
        return {}

    def _changing(self, given: Mapping[str, Any]) -> Function:
        """The function that a call is about to change, if it may be changed now and is what the caller saw."""
        function = self.find(given)
        wanted = given.get("RevisionId")
        if wanted is not None and wanted != function.revision:
            raise Refused(
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API "
                "to retrieve the latest Revision Id",
                412,
            )
        for until, word in (
            (function.pending_until, "currently in the following state: Pending"),
            (function.updating_until, "An update is in progress for resource: " + function.arn),
        ):
            if self._account.clock() < until:
                raise Refused(
                    "ResourceConflictException", f"The operation cannot be performed at this time. {word}"
                )
        return function

    def _updated(self, function: Function, latest: Version) -> dict[str, Any]:
        function.latest = latest
        function.updating_until = self._account.clock() + self._account.delays.update
        function.revision = self._account.revision()
        function.settled = False
        self._left(function.arn, LATEST)
        return self._described(function, latest)

    def _settle(self, function: Function) -> None:
        """A change of state is a change of revision."""
        if not function.settled and self._account.clock() >= max(
            function.pending_until, function.updating_until
        ):
            function.settled = True
            function.revision = self._account.revision()

    def _qualified(self, function: Function, given: Mapping[str, Any]) -> Version:
        return function.candidates(given.get("Qualifier", LATEST))[0][0]

    def _described(self, function: Function, version: Version) -> dict[str, Any]:
        now = self._account.clock()
        latest = version.number == LATEST
        told = {
            "FunctionName": function.name,
            "FunctionArn": function.arn if latest else f"{function.arn}:{version.number}",
            **version.settings,
            "CodeSize": len(version.code),
            "CodeSha256": version.digest,
            "LastModified": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
            "Version": version.number,
            "RevisionId": function.revision if latest else f"{version.number}-{version.digest[:8]}",
            "PackageType": "Zip",
            "State": "Pending" if now < (function.pending_until if latest else version.ready) else "Active",
            "LastUpdateStatus": "InProgress" if latest and now < function.updating_until else "Successful",
        }
        return told

    def _code(self, given: Mapping[str, Any]) -> bytes:
        if "S3Bucket" in given:
            code = self._buckets.read(given["S3Bucket"], given["S3Key"])
        else:
            code = given.get("ZipFile", b"")
            if len(code) > DIRECT_LIMIT:
                raise Refused(
                    "RequestEntityTooLargeException",
                    f"Request must be smaller than {DIRECT_LIMIT} bytes",
                    413,
                )
        try:
            with zipfile.ZipFile(io.BytesIO(code)) as file:
                unpacked = sum(member.file_size for member in file.infolist())
        except zipfile.BadZipFile:
            raise _invalid(
                "Could not unzip uploaded file. Please check your file, then try to upload again."
            ) from None
        if unpacked > UNPACKED_LIMIT:
            raise _invalid(f"Unzipped size must be smaller than {UNPACKED_LIMIT} bytes")
        return code

    def _check(self, settings: Mapping[str, Any]) -> None:
        variables = settings["Environment"].get("Variables", {})
        if taken := sorted(RESERVED & variables.keys()):
            raise _invalid(
                "Lambda was unable to configure your environment variables because the environment variables you have "
                f"provided contains reserved keys that are currently not supported for modification. Reserved keys used "
                f"in this request: {', '.join(taken)}"
            )
        size = len(json.dumps(variables, separators=(",", ":")).encode())
        if size > ENVIRONMENT_LIMIT:
            raise _invalid(
                "Lambda was unable to configure your environment variables because the environment variables you have "
                f"provided exceeded the 4KB limit. String measured: {json.dumps(variables)[:40]}..."
            )
        role = next((each for each in self._account.roles.values() if each.arn == settings["Role"]), None)
        trusted = role is not None and any(
            each.get("Principal", {}).get("Service") == "lambda.amazonaws.com"
            for each in role.trust["Statement"]
        )
        if role is None or not trusted or self._account.clock() < role.made + self._account.delays.role:
            raise _invalid("The role defined for the function cannot be assumed by Lambda.")


def _comparable(settings: Mapping[str, Any]) -> dict[str, Any]:
    """What makes two versions differ: publishing with another description alone makes no new one."""
    return {key: value for key, value in settings.items() if key != "Description"}


def _invalid(message: str) -> Refused:
    return Refused("InvalidParameterValueException", message)
