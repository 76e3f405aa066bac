"""A model behind the user's own hooks: raw records outside, what preprocess makes of them inside."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from leanfn.errors import ExportError, HookError
from leanfn.hooks import call, functions_of
from leanfn.signature import Signature

from . import describe
from .original import Original
from .rows import Notes, shuffled


class Raw:
    """Stands in for a model that takes the raw rows: it answers for every row that preprocess takes."""

    def __init__(self, preprocess: Any) -> None:
        self._preprocess = preprocess

    def predict(self, rows: Any) -> list[int]:
        """One number per row; raises what preprocess raises."""
        return [0 for record in records_of(rows) if self._preprocess(record) is not None]


class Hooked:
    """The hooks of a file, tried once on the sample.

    source: the file's bytes. sample: what the model takes.
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
        self._preprocess = functions.get("preprocess")
        self._raw = raw
        self.sample = raw
        if self._preprocess is not None:
            import pandas as pd

            records = records_of(raw)
            try:
                made = [call("preprocess", self._preprocess, record) for record in records]
            except HookError as error:
                raise ExportError(f"{path}: {error}, on a row of the sample") from error
            if not all(isinstance(record, dict) for record in made):
                raise ExportError(
                    f"{path}: the hook preprocess returns no record\n  wanted: a dict\n  found:  {made[0]!r:.80}"
                )
            self.sample = pd.DataFrame(made)

    def public(self, model: Signature, examples: dict[str, Any]) -> tuple[Signature, dict[str, Any]]:
        """The signature of the raw rows, and examples in raw form with what the model answers to them."""
        if self._preprocess is None:
            return model, examples
        outer = Original(Raw(self._preprocess), self._raw)
        signature = describe.describe(outer, Notes())
        return signature, {
            "rows": [],
            "answers": {method: [] for method in examples["answers"]},
        } | self._raw_examples(outer, signature, examples)

    def _raw_examples(
        self, outer: Original, signature: Signature, examples: dict[str, Any]
    ) -> dict[str, Any]:
        names = [field.name for field in signature.fields]
        rows: Sequence[Any] = [dict(zip(names, row)) for row in shuffled(outer, len(examples["rows"]))]
        return {"raw": rows}


def records_of(rows: Any) -> list[dict[str, Any]]:
    """Raw rows as records: of a frame, or a list of objects."""
    if hasattr(rows, "to_dict"):
        return list(rows.astype(object).where(rows.notna(), None).to_dict("records"))
    records = list(rows)
    if not all(isinstance(record, dict) for record in records):
        raise ExportError(
            "hooks take records\n  wanted: X as a DataFrame or a list of objects\n  found:  an array"
        )
    return records
