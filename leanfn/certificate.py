"""The proof: an artifact's answers beside the original's, and how far apart they may be.

It ships with an artifact and needs the engine alone: the examples carry the original's answers.
"""

from __future__ import annotations

import json
from math import exp

from leanfn.errors import ArtifactError, CertificateError, InvalidRows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from leanfn.artifact import Artifact

RELATIVE = 1e-9  # largest difference of a number, relative to the original's
ABSOLUTE = 1e-12  # a smaller difference of any number is within the bound
SMALL = ABSOLUTE / RELATIVE  # below this size a number's difference counts as absolute
PRECISION = {"type": "float64", "difference": None}
EXPLAIN = "explain"
NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class Certificate:
    """What was compared and how far the answers were apart.

    rows: how many. methods: per method the largest relative difference, the flipped labels and the tied ones; "explain"
    among them is the sums of the explanations beside the answers that they explain.
    kinds: per kind of row (sample, null, unseen category, …) how many, and how many of them both sides refuse.
    bound: the largest difference that was allowed, relative and absolute. precision: the type that the engine computes
    in, and where it is not float64 the largest difference that this makes (None: not measured).
    """

    __slots__ = ("bound", "kinds", "methods", "precision", "rows")

    def __init__(
        self,
        rows: int,
        methods: dict[str, dict[str, Any]],
        kinds: dict[str, dict[str, int]],
        bound: dict[str, float],
        precision: dict[str, Any] = PRECISION,
    ) -> None:
        self.rows = rows
        self.methods = methods
        self.kinds = kinds
        self.bound = bound
        self.precision = precision

    def document(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("rows", "methods", "kinds", "bound", "precision")}

    @property
    def largest(self) -> float:
        """The largest relative difference of any of the estimator's own methods."""
        own = [method["largest_difference"] for name, method in self.methods.items() if name != EXPLAIN]
        return max(own, default=0.0)

    def __repr__(self) -> str:
        return f"<certificate: {self.summary()}>"

    def summary(self) -> str:
        """One line for people."""
        flips = sum([method["flips"] for method in self.methods.values()])
        ties = sum([method["ties"] for method in self.methods.values()])
        count = len(self.methods.keys() - {EXPLAIN})
        words = (
            f"{self.rows:,} rows, {count} methods, largest difference {self.largest:.1e}, {flips} label flips"
        )
        words += f", {ties} ties" if ties else ""
        words += ", explanations add up" if EXPLAIN in self.methods else ""
        if self.precision["type"] != "float64":
            apart = self.precision["difference"]
            made = "not measured" if apart is None else f"{apart:.1e}"
            words += f", computed in {self.precision['type']} (difference: {made})"
        return words


def small(bound: dict[str, float]) -> float:
    """The size below which a number's difference counts as absolute."""
    return bound["absolute"] / bound["relative"]


def difference(found: Any, wanted: Any, small: float = SMALL) -> float:
    """How far an answer is from the original's: 0 for equal, infinite for another kind or another label.

    Numbers: |found - wanted| / max(|wanted|, small): relative, and for small numbers absolute; lists: the largest of
    their items.
    """
    if found.__class__ in (list, tuple) and wanted.__class__ in (list, tuple):
        if len(found) != len(wanted):
            return float("inf")
        return max([difference(a, b, small) for a, b in zip(found, wanted)], default=0.0)
    if found == wanted or (found != found and wanted != wanted):
        return 0.0
    if not (_is_number(found) and _is_number(wanted)):
        return float("inf")
    apart = abs(found - wanted) / max(abs(wanted), small)
    return float(apart) if apart == apart else float("inf")


