"""The flags that AWS's commands share, in groups that travel together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .target import Target, api_key_digest


@dataclass(frozen=True, slots=True)
class Where:
    """Where a function is.

    Args:
        stage: which settings of pyproject.toml to take, and the end of a name that is made from an artifact's
        region: where it runs; AWS_REGION or the profile's when not given
        profile: a profile of ~/.aws/config
        emulate: on the AWS that is emulated on this machine
    """

    stage: str | None = None
    region: str | None = None
    profile: str | None = None
    emulate: bool = False


@dataclass(frozen=True, slots=True)
class How:
    """How a command goes about its plan.

    Args:
        dry_run: print the plan, and change nothing
        json: print for programs
    """

    dry_run: bool = False
    json: bool = False


@dataclass(frozen=True, slots=True)
class VersionFlags:
    """What a version runs with.

    Args:
        name: the function's name; the artifact's with hyphens, and the stage at its end, when not given
        memory: MB, and processor in proportion: 128 to 10240
        timeout: seconds that an answer may take: 1 to 900
        arch: the processor it runs on
        python: the version of Python, such as 3.13
        env: variables of the function, in place of those that are deployed
        secret: variable=NAME of a secret of Secrets Manager, or ssm:NAME of a parameter, read at each cold start
        role: the ARN of a role that is there; leanfn makes one that may write its own log, and nothing else
        bucket: for code of more than 50 MB, on its way to Lambda
    """

    name: str | None = None
    memory: int | None = None
    timeout: int | None = None
    arch: Literal["x86_64", "arm64"] | None = None
    python: str | None = None
    env: dict[str, str] | None = None
    secret: dict[str, str] | None = None
    role: str | None = None
    bucket: str | None = None

    def target(self, name: str) -> Target:
        """What is wanted of the function of this name; DeploymentError for a value that it cannot have."""
        return Target(
            name=name,
            memory=self.memory,
            timeout=self.timeout,
            arch=self.arch,
            python=self.python,
            env=self.env,
            secrets=self.secret,
            role=self.role,
            bucket=self.bucket,
        )


@dataclass(frozen=True, slots=True)
class FunctionFlags(VersionFlags):
    """What a function has besides its versions.

    Args:
        permissions_boundary: the ARN of a policy that bounds the role that leanfn makes
        public: let everybody call its address; --no-public takes that back
        cors: origins whose pages may call it, or *; none with --cors=
        api_key: a key that callers must send as x-api-key; only its digest is kept. None with --api-key=
        max_concurrency: calls that it may answer at a time; 0 for no limit of its own
        tags: added to the function's tags
    """

    permissions_boundary: str | None = None
    public: bool | None = None
    cors: list[str] | None = None
    api_key: str | None = None
    max_concurrency: int | None = None
    tags: dict[str, str] | None = None

    def target(self, name: str) -> Target:
        """What is wanted of the function of this name; DeploymentError for a value that it cannot have."""
        return replace(
            VersionFlags.target(self, name),
            boundary=self.permissions_boundary,
            public=self.public,
            cors=None if self.cors is None else tuple(self.cors),
            api_key=api_key_digest(self.api_key),
            concurrency=self.max_concurrency,
            tags=self.tags,
        )
