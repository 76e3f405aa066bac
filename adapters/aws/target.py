"""What is wanted of a function: the flags, checked before anything is asked of AWS.

The limits: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from leanfn.errors import DeploymentError
from leanfn.platforms import AWS

from ..flags import checked_origins
from ..names import checked

NAME_LIMIT = 64
NAME = r"[A-Za-z0-9_-]{1,64}"
REGION = r"[a-z]{2,4}(-[a-z]+)+-\d"
KEY = r"[A-Za-z][A-Za-z0-9_]+"
# what Lambda keeps for itself, and what other flags set
RESERVED = re.compile(r"AWS_.*|LAMBDA_.*|_HANDLER|LEANFN_(API_KEY_SHA256|CORS|SECRETS)")
TAG_LIMIT = 40  # of the fifty that a function can have, the others are leanfn's own


@dataclass(frozen=True, slots=True)
class Target:
    """A function as it is wanted; None keeps what is deployed, or takes the platform's default.

    api_key: the key's digest, empty for none. secrets: variable -> a secret's or a parameter's name.
    concurrency: 0 stands for no reservation.
    """

    name: str
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    arch: str | None = None
    role: str | None = None
    boundary: str | None = None
    public: bool | None = None
    cors: tuple[str, ...] | None = None
    api_key: str | None = None
    env: Mapping[str, str] | None = None
    secrets: Mapping[str, str] | None = None
    concurrency: int | None = None
    tags: Mapping[str, str] | None = None
    bucket: str | None = None

    def __post_init__(self) -> None:
        """Raises DeploymentError for the first value that no function can have."""
        checked(self.name, NAME, "letters, digits, - and _, at most 64 of them")
        low, high = AWS.memory_sizes
        _within("--memory", self.memory, low, high, "MB")
        _within("--timeout", self.timeout, 1, AWS.timeout, "seconds")
        _within("--max-concurrency", self.concurrency, 0, 100_000, "calls at a time")
        if self.python is not None and self.python not in AWS.pythons:
            raise _wrong("--python", self.python, f"one of {', '.join(AWS.pythons)}")
        _like("--role", self.role, r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]{1,512}", "a role's ARN")
        _like(
            "--permissions-boundary",
            self.boundary,
            r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[\w+=,.@/-]{1,512}",
            "a policy's ARN",
        )
        _like("--bucket", self.bucket, r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name")
        checked_origins(self.cors or ())
        for key, value in (self.env or {}).items():
            _check_variable("--env", key)
            if "\0" in value:
                raise _wrong("--env", f"{key} with a NUL in it", "text")
        for key, name in (self.secrets or {}).items():
            _check_variable("--secret", key)
            _like("--secret", name, SECRET, "NAME of a secret, ssm:NAME of a parameter, or the ARN of either")
            if ".." in name:
                raise _wrong("--secret", name, "a name without ..")
        self._check_tags()
        if both := sorted((self.env or {}).keys() & (self.secrets or {}).keys()):
            raise _wrong("--secret", both[0], "a variable that --env does not set as well")

    def _check_tags(self) -> None:
        tags = self.tags or {}
        if len(tags) > TAG_LIMIT:
            raise _wrong("--tags", f"{len(tags)} tags", f"at most {TAG_LIMIT}")
        for key, value in tags.items():
            _like(
                "--tags",
                key,
                r"(?!(?i:aws:|leanfn))[\w\s:/=+\-@.]{1,128}",
                "a key of letters, digits and + - = . _ : / @",
            )
            _like("--tags", value, r"[\w\s:/=+\-@.]{0,256}", "a value of letters, digits and + - = . _ : / @")
            if ".." in key or ".." in value:
                raise _wrong("--tags", f"{key}={value}", "a tag without ..")


SECRET = (
    r"[A-Za-z0-9/_+=.@!-]{1,512}|ssm:[A-Za-z0-9/_.-]{1,1011}"
    r"|arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret|ssm:[a-z0-9-]+:\d{12}:parameter)[:/][A-Za-z0-9/_+=.@!-]{1,1011}"
)


def check_place(region: str | None, stage: str | None) -> None:
    """Refuse a region or a stage that is none, before either is part of a name."""
    _like("--region", region, REGION, "a region such as eu-west-1")
    _like("--stage", stage, r"[A-Za-z0-9_-]{1,32}", "letters, digits, - and _, at most 32 of them")


def _check_variable(flag: str, key: str) -> None:
    _like(flag, key, KEY, "a name of letters, digits and _, of two at least")
    if RESERVED.fullmatch(key) and not (flag == "--secret" and key == "LEANFN_API_KEY_SHA256"):
        raise _wrong(flag, key, "a name that neither Lambda nor another flag sets")


def _within(flag: str, value: int | None, low: int, high: int, unit: str) -> None:
    if value is not None and not low <= value <= high:
        raise _wrong(flag, str(value), f"{low} to {high} {unit}")


def _like(flag: str, value: str | None, pattern: str, wanted: str) -> None:
    if value is not None and not re.fullmatch(pattern, value):
        raise _wrong(flag, value, wanted)


def _wrong(flag: str, found: str, wanted: str) -> DeploymentError:
    return DeploymentError(f"{flag} does not take this value\n  wanted: {wanted}\n  found:  {found[:120]!r}")
