"""The flags that Google's commands have besides those of every cloud."""

from __future__ import annotations

from dataclasses import dataclass

from .. import flags


@dataclass(frozen=True, slots=True)
class Where(flags.Where):
    """Where a function is.

    Args:
        project: the project's id; that of the credentials when not given
    """

    project: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionFlags(flags.FunctionFlags):
    """What a function is to be.

    Args:
        service_account: whom it runs as; leanfn makes an account of its own without any role
        labels: of the function, in place of those that are deployed
        min_instances: kept ready, and paid for
        max_instances: at most so many
        concurrency: requests at a time in one instance; more than one wants a whole CPU
        cpu: of one instance: 0.08 up to 1, or 1, 2, 4, 6, 8
    """

    service_account: str | None = None
    labels: dict[str, str] | None = None
    min_instances: int | None = None
    max_instances: int | None = None
    concurrency: int | None = None
    cpu: float | None = None
