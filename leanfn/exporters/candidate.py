"""What an engine's exporter hands over for proof: the artifact's members, and the engine that they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .rows import Notes

Run = Callable[[Any], Any]


@dataclass(frozen=True)
class Candidate:
    """A model in an engine's form.

    members: the artifact's model members. compile: from a method's name to its function of one row's values, made
    from those very members. locate: names the first step whose answer to a row differs from the original's.
    rows: at most how many rows the proof asks it for.
    """

    engine: str
    methods: list[str]
    members: dict[str, bytes]
    compile: Callable[[str], Run]
    requirements: list[str] = field(default_factory=list)
    training_rows: list[str] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    locate: Callable[[Any], str | None] = lambda _: None
    rows: int = 5_000
