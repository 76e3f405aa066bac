"""ColumnTransformer: whichever way its columns are named, in its order, with what remains."""

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from tests.parity import lean_answers

TABLE = pd.DataFrame(
    {
        "a": [1.0, 2.0, 4.0, 8.0, 3.0],
        "b": [3.0, 1.0, 2.0, 5.0, 9.0],
        "c": [0.5, 0.1, 0.9, 0.3, 0.2],
        "word": ["x", "y", "x", "z", "y"],
    }
)
NUMBERS = TABLE[["a", "b", "c"]]
BY_NAME = {
    "names": ["c", "a"],
    "one name": "b",
    "positions": [2, 0],
    "positions from the end": [-2, -4],
    "slice of names": slice("a", "b"),
    "slice of positions": slice(0, 3, 2),
    "mask": [True, False, True, False],
    "selector of types": make_column_selector(dtype_include=float),
    "selector of a pattern": make_column_selector(pattern="^[bc]$"),
    "function": lambda frame: [name for name in frame.columns if name in "ca"],
    "array": np.array(["b", "a"]),
    "index": pd.Index(["c"]),
}
REMAINDERS = {"drop": "drop", "passthrough": "passthrough", "estimator": MinMaxScaler()}


def agree(model, rows):
    found, wanted = lean_answers(model.fit(rows), rows, "transform")
    assert found == [pytest.approx(row, rel=1e-12) for row in wanted]


@pytest.mark.parametrize("columns", BY_NAME.values(), ids=BY_NAME)
def test_columns_are_those_that_scikit_learn_takes(columns):
    columns = [columns] if isinstance(columns, str) else columns
    agree(ColumnTransformer([("scaled", StandardScaler(), columns)]), TABLE)


@pytest.mark.parametrize("remainder", REMAINDERS.values(), ids=REMAINDERS)
@pytest.mark.parametrize("columns", [[1], slice(1, 3), [False, True, False], [-1, 0]], ids=str)
def test_what_remains_stands_behind_in_its_own_order(columns, remainder):
    for rows in (NUMBERS, NUMBERS.to_numpy()):
        agree(ColumnTransformer([("scaled", StandardScaler(), columns)], remainder=remainder), rows)


def test_one_column_may_come_twice_and_a_part_may_drop_it():
    parts = [
        ("first", StandardScaler(), ["b", "a"]),
        ("gone", "drop", ["c"]),
        ("again", MinMaxScaler(), ["a", "c"]),
        ("as it is", "passthrough", ["a"]),
        ("none", StandardScaler(), []),
        ("words", OneHotEncoder(sparse_output=False), ["word"]),
    ]
    agree(ColumnTransformer(parts, transformer_weights={"again": 2.0}), TABLE)


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_frames_between_the_steps_change_no_answer():
    columns = ColumnTransformer(
        [("scaled", StandardScaler(), ["b", "a"]), ("words", OneHotEncoder(sparse_output=False), ["word"])]
    ).set_output(transform="pandas")
    model = make_pipeline(columns, StandardScaler().set_output(transform="pandas"), LogisticRegression())
    found, wanted = lean_answers(model.fit(TABLE, [0, 1, 0, 1, 1]), TABLE, "predict_proba")
    assert found == [pytest.approx(row, rel=1e-12) for row in wanted]
