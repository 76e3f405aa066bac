"""A deployment as data: every step is planned before the first is made, and the same plan is shown or carried out.

A cloud's own `plan` is pure: it looks at the bundle, at what is wanted and at what was observed, and gives the steps
from the one to the other. Nothing changed, no steps. Phases come in one order on every cloud.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

# prepare: what holds the function and is not it (a role, a log, a bucket, a plan); function: its code and settings;
# version: what can be gone back to; probe: the artifact's own examples, asked of that version; live: callers reach it.
Phase = Literal["prepare", "upload", "function", "ready", "version", "probe", "live", "access", "tidy"]
PHASES: tuple[Phase, ...] = get_args(Phase)


@dataclass(frozen=True, slots=True)
class Result:
    """A value that is not known yet: what the step of this name will give, under this key."""

    step: str
    key: str

    def __str__(self) -> str:
        return f"<{self.key} of {self.step}>"


@dataclass(frozen=True, slots=True)
class Change:
    """A setting before and after; None is none."""

    setting: str
    old: object
    new: object

    def __str__(self) -> str:
        return f"{self.setting}: {_shown(self.old)} → {_shown(self.new)}"


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    name: unique in its plan; results are asked for by it. call: the cloud's own name of the call, a key of its table
    of calls. why: what it does, for people ("create the role heart"). arguments: JSON values and Results, never a
    secret's value. makes: the resource that is there afterwards and was not before, by its full name, if there is one.
    """

    name: str
    phase: Phase
    call: str
    why: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    makes: str | None = None
    changes: tuple[Change, ...] = ()


def resolve(value: Any, results: Mapping[str, Mapping[str, Any]]) -> Any:
    """A step's arguments once what they wait for is known."""
    if isinstance(value, Result):
        return results[value.step][value.key]
    if isinstance(value, Mapping):
        return {key: resolve(item, results) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [resolve(item, results) for item in value]
    return value


def show(plan: Sequence[Step]) -> str:
    """A plan for people, one paragraph a step."""
    if not plan:
        return "nothing to do: what is deployed is what is wanted"
    return "\n".join(_paragraph(number, step) for number, step in enumerate(plan, 1))


def document(plan: Sequence[Step]) -> list[dict[str, Any]]:
    """A plan for programs."""
    return [
        {
            "step": step.name,
            "phase": step.phase,
            "call": step.call,
            "why": step.why,
            "arguments": json.loads(json.dumps(step.arguments, default=str)),
            "makes": step.makes,
            "changes": [{"setting": each.setting, "old": each.old, "new": each.new} for each in step.changes],
        }
        for step in plan
    ]


def _paragraph(number: int, step: Step) -> str:
    lines = [f"{number:>2}. {step.why}", f"    {step.call} {_shown(step.arguments)}"]
    return "\n".join(lines + [f"    {change}" for change in step.changes])


def _shown(value: object) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False, default=str)
