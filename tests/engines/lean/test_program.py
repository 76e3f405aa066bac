import json
from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leanfn.engines.lean import operations, program
from leanfn.errors import ArtifactError
from leanfn.tensors import CODES, Tensor

ROW = {"op": "input/1", "in": [], "params": {"kind": "values", "width": 2}, "arrays": {}}
NUMBERS = {"op": "numbers/1", "in": [0], "params": {}, "arrays": {}}
LINEAR = {"op": "linear/1", "in": [1], "params": {}, "arrays": {"coef": "w", "intercept": "b"}}


def tensor(dtype, values, shape=None):
    code, _ = CODES[dtype]
    return Tensor(dtype, shape or (len(values),), memoryview(array(code, values).tobytes()).cast(code))


ARRAYS = {"w": tensor("F64", [2.0, 3.0], (1, 2)), "b": tensor("F64", [1.0])}


def read(nodes, outputs=None, arrays=ARRAYS):
    document = {"nodes": nodes, "outputs": {"predict": len(nodes) - 1} if outputs is None else outputs}
    return program.read(json.dumps(document).encode(), arrays)


def test_nodes_run_in_their_order():
    run = read([ROW, NUMBERS, LINEAR]).compile("predict")
    assert run((10, True)) == [24.0]


def test_a_node_that_two_read_is_run_for_both():
    nodes = [ROW, NUMBERS, LINEAR, {"op": "concat/1", "in": [1, 2, 1], "params": {}, "arrays": {}}]
    assert read(nodes).compile("predict")((1, 2)) == [1.0, 2.0, 9.0, 1.0, 2.0]


def test_only_what_a_method_needs_is_built():
    unbuilt = {
        "op": "lookup/1",
        "in": [0],
        "params": {"keys": [["a"], ["b"]]},
        "arrays": {"to": "t", "otherwise": None},
    }
    arrays = {**ARRAYS, "t": tensor("F64", [0.0, 1.0], (2, 1))}
    loaded = read([ROW, NUMBERS, LINEAR, unbuilt], {"predict": 2, "transform": 3}, arrays)
    loaded.compile("predict")
    assert 3 not in loaded._built


@pytest.mark.parametrize(
    ("nodes", "said"),
    [
        pytest.param([], "wanted 1 to", id="no node"),
        pytest.param([NUMBERS], "the first an input/1", id="no input"),
        pytest.param([ROW, ROW], "only the first node", id="two inputs"),
        pytest.param([ROW, {**NUMBERS, "in": [1]}], "inputs have smaller numbers", id="a loop"),
        pytest.param([ROW, {**NUMBERS, "in": [-1]}], "inputs have smaller numbers", id="a number below zero"),
        pytest.param([ROW, {**NUMBERS, "in": [True]}], "inputs have smaller numbers", id="a boolean number"),
        pytest.param(
            [ROW, {**NUMBERS, "op": "steam/1"}], "no operation 'steam/1'", id="an unknown operation"
        ),
        pytest.param([ROW, {**NUMBERS, "op": "numbers/9"}], "it has numbers/1", id="a later version"),
        pytest.param(
            [ROW, {**NUMBERS, "op": ["numbers/1"]}], "no operation", id="an operation that is no name"
        ),
        pytest.param([ROW, {**NUMBERS, "params": {"x": 1}}], "wants parameters", id="an unknown parameter"),
        pytest.param(
            [ROW, {**NUMBERS, "params": []}], "params and arrays as objects", id="parameters in a list"
        ),
        pytest.param([ROW, {**LINEAR, "in": [0]}], "inputs of kind", id="a wire of the wrong kind"),
        pytest.param(
            [ROW, NUMBERS, {**LINEAR, "arrays": {"coef": "w"}}], "wants arrays", id="an array left out"
        ),
        pytest.param(
            [ROW, NUMBERS, {**LINEAR, "arrays": {"coef": "w", "intercept": "zz"}}],
            "not there: zz",
            id="no such array",
        ),
        pytest.param(
            [ROW, NUMBERS, {**LINEAR, "arrays": {"coef": "b", "intercept": "b"}}],
            "dimensions",
            id="a wrong shape",
        ),
        pytest.param(
            [ROW, NUMBERS, {**LINEAR, "arrays": {"coef": "w", "intercept": None}}],
            "an array intercept",
            id="null",
        ),
        pytest.param(
            [{**ROW, "params": {"kind": "values", "width": 3}}, NUMBERS, LINEAR], "shape", id="a wrong width"
        ),
    ],
)
def test_a_model_that_does_not_hold_together_is_refused(nodes, said):
    with pytest.raises(ArtifactError, match=said):
        read(nodes)


@pytest.mark.parametrize("output", [0, 7, -1, "2", True])
def test_an_output_is_a_node_behind_the_row(output):
    with pytest.raises(ArtifactError, match="is no node"):
        read([ROW, NUMBERS, LINEAR], {"predict": output})


def test_a_dense_row_from_a_wide_hash_is_refused():
    wide = {
        "op": "onehot/1",
        "in": [0],
        "params": {"keys": [[], []], "width": 1 << 30},
        "arrays": {"to": "i", "otherwise": "o"},
    }
    arrays = {"i": tensor("I32", []), "o": tensor("I32", [-1, -1])}
    with pytest.raises(ArtifactError, match="fewer than 1073741824 columns"):
        read([ROW, wide, {"op": "dense/1", "in": [1], "params": {}, "arrays": {}}], arrays=arrays)


@given(st.binary(max_size=60) | st.sampled_from([b"[]", b"{}", b'{"nodes":{},"outputs":[]}', b"[" * 5000]))
def test_any_bytes_are_a_model_or_refused(data):
    with pytest.raises(ArtifactError):
        program.read(data, {})


def test_every_operation_of_the_table_is_declared_in_its_family():
    for name in operations.FAMILY:
        declared = operations.find(name)
        assert callable(declared.build), name


def test_every_declared_operation_is_in_the_table():
    import importlib

    for family in set(operations.FAMILY.values()):
        module = importlib.import_module(f"leanfn.engines.lean.{family}")
        assert {name for name, named in operations.FAMILY.items() if named == family} == set(
            module.OPERATIONS
        )


def test_a_bundle_ships_the_families_that_a_model_names():
    model = json.dumps({"nodes": [ROW, NUMBERS, LINEAR], "outputs": {}}).encode()
    assert program.families(model) == ["arithmetic", "columns", "linear"]
