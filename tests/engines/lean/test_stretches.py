import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer

from leanfn.engines.lean.memory import REMEMBERED
from leanfn.errors import RowError
from tests.engines.lean.test_fold import both

SAMPLE = ["the shy fox", "  a\t b\n\n", "Ünïcödé ÇA ß ﬁ", "日本語 テキスト, é e\u0301", "x", "aaaa aaaa"]
TEXTS = st.text("abc é\u0301ß日\t\n👩 ", max_size=40)


def vectorizers():
    for analyzer in ("char", "char_wb"):
        for sizes in ((1, 1), (1, 3), (2, 4), (5, 5)):
            for binary in (False, True):
                yield CountVectorizer(analyzer=analyzer, ngram_range=sizes, binary=binary)
                yield HashingVectorizer(
                    analyzer=analyzer, ngram_range=sizes, binary=binary, n_features=16, norm=None
                )


@pytest.mark.parametrize("model", list(vectorizers()), ids=str)
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=5))
def test_stretches_are_counted_as_their_strings_are(model, texts):
    run, unfolded, is_folded = both(model, SAMPLE)
    assert is_folded
    for text in [*texts, *texts]:  # what is remembered says the same again
        assert run([text]) == unfolded([text])


def test_counts_are_floats():
    run, _, _ = both(CountVectorizer(analyzer="char"), SAMPLE)
    assert all(type(x) is float for x in run(["fox"]))


def test_a_column_among_others_is_counted_too():
    table = pd.DataFrame({"size": [1.0, 2.0], "text": ["fox", "shy ox"]})
    model = ColumnTransformer([("t", CountVectorizer(analyzer="char_wb", ngram_range=(1, 2)), "text")])
    run, unfolded, is_folded = both(model, table)
    assert is_folded
    assert run([7.0, "ox fox"]) == unfolded([7.0, "ox fox"])


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
def test_what_is_remembered_is_bounded_and_forgetting_changes_no_answer(analyzer):
    letters = [chr(i) for i in range(0x4E00, 0x5200)]
    dice = random.Random(0)
    long = " ".join("".join(dice.choices(letters, k=3)) for _ in range(REMEMBERED + 100))
    run, unfolded, _ = both(CountVectorizer(analyzer=analyzer, ngram_range=(1, 2)), [long[:400]])
    assert run([long]) == unfolded([long])


@pytest.mark.parametrize("value", [None, 3, ["a"]], ids=str)
@pytest.mark.parametrize("kind", [CountVectorizer, HashingVectorizer])
def test_what_is_no_text_is_refused(kind, value):
    run, _, _ = both(kind(analyzer="char_wb"), SAMPLE)
    with pytest.raises(RowError, match="text"):
        run([value])
