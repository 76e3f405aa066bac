"""The flags that Google's commands share, in groups that travel together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Where:
    """Where a function is.

    Args:
        stage: which settings of pyproject.toml to take, and the end of the function's name
        project: the project's id; that of the credentials when not given
        region: such as europe-west1
        emulate: on the Google Cloud that is emulated on this machine
    """

    stage: str | None = None
    project: str | None = None
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
class VersionFlags:
    """What a revision runs with; None keeps what is deployed.

    Args:
        name: the function's name; the artifact's with hyphens when not given
        memory: MB: 128, 256, 512, and so on to 32768
        timeout: seconds that an answer may take: 1 to 3600
        python: the version of Python, such as 3.13
        service_account: whom it runs as; leanfn makes an account of its own without any role
        cors: origins whose pages may call it, or *; none with --cors=
        api_key: a key that callers must send as x-api-key; only its digest is kept. None with --api-key=
        env: variables of the function, in place of those that are deployed
        secret: variable=NAME or variable=NAME:VERSION of Secret Manager, in place of those that are deployed
        labels: of the function, in place of those that are deployed
        min_instances: kept ready, and paid for
        max_instances: at most so many
        concurrency: requests at a time in one instance; more than one wants a whole CPU
        cpu: of one instance: 0.08 up to 1, or 1, 2, 4, 6, 8
    """

    name: str | None = None
    memory: int | None = None
    timeout: int | None = None
    python: str | None = None
    service_account: str | None = None
    cors: list[str] | None = None
    api_key: str | None = None
    env: dict[str, str] | None = None
    secret: dict[str, str] | None = None
    labels: dict[str, str] | None = None
    min_instances: int | None = None
    max_instances: int | None = None
    concurrency: int | None = None
    cpu: float | None = None


@dataclass(frozen=True, slots=True)
class FunctionFlags(VersionFlags):
    """What a function has besides its revisions.

    Args:
        public: let everybody call it; --no-public takes that back
    """

    public: bool | None = None
