"""What is to be deployed, and what it will run with: what is asked for, else what is there, else Lambda's default."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leanfn.errors import DeploymentError
from leanfn.platforms import AWS

from .observe import SECRETS, Mark, Observed, Place, Settings, Version
from .target import Target

API_KEY, CORS = "LEANFN_API_KEY_SHA256", "LEANFN_CORS"
OWN = (API_KEY, CORS, SECRETS)
ENVIRONMENT_LIMIT = 4096  # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html


@dataclass(frozen=True, slots=True)
class Code:
    """A bundle as Lambda sees it. sha256: base64, as the API gives it."""

    archive: Path
    sha256: str
    size: int
    artifact: str  # the artifact's version
    bundle: str  # the bundle's digest
    name: str  # the artifact's name


@dataclass(frozen=True, slots=True)
class Stored:
    """Code on its way through S3."""

    bucket: str
    key: str
    partition: str = "aws"

    def __str__(self) -> str:
        return f"arn:{self.partition}:s3:::{self.bucket}/{self.key}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A deployment: what is to run, how, and under which id. secrets: variable -> what fills it.

    grants: what fills one -> the statements to read it. None keeps what is deployed.
    """

    target: Target
    code: Code
    deployment: str
    secrets: Mapping[str, str] | None = None
    grants: Mapping[str, Sequence[Mapping[str, Any]]] | None = None

    @property
    def mark(self) -> Mark:
        return Mark(self.code.artifact, self.code.bundle, self.deployment)


def settings_of(wanted: Wanted, seen: Observed) -> Settings:
    """What the version will run with: what is asked for, else what is deployed, else the platform's default."""
    target, place = wanted.target, seen.place
    kept = base_of(seen) or default(place)
    return Settings(
        f"python{target.python}" if target.python else kept.runtime,
        kept.handler,
        target.memory or kept.memory,
        target.timeout or kept.timeout,
        target.arch or kept.arch,
        target.role or kept.role,
        _environment(wanted, kept.environment),
    )


def default(place: Place) -> Settings:
    """What a function has at first where nothing is asked for."""
    handler = f"{AWS.entry_file.removesuffix('.py')}.{AWS.entry_name}"
    runtime = f"python{AWS.default_python}"
    return Settings(runtime, handler, AWS.default_memory, AWS.default_timeout, "x86_64", place.role)


def base_of(seen: Observed) -> Settings | None:
    """The settings that a flag which is not given keeps."""
    if seen.live is not None:
        return seen.version(seen.live.version).settings
    return seen.latest.settings if seen.latest else None


def _environment(wanted: Wanted, kept: Mapping[str, str]) -> dict[str, str]:
    target = wanted.target
    users = (
        {key: value for key, value in kept.items() if key not in OWN} if target.env is None else target.env
    )
    own = {
        API_KEY: kept.get(API_KEY, "") if target.api_key is None else target.api_key,
        CORS: kept.get(CORS, "") if target.cors is None else ",".join(target.cors),
        SECRETS: kept.get(SECRETS, "")
        if wanted.secrets is None
        else json.dumps(wanted.secrets, sort_keys=True, separators=(",", ":")) * bool(wanted.secrets),
    }
    environment = dict(users) | {key: value for key, value in own.items() if value}
    size = len(json.dumps(environment).encode())
    if size > ENVIRONMENT_LIMIT:
        raise DeploymentError(
            f"the environment is too large for Lambda\n  wanted: at most {ENVIRONMENT_LIMIT} bytes in all\n"
            f"  found:  {size}\nShorten --env, or keep long values in --secret"
        )
    return dict(sorted(environment.items()))


def same_version(wanted: Wanted, settings: Settings, seen: Observed) -> Version | None:
    """A version that is already what is wanted: the live one first, then the newest."""
    first = seen.live.version if seen.live else ""
    for version in sorted(
        seen.versions, key=lambda each: (each.number == first, int(each.number)), reverse=True
    ):
        if version.mark and version.mark.bundle == wanted.code.bundle and version.settings == settings:
            return version
    return None


def is_large(code: Code) -> bool:
    return AWS.package is not None and code.size > AWS.package


def stored_as(wanted: Wanted, place: Place) -> Stored:
    if wanted.target.bucket is None:
        raise DeploymentError(
            f"{wanted.code.name}'s bundle is too large to be sent to Lambda directly\n"
            f"  wanted: at most {(AWS.package or 0) / 1e6:.1f} MB, or a bucket to send it through\n"
            f"  found:  {wanted.code.size / 1e6:.1f} MB\nName a bucket of this region with --bucket"
        )
    return Stored(wanted.target.bucket, f"leanfn/{place.name}/{wanted.code.bundle}.zip", place.partition)
