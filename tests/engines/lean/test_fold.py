import json
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

from leanfn import tensors
from leanfn.engines.lean import program
from leanfn.errors import RowError
from leanfn.exporters.lean import build as lean
from leanfn.exporters.original import Original

NUMBERS = pd.DataFrame(
    {"a": [1.0, 2.0, np.nan, 4.0], "b": [10.0, 30.0, 20.0, np.nan], "c": [0.1, 0.2, 0.3, 0.7]}
)
CODES = pd.DataFrame({"a": [0.0, 1.0, np.nan, 2.0], "b": [3.0, np.nan, 3.0, 4.0]})
WORDS = pd.DataFrame({"a": ["x", "y", None, "x"], "b": ["u", "v", "u", "w"]})


def both(model, sample):
    """The program of a transformer, folded and node by node."""
    members = lean.build(Original(model.fit(sample), sample)).members
    loaded = program.read(members["model.json"], tensors.load(members["model.safetensors"]))
    order = [(loaded._step(n), loaded._inputs[n], n) for n in range(1, len(loaded._nodes))]
    folded = loaded._fold([n for _, _, n in order], loaded.outputs["transform"])
    return (
        loaded.compile("transform"),
        program._slots(order, loaded.outputs["transform"]),
        len(folded) < len(order),
    )


def bits(run, row):
    try:
        return b"".join(struct.pack("<d", x) for x in run(row))
    except RowError as error:
        return str(error)


CASES = {
    "imputed and scaled": (make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), NUMBERS),
    "imputed and squeezed": (make_pipeline(SimpleImputer(), MinMaxScaler()), NUMBERS),
    "scaled": (StandardScaler(), NUMBERS),
    "one-hot": (OneHotEncoder(handle_unknown="ignore"), CODES),
    "one-hot, unknown refused": (OneHotEncoder(), CODES),
    "imputed and one-hot": (
        make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
        CODES,
    ),
    "constant and one-hot": (
        make_pipeline(
            SimpleImputer(strategy="constant"), OneHotEncoder(drop="first", handle_unknown="ignore")
        ),
        CODES,
    ),
    "words filled and one-hot": (
        make_pipeline(SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")),
        WORDS,
    ),
}
VALUES = st.none() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-5, 5) | st.integers()


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_folded_chain_answers_to_the_last_bit(name, data):
    model, sample = CASES[name]
    run, unfolded, is_folded = both(model, sample)
    assert is_folded
    one = (
        st.none() | st.sampled_from("xyuvwz")
        if sample is WORDS
        else VALUES.filter(lambda x: x is None or abs(x) < 1e300)
    )
    for _ in range(10):
        row = data.draw(st.lists(one, min_size=sample.shape[1], max_size=sample.shape[1]))
        assert bits(run, row) == bits(unfolded, row), row


def test_a_chain_that_does_other_things_is_left_alone():
    model = make_pipeline(SimpleImputer(missing_values=-1), StandardScaler())
    assert not both(model, NUMBERS.fillna(-1.0))[2]


def test_a_node_that_another_method_reads_is_kept(hearts):
    members = lean.build(Original(*hearts)).members
    loaded = program.read(members["model.json"], tensors.load(members["model.safetensors"]))
    row = Original(*hearts).rows[0]
    probabilities = loaded.compile("predict_proba")(row)
    assert loaded.compile("predict")(row) == int(probabilities[1] > 0.5)
    assert json.loads(members["model.json"])["outputs"].keys() == {
        "predict",
        "predict_proba",
        "decision_function",
    }
