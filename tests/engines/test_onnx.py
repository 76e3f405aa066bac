"""The engine alone: what it refuses before anything is loaded, and how a row goes in and an answer comes out."""

import itertools
import json
import struct

import numpy as np
import pytest
from onnx import TensorProto, helper

from leanfn.engines import onnx, onnx_file
from leanfn.errors import ArtifactError, RowError
from tests import graphs

WIRING = {
    "inputs": [{"name": "x", "type": "float", "columns": [0, 1], "rank": 2, "null": None}],
    "outputs": {"predict": {"names": ["y"], "as": "list", "classes": None}},
    "reach": None,
    "nan": "refuse",
}


def load(graph, wiring=WIRING):
    members = {"model.onnx": graph, "model.json": json.dumps(wiring).encode()}
    return onnx.load(members.__getitem__)


def wired(**changes):
    return {**WIRING, "inputs": [{**WIRING["inputs"][0], **changes}]}


def test_a_row_goes_in_and_its_answer_comes_out():
    assert load(graphs.doubled())("predict")([1.5, 2]) == [3.0, 4.0]


def test_columns_are_picked_for_each_input():
    wiring = wired(columns=[2, 0])
    assert load(graphs.doubled(), wiring)("predict")([1, 2, 3]) == [6.0, 2.0]


REFUSED = {
    "arrays in other files": graphs.external(),
    "arrays in other files, hidden in a branch": graphs.external("branch"),
    "an operator of the domain 'com.example'": graphs.doubled_with(
        [helper.make_node("Secret", ["x"], ["y"], domain="com.example")], domains=["com.example"]
    ),
    "may never end": graphs.looping(),
    "no ONNX file, or a damaged one": b"MZ\x90\x00\x03\x00\x00\x00",
    "holds no ONNX graph": b"",
}


@pytest.mark.parametrize("reason", REFUSED)
def test_a_strangers_graph_is_refused_by_a_look_at_it(reason):
    with pytest.raises(ArtifactError, match=reason.partition(",")[0]):
        onnx_file.check(REFUSED[reason])
    with pytest.raises(ArtifactError, match=reason.partition(",")[0]):
        load(REFUSED[reason])


def test_functions_of_its_own_are_refused():
    twice = helper.make_function(
        "mine",
        "Twice",
        ["a"],
        ["b"],
        [helper.make_node("Add", ["a", "a"], ["b"])],
        [helper.make_opsetid("", 18)],
    )
    nodes = [helper.make_node("Twice", ["x"], ["y"], domain="mine")]
    with pytest.raises(ArtifactError, match=r"inline_local_functions|domain 'mine'"):
        onnx_file.check(graphs.doubled_with(nodes, domains=["mine"], functions=[twice]))


def test_an_oversized_graph_is_refused():
    names = ["x", *(f"v{i}" for i in range(10)), "y"]
    nodes = [helper.make_node("Identity", [a], [b]) for a, b in itertools.pairwise(names)]
    onnx_file.check(graphs.doubled_with(nodes), limit=11)
    with pytest.raises(ArtifactError, match="oversized"):
        onnx_file.check(graphs.doubled_with(nodes), limit=10)


def test_a_cut_or_changed_file_never_breaks_the_look_at_it():
    """Whatever the bytes are, the answer is a refusal or silence."""
    whole = graphs.network()
    draw = np.random.default_rng(0)
    for _ in range(300):
        data = bytearray(whole[: draw.integers(1, len(whole))])
        data[draw.integers(len(data))] = draw.integers(256)
        try:
            onnx_file.check(bytes(data))
        except ArtifactError:
            pass


def test_long_lists_of_numbers_are_passed_over_and_what_follows_is_seen():
    """The lists of a forest's node are unpacked fields; an external array behind them must not hide."""
    node = helper.make_node("TreeEnsembleRegressor", ["x"], ["y"], domain="ai.onnx.ml")
    node.attribute.append(helper.make_attribute("nodes_values", [0.5] * 200_000))
    node.attribute.append(helper.make_attribute("nodes_nodeids", list(range(-100, 200_000))))
    onnx_file.check(graphs.doubled_with([node]))
    branch = helper.make_graph(
        [helper.make_node("Secret", [], ["c"], domain="com.example")], "branch", [], []
    )
    node.attribute[1].g.CopyFrom(branch)
    with pytest.raises(ArtifactError, match=r"com\.example"):
        onnx_file.check(graphs.doubled_with([node]))


def test_a_length_that_reaches_beyond_the_file_is_a_damaged_file():
    with pytest.raises(ArtifactError, match="damaged"):
        onnx_file.check(b"\x3a" + b"\xff" * 4 + b"\x07" + struct.pack("<f", 0.5))


