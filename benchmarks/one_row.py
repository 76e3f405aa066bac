"""One row in process: the lean engine beside scikit-learn, with the models that people deploy.

    python -m benchmarks.one_row

Prints, per model, the microseconds of one row (the best of several repeats, in turn, in one process): the lean
engine's arithmetic, its validated predict(record), and scikit-learn's predict of a one-row DataFrame; the ratios; the
artifact's size, the time to load it, and the largest difference that the certificate found.
"""

from __future__ import annotations

import sys
import tempfile
import timeit
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
REPEATS = 7


def models() -> Iterator[tuple[str, Any, Any]]:
    """Name, fitted model and rows."""
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.datasets import load_breast_cancer, load_diabetes
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression, Ridge
    from sklearn.naive_bayes import GaussianNB
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
    from sklearn.svm import SVC

    hearts = pd.read_csv(ROOT / "datasets" / "default.csv").astype(float)
    rows, target = hearts.drop(columns="target"), hearts["target"].astype(int)
    measured = ["age", "trestbps", "chol", "thalach", "oldpeak"]
    codes = [name for name in rows if name not in measured]

    def columns() -> Any:
        return ColumnTransformer(
            [
                ("num", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), measured),
                (
                    "cat",
                    make_pipeline(SimpleImputer(strategy="constant"), OneHotEncoder(handle_unknown="ignore")),
                    codes,
                ),
            ]
        )

    yield (
        "hearts: impute, scale, one-hot, logistic",
        make_pipeline(columns(), LogisticRegression(max_iter=1000)).fit(rows, target),
        rows,
    )
    for trees in (100, 500):
        forest = RandomForestClassifier(trees, random_state=0)
        yield (
            f"hearts: impute, forest of {trees}",
            make_pipeline(SimpleImputer(), forest).fit(rows, target),
            rows,
        )
    cells, kinds = load_breast_cancer(return_X_y=True, as_frame=True)
    yield (
        "breast cancer: forest of 200",
        RandomForestClassifier(200, random_state=0).fit(cells, kinds),
        cells,
    )
    full = rows.fillna(rows.median())
    yield "hearts: gradient boosting", GradientBoostingClassifier(random_state=0).fit(full, target), full
    yield (
        "hearts: hist gradient boosting",
        HistGradientBoostingClassifier(random_state=0).fit(rows, target),
        rows,
    )
    yield "hearts: scale, SVC", make_pipeline(StandardScaler(), SVC()).fit(full, target), full
    yield (
        "hearts: scale, 5 neighbours",
        make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(full, target),
        full,
    )
    network = MLPClassifier((32,), max_iter=300, random_state=0)
    yield "hearts: scale, network 32", make_pipeline(StandardScaler(), network).fit(full, target), full
    yield "hearts: naive Bayes", GaussianNB().fit(full, target), full
    sugar, progress = load_diabetes(return_X_y=True, as_frame=True)
    yield "diabetes: squares, ridge", make_pipeline(PolynomialFeatures(), Ridge()).fit(sugar, progress), sugar
    texts = _texts()
    labels = ["good" in text for text in texts]
    yield (
        "texts: tf-idf, logistic",
        make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels),
        texts,
    )


def _texts() -> list[str]:
    """500 texts of a hundred words, of a vocabulary of five thousand."""
    import random

    chooser = random.Random(0)
    words = [f"word{i}" for i in range(5000)] + ["good"] * 50
    return [" ".join(chooser.choices(words, k=100)) for _ in range(500)]


def best(function: Callable[[], Any]) -> float:
    """Microseconds of one call: the best of several repeats, each of at least a fiftieth of a second."""
    number = max(1, int(0.02 / max(timeit.timeit(function, number=1), 1e-6)))
    return min(timeit.repeat(function, number=number, repeat=REPEATS)) / number * 1e6


def measure(name: str, model: Any, rows: Any, folder: Path) -> str:
    """A model's line of the table."""
    import pandas as pd

    import leanfn
    from leanfn import certificate
    from leanfn.exporters.original import Original

    artifact = leanfn.export(model, rows, name="one-row", out=folder, engine="lean")
    original = Original(model, rows)
    values = original.rows[7]
    record = dict(zip([field.name for field in artifact.signature.fields], values))
    run = artifact.run("predict")
    artifact.predict(record)
    one = (lambda: [rows[7]]) if isinstance(rows, list) else (lambda: pd.DataFrame([record], dtype=float))
    arithmetic = best(lambda: run(values))
    validated = best(lambda: artifact.predict(record))
    theirs = best(lambda: model.predict(one()))
    load = best(lambda: leanfn.load(artifact.path).warm()) / 1000
    size = sum(path.stat().st_size for path in artifact.path.glob("model.*")) / 1000
    apart = certificate.read(artifact).largest
    return (
        f"{name:42}{arithmetic:9.1f}{validated:11.1f}{theirs:10.0f}{theirs / arithmetic:8.0f}{theirs / validated:8.0f}"
        f"{size:10.1f}{load:9.2f}{apart:10.0e}"
    )


def main() -> int:
    warnings.simplefilter("ignore")
    print(f"Python {sys.version.split()[0]}; us a row, ratios to scikit-learn, KB of model, ms to load")
    heads = ("arithmetic", "validated", "sklearn", "ratio", "ratio", "KB", "load", "differs")
    print(
        f"{'model':42}{heads[0]:>9}{heads[1]:>10}{heads[2]:>10}{heads[3]:>8}{heads[4]:>8}{heads[5]:>10}{heads[6]:>9}{heads[7]:>10}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, model, rows in models():
            print(measure(name, model, rows, Path(folder)), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
