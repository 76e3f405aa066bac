import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from leanfn.exporters import describe
from leanfn.exporters.original import Original
from leanfn.exporters.rows import ROWS_LIMIT, Notes, proof_rows, shuffled
from leanfn.signature import Field


class Any_(BaseEstimator):
    """Answers anything with zeros."""

    def predict(self, rows):
        return np.zeros(len(rows))


def original(sample):
    return Original(Any_(), sample)


FRAME = pd.DataFrame({"a": range(50), "b": [f"x{i}" for i in range(50)]})


def test_shuffled_rows_have_each_columns_values_and_are_no_rows_of_the_sample():
    rows = shuffled(original(FRAME), 1000)
    assert sorted(row[0] for row in rows) == list(range(50))
    assert sum(row[1] == f"x{row[0]}" for row in rows) < 5


def test_shuffled_texts_are_dealt_word_by_word():
    texts = ["the patient has pain", "no pain at all", "rest and water"] * 5
    dealt = [row[0] for row in shuffled(original(texts), 100)]
    assert sorted(" ".join(dealt).split()) == sorted(" ".join(texts).split())
    assert len(set(dealt) & set(texts)) <= 2


def test_shuffled_objects_are_dealt_key_by_key():
    records = [{"a": i, "b": -i} if i % 2 else {"a": i} for i in range(40)]
    dealt = shuffled(original(records), 100)
    assert [list(row) for row in dealt] == [list(row) for row in records]
    assert sum(row.get("b") == -row["a"] for row in dealt) < 5


def test_all_choices_are_seeded():
    notes = Notes(thresholds={"a": [1.5, 2.5]})
    fields = describe.describe(original(FRAME), notes).fields
    assert proof_rows(original(FRAME), fields, notes) == proof_rows(original(FRAME), fields, notes)


def test_every_edge_is_planted():
    notes = Notes({"b": ["x1", "x2"]}, {}, {"a": [1.5]})
    fields = [
        Field("a", "number", nullable=True, low=0, high=49),
        Field("b", "string", categories=["x1", "x2"]),
    ]
    rows = proof_rows(original(FRAME), fields, notes)
    by_kind = {kind: [row for found, row in rows if found == kind] for kind, _ in rows}
    assert {row[0] for row in by_kind["null"]} > {None} and None in {row[1] for row in by_kind["null"]}
    assert {row[1] for row in by_kind["category"]} == {"x1", "x2"}
    assert not {row[1] for row in by_kind["unseen category"]} & {"x1", "x2"}
    planted = {row[0] for row in by_kind["threshold"]}
    single = np.float32(1.5)
    assert planted >= {
        1.5,
        np.nextafter(1.5, 2),
        np.nextafter(1.5, 1),
        float(np.nextafter(single, np.float32(2))),
    }
    assert {row[0] for row in by_kind["extreme"]} >= {0.0, 1e30, -1e308, 5e-324}


@given(st.integers(0, 20), st.integers(1, 30))
def test_no_more_rows_than_the_limit_however_wide_the_table(categories, columns):
    wide = pd.DataFrame({f"c{i}": np.arange(30.0) for i in range(columns)})
    fields = [
        Field(name, "number", low=0, high=29, categories=list(range(categories)) or None) for name in wide
    ]
    notes = Notes(thresholds={name: list(np.linspace(0, 29, 200)) for name in wide})
    assert len(proof_rows(original(wide), fields, notes)) <= ROWS_LIMIT
