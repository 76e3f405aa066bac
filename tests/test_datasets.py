"""datasets/default.csv: ours, invented, and the same wherever it is made."""

import csv
import json
from pathlib import Path

from datasets import generate
from leanfn.exporters.columns import take_features, take_label
from leanfn.exporters.tables import read_table
from steps.train import CATEGORICAL_FEATURES, LABEL, NUMERIC_FEATURES, build

ROOT = Path(__file__).parent.parent
COLUMNS = "age,sex,cp,trestbps,chol,fbs,restecg,thalach,exang,oldpeak,slope,ca,thal,target"


def test_the_generator_writes_the_bytes_that_are_committed():
    assert generate.table().encode() == generate.TARGET.read_bytes()


def test_another_seed_makes_other_patients():
    assert generate.table(seed=1) != generate.table()


def test_the_table_has_the_uci_columns_and_some_missing_values():
    header, *rows = generate.TARGET.read_text().splitlines()
    assert header == COLUMNS
    assert len(rows) == 303
    empty = sum(cell == "" for row in csv.reader(rows) for cell in row)
    assert 20 < empty < 100


def test_the_findings_lie_where_a_referred_patient_has_them():
    patients = list(csv.DictReader(generate.TARGET.read_text().splitlines()))

    def mean(finding):
        found = [float(patient[finding]) for patient in patients if patient[finding]]
        return sum(found) / len(found)

    assert 53 < mean("age") < 56
    assert 0.62 < mean("sex") < 0.74
    assert 127 < mean("trestbps") < 136
    assert 238 < mean("chol") < 254
    assert 144 < mean("thalach") < 155
    assert 0.8 < mean("oldpeak") < 1.3
    assert 0.5 < mean("target") < 0.65


def test_the_example_payload_is_clearly_of_class_one():
    table = read_table(str(generate.TARGET))
    rows = take_features(table, NUMERIC_FEATURES, CATEGORICAL_FEATURES, "default.csv")
    classes = take_label(table, LABEL, "default.csv")
    payload = json.loads((ROOT / "resources" / "payload.json").read_text())
    assert list(payload) == COLUMNS.split(",")[:-1]
    model = build(rows, NUMERIC_FEATURES, CATEGORICAL_FEATURES).fit(rows, classes)
    row = rows.iloc[:1].assign(**payload)[rows.columns].astype("float64")
    assert model.predict_proba(row)[0, 1] > 0.8
