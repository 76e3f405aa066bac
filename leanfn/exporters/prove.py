"""The proof that an engine's model answers as the original does; a difference refuses the export."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from leanfn.certificate import EXPLAIN, Certificate, difference, plain, shortfall, small
from leanfn.errors import CertificateError, HookError, RowError
from leanfn.signature import Signature

from .candidate import Candidate
from .original import REFUSED, Original, Values
from .rows import Row

EXAMPLES = 50  # per kind: shuffled rows, and edges
PROOF_NUMBERS = (
    10_000_000  # numbers in all the answers of a method: a wide transformer is proved on fewer rows
)
EXAMPLE_NUMBERS = 50_000  # and ships fewer examples


def prove(candidate: Candidate, original: Original, signature: Signature, rows: Sequence[Row]) -> Certificate:
    """Ask both for every row and every method.

    A row that is made up, and for which the original's answer follows no rule, is counted as tied where they differ.
    Raises CertificateError with the row, the two answers and the step for the first difference beyond the bound.
    """
    rows = [row for row in rows if _is_within(row[1], candidate.reach)]
    rows = _thinned(rows, min(candidate.rows, PROOF_NUMBERS // _width(candidate, original)))
    relative, near = candidate.bound["relative"], small(candidate.bound)
    values = [row for _, row in rows]
    wanted = {method: original.answers(method, values) for method in candidate.methods}
    kinds = {kind: {"rows": count, "refused": 0} for kind, count in Counter(kind for kind, _ in rows).items()}
    methods: dict[str, dict[str, Any]] = {}
    for method in candidate.methods:
        run = candidate.compile(method)
        largest, ties = 0.0, 0
        for number, (kind, row) in enumerate(rows):
            found = _answer(run, row)
            right = wanted[method][number]
            apart = _apart(found, right, near)
            if apart > relative:
                if not (
                    (method == "predict" and original.is_tied(row, relative))
                    or (kind != "sample" and candidate.is_undecided(row))
                ):
                    raise _refusal(candidate, signature, method, kind, row, found, right)
                ties += 1
            else:
                largest = max(largest, apart)
            if right is REFUSED and method == candidate.methods[0]:
                kinds[kind]["refused"] += 1
        methods[method] = {"largest_difference": largest, "flips": 0, "ties": ties}
    if candidate.explains is not None:
        right = wanted[candidate.explains["method"]]
        largest = _prove_explanations(candidate, signature, rows, right)
        methods[EXPLAIN] = {"largest_difference": largest, "flips": 0, "ties": 0}
    certificate = Certificate(len(rows), methods, kinds, candidate.bound)
    if candidate.precision != "float64":
        apart = certificate.largest if candidate.rounding is None else candidate.rounding
        measured = None if apart != apart else apart
        certificate.precision = {"type": candidate.precision, "difference": measured}
    return certificate


def _prove_explanations(
    candidate: Candidate, signature: Signature, rows: Sequence[Row], wanted: Sequence[Any]
) -> float:
    """How far the explanations are, at most, from adding up to the original's answers."""
    assert candidate.explains is not None
    run = candidate.compile(EXPLAIN)
    largest = 0.0
    for (kind, row), right in zip(rows, wanted):
        found = _answer(run, row)
        if found is REFUSED or right is REFUSED:
            apart = 0.0 if found is right else float("inf")
        else:
            apart = shortfall(found, right, candidate.explains["link"], small(candidate.bound))
        if apart > candidate.bound["relative"]:
            if kind != "sample" and candidate.is_undecided(row):
                continue
            raise _refusal(candidate, signature, EXPLAIN, kind, row, found, right)
        largest = max(largest, apart)
    return largest


def _is_within(row: Values, reach: float) -> bool:
    values = row.values() if isinstance(row, dict) else row
    return all(not isinstance(value, (int, float)) or abs(value) <= reach for value in values)


def _thinned(rows: Sequence[Row], limit: int) -> Sequence[Row]:
    """Every n-th row, so that no more than the limit are left and every kind still is."""
    if len(rows) <= limit:
        return rows
    return rows[:: -(-len(rows) // limit)]


def _width(candidate: Candidate, original: Original) -> int:
    """How many numbers the widest answer to a row has; one for an encoder that has dropped all it knows."""
    row = original.rows[:1]
    return max(1, *(_count(answer) for method in candidate.methods for answer in original.ask(method, row)))


def _count(answer: Any) -> int:
    return sum(map(_count, answer)) if isinstance(answer, list) else 1


def _answer(run: Callable[[Any], Any], row: Values) -> Any:
    try:
        return run(row)
    except (RowError, HookError):
        return REFUSED


def _apart(found: Any, wanted: Any, near: float) -> float:
    if found is REFUSED or wanted is REFUSED:
        return 0.0 if found is wanted else float("inf")
    return difference(found, wanted, near)


def record(signature: Signature, values: Values) -> Any:
    """A row as callers send it."""
    if signature.kind == "record":
        return values
    return dict(zip([field.name for field in signature.fields], values))


def _refusal(
    candidate: Candidate, signature: Signature, method: str, kind: str, row: Values, found: Any, wanted: Any
) -> CertificateError:
    step = candidate.locate(row)
    where = f"\n  step:   {step}" if step else ""
    return CertificateError(
        f"the {candidate.engine} engine's {method} differs from the original's ({kind} row)\n"
        f"  row:    {json.dumps(record(signature, row), ensure_ascii=False)}\n"
        f"  wanted: {wanted!r}\n  found:  {found!r}{where}\nNothing was written"
    )


def examples(
    candidate: Candidate, original: Original, signature: Signature, rows: Sequence[Row], real: bool
) -> dict[str, Any]:
    """The rows that ship, with the original's answers: shuffled (or real) ones, and an even choice of the edges.

    Rows whose label is a toss are left out: the artifact may answer with the other one.
    """
    rows = [row for row in rows if _is_within(row[1], candidate.reach)]
    first = "sample" if real else "shuffled"
    most = max(1, min(EXAMPLES, EXAMPLE_NUMBERS // _width(candidate, original)))
    usual = [row for kind, row in rows if kind == first][:most]
    edges = [row for kind, row in rows if kind not in ("sample", "shuffled")]
    chosen = usual + edges[:: max(1, len(edges) // most)][:most]
    answers = {method: original.answers(method, chosen) for method in candidate.methods}
    runs = {method: candidate.compile(method) for method in answers}
    near, relative = small(candidate.bound), candidate.bound["relative"]
    kept = [
        i
        for i, row in enumerate(chosen)
        if all(
            answers[method][i] is not REFUSED
            and _apart(_answer(runs[method], row), answers[method][i], near) <= relative
            for method in answers
        )
    ]
    return {
        "rows": [record(signature, chosen[i]) for i in kept],
        "answers": {method: [plain(answers[method][i]) for i in kept] for method in answers},
    }
