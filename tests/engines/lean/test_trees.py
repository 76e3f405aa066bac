"""Forests are made as nested tuples, (column, threshold, missing_left, left, right) or the row of a leaf's values, and
answered by going down the tuples; all plans must give the same bits."""

import itertools
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets, ensemble

from leanfn import tensors
from leanfn.engines.lean import operations, program, quickscorer, trees
from leanfn.errors import ArtifactError
from leanfn.exporters.lean import lowering
from leanfn.exporters.lean.graph import Graph
from leanfn.tensors import CODES, Tensor

COLUMNS = 3
CATEGORIES = 10
BUSHY = (0, 0.5, True, (1, 1.0, False, 0, 1), (2, -1.0, False, 1, 0))
NUMPY = {"F64": "<f8", "I32": "<i4", "U16": "<u2", "U8": "u1"}


def tensor(dtype, items):
    array = np.ascontiguousarray(items, NUMPY[dtype])
    return Tensor(dtype, array.shape, memoryview(array.tobytes()).cast(CODES[dtype][0]))


def flat(forest):
    """The arrays of the forest's structure."""
    feature, threshold, right, missing_left, roots = [], [], [], [], []

    def lay(tree):
        place = len(feature)
        for array in (feature, threshold, right, missing_left):
            array.append(0)
        if isinstance(tree, int):
            feature[place], right[place] = -1, tree
            return
        feature[place], threshold[place], missing_left[place], left, other = tree
        lay(left)
        right[place] = len(feature)
        lay(other)

    for tree in forest:
        roots.append(len(feature))
        lay(tree)
    return {
        "feature": tensor("I32", feature),
        "threshold": tensor("F64", threshold),
        "right": tensor("I32", right),
        "missing_left": tensor("U8", np.packbits(missing_left, bitorder="little")),
        "roots": tensor("I32", roots),
        "categorical": None,
        "sets": None,
    }


def checked(op, arrays, params=(), *, nan=True, infinite=False, start=0):
    """A node on wires with these flags, held against its declaration."""
    inputs = [operations.Wire("vector", COLUMNS, nan, infinite)]
    if start:
        inputs.append(operations.Wire("vector", start))
    node = operations.Node(op, tuple(inputs), dict(params), arrays)
    operations.check(operations.find(op), node)
    return node


def forest_node(forest, values, *, base=None, divide=None, group=None, sets=None, categorical=(), **wires):
    values = np.asarray(values, float)
    base = np.zeros(values.shape[1]) if base is None else base
    arrays = {
        **flat(forest),
        "values": tensor("F64", values),
        "base": tensor("F64", base),
        "divide": None if divide is None else tensor("F64", [divide]),
        "group": None if group is None else tensor("U16", group),
    }
    if sets is not None:
        bits = [[c in chosen for c in range(CATEGORIES)] for chosen in sets]
        arrays["sets"] = tensor("U8", np.packbits(bits, axis=1, bitorder="little"))
        arrays["categorical"] = tensor("I32", categorical)
    return checked("trees/1", arrays, **wires)


def exit_of(tree, row, categorical, sets):
    while not isinstance(tree, int):
        column, threshold, missing_left, left, right = tree
        x = row[column]
        if x != x:
            goes_left = missing_left
        elif column in categorical:
            goes_left = x in sets[int(threshold)]
        else:
            goes_left = x <= threshold
        tree = left if goes_left else right
    return tree


def by_walk(node):
    forest = trees.Forest(node)
    return trees.walked_sums(node, forest)


def by_masks(node, blocks=None):
    forest = trees.Forest(node)
    blocks = blocks or [(0, len(forest.roots))]
    if trees.is_count(node):
        return quickscorer.counts(forest, blocks)
    return trees.sums(node, *quickscorer.scorer(forest, trees.leaf_values(node), blocks))


def by_blocks(node):
    """The first tree alone, and the others by twos."""
    ends = [0, *range(1, len(node["roots"]), 2), len(node["roots"])]
    return by_masks(node, list(itertools.pairwise(ends)))


PLANS = by_walk, by_masks, by_blocks


numbers = st.sampled_from([-math.inf, -1e300, -1.5, -0.0, 0.0, 5e-324, 0.25, 1.0, 2.0, 3.0, 1e300, math.inf])
floats = st.floats(-1e6, 1e6)


@st.composite
def forests(draw, rows, categorical=()):
    """Up to seven trees, with up to some hundred leaves each, their thresholds repeated and nested in any way."""
    chooser = draw(st.randoms(use_true_random=True))
    thresholds = draw(st.lists(numbers, min_size=1, max_size=6))

    def grow(depth):
        if depth == 0 or chooser.random() < 0.2:
            return chooser.randrange(rows)
        column = chooser.randrange(COLUMNS)
        threshold = float(chooser.randrange(3)) if column in categorical else chooser.choice(thresholds)
        return column, threshold, chooser.random() < 0.5, grow(depth - 1), grow(depth - 1)

    return [BUSHY] + [grow(draw(st.integers(0, 8))) for _ in range(draw(st.integers(0, 6)))]


