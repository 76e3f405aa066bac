"""Vectorizers: equal tokens and equal numbers, for scripts of all kinds.

EVERY_TEXT=1 compares the numbers of all texts; a usual run every fifth's, and all tokens.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC

import leanfn
from leanfn.engines.lean.text import PATTERNS
from leanfn.errors import ExportError, Refusal
from leanfn.exporters.lean import build, lowering
from leanfn.exporters.original import Original
from tests.nodes import step
from tests.parity import prove_lean
from tests.texts import mixed_texts

MANY = mixed_texts(5000)
COMPARED = MANY if os.environ.get("EVERY_TEXT") else MANY[::5]
SOME = MANY[:40] + MANY[-9:]
CLASSES = np.arange(len(SOME)) % 3
BOUND = 1e-12

WAYS = {
    "words": {},
    "words 1-3": {"ngram_range": (1, 3)},
    "words without accents": {"strip_accents": "unicode", "ngram_range": (1, 2)},
    "words in ascii": {"strip_accents": "ascii"},
    "words as they are": {"lowercase": False, "token_pattern": r"(?u)\b\w+\b"},
    "words but stop words": {"stop_words": ["αβγ", "the", "日本"], "ngram_range": (2, 3)},
    "characters 1-3": {"analyzer": "char", "ngram_range": (1, 3)},
    "characters 3": {"analyzer": "char", "ngram_range": (3, 3), "strip_accents": "unicode"},
    "characters in words 1-3": {"analyzer": "char_wb", "ngram_range": (1, 3)},
    "characters in words 2-5": {"analyzer": "char_wb", "ngram_range": (2, 5), "lowercase": False},
}


def tokens_of(vectorizer):
    """The engine's function from a text to its tokens."""
    original = Original(vectorizer.fit(SOME), SOME)
    node = build.build(original).members["model.json"]
    first = json.loads(node)["nodes"][1]
    return step(first["op"], ("values", 1), **first["params"])


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_five_thousand_texts_of_mixed_scripts_have_scikit_learns_tokens(way):
    vectorizer = CountVectorizer(**way)
    found, wanted = tokens_of(vectorizer), vectorizer.build_analyzer()
    for text in MANY:
        assert sorted(found([text])) == sorted(wanted(text))


@pytest.mark.parametrize("way", ["words 1-3", "characters 1-3", "characters in words 1-3"])
@pytest.mark.parametrize(
    "vectorizer",
    [
        CountVectorizer(max_features=3000),
        TfidfVectorizer(max_features=3000, sublinear_tf=True),
        HashingVectorizer(n_features=2**12),
    ],
    ids=["count", "tf-idf", "hashing"],
)
def test_texts_of_mixed_scripts_differ_by_no_more_than_the_bound(vectorizer, way):
    vectorizer.set_params(**WAYS[way])
    model = make_pipeline(vectorizer, LogisticRegression(C=0.01, max_iter=500))
    model.fit(MANY[:200], np.arange(200) % 2)
    run = build.build(Original(model, SOME)).compile("predict_proba")
    wanted = model.predict_proba(COMPARED)
    assert max(abs(run([text])[1] - right[1]) for text, right in zip(COMPARED, wanted)) <= BOUND


@pytest.mark.parametrize("locale", ["C", "tr_TR.UTF-8", "el_GR.ISO8859-7"])
def test_tokens_do_not_depend_on_the_locale(locale):
    code = (
        "import hashlib, locale\n"
        "try: locale.setlocale(locale.LC_ALL, '')\n"
        "except locale.Error: pass\n"
        "from tests.nodes import step\n"
        "from tests.texts import mixed_texts\n"
        "words = step('words/1', ('values', 1), lowercase=True, accents='unicode', shortest=1, longest=1,\n"
        "             pattern=r'(?u)\\b\\w\\w+\\b', stop_words=[])\n"
        "print(hashlib.sha256(repr([words([text]) for text in mixed_texts(200)]).encode()).hexdigest())\n"
    )
    environment = {**os.environ, "LC_ALL": locale, "LANG": locale, "PYTHONPATH": str(Path.cwd())}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    words = CountVectorizer(strip_accents="unicode").build_analyzer()
    wanted = hashlib.sha256(repr([words(text) for text in mixed_texts(200)]).encode()).hexdigest()
    assert run.stdout.strip() == wanted


@pytest.mark.parametrize("pattern", PATTERNS)
def test_each_known_pattern_finds_what_scikit_learn_finds(pattern):
    vectorizer = CountVectorizer(token_pattern=pattern, lowercase=False)
    found = step(
        "words/1",
        ("values", 1),
        lowercase=False,
        accents="keep",
        shortest=1,
        longest=1,
        pattern=pattern,
        stop_words=[],
    )
    wanted = vectorizer.build_analyzer()
    for text in MANY[::25]:
        assert found([text]) == wanted(text)


