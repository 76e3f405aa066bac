"""The engines as rungs of a ladder: the first that proves itself, is quick enough and fits every cloud is taken.

Cost is measured, not guessed from the kind of model. What is measured here never goes into an artifact: its bytes
are the same for the same model.
"""

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from statistics import median
from time import perf_counter
from typing import Any

from leanfn.artifact import ENGINES
from leanfn.certificate import Certificate
from leanfn.errors import ArtifactError, CertificateError, ExportError, Refusal, RowError
from leanfn.platforms import MB, PLATFORMS
from leanfn.signature import Signature

from . import onnx, prove, sklearn
from .candidate import Candidate, Run
from .installed import installed_bytes
from .lean import build as lean
from .onnx_model import OnnxModel
from .original import Original
from .rows import Notes, Row, proof_rows

# An engine's forms of a model, the best first; Refusal when it carries it in none.
Build = Callable[[Original, Signature], Iterable[Candidate]]

ROW_LIMIT = 5_000  # microseconds: a request costs about 400 without the model
TIMED_ROWS = 9
RUNTIME = 1 * MB  # leanfn's own modules and the platform's entry, generously


def _lean(original: Original, signature: Signature) -> Iterator[Candidate]:
    del signature  # operations refuse rows by themselves
    if isinstance(original.model, OnnxModel):
        raise Refusal("the lean engine carries estimators of scikit-learn, not a graph of ONNX")
    yield lean.build(original)


BUILDS: Mapping[str, Build] = {"lean": _lean, "onnx": onnx.build, "sklearn": sklearn.build}


@dataclass(frozen=True, slots=True)
class Rung:
    """One engine's try at a model.

    reason: why it does not carry the model, None when it does. installed_bytes: of what a function must install.
    load_ms: to read the model, libraries already imported. row_us: a row's median. too_large_for: the clouds whose
    limit a function with all this exceeds. The figures are None where nothing was carried.
    """

    engine: str
    tried: bool = True
    reason: str | None = None
    certificate: Certificate | None = None
    artifact_bytes: int | None = None
    installed_bytes: int | None = None
    load_ms: float | None = None
    row_us: float | None = None
    too_large_for: tuple[str, ...] = ()

    @property
    def carried(self) -> bool:
        return self.certificate is not None

    @property
    def drawbacks(self) -> list[str]:
        """Why a carried model would rather stand on another rung."""
        found = []
        if self.row_us is not None and self.row_us > ROW_LIMIT:
            found.append(f"a row takes {self.row_us / 1000:.1f} ms, more than {ROW_LIMIT / 1000:.0f}")
        if self.too_large_for:
            found.append(f"too large for {', '.join(self.too_large_for)}")
        return found


@dataclass(frozen=True, slots=True)
class Climb:
    """All rungs in order, and the one that was taken, with its candidate; errors: by engine, why not."""

    rungs: tuple[Rung, ...]
    taken: Rung | None
    candidate: Candidate | None
    errors: Mapping[str, ExportError]

    def winner(self) -> tuple[Candidate, Certificate]:
        """The candidate that was taken and its proof; raises why no engine carries the model when none was."""
        if self.candidate is None or self.taken is None or self.taken.certificate is None:
            raise self._failure()
        return self.candidate, self.taken.certificate

    def _failure(self) -> ExportError:
        if len(self.errors) == 1:
            ((engine, error),) = self.errors.items()
            return type(error)(f"{error}\n{_next(engine)}")
        reasons = "\n".join(f"- {error}" for error in self.errors.values())
        return ExportError(f"no engine carries the model\n{reasons}")


def _next(engine: str) -> str:
    below = list(BUILDS)[list(BUILDS).index(engine) + 1 :] if engine in BUILDS else []
    if not below:
        return "There is no engine below it; 'leanfn engines' says what each carries"
    return f"The next engine is {below[0]}: leanfn export --engine={below[0]}"


