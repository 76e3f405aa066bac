"""How time, memory, artifact bytes and load time grow: with trees, depth, features, categories, vocabulary and rows.

    .bench/models/bin/python -m benchmarks.growth > growth.json

Each point is a model of its own, built for the lean engine without the proof (which takes most of an export's time and
changes nothing of the model) and compared with scikit-learn on ten rows here. Time is that of one row, the best of
several rounds in turn; loading and memory are measured in a fresh process each, memory as what the whole process takes
once it has loaded the model.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd

from benchmarks.predictors import best
from leanfn.exporters.lean.build import build
from leanfn.exporters.original import Original

METHOD = "predict_proba"
COMPARED = 10  # rows
CLOSE = 1e-6  # of doubt: the proof of an export is stricter
SCALES = {
    "trees": (10, 30, 100, 300, 1000),
    "depth": (2, 4, 8, 12, 16),
    "features": (10, 30, 100, 300, 1000),
    "categories": (10, 100, 1000, 10_000),
    "vocabulary": (100, 1000, 10_000, 50_000),
}
ROWS = (1, 10, 100, 1000, 10_000, 100_000, 1_000_000)
LIBRARIES = {
    "leanfn": "from leanfn.engines.lean import engine\nload = lambda: engine.load(lambda name: (folder / name).read_bytes())(method)\n",
    "scikit-learn": "import joblib, sklearn.pipeline\nload = lambda: getattr(joblib.load(folder / 'model.joblib'), method)\n",
    "onnxruntime": "import onnxruntime\nload = lambda: onnxruntime.InferenceSession(str(folder / 'model.onnx')).run\n",
}
FRESH = """\
import sys, time
from pathlib import Path
from benchmarks.memory import own_mb
folder, method = Path(sys.argv[1]), sys.argv[2]
{library}
def once():
    began = time.perf_counter()
    load()
    return (time.perf_counter() - began) * 1000
once()  # imports what the model needs
memory = own_mb()
print(round(min(once() for _ in range(5)), 3), memory)
"""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model and rows to ask it for."""

    model: Any
    rows: Any


def main() -> int:
    warnings.simplefilter("ignore")
    found: dict[str, Any] = {scale: [] for scale in SCALES}
    for scale, values in SCALES.items():
        for value in values:
            print(f"growth: {value} {scale} ...", file=sys.stderr)
            found[scale].append({"value": value, **point(MAKERS[scale](value))})
    print("growth: rows ...", file=sys.stderr)
    found["rows"] = list(rows_at_once())
    json.dump(found, sys.stdout)
    return 0


def point(made: Model) -> dict[str, Any]:
    """The figures of one model, by engine."""
    original = Original(made.model, made.rows)
    candidate = build(original)
    run = candidate.compile(METHOD)
    ask = getattr(made.model, METHOD)
    values = original.rows
    apart = np.abs(np.array([run(row) for row in values[:COMPARED]]) - ask(made.rows[:COMPARED])).max()
    if apart > CLOSE:
        raise AssertionError(f"the lean engine is {apart} from scikit-learn")
    one = made.rows[3:4]
    asks: dict[str, Callable[[], Any]] = {
        "leanfn": lambda: run(values[3]),
        "scikit-learn": lambda: ask(one),
    }
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for member, data in candidate.members.items():
            (folder / member).write_bytes(data)
        joblib.dump(made.model, folder / "model.joblib")
        onnx = _onnx(made, folder)
        if onnx is not None:
            asks["onnxruntime"] = onnx
        sizes = {
            "leanfn": sum(map(len, candidate.members.values())),
            "scikit-learn": (folder / "model.joblib").stat().st_size,
            "onnxruntime": (folder / "model.onnx").stat().st_size if onnx is not None else None,
        }
        times = best(asks)
        found = {}
        for engine, microseconds in times.items():
            load, memory = _fresh(engine, folder, METHOD)
            figures = {"us": microseconds, "bytes": sizes[engine], "load_ms": load, "memory_mb": memory}
            found[engine] = figures
    return found


