"""The flags that the clouds' commands share, in groups that travel together; a cloud adds its own in a class of its own.

A flag has the same name, the same type and the same words on every cloud.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from leanfn.errors import DeploymentError

API_KEY_LEAST = 16  # characters
ORIGIN = r"\*|https?://[A-Za-z0-9.-]+(:\d{1,5})?"


@dataclass(frozen=True, slots=True)
class Where:
    """Where a function is.

    Args:
        stage: which settings of pyproject.toml to take, and the end of a name that is made from an artifact's
        region: where it runs
        emulate: on the cloud that is emulated on this machine
    """

    stage: str | None = None
    region: str | None = None
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
class FunctionFlags:
    """What a function is to be; what is not given stays as it is deployed, or is the cloud's default at first.

    Args:
        name: the function's name; the artifact's with hyphens, and the stage at its end, when not given
        memory: MB
        timeout: seconds that an answer may take
        python: the version of Python, such as 3.13
        public: let everybody call it; --no-public takes that back
        cors: origins whose pages may call it, with commas, or *; none with --cors=
        api_key: a key that callers must send as x-api-key; only its digest is kept. None with --api-key=
        env: variables of the function, in place of those that are deployed
        secret: variables whose values are secrets of the cloud's own store, as VARIABLE=NAME
    """

    name: str | None = None
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    public: bool | None = None
    cors: list[str] | None = None
    api_key: str | None = None
    env: dict[str, str] | None = None
    secret: dict[str, str] | None = None


def api_key_digest(key: str | None) -> str | None:
    """The digest of a key that callers will send; an empty key stands for none."""
    if not key:
        return key
    if not re.fullmatch(rf"[!-~]{{{API_KEY_LEAST},256}}", key):
        raise DeploymentError(
            f"--api-key is sent as a header and guessed at\n  wanted: {API_KEY_LEAST} to 256 visible ASCII characters\n"
            f"  found:  {len(key)} characters\nMake one: openssl rand -hex 24"
        )
    return sha256(key.encode()).hexdigest()


def checked_origins(origins: Sequence[str]) -> Sequence[str]:
    """Origins as a browser names them, or DeploymentError for the first that is none."""
    for origin in origins:
        if not re.fullmatch(ORIGIN, origin, re.ASCII):
            raise DeploymentError(
                "--cors does not take this value\n  wanted: * or origins such as https://example.com\n"
                f"  found:  {origin[:120]!r}"
            )
    return origins
