"""One row of a booster in process: the lean engine beside the library's own predict of one row.

    python -m benchmarks.boosters

Prints, per library and model, the microseconds of one row (the best of several repeats, in turn, in one process) and
their ratio, the artifact's size, and the largest difference that the certificate found.
"""

from __future__ import annotations

import tempfile
import timeit
import warnings
from collections.abc import Callable, Iterator
from typing import Any

REPEATS = 7
TREES = 100


def models() -> Iterator[tuple[str, Any]]:
    """Name and fitted booster: gradient boosting of 100 trees, numbers alone."""
    import catboost
    import lightgbm
    import xgboost
    from sklearn.datasets import load_breast_cancer

    X, y = load_breast_cancer(return_X_y=True)
    quiet = {"verbose": 0, "allow_writing_files": False, "thread_count": 1}
    parameters = {"objective": "binary:logistic", "max_depth": 6, "nthread": 1}
    yield "xgboost.Booster", xgboost.train(parameters, xgboost.DMatrix(X, label=y), TREES)
    yield "XGBClassifier", xgboost.XGBClassifier(n_estimators=TREES, n_jobs=1).fit(X, y)
    asked = {"objective": "binary", "verbose": -1, "num_threads": 1}
    yield "lightgbm.Booster", lightgbm.train(asked, lightgbm.Dataset(X, label=y), TREES)
    yield "LGBMClassifier", lightgbm.LGBMClassifier(n_estimators=TREES, n_jobs=1, verbose=-1).fit(X, y)
    yield "CatBoost", catboost.CatBoost({**quiet, "iterations": TREES}).fit(X, y)
    yield "CatBoostClassifier", catboost.CatBoostClassifier(**quiet, iterations=TREES).fit(X, y)


def best(run: Callable[[], object], seconds: float = 0.05) -> float:
    """Microseconds of one call, the best of a stretch."""
    timer = timeit.Timer(run)
    count = max(1, int(seconds / max(timer.timeit(1), 1e-7)))
    return timer.timeit(count) / count * 1e6


def measure(model: Any, X: Any, folder: str) -> tuple[float, float, int, float]:
    """Microseconds here and in the library, bytes, the largest difference."""
    import leanfn
    from leanfn.certificate import read
    from leanfn.exporters.original import Original

    artifact = leanfn.export(model, X, name="m", out=folder, engine="lean")
    own = Original(model, X)
    rows, one = own.rows[:50], own.input(own.rows[:1])
    lean: list[float] = []
    library: list[float] = []
    for turn in range(REPEATS):
        row = rows[turn]
        lean.append(best(lambda row=row: artifact.call("predict", [row])))  # type: ignore[misc]
        library.append(best(lambda: own.model.predict(one)))
    size = sum(member["size"] for member in artifact.manifest.members.values())
    return min(lean), min(library), size, read(artifact).largest


def main() -> None:
    from sklearn.datasets import load_breast_cancer

    X = load_breast_cancer(return_X_y=True)[0]
    print(f"{'model':20}{'lean us':>10}{'library us':>12}{'ratio':>8}{'KB':>8}  largest difference")
    with warnings.catch_warnings(), tempfile.TemporaryDirectory() as folder:
        warnings.simplefilter("ignore")
        for name, model in models():
            lean, library, size, largest = measure(model, X, folder)
            print(
                f"{name:20}{lean:10.1f}{library:12.1f}{library / lean:8.1f}{size / 1000:8.0f}  {largest:.1e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
