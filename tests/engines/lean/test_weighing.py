"""Counts that are weighed without a row of columns answer as the nodes one by one do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline

from leanfn import tensors
from leanfn.engines.lean import program
from leanfn.errors import RowError
from leanfn.exporters.lean import build
from leanfn.exporters.original import Original

TEXTS = [
    "the shy fox",
    "an ox and a fox",
    "Ünïcödé ÇA ß",
    "日本語 テキスト",
    "x",
    "the the the ox",
    "a_b c-d 12 34",
]
KINDS = ["good", "bad", "odd", "bad", "good", "odd", "bad"]
DRAWN = st.lists(st.text("abcdefx _-é日1 ", max_size=30) | st.sampled_from(TEXTS), min_size=1, max_size=4)


def both(model, method="decision_function"):
    """The program of a model fitted on texts, folded and node by node; and whether its linear map reads the row."""
    members = build.build(Original(model, TEXTS)).members
    loaded = program.read(members["model.json"], tensors.load(members["model.safetensors"]))
    last = loaded.outputs[method]
    order = [(loaded._step(n), loaded._inputs[n], n) for n in range(1, len(loaded._nodes))]
    folded = {n: reads for _, reads, n in loaded._fold([n for _, _, n in order], last)}
    (linear,) = [n for n, node in enumerate(loaded._nodes) if node.op == "linear/1"]
    return loaded.compile(method), program._slots(order, last), folded[linear] == (0,)


def models():
    words = [
        CountVectorizer(),
        CountVectorizer(binary=True, ngram_range=(1, 2)),
        CountVectorizer(token_pattern=r"\w+", vocabulary=["a", "ox", "fox", "日本語"]),
        TfidfVectorizer(sublinear_tf=True),
        TfidfVectorizer(norm="l1", use_idf=False),
        TfidfVectorizer(stop_words=["the"], lowercase=False),
        HashingVectorizer(n_features=8),
        HashingVectorizer(n_features=8, binary=True, norm="l1"),
        HashingVectorizer(n_features=2**16, alternate_sign=False, norm=None),
    ]
    for vectorizer in words:
        yield make_pipeline(vectorizer, LogisticRegression())
    yield make_pipeline(TfidfVectorizer(), SelectKBest(k=5), LogisticRegression())


@pytest.mark.parametrize("model", list(models()), ids=str)
@settings(max_examples=20, deadline=None)
@given(texts=DRAWN)
def test_words_weigh_the_same_to_the_last_bit(model, texts):
    run, one_by_one, is_folded = both(model.fit(TEXTS, KINDS))
    assert is_folded
    for text in texts:
        assert run([text]) == one_by_one([text])


@pytest.mark.parametrize("analyzer", ["char", "char_wb"])
@pytest.mark.parametrize("kind", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
@settings(max_examples=20, deadline=None)
@given(texts=DRAWN)
def test_stretches_of_characters_weigh_the_same(kind, analyzer, texts):
    model = make_pipeline(kind(analyzer=analyzer, ngram_range=(1, 3)), LogisticRegression())
    run, one_by_one, is_folded = both(model.fit(TEXTS, KINDS))
    assert is_folded
    for text in texts:  # their order is another one, and before Python 3.12 a sum's last bit is the order's
        np.testing.assert_allclose(run([text]), one_by_one([text]), rtol=1e-13, atol=1e-13)


def test_several_outputs_are_weighed_too():
    model = make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=0)).fit(TEXTS)
    run, one_by_one, is_folded = both(model, "transform")
    assert is_folded
    assert len(run(["the fox"])) == 3
    assert run(["the fox"]) == one_by_one(["the fox"])


def test_the_answer_is_scikit_learns():
    model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), Ridge()).fit(TEXTS, range(7))
    run, _, is_folded = both(model, "predict")
    assert is_folded
    for text in [*TEXTS, "", "nothing that is known"]:
        assert run([text]) == pytest.approx(model.predict([text])[0], rel=1e-12)


@pytest.mark.parametrize("value", [None, 3.0])
def test_what_is_no_text_is_refused(value):
    run, _, _ = both(make_pipeline(HashingVectorizer(n_features=8), LogisticRegression()).fit(TEXTS, KINDS))
    with pytest.raises(RowError, match="its text is missing"):
        run([value])


def test_methods_share_what_weighs_the_text():
    model = make_pipeline(TfidfVectorizer(analyzer="char"), LogisticRegression()).fit(TEXTS, KINDS)
    members = build.build(Original(model, TEXTS)).members
    loaded = program.read(members["model.json"], tensors.load(members["model.safetensors"]))
    for method in ("predict", "predict_proba", "decision_function"):
        loaded.compile(method)
    (chain,) = loaded._folded  # one vocabulary, one memory; the count in the chain is not folded by itself
    assert [loaded._nodes[i].op for i in (chain[0], chain[-1])] == ["characters/1", "linear/1"]
