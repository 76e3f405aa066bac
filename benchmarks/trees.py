"""One row through tree ensembles: the lean engine beside a plain loop over flat lists, scikit-learn and onnxruntime.

python -m benchmarks.trees --rows=200 --rounds=9

Everything is measured in turns in one process, on the same rows, and the best round counts: what matters is the ratios.
The loop is `i = left[i] if x[f] <= threshold[i] else right[i]` over flat lists; it adds up what the leaves hold
(of three classes, the last) and knows neither missing numbers nor float32.
onnxruntime takes part where it and skl2onnx are installed.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from leanfn import cli, tensors
from leanfn.engines.lean import operations, program, trees
from leanfn.exporters.lean import lowering
from leanfn.exporters.lean.graph import Graph

Row = list[float]
HEART = Path(__file__).parent.parent / "datasets" / "default.csv"


@dataclass(frozen=True, slots=True)
class Case:
    """A fitted model, rows to ask it for, and the method asked."""

    name: str
    model: Any
    rows: Any
    method: str


def main(*, rows: int = 200, rounds: int = 9, only: str = "") -> None:
    """Print microseconds a row, what each takes beside the lean engine, and what loading takes.

    Args:
        rows: how many different rows take turns
        rounds: how many times everything is measured
        only: a part of the names of the models to measure; all when not said
    """
    print(f"Python {sys.version.split()[0]}; us a row; the ratios are to the plain loop, and to onnxruntime")
    print(
        f"{'':<24}{'nodes':>8}{'plan':>9}{'lean':>8}{'loop':>8}{'ratio':>7}{'answer':>9}{'sklearn':>9}"
        f"{'onnx':>7}{'ratio':>7}{'ready ms':>10}{'B/node':>8}"
    )
    for case in _cases():
        if only in case.name:
            _measure(case, rows, rounds)


def _measure(case: Case, count: int, rounds: int) -> None:
    chosen = case.rows[np.random.default_rng(0).integers(len(case.rows), size=count)].astype(float)
    names = [f"x{i}" for i in range(chosen.shape[1])]
    graph = Graph("table", names, ["number"] * len(names))
    graph.outputs = {case.method: lowering.predict(graph, case.model, graph.row)[case.method].number}
    document = json.dumps(graph.document()).encode()
    stored = tensors.dump(graph.tensors)
    read = tensors.load(stored)
    answer = program.read(document, read).compile(case.method)
    node = _trees_node(graph)
    entrants: dict[str, Callable[[Row], Any]] = {
        "lean": operations.find("trees/1").build(node),
        "loop": _plain_loop(node),
        "answer": answer,
    }
    onnx = _onnx(case, chosen)
    if onnx is not None:
        entrants["onnx"] = onnx
    lists = chosen.tolist()
    best = _best(entrants, lists, rounds)
    best["sklearn"] = _best({"": lambda row: _ask(case, row)}, lists[:5], 2)[""]
    ready = min(_seconds(lambda: program.read(document, read).compile(case.method)) for _ in range(rounds))
    nodes = len(node["feature"])
    blocks = len(trees.blocks_of(trees.Forest(node)))
    plan = f"masks {blocks}" if blocks > 1 else "masks" if blocks else "walk"
    size = len(zlib.compress(stored, 9)) / nodes
    beside = (
        f"{best['onnx']:>7.1f}{best['lean'] / best['onnx']:>7.2f}" if "onnx" in best else f"{'-':>7}{'-':>7}"
    )
    print(
        f"{case.name:<24}{nodes:>8,}{plan:>9}{best['lean']:>8.1f}{best['loop']:>8.1f}"
        f"{best['lean'] / best['loop']:>7.2f}{best['answer']:>9.1f}{best['sklearn']:>9.0f}{beside}"
        f"{ready * 1e3:>10.1f}{size:>8.1f}",
        flush=True,
    )


def _best(entrants: dict[str, Callable[[Row], Any]], rows: Sequence[Row], rounds: int) -> dict[str, float]:
    """Microseconds a row in the best round of each."""
    best = dict.fromkeys(entrants, float("inf"))
    for _ in range(rounds):
        for name, entrant in entrants.items():
            began = time.perf_counter()
            for row in rows:
                entrant(row)
            best[name] = min(best[name], (time.perf_counter() - began) / len(rows) * 1e6)
    return best


def _seconds(do: Callable[[], object]) -> float:
    began = time.perf_counter()
    do()
    return time.perf_counter() - began


def _trees_node(graph: Graph) -> operations.Node:
    """The graph's first ensemble, as the engine builds it behind numbers that may be missing."""
    entry = next(node for node in graph.nodes if node["op"] == "trees/1")
    arrays = {
        name: None if array is None else graph.tensors[array] for name, array in entry["arrays"].items()
    }
    node = operations.Node("trees/1", (operations.Wire("vector", graph.row.width, nan=True),), {}, arrays)
    operations.check(operations.find("trees/1"), node)
    return node


