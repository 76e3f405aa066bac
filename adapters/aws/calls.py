"""The calls of a plan, by their names.

Each may be made again after an answer that was lost: what is there already is taken when this deployment put it there,
and is somebody else's otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leanfn.artifact import Artifact
from leanfn.errors import CertificateError, DeploymentError, Transient
from leanfn.replay import replay

from ..execute import Call
from .clients import Clients
from .errors import ask, code
from .invoke import Invoker
from .observe import ALIAS, Place, check_role, mark

Arguments = Mapping[str, Any]


def calls(
    clients: Clients, place: Place, deployment: str, artifact: Artifact | None = None
) -> dict[str, Call]:
    """artifact: whose examples the probe asks for; a plan without a probe needs none."""
    own = _Calls(clients, place, deployment, artifact)
    iam, logs, function = clients["iam"], clients["logs"], clients["lambda"]
    return {
        "CreateLogGroup": _made(logs.create_log_group, "ResourceAlreadyExistsException"),
        "PutRetentionPolicy": _made(logs.put_retention_policy),
        "DeleteLogGroup": _made(logs.delete_log_group, "ResourceNotFoundException"),
        "CreateRole": own.create_role,
        "PutRolePolicy": _made(iam.put_role_policy),
        "PutRolePermissionsBoundary": _made(iam.put_role_permissions_boundary),
        "DeleteRolePolicy": _made(iam.delete_role_policy, "NoSuchEntity"),
        "DeleteRole": _made(iam.delete_role, "NoSuchEntity"),
        "PutObject": own.put_object,
        "DeleteObject": own.delete_object,
        "CreateFunction": own.create_function,
        "UpdateFunctionConfiguration": own.update_configuration,
        "UpdateFunctionCode": own.update_code,
        "Wait": own.wait,
        "PublishVersion": own.publish,
        "Probe": own.probe,
        "CreateAlias": own.create_alias,
        "UpdateAlias": own.update_alias,
        "PutFunctionConcurrency": _made(_when_idle(function.put_function_concurrency)),
        "DeleteFunctionConcurrency": _made(_when_idle(function.delete_function_concurrency)),
        "CreateFunctionUrlConfig": own.create_url,
        "UpdateFunctionUrlConfig": _made(function.update_function_url_config),
        "AddPermission": _made(function.add_permission, "ResourceConflictException"),
        "RemovePermission": _made(function.remove_permission, "ResourceNotFoundException"),
        "TagResource": _made(function.tag_resource),
        "DeleteFunction": _made(function.delete_function, "ResourceNotFoundException"),
    }


def _made(method: Callable[..., Any], *already: str) -> Call:
    """A call that says nothing worth keeping; already: the codes that say that it was made before."""

    def call(arguments: Arguments) -> None:
        try:
            ask(method, **arguments)
        except DeploymentError as error:
            if code(error) not in already:
                raise

    return call


def _when_idle(method: Callable[..., Any]) -> Callable[..., Any]:
    """A call that Lambda refuses while the function changes: it is worth another try."""

    def call(**arguments: Any) -> Any:
        try:
            return ask(method, **arguments)
        except DeploymentError as error:
            if code(error) == "ResourceConflictException":
                raise Transient(f"the function is being changed\n  said: {error}") from error
            raise

    return call


@dataclass(frozen=True, slots=True)
class _Calls:
    """Those that look at what they find."""

    clients: Clients
    place: Place
    deployment: str
    artifact: Artifact | None

    @property
    def function(self) -> Any:
        return self.clients["lambda"]

    def create_role(self, arguments: Arguments) -> None:
        try:
            ask(self.clients["iam"].create_role, **arguments)
        except DeploymentError as error:
            if code(error) != "EntityAlreadyExists":
                raise
            check_role(self.place, ask(self.clients["iam"].get_role, RoleName=arguments["RoleName"])["Role"])

    def put_object(self, arguments: Arguments) -> None:
        with Path(arguments["path"]).open("rb") as body:
            ask(self.clients["s3"].put_object, Bucket=arguments["Bucket"], Key=arguments["Key"], Body=body)

    def delete_object(self, arguments: Arguments) -> None:
        ask(self.clients["s3"].delete_object, **arguments)

    def create_function(self, arguments: Arguments) -> None:
        try:
            ask(self.function.create_function, **{**arguments, "Code": _code(arguments["Code"])})
        except DeploymentError as error:
            if code(error) != "ResourceConflictException":
                raise
            self._still_ours(error)

    def update_configuration(self, arguments: Arguments) -> None:
        self._changed(self.function.update_function_configuration, arguments)

    def update_code(self, arguments: Arguments) -> None:
        packed = {key: arguments[key] for key in ("path", "S3Bucket", "S3Key") if key in arguments}
        given = {key: arguments[key] for key in ("FunctionName", "Architectures", "RevisionId")}
        self._changed(self.function.update_function_code, {**given, **_code(packed)}, arguments["CodeSha256"])

    def _changed(self, method: Callable[..., Any], arguments: Arguments, sha256: str | None = None) -> None:
        """An update under a revision; refused for a stale one, it may have been made by the try before."""
        try:
            _when_idle(method)(**arguments)
        except DeploymentError as error:
            if code(error) != "PreconditionFailedException":
                raise
            self._still_ours(error, sha256)

    def wait(self, arguments: Arguments) -> Mapping[str, Any]:
        """Nothing while it changes; then its revision, if it is still this deployment's."""
        found = ask(self.function.get_function_configuration, FunctionName=self.place.name)
        state, update = found.get("State", "Active"), found.get("LastUpdateStatus", "Successful")
        if state == "Pending":
            raise Transient("Lambda is making the function")
        if update == "InProgress":
            raise Transient("Lambda is updating the function")
        if "Failed" in (state, update):
            reason = found.get("StateReason") or found.get("LastUpdateStatusReason")
            raise DeploymentError(f"Lambda could not make {self.place.name} ready\n  said: {reason}")
        self._ours(found, arguments.get("CodeSha256"))
        return {"RevisionId": found["RevisionId"]}

    def publish(self, arguments: Arguments) -> Mapping[str, Any]:
        try:
            return {"Version": _when_idle(self.function.publish_version)(**arguments)["Version"]}
        except DeploymentError as error:
            if code(error) not in ("PreconditionFailedException", "InvalidParameterValueException"):
                raise
            found = self._still_ours(error, arguments["CodeSha256"])
            # only its description can have changed: another version was published by the try before
            return {
                "Version": _when_idle(self.function.publish_version)(
                    **{**arguments, "RevisionId": found["RevisionId"]}
                )["Version"]
            }

    def probe(self, arguments: Arguments) -> None:
        if self.artifact is None:
            raise ValueError("a probe needs an artifact")
        number = arguments["Qualifier"]
        try:
            replay(self.artifact, Invoker(self.clients, self.place.name, number))
        except CertificateError as error:
            raise DeploymentError(
                f"version {number} was not made live: it does not answer as the original does\n{error}"
            ) from error

    def create_alias(self, arguments: Arguments) -> None:
        try:
            ask(self.function.create_alias, **arguments)
        except DeploymentError as error:
            if code(error) != "ResourceConflictException":
                raise
            self._moved_by_us(error)

    def update_alias(self, arguments: Arguments) -> None:
        given = dict(arguments)
        if "RoutingConfig" in arguments:
            weights = arguments["RoutingConfig"]["AdditionalVersionWeights"]
            given["RoutingConfig"] = {"AdditionalVersionWeights": dict(weights)}
        try:
            ask(self.function.update_alias, **given)
        except DeploymentError as error:
            if code(error) != "PreconditionFailedException":
                raise
            self._moved_by_us(error)

    def create_url(self, arguments: Arguments) -> Mapping[str, Any]:
        try:
            made = ask(self.function.create_function_url_config, **arguments)
        except DeploymentError as error:
            if code(error) != "ResourceConflictException":
                raise
            made = ask(
                self.function.update_function_url_config,
                FunctionName=self.place.name,
                Qualifier=ALIAS,
                AuthType=arguments["AuthType"],
            )
        return {"FunctionUrl": made["FunctionUrl"]}

    def _still_ours(self, error: DeploymentError, sha256: str | None = None) -> Mapping[str, Any]:
        """The function, if what was refused was done before by this very deployment."""
        found: Mapping[str, Any] = ask(self.function.get_function_configuration, FunctionName=self.place.name)
        try:
            self._ours(found, sha256)
        except DeploymentError as lost:
            raise lost from error
        return found

    def _ours(self, found: Mapping[str, Any], sha256: str | None) -> None:
        known = mark(found.get("Description", ""))
        if known is None or known.deployment != self.deployment or sha256 not in (None, found["CodeSha256"]):
            raise DeploymentError(
                f"another deployment of {self.place.name} began meanwhile, and this one has ended\n"
                f"  wanted: deployment {self.deployment}\n"
                f"  found:  {f'deployment {known.deployment}' if known else found.get('Description') or 'no mark'}\n"
                "What is live was not changed by this one; look with 'leanfn aws status', and run it again if need be"
            )

    def _moved_by_us(self, error: DeploymentError) -> None:
        found = ask(self.function.get_alias, FunctionName=self.place.name, Name=ALIAS)
        if f"deployment={self.deployment} " not in found.get("Description", ""):
            raise DeploymentError(
                f"another deployment of {self.place.name} went live meanwhile, and this one has ended\n"
                f"  live: version {found['FunctionVersion']}, {found.get('Description')}\n"
                "Look with 'leanfn aws status', and run it again if need be"
            ) from error


def _code(packed: Mapping[str, Any]) -> dict[str, Any]:
    return {"ZipFile": Path(packed["path"]).read_bytes()} if "path" in packed else dict(packed)
