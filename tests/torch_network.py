"""A network of PyTorch as its own exporter writes it.

    pip install torch==2.13.0 onnxscript
    python -m tests.torch_network

writes tests/torch_network.onnx, which the tests export, so that they need no PyTorch; where it is installed, they
make one anew as well.
"""

import tempfile
from pathlib import Path

FILE = Path(__file__).with_suffix(".onnx")


def network():
    """Two layers from four numbers to the shares of three classes; its weights are seeded."""
    import torch

    torch.manual_seed(0)
    layers = (torch.nn.Linear(4, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3), torch.nn.Softmax(dim=1))
    return torch.nn.Sequential(*layers).eval()


def graph(model):
    """The ONNX file of a network, any number of rows at a time."""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        torch.onnx.export(
            model,
            (torch.zeros(2, 4),),
            path,
            input_names=["input"],
            output_names=["output"],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            external_data=False,
        )
        return path.read_bytes()


if __name__ == "__main__":
    FILE.write_bytes(graph(network()))