def climb(
    original: Original,
    signature: Signature,
    notes: Notes,
    asked: str = "auto",
    *,
    compare: bool = False,
    builds: Mapping[str, Build] = BUILDS,
    row_limit: float = ROW_LIMIT,
) -> Climb:
    """Try the engines in order, until one is good enough; the first that carries the model when none is.

    asked: an engine's name, or auto for all of them. compare: try every rung, also those below the one taken.
    row_limit: microseconds; where there is a choice, an engine whose row takes longer is proved only when no other is
    good, because that may take minutes.
    """
    if asked not in ("auto", *builds):
        raise ExportError(f"no engine {asked!r}\n  wanted: auto, {', '.join(builds)}\n  found:  {asked}")
    names = list(builds) if asked == "auto" else [asked]
    rows = proof_rows(original, signature.fields, notes)
    rungs: dict[str, Rung] = {}
    carried: dict[str, tuple[Rung, Candidate]] = {}
    errors: dict[str, ExportError] = {}

    def attempt(name: str, limit: float) -> None:
        try:
            carried[name] = _try(builds[name], original, signature, rows, limit)
            rungs[name], _ = carried[name]
        except ExportError as error:
            rungs[name], errors[name] = Rung(name, reason=str(error)), error

    def found() -> list[tuple[Rung, Candidate]]:
        return [carried[name] for name in names if name in carried]

    for name in names:
        good = next((rung.engine for rung, _ in found() if not rung.drawbacks), None)
        if good is not None and not compare:
            rungs[name] = Rung(name, tried=False, reason=f"{good} is good enough")
        else:
            attempt(name, inf if compare or len(names) == 1 else row_limit)
    if not any(not rung.drawbacks for rung, _ in found()):
        for name in [name for name, error in errors.items() if isinstance(error, _Slow)]:
            del errors[name]
            attempt(name, inf)
    taken, best = choose(found())
    return Climb(tuple([rungs[name] for name in names]), taken, best, errors)


class _Slow(ExportError):
    """Raised for a candidate that is not proved for now, because of what a row of it takes."""


def choose(carried: Sequence[tuple[Rung, Candidate]]) -> tuple[Rung, Candidate] | tuple[None, None]:
    """The first rung that nothing speaks against; where there is none, the first."""
    good = [each for each in carried if not each[0].drawbacks]
    return next(iter([*good, *carried]), (None, None))


def _try(
    build: Build, original: Original, signature: Signature, rows: Sequence[Row], limit: float
) -> tuple[Rung, Candidate]:
    """The first of an engine's forms whose certificate holds; the most telling error when none does.

    limit: microseconds; a form whose row takes longer is not proved, and raises _Slow.
    """
    failures: list[ExportError] = []
    for candidate in build(original, signature):
        try:
            if limit < inf:
                _check_pace(candidate, rows, limit)
            certificate = prove.prove(candidate, original, signature, rows)
        except ExportError as error:
            failures.append(error)
        else:
            return _measured(candidate, certificate, rows), candidate
    if not failures:
        raise ExportError("the engine has no form of the model")
    raise next((error for error in failures if isinstance(error, CertificateError)), failures[-1])


def _check_pace(candidate: Candidate, rows: Sequence[Row], limit: float) -> None:
    _, run = _loaded(candidate)
    row_us = _row_us(run, rows)
    if row_us is not None and row_us > limit:
        raise _Slow(f"a row takes {row_us / 1000:.1f} ms, more than {limit / 1000:g}: not proved")


def _measured(candidate: Candidate, certificate: Certificate, rows: Sequence[Row]) -> Rung:
    size = sum(len(data) for data in candidate.members.values())
    installed = installed_bytes(candidate.requirements)
    whole = size + installed + RUNTIME
    load_ms, run = _loaded(candidate)
    return Rung(
        candidate.engine,
        certificate=certificate,
        artifact_bytes=size,
        installed_bytes=installed,
        load_ms=load_ms,
        row_us=_row_us(run, rows),
        too_large_for=tuple(
            platform.name
            for platform in PLATFORMS.values()
            if platform.unpacked is not None and whole > platform.unpacked
        ),
    )


def _loaded(candidate: Candidate) -> tuple[float, Run]:
    """Milliseconds from the members' bytes to the first method, and that method."""
    engine = importlib.import_module(ENGINES[candidate.engine])
    began = perf_counter()
    try:
        run = engine.load(candidate.members.__getitem__)(candidate.methods[0])
    except ArtifactError as error:
        raise ExportError(
            f"the {candidate.engine} engine does not load what was made for it\n{error}"
        ) from error
    return (perf_counter() - began) * 1e3, run


def _row_us(run: Callable[[Any], Any], rows: Sequence[Row]) -> float | None:
    """The median of some rows, in microseconds, once the function is warm."""
    times = []
    for _, row in rows[: TIMED_ROWS + 1]:
        began = perf_counter()
        try:
            run(row)
        except RowError:
            continue
        times.append((perf_counter() - began) * 1e6)
    return median(times[1:] or times) if times else None
