import numpy as np
import pytest

from leanfn.exporters.lean.graph import Graph
from leanfn.exporters.lean.sources import sources_of


@pytest.fixture
def graph():
    return Graph("table", ["a", "b", "c"], ["number"] * 3)


def sources(graph, wire):
    return sources_of(graph, wire.number).tolist()


def test_the_rows_own_columns_stem_from_themselves(graph):
    assert sources(graph, graph.row) == [0, 1, 2]
    picked = graph.add("numbers/1", graph.add("pick/1", graph.row, columns=[2, 0, 2]))
    assert sources(graph, picked) == [2, 0, 2]
    assert sources(graph, graph.add("concat/1", picked, graph.add("numbers/1", graph.row))) == [
        2,
        0,
        2,
        0,
        1,
        2,
    ]


def test_the_columns_of_categories_stem_from_the_column_that_is_encoded(graph):
    made = graph.add(
        "onehot/1",
        graph.row,
        width=6,
        keys=[["x", "y"], ["x"], ["y", "z"]],
        to=[0, 1, 2, -1, 4],
        otherwise=[-1, 3, -2],
    )
    assert sources(graph, made) == [0, 0, 1, 1, 2, -1]


def test_a_column_that_two_fields_share_stems_from_none(graph):
    keys = [["x"], ["x"], []]
    shared = graph.add("onehot/1", graph.row, width=2, keys=keys, to=[0, 0], otherwise=[-1, 1, 1])
    assert sources(graph, shared) == [-1, -1]


def test_several_numbers_for_a_value_stem_from_its_column(graph):
    made = graph.add(
        "lookup/1", graph.row, keys=[["x"], ["y"], ["z"]], to=np.ones((3, 2)), otherwise=np.ones((3, 2))
    )
    assert sources(graph, made) == [0, 0, 1, 1, 2, 2]


def test_a_product_stems_from_a_field_that_both_factors_stem_from(graph):
    numbers = graph.add("numbers/1", graph.row)
    made = graph.add("products/1", numbers, first=[0, 0, 3], second=[0, 1, 0])  # a², a b, a² a
    assert sources(graph, made) == [0, 1, 2, 0, -1, 0]


def test_what_is_made_of_the_whole_row_stems_from_a_field_only_where_there_is_one(graph):
    numbers = graph.add("numbers/1", graph.row)
    assert sources(graph, graph.add("softmax/1", numbers)) == [-1, -1, -1]
    one = graph.add("select/1", numbers, columns=[1, 1])
    assert sources(graph, graph.add("softmax/1", one)) == [1, 1]


def test_the_words_of_a_field_are_that_fields(graph):
    text = graph.add("pick/1", graph.row, columns=[2])
    options = {"lowercase": True, "accents": "keep", "shortest": 1, "longest": 1, "stop_words": []}
    words = graph.add("words/1", text, pattern=r"(?u)\b\w\w+\b", **options)
    counted = graph.add("count/1", words, vocabulary=["good", "bad"], binary=False)
    assert sources(graph, graph.add("dense/1", counted)) == [2, 2]


def test_an_open_row_and_one_too_wide_have_no_sources(graph):
    assert sources_of(Graph("record", [], []), 0) is None
    numbers = graph.add("sparse/1", graph.add("numbers/1", graph.row))
    wide = graph.add("select/1", numbers, columns=[0] * ((1 << 20) + 1))
    assert sources_of(graph, wide.number) is None