@st.composite
def models(draw):
    outputs = draw(st.integers(1, 3))
    kind = draw(st.sampled_from(["shares", "grouped", "votes"]))
    width = 1 if kind == "grouped" else outputs
    value = st.sampled_from([0.0, 1.0]) if kind == "votes" else floats
    values = draw(st.lists(st.lists(value, min_size=width, max_size=width), min_size=2, max_size=5))
    categorical = draw(st.sampled_from([(), (1,)]))
    sets = draw(st.lists(st.sets(st.integers(0, CATEGORIES - 1)), min_size=3, max_size=3))
    forest = draw(forests(len(values), categorical))
    grouped = kind == "grouped"
    group = sorted(draw(st.lists(st.integers(0, outputs - 1), min_size=len(forest), max_size=len(forest))))
    base = draw(st.lists(floats, min_size=outputs, max_size=outputs))
    return {
        "forest": forest,
        "values": values,
        "group": group if grouped else None,
        "base": [0.0] * outputs if kind == "votes" else base,
        "divide": draw(st.sampled_from([None, float(len(forest))])),
        "categorical": categorical,
        "sets": sets if categorical else None,
    }


def expected(model, row, start=None):
    sums = list(start or model["base"])
    for number, tree in enumerate(model["forest"]):
        held = model["values"][exit_of(tree, row, model["categorical"], model["sets"])]
        if model["group"] is None:
            sums = [total + x for total, x in zip(sums, held)]
        else:
            sums[model["group"][number]] += held[0]
    return sums if model["divide"] is None else [total / model["divide"] for total in sums]


def row_of(draw, model, odd):
    categories = st.one_of(st.integers(0, CATEGORIES + 7).map(float), odd)
    usual = st.one_of(numbers.filter(math.isfinite), floats, odd)
    return [draw(categories if i in model["categorical"] else usual) for i in range(COLUMNS)]


@settings(max_examples=150, deadline=None)
@given(models(), st.data())
def test_all_plans_answer_as_the_trees_do_for_missing_numbers(model, data):
    node = forest_node(**model)
    plans = [plan(node) for plan in PLANS]
    for _ in range(4):
        row = row_of(data.draw, model, st.just(math.nan))
        assert [plan(row) for plan in plans] == [expected(model, row)] * 3


@settings(max_examples=100, deadline=None)
@given(models(), st.data())
def test_all_plans_answer_as_the_trees_do_for_infinite_numbers(model, data):
    node = forest_node(**model, nan=False, infinite=True)
    plans = [plan(node) for plan in PLANS]
    for _ in range(4):
        row = row_of(data.draw, model, st.just(math.inf))
        assert [plan(row) for plan in plans] == [expected(model, row)] * 3


@settings(max_examples=50, deadline=None)
@given(models(), st.data())
def test_the_sums_may_start_at_a_second_input(model, data):
    start = model["base"]
    node = forest_node(**{**model, "base": [0.0] * len(start)}, start=len(start))
    for plan in [plan(node) for plan in PLANS]:
        row = row_of(data.draw, model, st.just(math.nan))
        assert plan(row, start) == expected(model, row, start)


@pytest.mark.parametrize("odd", [math.nan, -math.inf, math.inf, 0.5])
def test_a_row_may_hold_missing_and_infinite_numbers_at_once(odd):
    node = forest_node([BUSHY] * 50, [[0.25], [1.5]], infinite=True)
    assert trees.blocks_of(trees.Forest(node))
    run = operations.find("trees/1").build(node)
    for other in (math.nan, -math.inf, 0.0):
        row = [odd, other, odd]
        assert run(row) == [50 * [0.25, 1.5][exit_of(BUSHY, row, (), None)]]


def test_sums_are_made_in_tree_order_and_not_compensated():
    values = [[1e16], [1.0], [-1e16]]
    node = forest_node([0, 1, 2], values)
    assert by_walk(node)([0.0] * COLUMNS) == [0.0]
    halves = [(0, 0.0, False, leaf, leaf) for leaf in (0, 1, 2)]
    assert by_masks(forest_node(halves, values))([0.0] * COLUMNS) == [0.0]


def test_a_row_with_a_missing_number_leaves_the_next_answer_as_it_was():
    run = by_masks(forest_node([BUSHY] * 3, [[1.0, 0.0], [0.0, 1.0]]))
    before = run([0.0, 0.0, 0.0])
    assert run([math.nan, math.nan, math.nan]) == [0.0, 3.0]
    assert run([0.0, 0.0, 0.0]) == before == [3.0, 0.0]


def test_few_wide_trees_are_walked_and_many_small_ones_masked():
    assert not trees.blocks_of(trees.Forest(forest_node([BUSHY], [[0.5], [1.0]])))
    assert trees.blocks_of(trees.Forest(forest_node([BUSHY] * 50, [[0.5], [1.0]])))
    assert not trees.blocks_of(trees.Forest(forest_node([0] * 50, [[0.5]])))


