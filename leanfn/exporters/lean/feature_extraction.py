"""sklearn.feature_extraction, lowered: texts and open objects as sparse rows."""

from typing import Any

import numpy as np

from leanfn.engines.lean.text import NGRAM_LIMIT, PATTERNS

from .graph import ANY, STRING, Graph, Wire
from .lowering import Lowering, finite, numeric, vector

ABOVE_ZERO = 5e-324  # the smallest number that is
COUNTS = (np.int64, np.int32, np.uint64, np.uint32, np.float64)  # dtypes that hold a count exactly
POSITIVE = ("count/1", "onehot/1")  # operations whose numbers, where there are any, are one or more


def one_text(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """The wire, if scikit-learn sees a sequence of texts in it: a table's column must be chosen by its bare name."""
    if wire.kind != "values" or wire.types is None or wire.types[0] not in (STRING, ANY):
        raise graph.refuse(estimator, "it reads texts, and these are none")
    if not wire.flat:
        raise graph.refuse(
            estimator, "it reads the names of a table's columns: choose one column by its name alone"
        )
    return wire


def tokens(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """What the vectorizer's build_analyzer() makes of a text."""
    for name in ("preprocessor", "tokenizer"):
        if getattr(estimator, name) is not None:
            raise graph.refuse(estimator, f"parameter {name}={getattr(estimator, name)!r}")
    for name, known in {
        "input": ("content",),
        "analyzer": ("word", "char", "char_wb"),
        "strip_accents": (None, "ascii", "unicode"),
    }.items():
        value = getattr(estimator, name)
        if callable(value) or value not in known:
            raise graph.refuse(estimator, f"parameter {name}={value!r}")
    shortest, longest = estimator.ngram_range
    if not 1 <= shortest <= longest <= NGRAM_LIMIT:
        raise graph.refuse(estimator, f"parameter ngram_range={estimator.ngram_range!r}")
    text = one_text(graph, estimator, wire)
    common = {
        "lowercase": bool(estimator.lowercase),
        "accents": estimator.strip_accents or "keep",
        "shortest": int(shortest),
        "longest": int(longest),
    }
    if estimator.analyzer != "word":
        return graph.add("characters/1", text, **common, within_words=estimator.analyzer == "char_wb")
    if estimator.token_pattern not in PATTERNS:
        raise graph.refuse(
            estimator,
            f"parameter token_pattern={estimator.token_pattern!r}: a regular expression is code, and this is none of "
            f"the {len(PATTERNS)} known ones",
        )
    stop_words = sorted(estimator.get_stop_words() or ())
    return graph.add("words/1", text, **common, pattern=estimator.token_pattern, stop_words=stop_words)


def _check_dtype(graph: Graph, estimator: Any, known: tuple[type, ...]) -> None:
    if np.dtype(estimator.dtype) not in [np.dtype(dtype) for dtype in known]:
        raise graph.refuse(estimator, f"parameter dtype={estimator.dtype!r}")


def count_vectorizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _check_dtype(graph, estimator, COUNTS)
    return _counts(graph, estimator, wire)


def _counts(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    estimator._check_vocabulary()  # a fixed vocabulary needs no fit, and is read here
    places = estimator.vocabulary_
    return graph.add(
        "count/1",
        tokens(graph, estimator, wire),
        vocabulary=sorted(places, key=places.__getitem__),
        binary=bool(estimator.binary),
    )


def tfidf_vectorizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _check_dtype(graph, estimator, (np.float64, *COUNTS))
    return tfidf_transformer(graph, estimator._tfidf, _counts(graph, estimator, wire))


def tfidf_transformer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    """TfidfTransformer.transform: counts, damped, weighed, and brought to one length."""
    source = numeric(graph, estimator, wire)
    positive = graph.nodes[source.number]["op"] in POSITIVE
    row = finite(graph, source)
    if row.kind == "vector":
        row = graph.add("sparse/1", row)
    if estimator.sublinear_tf:
        if not positive and estimator.norm is None:
            raise graph.refuse(
                estimator, "parameter sublinear_tf=True with norm=None, of numbers that may be below zero"
            )
        row = graph.add("sublinear/1", row)
    idf = getattr(estimator, "idf_", None)
    if idf is not None:
        if np.asarray(idf).dtype != np.float64:
            raise graph.refuse(estimator, f"it was fitted on {np.asarray(idf).dtype} and answers in it")
        row = graph.add(
            "scale/1", row, steps=["multiply"], multiply=idf, subtract=None, divide=None, add=None
        )
    return _normalized(graph, row if positive else finite(graph, row), estimator.norm)


def _normalized(graph: Graph, row: Wire, norm: str | None) -> Wire:
    """A sparse row over its norm; one of zeros stays."""
    if norm is None:
        return row
    return graph.add("normalize/1", row, norm=norm, least=ABOVE_ZERO)


def hashing_vectorizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _check_dtype(graph, estimator, (np.float64,))
    row = graph.add(
        "hash/1",
        tokens(graph, estimator, wire),
        width=int(estimator.n_features),
        signed=bool(estimator.alternate_sign),
        binary=bool(estimator.binary),
    )
    return _normalized(graph, row, estimator.norm)


def feature_hasher(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _check_dtype(graph, estimator, (np.float64,))
    width, signed = int(estimator.n_features), bool(estimator.alternate_sign)
    if estimator.input_type == "dict" and wire.kind == "record":
        return graph.add("hash_record/1", wire, width=width, signed=signed)
    if estimator.input_type == "string" and wire.types == ("list",):
        listed = graph.add("listed/1", wire)
        return graph.add("hash/1", listed, width=width, signed=signed, binary=False)
    raise graph.refuse(estimator, f"parameter input_type={estimator.input_type!r} of such rows")


def dict_vectorizer(graph: Graph, estimator: Any, wire: Wire) -> Wire:
    _check_dtype(graph, estimator, (np.float64,))
    if wire.kind != "record":
        raise graph.refuse(estimator, "it reads objects, and these are none")
    names = list(estimator.feature_names_)
    if not all(isinstance(name, str) for name in names):
        raise graph.refuse(estimator, "features whose names are no strings")
    row = graph.add("dictionary/1", wire, names=names, separator=estimator.separator)
    return row if estimator.sparse else vector(graph, estimator, row)


_TEXT = (
    "input encoding decode_error strip_accents lowercase preprocessor tokenizer stop_words token_pattern ngram_range "
    "analyzer binary dtype"
)
_VOCABULARY = "max_df min_df max_features vocabulary"
_WEIGHTS = "norm use_idf smooth_idf sublinear_tf"

TRANSFORMERS = {
    "CountVectorizer": Lowering(count_vectorizer, f"{_TEXT} {_VOCABULARY}"),
    "TfidfVectorizer": Lowering(tfidf_vectorizer, f"{_TEXT} {_VOCABULARY} {_WEIGHTS}"),
    "TfidfTransformer": Lowering(tfidf_transformer, _WEIGHTS),
    "HashingVectorizer": Lowering(hashing_vectorizer, f"{_TEXT} n_features norm alternate_sign"),
    "FeatureHasher": Lowering(feature_hasher, "n_features input_type dtype alternate_sign"),
    "DictVectorizer": Lowering(dict_vectorizer, "dtype separator sparse sort"),
}
