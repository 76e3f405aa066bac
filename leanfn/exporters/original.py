"""The model as it came: what rows it takes, and its answers, one row at a time when that matters.

Answers are asked of a copy with n_jobs=1. A row's null is NaN, or None where the sample itself writes None.
"""

import copy
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from leanfn.errors import ExportError

from . import fit_only
from .boosters import NativeBooster, adopt

METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")
ANSWER_LIMIT = (
    1 << 14
)  # numbers of one answer: what a caller can read, and a proof of thousands of rows can hold
ROWS_ALONE = 100  # rows that are also asked one by one, to see whether a batch answers as its rows do
OF_THE_BATCH = ("NMF", "MiniBatchNMF")  # when these stop depends on all rows: asked one by one, always

Values = Sequence[Any]


class Refused:
    """What stands in place of an answer where the original raises."""

    def __repr__(self) -> str:
        return "(refused)"


REFUSED = Refused()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the sample: its name, the signature's type, its values as JSON scalars (null for missing)."""

    name: str
    type: str
    values: list[Any]
    dtype: Any
    null: Any


class Original:
    """A fitted model and a sample of the rows it takes.

    kind: table, bare or record, as the signature has it. columns: the sample, column by column (none for records).
    records: the sample's open objects, their values as JSON has them.
    """

    def __init__(self, model: Any, sample: Any) -> None:
        model = adopt(model)
        if isinstance(model, NativeBooster):
            sample = model.sample(sample)
        self.model = _alone(model)
        self.methods = [name for name in METHODS if hasattr(model, name)]
        if not self.methods:
            name, reason, instead = fit_only.why(model)
            raise ExportError(
                f"{name} answers for no new row: {reason}\n  wanted: one of {', '.join(METHODS)}\n{instead}"
            )
        self.kind, self.columns, self.records = _read_sample(model, sample)
        self.needs_frame = _is_frame(sample) or hasattr(model, "feature_names_in_")
        self._answers_alike: dict[str, bool] = {}  # by method: whether a row is answered alone as in a batch

    def check(self) -> None:
        """Raise ExportError when the model answers for no row of the sample, with what it said, or in millions."""
        method = self.methods[0]
        for answer in self.ask(method, self.rows[:1]):
            if isinstance(answer, list) and len(answer) > ANSWER_LIMIT:
                raise ExportError(
                    f"the model's {method} gives {len(answer):,} numbers a row\n  wanted: at most {ANSWER_LIMIT:,}\n"
                    "Export it in one pipeline with the estimator that reads them"
                )
        rows = self.rows[:20]
        if all(answer is REFUSED for answer in self.ask(method, rows)):
            try:
                with _quiet():
                    getattr(self.model, method)(self.input(rows[:1]))
            except Exception as error:
                raise ExportError(
                    f"the model answers for no row of the sample\n  it said: {type(error).__name__}: {error}\n"
                    "Give the sample the columns, in the form, that the model was fitted with"
                ) from error

    @property
    def rows(self) -> list[Values]:
        """The sample's rows as values in field order (records as they are)."""
        if self.kind == "record":
            return list(self.records)
        return [list(row) for row in zip(*[column.values for column in self.columns])]

    def input(self, rows: Sequence[Values]) -> Any:
        """Rows in the form that the model was fitted with."""
        if self.kind == "record":
            return list(rows)
        if self.kind == "bare":
            return _filled(self.columns[0], [row[0] for row in rows])
        if not self.needs_frame:
            return _array(rows, self.columns)
        import pandas as pd

        series = {
            column.name: _series(column, [row[i] for row in rows]) for i, column in enumerate(self.columns)
        }
        return pd.DataFrame(series)

    def answers(self, method: str, rows: Sequence[Values]) -> list[Any]:
        """The method's answer to each row, as JSON-like values; REFUSED where the original raises.

        Rows are asked in one batch when a seeded part of the first that were asked for answers alone exactly as it does
        in the batch (within rounding), else one by one: some answers depend on the batch.
        """
        from leanfn.certificate import difference

        alike = self._answers_alike.get(method)
        if alike is None and any(type(part).__name__ in OF_THE_BATCH for part in parts_of(self.model)):
            alike = False
        together = self.ask(method, rows) if alike is not False else []
        if alike is None:
            some = np.random.default_rng(0).permutation(len(rows))[:ROWS_ALONE]
            alike = all(_close(difference(together[i], self.ask(method, [rows[i]])[0])) for i in some)
        self._answers_alike[method] = alike
        return together if alike else [self.ask(method, [row])[0] for row in rows]

    def ask(self, method: str, rows: Sequence[Values]) -> list[Any]:
        """In one call; where that raises, in halves, until the rows that raise stand alone."""
        if not len(rows):
            return []
        try:
            with _quiet():
                answer = getattr(self.model, method)(self.input(rows))
                return rows_of(answer, len(rows))
        except Exception:  # whatever it raises, the row has no answer
            if len(rows) == 1:
                return [REFUSED]
        half = len(rows) // 2
        return self.ask(method, rows[:half]) + self.ask(method, rows[half:])

    def is_tied(self, row: Values, relative: float) -> bool:
        """Whether its own two best scores of a row are as close as this bound, so that the label is a toss."""
        for method in ("predict_proba", "decision_function"):
            if method in self.methods:
                (scores,) = self.ask(method, [row])
                if isinstance(scores, float):
                    return abs(scores) <= relative
                if isinstance(scores, list) and len(scores) > 1 and not isinstance(scores[0], list):
                    second, best = sorted(scores)[-2:]
                    return bool(best - second <= relative * max(1.0, abs(best)))
        return False


