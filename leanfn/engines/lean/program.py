"""A model's nodes, checked, and compiled into one closure per method.

Order: read the list, hold every node against the operation table, and only then build closures. Inputs have smaller
numbers than the node that reads them, so a model can't loop.
"""

from __future__ import annotations

import json

from leanfn.errors import ArtifactError

from .operations import FAMILY, Node, Wire, check, find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from leanfn.tensors import Tensor

    Run = Callable[[Any], Any]

NODES_LIMIT = 100_000
# operations that end a chain which one closure may run -> the module that says how
FOLDED = {
    "scale/1": "fold",
    "dense/1": "fold",
    "count/1": "text",
    "hash/1": "hashing",
    "linear/1": "linear",
}


class Program:
    """The nodes of a model and the methods that are names onto them."""

    __slots__ = ("_built", "_folded", "_inputs", "_nodes", "outputs", "wires")

    def __init__(
        self, nodes: list[Node], inputs: list[tuple[int, ...]], wires: list[Wire], outputs: dict[str, int]
    ) -> None:
        self._nodes = nodes
        self._inputs = inputs
        self._built: dict[int, Callable[..., Any]] = {}
        self._folded: dict[tuple[int, ...], Callable[[Any], Any] | None] = {}
        self.wires = wires
        self.outputs = outputs

    def _step(self, number: int) -> Callable[..., Any]:
        """A node's closure; methods that share a node share it."""
        if number not in self._built:
            node = self._nodes[number]
            self._built[number] = find(node.op).build(node)
        return self._built[number]

    def compile(self, method: str) -> Run:
        """A function from one parsed row to the method's answer; only the nodes that the method needs are built."""
        if method not in self.outputs:
            raise ArtifactError(f"model.json has no output {method}")
        last = self.outputs[method]
        needed: set[int] = set()
        waiting = [last]
        while waiting:
            number = waiting.pop()
            if number and number not in needed:
                needed.add(number)
                waiting += self._inputs[number]
        steps = self._fold(sorted(needed), last)
        if all(len(reads) == 1 for _, reads, _ in steps) and len(steps) == len(
            {reads for _, reads, _ in steps}
        ):
            return _chain([step for step, _, _ in steps])
        return _slots(steps, last)

    def _fold(self, order: list[int], last: int) -> list[tuple[Callable[..., Any], tuple[int, ...], int]]:
        """A method's nodes with their closures, chains that fold as one step that reads the row."""
        read = [i for number in order for i in self._inputs[number]]
        folded: dict[int, Callable[..., Any]] = {}
        inner: set[int] = set()
        for number in reversed(order):  # the longest chains first: what one holds is not folded by itself
            if self._nodes[number].op not in FOLDED or number in inner:
                continue
            chain = [number]
            while self._inputs[chain[0]] != (0,) and len(self._inputs[chain[0]]) == 1:
                (before,) = self._inputs[chain[0]]
                if read.count(before) > 1 or before == last:
                    break
                chain.insert(0, before)
            if self._inputs[chain[0]] != (0,):
                continue
            run = self._folded_chain(tuple(chain))
            if run is not None:
                folded[number] = run
                inner.update(chain[:-1])
        return [
            (folded[number], (0,), number)
            if number in folded
            else (self._step(number), self._inputs[number], number)
            for number in order
            if number not in inner
        ]

    def _folded_chain(self, chain: tuple[int, ...]) -> Callable[[Any], Any] | None:
        """One closure for a chain, or None where it does not fold; methods that share a chain share it."""
        if chain not in self._folded:
            nodes = [self._nodes[i] for i in chain]
            op = nodes[-1].op
            folds = __import__(f"{__package__}.{FOLDED[op]}", fromlist=["FOLDS"]).FOLDS
            self._folded[chain] = folds[op](nodes)
        return self._folded[chain]


def _chain(steps: list[Callable[..., Any]]) -> Run:
    """Every node reads the one before: no slots are needed."""
    if len(steps) == 1:
        return steps[0]

    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return run


def _slots(steps: list[tuple[Callable[..., Any], tuple[int, ...], int]], last: int) -> Run:
    """Each node writes its answer into a slot of its own; later nodes read it there."""
    number_of = {0: 0, **{number: slot for slot, (_, _, number) in enumerate(steps, 1)}}
    # (closure, slot of its only input or -1, slots of its inputs)
    plan = [
        (step, number_of[inputs[0]] if len(inputs) == 1 else -1, tuple(number_of[i] for i in inputs))
        for step, inputs, _ in steps
    ]
    last = number_of[last]

    def run(row: Any) -> Any:
        slots = [row]
        add = slots.append
        for step, one, several in plan:
            add(step(slots[one]) if one >= 0 else step(*[slots[i] for i in several]))
        return slots[last]

    return run


def read(
    model: bytes, tensors: Mapping[str, Tensor], functions: Callable[[], dict[str, Any]] = dict
) -> Program:
    """The program of a model.json, every node held against its declaration; nothing is built.

    Raises ArtifactError for a structure, an operation or a size that this version refuses.
    """
    try:
        document = json.loads(model)
        listed, outputs = document["nodes"], document["outputs"]
        entries = [(n["op"], tuple(n["in"]), n["params"], n["arrays"]) for n in listed]
        names = [(name, number) for name, number in outputs.items()]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ArtifactError("model.json is not a list of nodes with outputs") from None
    if not 0 < len(entries) <= NODES_LIMIT or entries[0][0] != "input/1" or entries[0][1]:
        raise ArtifactError(f"model.json: wanted 1 to {NODES_LIMIT} nodes, the first an input/1")
    if any(op == "input/1" for op, *_ in entries[1:]):
        raise ArtifactError("model.json: only the first node is an input/1")
    nodes: list[Node] = []
    wires: list[Wire] = []
    inputs: list[tuple[int, ...]] = []
    for number, (op, reads, params, arrays) in enumerate(entries):
        if not all(type(i) is int and 0 <= i < number for i in reads):
            raise ArtifactError(f"model.json: node {number} reads {list(reads)}; inputs have smaller numbers")
        if type(params) is not dict or type(arrays) is not dict:
            raise ArtifactError(f"model.json: node {number} wants params and arrays as objects")
        missing = [name for name in arrays.values() if name is not None and name not in tensors]
        if missing:
            raise ArtifactError(
                f"model.json: node {number} names arrays that are not there: {', '.join(map(str, missing))}"
            )
        operation = find(op)
        node = Node(
            op,
            tuple([wires[i] for i in reads]),
            params,
            {name: None if array is None else tensors[array] for name, array in arrays.items()},
            functions,
        )
        wires.append(check(operation, node))
        nodes.append(node)
        inputs.append(reads)
    for name, number in names:
        if type(number) is not int or not 0 < number < len(nodes):
            raise ArtifactError(f"model.json: output {name!r} is no node")
    return Program(nodes, inputs, wires, dict(names))


def families(model: bytes) -> list[str]:
    """The modules with the operations that a model names, and what they share: what a bundle ships."""
    ops = {node["op"] for node in json.loads(model)["nodes"]}
    folds = {FOLDED[op] for op in ops.intersection(FOLDED)}
    return sorted(
        {"arithmetic"} | folds | ({"columns"} if "fold" in folds else set()) | {FAMILY[op] for op in ops}
    )
