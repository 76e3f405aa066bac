"""What an engine's exporter hands over for proof: the artifact's members, and the engine that they make."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any

from leanfn.certificate import ABSOLUTE, RELATIVE

from .rows import Notes

Run = Callable[[Any], Any]
EXACT = {"relative": RELATIVE, "absolute": ABSOLUTE}
# What float32 can promise: 24 bits are 6e-8, and a sum of some hundred products loses three digits of them.
SINGLE = {"relative": 1e-4, "absolute": 1e-6}


@dataclass(frozen=True)
class Candidate:
    """A model in an engine's form.

    members: the artifact's model members. compile: from a method's name to its function of one row's values, made
    from those very members. locate: names the first step whose answer to a row differs from the original's.
    rows: at most how many rows the proof asks it for. bound: how far its answers may be apart. precision: the type that
    it computes in; rounding: the difference that this makes, where the proof cannot see it (NaN: not measured). reach: the largest number
    that it takes: rows beyond it are refused by the engine, and are no part of the proof. explains: what the engine's
    "explain" takes apart, as the manifest has it. is_undecided: whether the original's answer to a row follows no rule.
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
    bound: dict[str, float] = field(default_factory=lambda: dict(EXACT))
    precision: str = "float64"
    rounding: float | None = None
    reach: float = inf
    explains: dict[str, str] | None = None
    is_undecided: Callable[[Any], bool] = lambda _: False