def _close(found: float) -> bool:
    return found <= 1e-9


@contextmanager
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def _alone(model: Any) -> Any:
    """A copy that works in one thread: a forest with two jobs differs from itself."""
    model = copy.deepcopy(model)
    for part in parts_of(model):
        if getattr(part, "n_jobs", None) is not None:
            part.n_jobs = 1
    return model


def parts_of(model: Any) -> Iterator[Any]:
    """A model and every estimator inside it, in an order that does not change."""
    seen: set[int] = set()
    waiting = [model]
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, (list, tuple)):
            waiting += part
        elif isinstance(part, dict):
            waiting += part.values()
        elif isinstance(part, np.ndarray) and part.dtype == object and part.size < 100_000:
            waiting += part.ravel().tolist()
        elif type(part).__module__.partition(".")[0] not in (
            "builtins",
            "numpy",
            "scipy",
            "pandas",
        ) and hasattr(part, "__dict__"):
            if hasattr(part, "get_params"):
                yield part
            waiting += vars(part).values()


def rows_of(answer: Any, count: int) -> list[Any]:
    """A method's answer as one entry per row: row-major, sparse results dense, several outputs a list per row."""
    if hasattr(answer, "toarray"):
        answer = answer.toarray()
    elif hasattr(answer, "to_numpy"):
        answer = answer.to_numpy()
    if isinstance(answer, (list, tuple)) and len(answer) and getattr(answer[0], "ndim", 0) == 2:
        return [list(row) for row in zip(*[part.tolist() for part in answer])]
    rows: list[Any] = np.asarray(answer).tolist()
    if count == 1 and len(rows) != 1:  # SparsePCA flattens the answer to a row that comes alone
        return [rows]
    if len(rows) != count:
        raise ExportError(f"the model gave {len(rows)} answers to {count} rows")
    return rows


def _is_frame(sample: Any) -> bool:
    return hasattr(sample, "columns") and hasattr(sample, "iloc")


def _read_sample(model: Any, sample: Any) -> tuple[str, list[Column], list[Any]]:
    if _is_frame(sample):
        place = {str(name): i for i, name in enumerate(sample.columns)}  # a name may be a number
        wanted = _names_wanted(model, sample)
        return "table", [_column(name, sample.iloc[:, place[name]]) for name in wanted], []
    if isinstance(sample, (list, tuple)) or getattr(sample, "ndim", 2) == 1:
        items = list(sample)
        if not items:
            raise ExportError(
                "the sample has no row\n  wanted: rows such as the model was fitted with\n  found:  none"
            )
        if all(isinstance(item, dict) for item in items):
            return "record", [], [{name: _plain(value) for name, value in item.items()} for item in items]
        if _takes_lists(model) and all(isinstance(item, (list, tuple, set, frozenset)) for item in items):
            lists = [
                _plain(sorted(item, key=str) if isinstance(item, (set, frozenset)) else item)
                for item in items
            ]
            return "bare", [Column("list", "list", lists, np.dtype(object), None)], []
        if all(np.ndim(item) == 0 for item in items):
            name = str(getattr(sample, "name", None) or ("text" if isinstance(items[0], str) else "value"))
            return "bare", [_column(name, np.asarray(items, dtype=object))], []
        sample = np.asarray(sample)
    if hasattr(sample, "toarray"):
        sample = sample.toarray()
    sample = np.asarray(sample)
    if sample.ndim != 2 or not len(sample):
        raise ExportError(
            "the sample is not a table of rows\n  wanted: a DataFrame, an array of two dimensions, a list of texts or of "
            f"objects\n  found:  {type(sample).__name__} of shape {sample.shape}"
        )
    names = [str(name) for name in getattr(model, "feature_names_in_", [])] or [
        f"x{i}" for i in range(sample.shape[1])
    ]
    if len(names) != sample.shape[1]:
        raise ExportError(
            f"the sample has other columns than the model\n  wanted: {len(names)}: {', '.join(names[:20])}\n"
            f"  found:  {sample.shape[1]}"
        )
    return "table", [_column(name, sample[:, i]) for i, name in enumerate(names)], []


