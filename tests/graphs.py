"""Small ONNX files for tests: a network as PyTorch's exporter writes one, and graphs that are to be refused."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def model(nodes, inputs, outputs, arrays=(), opset=18, domains=(), functions=()):
    """An ONNX file of nodes; inputs and outputs as (name, type, shape), arrays by name."""
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(*each) for each in inputs],
        [helper.make_tensor_value_info(*each) for each in outputs],
        [numpy_helper.from_array(array, name) for name, array in dict(arrays).items()],
    )
    opsets = [helper.make_opsetid("", opset), *(helper.make_opsetid(name, 1) for name in domains)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=9, functions=list(functions))
    return made.SerializeToString()


def doubled(**changes):
    """y = x + x of two columns: the smallest regression with two answers."""
    nodes = [helper.make_node("Add", ["x", "x"], ["y"])]
    ends = {
        "inputs": [("x", TensorProto.FLOAT, ["rows", 2])],
        "outputs": [("y", TensorProto.FLOAT, ["rows", 2])],
    }
    return model(nodes, **{**ends, **changes})


def network(seed=0, columns=4, hidden=16, classes=3, softmax=True, batch="batch"):
    """Linear, ReLU, Linear (and Softmax), with the names and the layout of torch.onnx.export."""
    draw = np.random.default_rng(seed)
    arrays = {
        "0.weight": draw.normal(size=(hidden, columns)).astype(np.float32),
        "0.bias": draw.normal(size=hidden).astype(np.float32),
        "2.weight": draw.normal(size=(classes, hidden)).astype(np.float32) / 4,
        "2.bias": np.zeros(classes, np.float32),
    }
    nodes = [
        helper.make_node("Gemm", ["input", "0.weight", "0.bias"], ["/0/Gemm_output_0"], transB=1),
        helper.make_node("Relu", ["/0/Gemm_output_0"], ["/1/Relu_output_0"]),
        helper.make_node(
            "Gemm",
            ["/1/Relu_output_0", "2.weight", "2.bias"],
            ["scores" if softmax else "output"],
            transB=1,
        ),
    ]
    if softmax:
        nodes.append(helper.make_node("Softmax", ["scores"], ["output"], axis=1))
    return model(
        nodes,
        [("input", TensorProto.FLOAT, [batch, columns])],
        [("output", TensorProto.FLOAT, [batch, classes])],
        arrays,
    )


def looping():
    """A graph whose Loop asks its own condition."""
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["again"]), helper.make_node("Identity", ["v"], ["w"])],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", TensorProto.FLOAT, ["rows", 2]),
        ],
        [
            helper.make_tensor_value_info("again", TensorProto.BOOL, []),
            helper.make_tensor_value_info("w", TensorProto.FLOAT, ["rows", 2]),
        ],
    )
    nodes = [helper.make_node("Loop", ["", "true", "x"], ["y"], body=body)]
    return doubled_with(nodes, arrays={"true": np.array(True)})


def doubled_with(nodes, **changes):
    """The smallest graph's ends around other nodes."""
    return model(
        nodes,
        [("x", TensorProto.FLOAT, ["rows", 2])],
        [("y", TensorProto.FLOAT, ["rows", 2])],
        **changes,
    )


def external(place="initializer"):
    """A graph whose array lies in another file: as an initializer, or inside a branch."""
    array = numpy_helper.from_array(np.ones(2, np.float32), "w")
    array.data_location = TensorProto.EXTERNAL
    array.external_data.add(key="location", value="/etc/passwd")
    array.ClearField("raw_data")
    if place == "initializer":
        loaded = onnx.load_model_from_string(
            doubled_with([helper.make_node("Add", ["x", "w"], ["y"])], arrays={"w": np.ones(2, np.float32)})
        )
        del loaded.graph.initializer[:]
        loaded.graph.initializer.append(array)
        return loaded.SerializeToString()
    branch = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=array), helper.make_node("Add", ["x", "c"], ["out"])],
        "branch",
        [],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["rows", 2])],
    )
    nodes = [helper.make_node("If", ["true"], ["y"], then_branch=branch, else_branch=branch)]
    return doubled_with(nodes, arrays={"true": np.array(True)})