@settings(max_examples=30, deadline=None)
@given(text=st.text(max_size=60), pattern=st.sampled_from(PATTERNS[:9]))
def test_any_text_has_scikit_learns_words(text, pattern):
    found = step(
        "words/1",
        ("values", 1),
        lowercase=True,
        accents="unicode",
        shortest=1,
        longest=2,
        pattern=pattern,
        stop_words=[],
    )
    wanted = CountVectorizer(token_pattern=pattern, strip_accents="unicode", ngram_range=(1, 2))
    assert found([text]) == wanted.build_analyzer()(text)


VECTORIZERS = [
    CountVectorizer(),
    CountVectorizer(binary=True, ngram_range=(1, 2)),
    CountVectorizer(stop_words="english", max_df=0.9, min_df=2),
    CountVectorizer(vocabulary=["日本", "αβγ", "ab"], analyzer="char_wb", ngram_range=(2, 3)),
    CountVectorizer(vocabulary={"a": 1, "b": 0, "ß": 2}, analyzer="char"),
    TfidfVectorizer(),
    TfidfVectorizer(sublinear_tf=True, smooth_idf=False, norm="l1"),
    TfidfVectorizer(use_idf=False, norm=None, analyzer="char", ngram_range=(1, 2)),
    TfidfVectorizer(norm="l1", strip_accents="ascii", binary=True),
    HashingVectorizer(n_features=64),
    HashingVectorizer(n_features=7, alternate_sign=False, norm="l1"),
    HashingVectorizer(n_features=5, binary=True, norm=None, analyzer="char", ngram_range=(2, 2)),
]


@pytest.mark.parametrize("vectorizer", VECTORIZERS)
def test_a_vectorizer_alone_gives_its_row(vectorizer):
    prove_lean(vectorizer.fit(SOME), SOME)


@pytest.mark.parametrize(
    "last",
    [
        LogisticRegression(),
        MultinomialNB(),
        ComplementNB(),
        BernoulliNB(),
        LinearSVC(),
        Ridge(solver="sparse_cg"),
    ],
    ids=lambda last: type(last).__name__,
)
@pytest.mark.parametrize(
    "vectorizer", [CountVectorizer(), TfidfVectorizer(sublinear_tf=True)], ids=["count", "tf-idf"]
)
def test_what_reads_the_sparse_row_answers_alike(vectorizer, last):
    prove_lean(make_pipeline(vectorizer, last).fit(SOME, CLASSES), SOME)


@pytest.mark.parametrize("classes", [CLASSES, CLASSES > 0, np.array(["no", "yes", "ναι"])[CLASSES]])
def test_classes_of_any_kind(classes):
    prove_lean(make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(SOME, classes), SOME)


def test_counts_weighed_in_a_step_of_their_own():
    for weigh in (
        TfidfTransformer(),
        TfidfTransformer(sublinear_tf=True, norm=None),
        TfidfTransformer(norm="l1"),
    ):
        prove_lean(make_pipeline(CountVectorizer(), weigh, MultinomialNB()).fit(SOME, CLASSES), SOME)


def test_hashed_counts_weighed_in_a_step_of_their_own():
    hashing = HashingVectorizer(n_features=256, alternate_sign=False, norm=None)
    prove_lean(make_pipeline(hashing, TfidfTransformer(), LogisticRegression()).fit(SOME, CLASSES), SOME)


@pytest.mark.parametrize("weigh", [TfidfTransformer(), TfidfTransformer(sublinear_tf=True)])
def test_numbers_of_a_table_weighed_as_counts(weigh):
    counts = np.random.default_rng(0).poisson(1.5, (50, 6)).astype(float)
    prove_lean(weigh.fit(counts), counts)


def test_an_answer_of_a_million_columns_is_refused_before_any_work(tmp_path):
    with pytest.raises(ExportError, match="1,048,576 numbers a row"):
        leanfn.export(HashingVectorizer(), SOME, name="hashes", out=tmp_path)


def test_of_a_million_hashed_columns_those_with_weights_are_kept():
    model = make_pipeline(HashingVectorizer(), LogisticRegression()).fit(SOME, CLASSES)
    prove_lean(model, SOME)
    members = build.build(Original(model, SOME)).members
    assert sum(map(len, members.values())) < 200_000


def test_words_and_characters_side_by_side():
    union = make_union(TfidfVectorizer(), TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3)))
    prove_lean(make_pipeline(union, LogisticRegression()).fit(SOME, CLASSES), SOME)


def test_the_best_words_alone():
    model = make_pipeline(TfidfVectorizer(), SelectKBest(chi2, k=40), LogisticRegression())
    try:
        lowering.carried()["SelectKBest"]
    except KeyError:
        pytest.skip("no lowering of SelectKBest")
    prove_lean(model.fit(SOME, CLASSES), SOME)


def test_a_search_over_a_text_pipeline():
    if "GridSearchCV" not in lowering.carried():
        pytest.skip("no lowering of GridSearchCV")
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    search = GridSearchCV(model, {"tfidfvectorizer__ngram_range": [(1, 1), (1, 2)]}, cv=2)
    prove_lean(search.fit(SOME, CLASSES), SOME)


