"""Export a model that was trained elsewhere: read it and a sample of its rows, prove, write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from leanfn import cli

if TYPE_CHECKING:
    from pandas import DataFrame


def export(
    model: Path,
    *,
    sample: str,
    name: str,
    out: str = "artifacts",
    engine: Literal["auto", "lean", "onnx", "sklearn"] = "auto",
    compare: bool = False,
    output: str = "prediction",
    labels: dict[str, str] | None = None,
    hooks: Path | None = None,
    real_examples: bool = False,
    trust: bool = False,
) -> None:
    """Make a certified artifact of a fitted model.

    Args:
        model: the file: joblib, pickle, skops or ONNX
        sample: a table of rows such as it was trained on (CSV, parquet, ..., or a URL); the proof replays them
        name: what to call the artifact, and its folder
        out: the folder to put it in
        engine: what runs the artifact; auto takes the first that proves itself, is quick and fits every cloud
        compare: try the engines below the one taken too, for their figures
        output: what the answer is called
        labels: what to answer for each class, as CLASS=NAME
        hooks: a Python file with preprocess(record) and/or postprocess(answer, record)
        real_examples: ship rows of the sample as examples, not shuffled ones
        trust: read the model even though reading it can run code
    """
    import leanfn
    from leanfn.card import facts
    from leanfn.exporters.models import read_model
    from leanfn.exporters.report import show
    from leanfn.exporters.tables import read_table

    fitted = read_model(model, trust)
    artifact = leanfn.export(
        fitted,
        _rows(fitted, read_table(sample)),
        name=name,
        out=out,
        engine=engine,
        compare=compare,
        tell=show,
        output=output,
        labels=None if labels is None else _by_class(fitted, labels),
        hooks=hooks,
        real_examples=real_examples,
    )
    for fact, words in facts(artifact):
        print(f"{fact + ':':14}{words}", file=sys.stderr)
    print(artifact.path)


def _rows(model: Any, table: DataFrame) -> Any:
    """The table, or its one column of texts for a model of texts."""
    texts = [name for name in table.columns if table[name].dtype.kind not in "fiub"]
    if not hasattr(model, "n_features_in_") and len(texts) == 1:
        return table[texts[0]]
    return table


def _by_class(model: Any, labels: dict[str, str]) -> dict[Any, str]:
    """The labels by class, where the line gave them by the class's text."""
    classes = {str(item): item for item in getattr(model, "classes_", [])}
    return {classes.get(text, text): label for text, label in labels.items()}


if __name__ == "__main__":
    raise SystemExit(cli.run(export, name="export.py"))
