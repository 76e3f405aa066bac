"""What trimming saves on the sklearn rung: bytes of the pickle and time to load it, before and after.

    python benchmarks/trimming.py

Both are packed as artifacts pack them (zlib 6); the time is the best of several loads in one process, with the
libraries imported. Answers are compared bit by bit.
"""

from __future__ import annotations

import io
import sys
import timeit
import warnings
from collections.abc import Iterator
from typing import Any

import joblib
import numpy as np

from leanfn.exporters.trimming import trim

REPEATS = 5


def models() -> Iterator[tuple[str, Any]]:
    """Name and estimator, not fitted yet."""
    from sklearn.ensemble import (
        ExtraTreesClassifier,
        GradientBoostingClassifier,
        HistGradientBoostingClassifier,
        RandomForestClassifier,
    )
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    yield "random forest, 200 trees", RandomForestClassifier(200, random_state=0)
    yield "random forest, 200 trees, out-of-bag", RandomForestClassifier(200, random_state=0, oob_score=True)
    yield "extra trees, 200", ExtraTreesClassifier(200, random_state=0)
    yield "gradient boosting, 200", GradientBoostingClassifier(n_estimators=200, random_state=0)
    yield "histogram boosting, 200", HistGradientBoostingClassifier(max_iter=200, random_state=0)
    yield "neighbours, k-d tree", KNeighborsClassifier(algorithm="kd_tree")
    yield "neighbours, brute force", KNeighborsClassifier(algorithm="brute")
    yield "network, 100-100", MLPClassifier(hidden_layer_sizes=(100, 100), max_iter=30, random_state=0)
    searched = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    yield (
        "search of 20, logistic regression",
        GridSearchCV(searched, {"logisticregression__C": np.logspace(-3, 3, 20)}, cv=5),
    )
    forests = GridSearchCV(RandomForestClassifier(100, random_state=0), {"max_depth": [4, 8, None]}, cv=3)
    yield "search of 3, random forest", forests


def packed(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=("zlib", 6))
    return buffer.getvalue()


def load_ms(data: bytes) -> float:
    return 1e3 * min(timeit.repeat(lambda: joblib.load(io.BytesIO(data)), number=1, repeat=REPEATS))


def main() -> int:
    from sklearn.datasets import make_classification

    warnings.simplefilter("ignore")
    X, y = make_classification(5_000, 20, n_informative=10, random_state=0)
    print(f"Python {sys.version.split()[0]}; 5,000 rows of 20 columns; KB and ms to load, before -> after")
    for name, model in models():
        model.fit(X, y)
        trimmed = trim(model)
        before, after = packed(model), packed(trimmed)
        same = np.array_equal(model.predict_proba(X), trimmed.predict_proba(X))
        print(
            f"{name:38}{len(before) / 1000:10,.0f} -> {len(after) / 1000:8,.0f} KB ({len(after) / len(before):4.0%})"
            f"{load_ms(before):9.1f} -> {load_ms(after):6.1f} ms  {'same bits' if same else 'DIFFERENT'}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