@pytest.mark.parametrize("column", ["text", 0], ids=["by name", "by position"])
def test_a_column_of_texts_beside_numbers_and_categories(column):
    table = pd.DataFrame({"text": SOME[:21], "age": np.arange(21) * 1.5, "kind": list("abcdefg") * 3})
    columns = ColumnTransformer(
        [
            ("text", TfidfVectorizer(), column),
            ("age", StandardScaler(), ["age"]),
            ("kind", OneHotEncoder(handle_unknown="ignore"), ["kind"]),
        ]
    )
    prove_lean(make_pipeline(columns, Ridge()).fit(table, CLASSES[:21]), table)


def test_a_table_of_one_column_is_no_sequence_of_texts():
    table = pd.DataFrame({"text": ["ab cd"]})  # scikit-learn reads one text of it, the column's name
    columns = ColumnTransformer([("text", TfidfVectorizer(), ["text"])]).fit(table)
    with pytest.raises(Refusal, match="choose one column by its name alone"):
        prove_lean(columns, table)


def test_a_missing_text_is_refused_as_scikit_learn_refuses_it():
    texts = [*SOME[:20], None]
    model = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(SOME, CLASSES)
    certificate = prove_lean(model, texts)
    assert certificate.kinds["null"]["refused"] == certificate.kinds["null"]["rows"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"analyzer": str.split}, "analyzer="),
        ({"tokenizer": str.split, "token_pattern": None}, "tokenizer="),
        ({"preprocessor": str.upper}, "preprocessor="),
        ({"strip_accents": str.upper}, "strip_accents="),
        ({"token_pattern": r"(a+)+b"}, "token_pattern="),
        ({"dtype": np.float32}, "dtype="),
        ({"analyzer": "char", "ngram_range": (1, 99)}, "ngram_range="),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_code_or_cannot_be_carried_is_refused_by_name(parameters, said):
    texts = ["aab aaab b", "ab aab"] * 5
    with pytest.raises(Refusal, match=said):
        prove_lean(CountVectorizer(**parameters).fit(texts), texts)


def test_weights_in_float32_are_refused():
    with pytest.raises(Refusal, match="dtype"):
        prove_lean(TfidfVectorizer(dtype=np.float32).fit(SOME), SOME)


RECORDS = [
    {"age": 3, "pet": "cat"},
    {"age": 2.5, "tags": ["red", "red", "blue"]},
    {"pet": "dog", "grown": True, "age": 0},
    {"age": -1.5, "pet": "newt", "other": "x"},
] * 10
PLAIN = [{name: value for name, value in record.items() if name != "tags"} for record in RECORDS]


@pytest.mark.parametrize(
    "vectorizer",
    [DictVectorizer(), DictVectorizer(sparse=False, separator=": "), DictVectorizer(sort=False)],
)
def test_open_objects(vectorizer):
    prove_lean(vectorizer.fit(RECORDS[:3]), RECORDS)
    model = make_pipeline(vectorizer, LogisticRegression()).fit(RECORDS[:39], np.arange(39) % 3)
    prove_lean(model, RECORDS)


@pytest.mark.parametrize("parameters", [{}, {"alternate_sign": False}])
def test_hashed_objects(parameters):
    hasher = FeatureHasher(n_features=16, **parameters)
    prove_lean(hasher.fit(PLAIN), PLAIN)
    prove_lean(make_pipeline(hasher, LogisticRegression()).fit(PLAIN, np.arange(40) % 2), PLAIN)


def test_hashed_lists_of_words():
    lists = [["a", "b", "a"], [], ["日本", "é"], ["c"]] * 5
    prove_lean(FeatureHasher(n_features=8, input_type="string").fit(lists), lists)


def test_objects_of_numpys_numbers_are_read():
    records = [{"age": np.float64(2.0), "n": np.int64(3), "pet": np.str_("cat")}] * 3
    prove_lean(DictVectorizer().fit(records), records)


@settings(max_examples=15, deadline=None)
@given(
    analyzer=st.sampled_from(["word", "char", "char_wb"]),
    shortest=st.integers(1, 3),
    more=st.integers(0, 2),
    lowercase=st.booleans(),
    accents=st.sampled_from([None, "ascii", "unicode"]),
    norm=st.sampled_from([None, "l1", "l2"]),
    idf=st.booleans(),
    sublinear=st.booleans(),
    binary=st.booleans(),
)
def test_any_tf_idf(analyzer, shortest, more, lowercase, accents, norm, idf, sublinear, binary):
    vectorizer = TfidfVectorizer(
        analyzer=analyzer,
        ngram_range=(shortest, shortest + more),
        lowercase=lowercase,
        strip_accents=accents,
        norm=norm,
        use_idf=idf,
        sublinear_tf=sublinear,
        binary=binary,
        max_features=200,
    ).fit(SOME)
    original = Original(make_pipeline(vectorizer, "passthrough"), SOME)
    run = build.build(original).compile("transform")
    for row, right in zip(original.rows, vectorizer.transform(SOME).toarray()):
        np.testing.assert_allclose(run(row), right, rtol=0, atol=BOUND)