def test_a_large_forest_is_masked_in_blocks_and_a_few_deep_trees_are_walked():
    table, kinds = datasets.make_classification(1000, 10, n_informative=8, random_state=0)
    large = ensemble.RandomForestClassifier(400, max_leaf_nodes=64, random_state=0).fit(table, kinds)
    deep = ensemble.RandomForestClassifier(3, random_state=0).fit(table, kinds)
    found = {}
    for name, model in (("large", large), ("deep", deep)):
        graph = Graph("table", [f"x{i}" for i in range(10)], ["number"] * 10)
        output = lowering.predict(graph, model, graph.row)["predict_proba"].number
        graph.outputs = {"predict_proba": output}
        read = program.read(json.dumps(graph.document()).encode(), tensors.load(tensors.dump(graph.tensors)))
        forest = next(node for node in read._nodes if node.op == "trees/1")
        found[name] = trees.blocks_of(trees.Forest(forest))
        run = read.compile("predict_proba")
        for row, wanted in zip(table[:50].tolist(), model.predict_proba(table[:50]).tolist()):
            assert run(row) == wanted
    assert len(found["large"]) > 1 and found["large"][-1][1] == 400
    assert [end for _, end in found["large"][:-1]] == [start for start, _ in found["large"][1:]]
    assert found["deep"] == []


def test_leaves_name_their_columns():
    forest = [(0, 0.0, True, 0, 1), (1, 2.0, False, 2, (2, 0.0, False, 3, 4))]
    node = checked("leaves/1", flat(forest), {"width": 5})
    run = operations.find("leaves/1").build(node)
    assert run([1.0, 3.0, math.nan]) == {1: 1.0, 4: 1.0}
    assert run([math.nan, 2.0, 0.0]) == {0: 1.0, 2: 1.0}


@given(st.lists(st.floats(allow_nan=False), min_size=COLUMNS, max_size=COLUMNS))
def test_float32_rounds_as_numpy_does(row):
    run = operations.find("float32/1").build(checked("float32/1", {}))
    with np.errstate(over="ignore"):
        assert run(row) == np.array(row).astype(np.float32).tolist()


def spoil(name, place, item):
    def change(arrays):
        items = np.array(arrays[name].tolist())
        items[place] = item
        arrays[name] = tensor({"feature": "I32", "roots": "I32"}.get(name, arrays[name].dtype), items)

    return change


def cut(name, count):
    def change(arrays):
        arrays[name] = tensor(arrays[name].dtype, arrays[name].tolist()[:count])

    return change


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (spoil("right", 0, 0), "preorder"),
        (spoil("right", 0, 3), "preorder"),
        (spoil("right", 4, 4), "preorder"),
        (spoil("right", 0, 11), "preorder"),
        (spoil("right", 0, -1), "preorder"),
        (spoil("right", 2, 2), "leaves in 2 rows"),
        (spoil("right", 2, -1), "leaves in 2 rows"),
        (spoil("feature", 0, COLUMNS), "features of its input"),
        (spoil("feature", 0, -2), "features of its input"),
        (spoil("feature", 13, 0), "end of every branch"),
        (spoil("threshold", 0, math.nan), "thresholds that are numbers"),
        (spoil("roots", 0, 1), "first root"),
        (spoil("roots", 1, 6), "preorder"),
        (spoil("roots", 1, 0), "preorder"),
        (cut("roots", 1), "preorder"),
        (cut("missing_left", 1), "missing_left"),
        (spoil("values", (0, 0), math.inf), "finite"),
        (spoil("values", (0, 0), 1e308), "finite"),
        (lambda arrays: arrays.update(divide=tensor("F64", [0.0])), "divisor"),
        (lambda arrays: arrays.update(base=tensor("F64", [0.0, 0.0])), "value per output"),
        (lambda arrays: arrays.update(group=tensor("U16", [1, 0])), "grouped"),
        (lambda arrays: arrays.update(group=tensor("U16", [0, 1])), "outputs"),
        (
            lambda arrays: arrays.update(
                categorical=tensor("I32", [0]), sets=tensor("U8", [[1]]), threshold=tensor("F64", [1.0] * 14)
            ),
            "name its sets",
        ),
        (lambda arrays: arrays.update(categorical=tensor("I32", [0])), "name its sets"),
    ],
)
def test_a_damaged_forest_is_refused(change, wanted):
    arrays = dict(forest_node([BUSHY, BUSHY], [[0.5], [1.0]]).arrays)
    change(arrays)
    with pytest.raises(ArtifactError, match=wanted):
        checked("trees/1", arrays)


def test_a_second_input_has_all_outputs_and_no_base_beside_it():
    with pytest.raises(ArtifactError, match="all outputs"):
        forest_node([BUSHY], [[0.5], [1.0]], start=2)
    with pytest.raises(ArtifactError, match="base of zeros"):
        forest_node([BUSHY], [[0.5], [1.0]], base=[1.0], start=1)
