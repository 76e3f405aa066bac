"""The emulated account: who calls, what there is, and how long things take there."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NUMBER = "123456789012"
KEY = "AKIAEMULATED00000000"  # of the administrator; any other key belongs to a user or a role
SECRET = "emulated"  # of every key: this account holds nothing


class Refused(Exception):
    """Raised for a call that a service refuses, with the service's own code. status: None is the code's usual one."""

    def __init__(
        self, code: str, message: str, status: int | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Delays:
    """How long the account takes, in seconds: until a function is Active after it is made, until an update is done,
    until a role that was made can be assumed."""

    pending: float = 0.3
    update: float = 0.2
    role: float = 0.5


@dataclass(slots=True)
class Account:
    """What the services share. policies: a key's statements; a key that is not listed is nobody's.

    clock: seconds that only go forward. A role's session has a key of its own.
    """

    delays: Delays = field(default_factory=Delays)
    clock: Callable[[], float] = time.monotonic
    policies: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)  # key -> role
    lock: threading.RLock = field(default_factory=threading.RLock)
    counter: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def revision(self) -> str:
        """A new revision id."""
        return str(uuid.uuid4())

    def number(self) -> int:
        """A number that was not given before."""
        return next(self.counter)

    def session(self, role: str) -> str:
        """The access key of a role's session."""
        for key, name in self.sessions.items():
            if name == role:
                return key
        key = f"ASIAEMULATED{self.number():08}"
        self.sessions[key] = role
        return key

    def statements(self, key: str) -> list[dict[str, Any]] | None:
        """What a key may do; None is everything. Refused for a key that nobody has."""
        if key == KEY:
            return None
        if key in self.sessions:
            role = self.roles.get(self.sessions[key])
            return [each for policy in role.policies.values() for each in policy["Statement"]] if role else []
        if key not in self.policies:
            raise Refused(
                "UnrecognizedClientException", "The security token included in the request is invalid.", 403
            )
        return self.policies[key]

    def principal(self, key: str) -> str:
        """The ARN of whoever has a key."""
        if key in self.sessions:
            return f"arn:aws:sts::{NUMBER}:assumed-role/{self.sessions[key]}/function"
        return f"arn:aws:iam::{NUMBER}:user/{'administrator' if key == KEY else key}"


@dataclass(slots=True)
class Role:
    """An IAM role. made: when, by the account's clock."""

    name: str
    trust: dict[str, Any]
    made: float
    tags: dict[str, str]
    boundary: str | None
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{NUMBER}:role/{self.name}"