def _plain(value: Any) -> Any:
    """A value of an open object: a scalar, or a list of them."""
    return [_scalar(item) for item in value] if isinstance(value, (list, tuple)) else _scalar(value)


def _takes_lists(model: Any) -> bool:
    """Whether a row is a list of labels or words, and not the values of a table's columns."""
    while hasattr(model, "steps"):
        model = model.steps[0][1]
    name = type(model).__name__
    return name == "MultiLabelBinarizer" or (name == "FeatureHasher" and model.input_type == "string")


def _names_wanted(model: Any, frame: Any) -> list[str]:
    """The columns that the model reads, in its own order."""
    from difflib import get_close_matches

    names = [str(name) for name in frame.columns]
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ExportError(f"the sample has columns of the same name: {', '.join(twice)}")
    if not len(frame):
        raise ExportError(
            "the sample has no row\n  wanted: rows such as the model was fitted with\n  found:  none"
        )
    wanted = [str(name) for name in getattr(model, "feature_names_in_", names)]
    missing = [name for name in wanted if name not in names]
    if missing:
        near = [close[0] for name in missing if (close := get_close_matches(name, names, 1))]
        raise ExportError(
            f"the sample lacks columns that the model was fitted with\n  wanted: {', '.join(missing)}\n"
            f"  found:  {', '.join(near or names[:20])}"
        )
    return wanted


def _column(name: str, data: Any) -> Column:
    """A column with its type, read from its values."""
    dtype = data.dtype
    items: list[Any] = data.astype(object).tolist() if hasattr(data, "astype") else list(data)
    values = [None if _is_missing(item) else _scalar(item) for item in items]
    kinds = {type(value) for value in values} - {type(None)}
    type_ = next((type_ for type_, accepts in TYPE_OF.items() if accepts(kinds)), None)
    if not kinds:
        type_ = "number" if getattr(dtype, "kind", "O") in "fiub" else "string"
    if type_ is None:
        odd = next(value for value in values if type(value) not in (str, int, float, bool, type(None)))
        raise ExportError(
            f"column {name!r} holds what JSON has no word for\n  wanted: numbers, strings, booleans\n"
            f"  found:  {type(odd).__name__} {odd!r:.60}"
        )
    nones = any(item is None for item in items) and not any(
        item is not None and _is_missing(item) for item in items
    )
    null = None if nones and getattr(dtype, "kind", "O") == "O" and type_ != "number" else float("nan")
    return Column(name, type_, values, dtype, null)


TYPE_OF: dict[str, Callable[[set[type]], bool]] = {
    "boolean": lambda kinds: kinds == {bool},
    "number": lambda kinds: bool(kinds) and kinds <= {int, float},
    "string": lambda kinds: kinds == {str},
    "any": lambda kinds: bool(kinds) and kinds <= {int, float, bool, str},
}


def _scalar(item: Any) -> Any:
    return item.item() if isinstance(item, np.generic) else item


def _is_missing(item: Any) -> bool:
    if item is None or type(item).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(item, (float, np.floating)) and bool(item != item)


def _filled(column: Column, values: Sequence[Any]) -> list[Any]:
    return [column.null if value is None else value for value in values]


def _numbers(column: Column, values: Sequence[Any]) -> np.ndarray[Any, Any]:
    """Numbers as float64, or as integers where the sample has integers and so do all of these."""
    if getattr(column.dtype, "kind", "f") in "iu" and all(type(value) is int for value in values):
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else float(value) for value in values], dtype=np.float64)


def _series(column: Column, values: Sequence[Any]) -> Any:
    import pandas as pd

    if column.type == "number" and not isinstance(column.dtype, pd.CategoricalDtype):
        return pd.Series(_numbers(column, values))
    if column.type == "boolean" and None not in values:
        return pd.Series(np.array(values, dtype=bool))
    filled = pd.Series(_filled(column, values), dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        known = list(column.dtype.categories)
        new = [value for value in dict.fromkeys(values) if value is not None and value not in known]
        return filled.astype(pd.CategoricalDtype([*known, *new]))
    if isinstance(column.dtype, pd.StringDtype):
        return filled.astype(column.dtype)
    return filled


def _array(rows: Sequence[Values], columns: list[Column]) -> np.ndarray[Any, Any]:
    parts = [[row[i] for row in rows] for i in range(len(columns))]
    if all(column.type in ("number", "boolean") for column in columns):
        return np.column_stack([_numbers(column, part) for column, part in zip(columns, parts)])
    array = np.empty((len(rows), len(columns)), dtype=object)
    for i, (column, part) in enumerate(zip(columns, parts)):
        array[:, i] = _filled(column, part)
    return array
