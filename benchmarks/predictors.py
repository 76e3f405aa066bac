"""One row in process, by everything that can answer for the model: the lean engine, scikit-learn, onnxruntime, m2cgen.

    .bench/models/bin/python -m benchmarks.predictors > rows.json

All predictors of a model take turns in one process with one thread, and the best round of each counts. Each gets a
row as its callers have one: the lean engine a list of values or a record, scikit-learn a frame or an array of one row,
onnxruntime tensors, m2cgen's code a list. How far the answers lie from the original's is compared on other rows.
"""

from __future__ import annotations

import copy
import json
import signal
import sys
import tempfile
import timeit
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import one_row

ROUNDS = 7
COMPARED = 100  # rows
PATIENCE = 20  # seconds for a converter
Ask = Callable[[], Any]


class Unable(Exception):
    """Raised when a predictor cannot take a model; what it says is shown."""


def main() -> int:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        found = [measure(*model, Path(folder)) for model in models()]
    json.dump({"rounds": ROUNDS, "models": found}, sys.stdout)
    return 0


def models() -> Iterator[tuple[str, Any, Any]]:
    """Name, fitted model and rows: those of one_row, and the boosters where they are installed."""
    import pandas as pd

    yield from one_row.models()
    hearts = pd.read_csv(one_row.ROOT / "datasets" / "default.csv").astype(float)
    rows, target = hearts.drop(columns="target"), hearts["target"].astype(int)
    try:
        from xgboost import XGBClassifier

        yield "hearts: XGBoost", XGBClassifier(n_estimators=100, n_jobs=1).fit(rows, target), rows
    except ImportError:
        pass
    try:
        from lightgbm import LGBMClassifier

        yield "hearts: LightGBM", LGBMClassifier(n_jobs=1, verbose=-1).fit(rows, target), rows
    except ImportError:
        pass


def measure(name: str, model: Any, rows: Any, folder: Path) -> dict[str, Any]:
    """Microseconds a row and the largest difference from the original, by predictor."""
    print(f"one row: {name} ...", file=sys.stderr)
    method = next(each for each in ("predict_proba", "decision_function", "predict") if hasattr(model, each))
    sample = rows[:COMPARED]
    wanted = _table(getattr(model, method)(sample))
    asks: dict[str, Ask] = {}
    found: dict[str, dict[str, Any]] = {}
    for predictor, prepare in PREDICTORS.items():
        try:
            ask, answers = prepare(model, rows, method, folder)
            found[predictor] = {"differs": _apart(_table(answers(sample)), wanted)}
            ask()
            asks[predictor] = ask
        except Unable as error:
            found[predictor] = {"reason": str(error)}
    for predictor, microseconds in best(asks).items():
        found[predictor]["us"] = microseconds
    return {"name": name, "method": method, "predictors": found}


def best(asks: dict[str, Ask], rounds: int = ROUNDS) -> dict[str, float]:
    """Microseconds of one call: the best of several rounds in turn, each of at least a fiftieth of a second."""
    once = {name: min(timeit.repeat(ask, number=1, repeat=5)) for name, ask in asks.items()}
    numbers = {name: max(1, int(0.02 / max(took, 1e-6))) for name, took in once.items()}
    found = dict.fromkeys(asks, float("inf"))
    for _ in range(rounds):
        for name, ask in asks.items():
            took = timeit.timeit(ask, number=numbers[name]) / numbers[name]
            found[name] = min(found[name], round(took * 1e6, 2))
    return found


Prepared = tuple[Ask, Callable[[Any], Any]]


def _lean(model: Any, rows: Any, method: str, folder: Path) -> Prepared:
    import leanfn
    from leanfn.errors import LeanfnError
    from leanfn.exporters.original import Original

    try:
        artifact = leanfn.export(model, rows, name="lean", out=folder, engine="lean")
    except LeanfnError as error:
        raise Unable(str(error).splitlines()[0]) from error
    run = artifact.run(method)
    values = Original(model, rows).rows
    return (lambda: run(values[7])), lambda sample: [run(row) for row in values[: len(sample)]]


def _record(model: Any, rows: Any, method: str, folder: Path) -> Prepared:
    """The lean engine behind its validation: predict(record), as a function calls it."""
    import leanfn
    from leanfn.exporters.original import Original

    if not (folder / "lean").is_dir():
        raise Unable("the lean engine does not carry it")
    artifact = leanfn.load(folder / "lean")
    values = Original(model, rows).rows
    names = [field.name for field in artifact.signature.fields]
    records = [dict(zip(names, row)) for row in values]
    return (lambda: artifact.predict(records[7])), lambda sample: artifact.call(
        method, records[: len(sample)]
    )


def _pandas(model: Any, rows: Any, method: str, _: Path) -> Prepared:
    import pandas as pd

    ask = getattr(model, method)
    if isinstance(rows, list):
        raise Unable("takes texts")
    record = rows.iloc[7].to_dict()
    return (lambda: ask(pd.DataFrame([record]))), ask


def _numpy(model: Any, rows: Any, method: str, _: Path) -> Prepared:
    """Without a frame, as the fastest callers have it; the model forgets the columns' names, so that it does not warn."""
    if isinstance(rows, list):
        ask = getattr(model, method)
        return (lambda: ask([rows[7]])), ask
    unnamed = copy.deepcopy(model)
    for part in [unnamed, *(step for _, step in getattr(unnamed, "steps", []))]:
        if "feature_names_in_" in vars(part):
            del part.feature_names_in_
    ask = getattr(unnamed, method)
    row = rows.iloc[7].to_list()
    try:
        ask(np.array([row]))
    except Exception as error:  # a column transformer looks for columns by name
        raise Unable("its columns have names") from error
    return (lambda: ask(np.array([row]))), lambda sample: ask(sample.to_numpy())


