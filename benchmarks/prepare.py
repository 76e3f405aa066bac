"""Trains the model that every contender serves, and writes it down in every form that one of them wants.

    .bench/models/bin/python -m benchmarks.prepare OUT

The form: artifacts of the lean, the onnx and the sklearn engine, and a joblib file as tutorials write it. It prints
the versions of the libraries that the model was made with.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import joblib
import pandas as pd

import leanfn
from steps.train import CATEGORICAL_FEATURES, DIAGNOSES, LABEL, NUMERIC_FEATURES, build

ENGINES = ("lean", "onnx", "sklearn")


def main(out: Path) -> None:
    table = pd.read_csv("datasets/default.csv").astype(float)
    rows = table[[*NUMERIC_FEATURES, *CATEGORICAL_FEATURES]]
    model = build(rows, NUMERIC_FEATURES, CATEGORICAL_FEATURES).fit(rows, table[LABEL].astype(int))
    labels = {int(key): name for key, name in DIAGNOSES.items()}
    out.mkdir(parents=True, exist_ok=True)
    for engine in ENGINES:
        leanfn.export(
            model, rows, name=f"heart-{engine}", out=out, engine=engine, output="diagnosis", labels=labels
        )
    joblib.dump(model, out / "model.joblib")
    used = ("scikit-learn", "pandas", "joblib", "numpy")
    json.dump({name: version(name) for name in used}, sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
