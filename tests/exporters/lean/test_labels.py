"""Encoders of labels: rows are single values, or lists of labels."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.preprocessing import LabelBinarizer, LabelEncoder, MultiLabelBinarizer

import leanfn
from leanfn.errors import InvalidRows, Refusal
from tests.parity import lean_answers, prove_lean

WORDS = ["cat", "dog", "newt", "cat"] * 5
LISTS = [["a", "b"], ["c"], [], ["b", "c", "b"]] * 4


@pytest.mark.parametrize(
    "labels",
    [
        WORDS,
        [3, 1, 2, 3] * 5,
        [True, False] * 8,
        [False] * 4,
        [1.5, 2.5, 1.0] * 5,
        [1.0, float("nan"), 2.0] * 4,
        np.array([1, 5, 7] * 4, dtype=np.int32),
        np.array(WORDS, dtype=object),
        np.array(["a", None, "b"] * 4, dtype=object),
        pd.Series(WORDS, name="animal"),
    ],
)
def test_the_place_of_a_label(labels):
    prove_lean(LabelEncoder().fit(labels), labels)


def test_a_label_is_cut_to_the_length_of_numpys_strings_as_numpy_cuts_it():
    encoder = LabelEncoder().fit(["cat", "dog"])
    found, wanted = lean_answers(encoder, ["catfish", "dog", "cat\0"], "transform")
    assert found == wanted == [0, 1, 0]
    prove_lean(LabelBinarizer().fit(["cat", "dog"]), ["catfish", "dog", "cat\0"])


def test_a_number_is_cut_to_a_whole_one_as_numpy_cuts_it():
    encoder = LabelEncoder().fit([0, 1, 2])
    found, wanted = lean_answers(encoder, [1.7, -0.9, 2], "transform")
    assert found == wanted == [1, 0, 2]


@pytest.mark.parametrize("sample", [WORDS, [True, False]], ids=["words", "booleans"])
def test_rows_of_another_type_than_the_classes_are_refused(sample):
    with pytest.raises(Refusal, match="another type"):
        prove_lean(LabelEncoder().fit([0, 1]), sample)


@pytest.mark.parametrize(
    "labels",
    [
        WORDS,
        ["no", "yes"] * 8,
        ["one"] * 4,
        [3, 1, 2] * 5,
        [0, 1] * 5,
        [True, False] * 5,
        [1.0, 2.0, 3.0] * 4,
    ],
)
@pytest.mark.parametrize("signs", [(0, 1), (-1, 1), (-2, 0)])
def test_a_column_for_each_class(labels, signs):
    low, high = signs
    prove_lean(LabelBinarizer(neg_label=low, pos_label=high).fit(labels), labels)


def test_a_column_for_each_class_in_a_sparse_row():
    prove_lean(LabelBinarizer(sparse_output=True).fit(WORDS), WORDS)


def test_several_labels_a_row_are_refused_by_the_binarizer_of_one():
    encoder = LabelBinarizer().fit([[0, 1], [1, 1]])
    with pytest.raises(Refusal, match="several labels"):
        prove_lean(encoder, [0, 1])


@pytest.mark.parametrize(
    ("encoder", "sample"),
    [
        (MultiLabelBinarizer(), LISTS),
        (MultiLabelBinarizer(classes=["c", "a"], sparse_output=True), LISTS),
        (MultiLabelBinarizer(), [{1, 2}, {3}, {1, 3}]),
        (MultiLabelBinarizer(), [("x",), ("y", "x")]),
    ],
    ids=["lists", "chosen classes", "sets", "tuples"],
)
def test_a_one_for_each_label_of_a_list(encoder, sample):
    prove_lean(encoder.fit(sample), sample)


def test_a_list_of_labels_is_a_row_of_its_own(tmp_path):
    encoder = MultiLabelBinarizer().fit(LISTS)
    artifact = leanfn.export(encoder, LISTS, name="tags", out=tmp_path, engine="lean")
    assert artifact.call("transform", [["a", "c"], {"list": ["b", "unheard of"]}, []]) == [
        [1, 0, 1],
        [0, 1, 0],
        [0, 0, 0],
    ]
    with pytest.raises(InvalidRows, match="/0/list/1"):
        artifact.call("transform", [["a", ["b"]]])


@settings(max_examples=15, deadline=None)
@given(
    labels=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5),
        min_size=2,
        max_size=8,
    )
)
def test_any_words(labels):
    for encoder in (LabelEncoder(), LabelBinarizer()):
        prove_lean(encoder.fit(labels), labels)