def _plain_loop(node: operations.Node) -> Callable[[Row], complex]:
    feature, threshold, right, roots = (node[name] for name in ("feature", "threshold", "right", "roots"))
    left = list(range(1, len(feature) + 1))
    values = [complex(*row) if len(row) == 2 else row[-1] for row in node["values"]]

    def loop(row: Row) -> complex:
        total: complex = 0.0
        for i in roots:
            f = feature[i]
            while f >= 0:
                i = left[i] if row[f] <= threshold[i] else right[i]
                f = feature[i]
            total += values[right[i]]
        return total

    return loop


def _ask(case: Case, row: Row) -> Any:
    return getattr(case.model, case.method)(np.array([row]))


def _onnx(case: Case, rows: Any) -> Callable[[Row], Any] | None:
    """onnxruntime on one thread, or None where it is not installed or cannot convert the model."""
    try:
        onnxruntime, skl2onnx = (importlib.import_module(name) for name in ("onnxruntime", "skl2onnx"))
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    try:
        converted = skl2onnx.to_onnx(case.model, rows[:1].astype(np.float32), options={"zipmap": False})
        session = onnxruntime.InferenceSession(converted.SerializeToString(), options)
    except Exception:  # converters raise whatever they like
        return None
    name = session.get_inputs()[0].name
    return lambda row: session.run(None, {name: np.array([row], dtype=np.float32)})


def _cases() -> list[Case]:
    from sklearn import datasets, ensemble

    table = np.genfromtxt(HEART, delimiter=",", skip_header=1)
    table = table[~np.isnan(table).any(axis=1)]
    heart = table[:, :-1], table[:, -1]
    cancer = datasets.load_breast_cancer(return_X_y=True)
    iris = datasets.load_iris(return_X_y=True)
    diabetes = datasets.load_diabetes(return_X_y=True)
    large = datasets.make_classification(10_000, 20, n_informative=10, random_state=0)
    wide = datasets.make_classification(2_000, 500, n_informative=100, random_state=0)
    forest, boosting = ensemble.RandomForestClassifier, ensemble.GradientBoostingClassifier
    histogram = ensemble.HistGradientBoostingClassifier
    shares, score = "predict_proba", "decision_function"
    planned = [
        ("forest 100, heart", forest(100, random_state=0), heart, shares),
        ("forest 200, heart", forest(200, random_state=0), heart, shares),
        ("forest 500, heart", forest(500, random_state=0), heart, shares),
        ("forest 100, iris", forest(100, random_state=0), iris, shares),
        ("forest 100, cancer", forest(100, random_state=0), cancer, shares),
        ("forest 100, depth 6", forest(100, max_depth=6, random_state=0), large, shares),
        ("boosting 100, heart", boosting(random_state=0), heart, score),
        ("boosting 300, iris", boosting(random_state=0), iris, score),
        ("histogram 100, heart", histogram(random_state=0), heart, score),
        ("histogram 100, 10,000", histogram(random_state=0), large, score),
        (
            "isolation 100, cancer",
            ensemble.IsolationForest(random_state=0),
            (cancer[0], None),
            "score_samples",
        ),
        ("regression 100", ensemble.RandomForestRegressor(100, random_state=0), diabetes, "predict"),
        ("forest 100, 500 columns", forest(100, random_state=0), wide, shares),
        ("forest 20, 10,000 rows", forest(20, random_state=0), large, shares),
        ("forest 100, 10,000 rows", forest(100, random_state=0), large, shares),
    ]
    return [Case(name, model.fit(X, y), X, method) for name, model, (X, y), method in planned]


if __name__ == "__main__":
    sys.exit(cli.run(main, name="trees"))
