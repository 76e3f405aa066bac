"""A model behind the user's own hooks: raw records outside, what preprocess makes of them inside."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from leanfn.certificate import plain
from leanfn.errors import ExportError, HookError, InvalidRows
from leanfn.hooks import call, functions_of
from leanfn.signature import Signature

from . import describe
from .original import REFUSED, Original
from .prove import EXAMPLES, record
from .rows import Notes, shuffled

Preprocess = Callable[[dict[str, Any]], Any]


class _Raw:
    """Stands where a model stands, for describing the raw rows: it answers for every row that preprocess takes."""

    def __init__(self, preprocess: Preprocess) -> None:
        self._preprocess = preprocess

    def predict(self, rows: Any) -> list[int]:
        """A number per row; raises what preprocess raises."""
        return [len(self._preprocess(row)) for row in records_of(rows)]


class Hooked:
    """The hooks of a file, run once on the sample.

    source: the file's bytes. sample: the rows that the model takes.
    """

    def __init__(self, path: Path, raw: Any) -> None:
        try:
            self.source = path.read_bytes()
        except OSError as error:
            raise ExportError(f"{path} cannot be read: {error.strerror}") from None
        functions = functions_of(self.source)
        if not functions:
            raise ExportError(
                f"{path} defines no hook\n  wanted: preprocess(record) or postprocess(answer, record)"
            )
        self._preprocess: Preprocess | None = functions.get("preprocess")
        self._raw = raw
        self.sample = (
            raw if self._preprocess is None else _preprocessed(path, self._preprocess, records_of(raw))
        )

    def public(self, model: Signature) -> Signature:
        """The signature of the rows that callers send."""
        if self._preprocess is None:
            return model
        return describe.describe(Original(_Raw(self._preprocess), self._raw), Notes())

    def examples(
        self, original: Original, public: Signature, model: Signature, methods: Sequence[str]
    ) -> dict[str, Any] | None:
        """Raw rows, each column shuffled on its own, with the original's answers to what preprocess makes of them."""
        if self._preprocess is None:
            return None
        rows, values = [], []
        for row in shuffled(Original(_Raw(self._preprocess), self._raw), EXAMPLES):
            raw = record(public, row)
            try:
                values.append(model.read(call("preprocess", self._preprocess, dict(raw)))[0])
                rows.append(raw)
            except (HookError, InvalidRows):
                continue
        answers = {method: original.answers(method, values) for method in methods}
        kept = [i for i in range(len(rows)) if all(answers[method][i] is not REFUSED for method in methods)]
        return {
            "rows": [rows[i] for i in kept],
            "answers": {method: [plain(answers[method][i]) for i in kept] for method in methods},
        }


def _preprocessed(path: Path, preprocess: Preprocess, records: list[dict[str, Any]]) -> Any:
    import pandas as pd

    try:
        made = [call("preprocess", preprocess, dict(row)) for row in records]
    except HookError as error:
        raise ExportError(f"{path}: {error} on a row of the sample\n  {error.__cause__}") from error
    odd = next((row for row in made if not isinstance(row, dict)), None)
    if odd is not None:
        raise ExportError(
            f"{path}: the hook preprocess returns no record\n  wanted: a dict\n  found:  {odd!r:.80}"
        )
    return pd.DataFrame(made)


def records_of(rows: Any) -> list[dict[str, Any]]:
    """Raw rows as records: of a frame, or a list of objects."""
    if hasattr(rows, "to_dict"):
        return list(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    records = list(rows)
    if not all(isinstance(row, dict) for row in records):
        raise ExportError(
            "hooks take records\n  wanted: X as a DataFrame or a list of objects\n  found:  an array"
        )
    return records