def rows_at_once() -> Iterator[dict[str, Any]]:
    """Milliseconds of one call for many rows, of the example's pipeline: where a batch pays for what a row costs."""
    from steps.train import CATEGORICAL_FEATURES, LABEL, NUMERIC_FEATURES
    from steps.train import build as pipeline

    table = pd.read_csv("datasets/default.csv").astype(float)
    hearts = table[[*NUMERIC_FEATURES, *CATEGORICAL_FEATURES]]
    model = pipeline(hearts, NUMERIC_FEATURES, CATEGORICAL_FEATURES).fit(hearts, table[LABEL].astype(int))
    original = Original(model, hearts)
    run = build(original).compile("predict_proba")
    with tempfile.TemporaryDirectory() as name:
        session = _session(model, hearts, Path(name))
        for count in ROWS:
            frame = hearts.iloc[np.arange(count) % len(hearts)].reset_index(drop=True)
            values = [original.rows[number % len(original.rows)] for number in range(count)]
            feed = {column: frame[[column]].to_numpy(np.float32) for column in frame}
            asks: dict[str, Callable[[], Any]] = {
                "leanfn": partial(_each, run, values),
                "scikit-learn": partial(model.predict_proba, frame),
                "onnxruntime": partial(session.run, None, feed),
            }
            times = best(asks, rounds=7 if count < 100_000 else 2)
            yield {"value": count, **{engine: {"us": took} for engine, took in times.items()}}


def _each(run: Callable[[Any], Any], rows: list[Any]) -> list[Any]:
    return [run(row) for row in rows]


def _fresh(engine: str, folder: Path, method: str) -> tuple[float, float | None]:
    """Milliseconds to load in a process of its own, the best of five, and its MB; imports are not in the time."""
    script = FRESH.format(library=LIBRARIES[engine])
    line = [sys.executable, "-c", script, str(folder), method]
    load, memory = subprocess.run(line, check=True, capture_output=True, text=True).stdout.split()
    return float(load), None if memory == "None" else round(float(memory), 1)


def _onnx(made: Model, folder: Path) -> Callable[[], Any] | None:
    """One row through onnxruntime, or None where skl2onnx does not convert the model."""
    try:
        session = _session(made.model, made.rows, folder)
    except Exception:  # converters raise whatever they like
        return None
    one = made.rows[3:4]
    if isinstance(one, list):
        return lambda: session.run(None, {"text": np.array(one, dtype=object).reshape(-1, 1)})
    if one.dtypes.iloc[0].kind in "OT":
        return lambda: session.run(None, {name: one[[name]].to_numpy(object) for name in one})
    return lambda: session.run(None, {"rows": one.to_numpy(np.float32)})


def _session(model: Any, rows: Any, folder: Path) -> Any:
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    if isinstance(rows, list):
        kinds = [("text", StringTensorType([None, 1]))]
    elif rows.dtypes.iloc[0].kind in "OT":
        kinds = [(name, StringTensorType([None, 1])) for name in rows]
    elif str(rows.columns[0]).startswith("x"):
        kinds = [("rows", FloatTensorType([None, rows.shape[1]]))]
    else:
        kinds = [(name, FloatTensorType([None, 1])) for name in rows]
    graph = to_onnx(
        model, initial_types=kinds, options={"zipmap": False}, target_opset={"": 18, "ai.onnx.ml": 3}
    )
    (folder / "model.onnx").write_bytes(graph.SerializeToString())
    threads = onnxruntime.SessionOptions()
    threads.intra_op_num_threads = threads.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(folder / "model.onnx"), threads)


def _numbers(rows: int, columns: int) -> tuple[pd.DataFrame, Any]:
    from sklearn.datasets import make_classification

    X, y = make_classification(rows, columns, n_informative=columns // 2, random_state=0)
    return pd.DataFrame(X, columns=[f"x{i}" for i in range(columns)]), y


def _forest(trees: int, depth: int | None, rows: int) -> Model:
    from sklearn.ensemble import RandomForestClassifier

    X, y = _numbers(rows, 13)
    return Model(RandomForestClassifier(trees, max_depth=depth, random_state=0).fit(X, y), X[:100])


def _features(count: int) -> Model:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    X, y = _numbers(500, count)
    return Model(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y), X[:100])


def _categories(count: int) -> Model:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    chooser = np.random.default_rng(0)
    codes = np.concatenate([np.arange(count), chooser.integers(0, count, 2 * count)])
    X = pd.DataFrame({"code": [f"code{number}" for number in codes]})
    model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
    return Model(model.fit(X, codes % 2), X[:100])


def _vocabulary(count: int) -> Model:
    """Texts of a hundred words."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    chooser = np.random.default_rng(0)
    words = np.concatenate([chooser.permutation(count), chooser.integers(0, count, 20_000)])
    texts = [" ".join(f"word{word}" for word in words[at : at + 100]) for at in range(0, len(words), 100)]
    marks = [number % 2 for number in range(len(texts))]
    return Model(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, marks), texts[:100])


MAKERS: dict[str, Callable[[int], Model]] = {
    "trees": lambda count: _forest(count, None, 1000),
    "depth": lambda depth: _forest(50, depth, 20_000),
    "features": _features,
    "categories": _categories,
    "vocabulary": _vocabulary,
}


if __name__ == "__main__":
    raise SystemExit(main())