def test_a_graph_that_onnxruntime_does_not_load_is_named_with_what_it_said():
    nodes = [helper.make_node("NoSuchOperator", ["x"], ["y"])]
    with pytest.raises(ArtifactError, match=r"does not load model\.onnx\n  it said: .*NoSuchOperator"):
        load(graphs.doubled_with(nodes))


def test_it_runs_in_one_thread():
    options = onnx.open_session(graphs.doubled()).get_session_options()
    assert (options.intra_op_num_threads, options.inter_op_num_threads) == (1, 1)


def test_a_null_that_comes_out_as_nan_is_a_row_without_answer():
    with pytest.raises(RowError, match="no answer for a null"):
        load(graphs.doubled())("predict")([None, 1.0])
    found = load(graphs.doubled(), {**WIRING, "nan": "answer"})("predict")([None, 1.0])
    assert found[0] != found[0] and found[1] == 2.0


def test_a_null_that_the_graph_knows_what_to_do_with_is_answered():
    nodes = [
        helper.make_node("IsNaN", ["x"], ["missing"]),
        helper.make_node("Where", ["missing", "fill", "x"], ["y"]),
    ]
    graph = graphs.doubled_with(nodes, arrays={"fill": np.array([7, 8], np.float32)})
    assert load(graph)("predict")([None, 1.0]) == [7.0, 1.0]


def test_a_number_beyond_float32_is_refused_not_made_infinite():
    run = load(graphs.doubled())("predict")
    with pytest.raises(RowError, match=r"up to 3\.4e\+38"):
        run([1e200, 0.0])
    with pytest.raises(RowError, match=r"up to 1\.0e\+18"):
        load(graphs.doubled(), {**WIRING, "reach": 18})("predict")([1e19, 0.0])


def test_whole_numbers_and_strings_go_in_as_they_are():
    whole = graphs.model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [("x", TensorProto.INT64, ["rows"])],
        [("y", TensorProto.INT64, ["rows"])],
    )
    item = {"names": ["y"], "as": "item", "classes": None}
    wiring = {**wired(type="int64", columns=[0], rank=1), "outputs": {"predict": item}}
    run = load(whole, wiring)("predict")
    assert run([3]) == 3 and run([3.0]) == 3
    for odd in (3.5, None, 2**63):
        with pytest.raises(RowError, match="whole numbers"):
            run([odd])
    text = graphs.model(
        [helper.make_node("Identity", ["x"], ["y"])],
        [("x", TensorProto.STRING, ["rows", 1])],
        [("y", TensorProto.STRING, ["rows", 1])],
    )
    strings = {**wired(type="string", columns=[0]), "outputs": {"predict": item}}
    assert load(text, strings)("predict")(["…é"]) == "…é"
    with pytest.raises(RowError, match="a string"):
        load(text, strings)("predict")([None])
    strings["inputs"][0]["null"] = "nothing"
    assert load(text, strings)("predict")([None]) == "nothing"


def test_scores_become_the_class_of_the_largest():
    wiring = {**WIRING, "outputs": {"predict": {"names": ["y"], "as": "argmax", "classes": ["a", "b"]}}}
    run = load(graphs.doubled(), wiring)("predict")
    assert (run([1, 2]), run([2, 2]), run([3, 2])) == ("b", "a", "a")


def test_a_class_keeps_its_type():
    whole = graphs.model(
        [helper.make_node("Cast", ["x"], ["y"], to=TensorProto.INT64)],
        [("x", TensorProto.FLOAT, ["rows", 1])],
        [("y", TensorProto.INT64, ["rows", 1])],
    )
    label = {"names": ["y"], "as": "item", "classes": [False, True]}
    run = load(whole, {**wired(columns=[0]), "outputs": {"predict": label}})("predict")
    assert run([1.0]) is True and run([0.0]) is False


@pytest.mark.parametrize(
    "document",
    [
        [],
        {},
        {**WIRING, "more": 1},
        {**WIRING, "inputs": []},
        {**WIRING, "reach": 1e5},
        wired(type="float16"),
        wired(rank=3),
        wired(columns=[-1]),
        wired(columns=[0, 1], rank=1),
        wired(name=3),
        {**WIRING, "outputs": {"predict": {"names": ["y"], "as": "eval", "classes": None}}},
        {**WIRING, "outputs": {"predict": {"names": ["y"], "as": "argmax", "classes": None}}},
    ],
)
def test_wiring_that_does_not_hold_together_is_refused(document):
    with pytest.raises(ArtifactError, match=r"model\.json"):
        load(graphs.doubled(), document)