def shortfall(parts: list[list[float]], answer: Any, link: str, small: float = SMALL) -> float:
    """How far the parts of an explanation are from adding up to the original's answer, output by output.

    Relative to the largest of the answer and the parts: a sum is not more exact than they are. Where a part is so large
    that no number holds it, neither does one hold the answer.
    """
    answers = answer if isinstance(answer, list) else [answer]
    if len(answers) != len(parts):
        return float("inf")
    largest = 0.0
    for own, wanted in zip(parts, answers):
        found = 0.0
        for part in own:
            found += part
        size = max(abs(wanted), small, *map(abs, own))
        if link == "log":
            found, size = _exp(found), max(abs(wanted) * max(1.0, *map(abs, own)), small)
        if found - found == 0.0 or wanted - wanted == 0.0:  # one of them is finite
            apart = abs(found - wanted) / size
            largest = max(largest, apart if apart == apart else float("inf"))
    return largest


def _exp(x: float) -> float:
    try:
        return exp(x)
    except OverflowError:
        return float("inf")


def _is_number(value: Any) -> bool:
    return value.__class__ is float or value.__class__ is int


def plain(answer: Any) -> Any:
    """An answer as JSON can write it: a number that is not finite by its name."""
    if isinstance(answer, list):
        return [plain(item) for item in answer]
    if isinstance(answer, float) and answer - answer != 0.0:
        return "NaN" if answer != answer else "Infinity" if answer > 0 else "-Infinity"
    return answer


def _named(answer: Any) -> Any:
    if isinstance(answer, list):
        return [_named(item) for item in answer]
    return NOT_FINITE.get(answer, answer) if isinstance(answer, str) else answer


def read(artifact: Artifact) -> Certificate:
    """The certificate that the export wrote."""
    try:
        return Certificate(**json.loads(artifact.manifest.read("certificate.json")))
    except (ValueError, TypeError):
        raise ArtifactError(f"{artifact.manifest.folder}: certificate.json is no certificate") from None


def examples(artifact: Artifact) -> tuple[list[Any], dict[str, list[Any]]]:
    """The rows that the artifact carries, and per method the original's answers to them."""
    try:
        document = json.loads(artifact.manifest.read("examples.json"))
        return list(document["rows"]), {
            name: _named(answers) for name, answers in document["answers"].items()
        }
    except (ValueError, TypeError, KeyError):
        raise ArtifactError(
            f"{artifact.manifest.folder}: examples.json is no list of rows and answers"
        ) from None


def verify(artifact: Artifact) -> Certificate:
    """Replay the examples: every method, row by row. CertificateError for the first answer that is too far off."""
    rows, answers = examples(artifact)
    proof = read(artifact)
    bound = proof.bound
    near = small(bound)
    methods: dict[str, dict[str, Any]] = {}
    explains = artifact.manifest.explains
    asked = dict(zip(artifact.methods, artifact.methods))
    if explains is not None:
        asked[EXPLAIN] = explains["method"]
    for method, of in asked.items():
        largest = 0.0
        for number, (row, wanted) in enumerate(zip(rows, answers[of])):
            found, apart = _replayed(artifact, method, row, wanted, near)
            if apart > bound["relative"]:
                raise CertificateError(
                    f"{artifact.manifest.folder}: {method} differs from the original's{_of(method, of)} at example {number}\n"
                    f"  row:    {json.dumps(row, ensure_ascii=False)}\n  wanted: {wanted}\n  found:  {found}\n"
                    "Export the model again with 'leanfn export'"
                )
            largest = max(largest, apart)
        methods[method] = {"largest_difference": largest, "flips": 0, "ties": 0}
    return Certificate(
        len(rows), methods, {"example": {"rows": len(rows), "refused": 0}}, bound, proof.precision
    )


def _of(method: str, of: str) -> str:
    return "" if of == method else f" {of}"


def _replayed(artifact: Artifact, method: str, row: Any, wanted: Any, near: float) -> tuple[Any, float]:
    """What the artifact answers to an example, and how far that is from the original's answer."""
    try:
        found = artifact.call(method, [row])[0]
    except InvalidRows as error:
        return str(error), float("inf")
    explains = artifact.manifest.explains
    if method == EXPLAIN and explains:
        return found, shortfall(found, wanted, explains["link"], near)
    return found, difference(found, wanted, near)