def _onnxruntime(model: Any, rows: Any, _: str, __: Path) -> Prepared:
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType, StringTensorType

    text = isinstance(rows, list)
    names = ["text"] if text else list(map(str, rows.columns))
    apart = not text and _wants_columns(model)
    kinds = [(name, (StringTensorType if text else FloatTensorType)([None, 1])) for name in names]
    if not text and not apart:
        kinds = [("rows", FloatTensorType([None, len(names)]))]
    _register_boosters()
    try:
        with _patience():
            options = {"zipmap": False} if hasattr(model, "classes_") else {}
            graph = to_onnx(
                model, initial_types=kinds, options=options, target_opset={"": 18, "ai.onnx.ml": 3}
            )
        threads = onnxruntime.SessionOptions()
        threads.intra_op_num_threads = threads.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(graph.SerializeToString(), threads)
    except Exception as error:  # converters raise whatever they like
        raise Unable(f"skl2onnx: {type(error).__name__}") from error
    answer = session.get_outputs()[-1].name

    def feed(table: Any) -> dict[str, Any]:
        if text:
            return {"text": np.array(table, dtype=object).reshape(-1, 1)}
        if not apart:
            return {"rows": np.array(table, dtype=np.float32)}
        return {name: column.reshape(-1, 1) for name, column in zip(names, np.array(table, np.float32).T)}

    one = [rows[7]] if text else [rows.iloc[7].to_list()]
    return (lambda: session.run([answer], feed(one))[0]), lambda sample: session.run([answer], feed(sample))[
        0
    ]


def _m2cgen(model: Any, rows: Any, _: str, __: Path) -> Prepared:
    """Code that m2cgen writes for an estimator. It knows no pipelines: there the steps before it are not in its time."""
    import m2cgen

    if isinstance(rows, list):
        raise Unable("knows no texts")
    steps = [step for _, step in getattr(model, "steps", [("", model)])]
    before: Any = lambda table: table.to_numpy()
    if len(steps) > 1:
        before = model[:-1].transform
    try:
        with _patience():
            scope: dict[str, Any] = {}
            exec(m2cgen.export_to_python(steps[-1]), scope)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        said = str(error).splitlines()[0] if str(error) else ""
        raise Unable(f"{type(error).__name__} {said}"[:80].strip()) from error
    score = scope["score"]
    ready = np.asarray(before(rows.iloc[: max(COMPARED, 8)])).tolist()
    return (lambda: score(ready[7])), lambda sample: [score(row) for row in ready[: len(sample)]]


def _own(model: Any, rows: Any, _: str, __: Path) -> Prepared:
    """The booster's own predictor, without its scikit-learn class."""
    ask: Callable[[Any], Any]
    if hasattr(model, "get_booster"):
        ask = partial(model.get_booster().inplace_predict, validate_features=False)
    elif hasattr(model, "booster_"):
        ask = model.booster_.predict
    else:
        raise Unable("is scikit-learn's own")
    row = np.array([rows.iloc[7].to_list()])
    return (lambda: ask(row)), lambda sample: _both(ask(sample.to_numpy()))


PREDICTORS: dict[str, Callable[[Any, Any, str, Path], Prepared]] = {
    "leanfn": _lean,
    "leanfn, validated": _record,
    "scikit-learn, pandas": _pandas,
    "scikit-learn, numpy": _numpy,
    "onnxruntime": _onnxruntime,
    "m2cgen": _m2cgen,
    "the library's own": _own,
}


def _both(chances: Any) -> Any:
    """The chances of both classes, of the second one's."""
    return np.column_stack([1 - chances, chances])


def _wants_columns(model: Any) -> bool:
    from sklearn.compose import ColumnTransformer

    return any(isinstance(step, ColumnTransformer) for _, step in getattr(model, "steps", []))


def _register_boosters() -> None:
    """What skl2onnx needs to be told of classes that are not scikit-learn's."""
    from onnxmltools.convert.lightgbm.operator_converters.LightGbm import convert_lightgbm
    from onnxmltools.convert.xgboost.operator_converters.XGBoost import convert_xgboost
    from skl2onnx import update_registered_converter
    from skl2onnx.common.shape_calculator import calculate_linear_classifier_output_shapes as shapes

    options = {"nocl": [True, False], "zipmap": [True, False, "columns"]}
    try:
        from lightgbm import LGBMClassifier
        from xgboost import XGBClassifier
    except ImportError:
        return
    update_registered_converter(
        LGBMClassifier, "LightGbmLGBMClassifier", shapes, convert_lightgbm, options=options
    )
    update_registered_converter(
        XGBClassifier, "XGBoostXGBClassifier", shapes, convert_xgboost, options=options
    )


class _patience:
    """Gives up on a converter that takes longer than a person would wait."""

    def __enter__(self) -> None:
        def stop(*_: object) -> None:
            raise TimeoutError(f"takes longer than {PATIENCE} s")

        signal.signal(signal.SIGALRM, stop)
        signal.alarm(PATIENCE)

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)


def _table(answers: Any) -> Any:
    found = np.asarray(answers, dtype=float)
    return found.reshape(len(found), -1)


def _apart(found: Any, wanted: Any) -> float | None:
    """The largest difference; None where the answers are of another kind (scores where chances are wanted)."""
    if found.shape != wanted.shape:
        return None
    return float(np.nanmax(np.abs(found - wanted)))


if __name__ == "__main__":
    raise SystemExit(main())
