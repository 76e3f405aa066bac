"""The flags that AWS's commands have besides those of every cloud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .. import flags
from .target import Target


@dataclass(frozen=True, slots=True)
class Where(flags.Where):
    """Where a function is.

    Args:
        region: where it runs; AWS_REGION or the profile's when not given
        profile: a profile of ~/.aws/config
    """

    profile: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionFlags(flags.FunctionFlags):
    """What a function is to be.

    Args:
        memory: MB, and processor in proportion: 128 to 10240
        timeout: seconds that an answer may take: 1 to 900
        secret: VARIABLE=NAME of a secret of Secrets Manager, or ssm:NAME of a parameter, read at each cold start
        arch: the processor it runs on
        role: the ARN of a role that is there; leanfn makes one that may write its own log, and nothing else
        permissions_boundary: the ARN of a policy that bounds the role that leanfn makes
        max_concurrency: calls that it may answer at a time; 0 for no limit of its own
        tags: added to the function's tags
        bucket: for code of more than 50 MB, on its way to Lambda
    """

    arch: Literal["x86_64", "arm64"] | None = None
    role: str | None = None
    permissions_boundary: str | None = None
    max_concurrency: int | None = None
    tags: dict[str, str] | None = None
    bucket: str | None = None

    def target(self, name: str) -> Target:
        """What is wanted of the function of this name; DeploymentError for a value that it cannot have."""
        return Target(
            name=name,
            memory=self.memory,
            timeout=self.timeout,
            python=self.python,
            arch=self.arch,
            role=self.role,
            boundary=self.permissions_boundary,
            public=self.public,
            cors=None if self.cors is None else tuple(self.cors),
            api_key=flags.api_key_digest(self.api_key),
            env=self.env,
            secrets=self.secret,
            concurrency=self.max_concurrency,
            tags=self.tags,
            bucket=self.bucket,
        )
