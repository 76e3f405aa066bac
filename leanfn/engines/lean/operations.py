"""The operation table: which primitive operations there are, and what each takes, gives and needs.

Exporters and the engine meet here and nowhere else. A family of operations is one module with a table OPERATIONS;
a family is imported only when a model names one of its operations, because source size decides the cold start.
An operation's number is raised when its meaning changes; the old one stays.
"""

from __future__ import annotations

from leanfn.errors import ArtifactError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from leanfn.tensors import Tensor

    Step = Callable[..., Any]

WIDTH_LIMIT = 1 << 31  # no wire is wider; a hash of 2**31 - 1 columns is scikit-learn's own limit
DENSE_LIMIT = 1 << 20  # no dense row is wider: 8 MB of floats

# operation -> family; the families' own tables hold the declarations
FAMILY = {
    name: family
    for family, names in {
        "columns": (
            "input/1",
            "pick/1",
            "numbers/1",
            "values/1",
            "required/1",
            "absent/1",
            "fill/1",
            "onehot/1",
            "lookup/1",
        ),
        "elementwise": (
            "impute/1",
            "indicate/1",
            "scale/1",
            "clip/1",
            "finite/1",
            "threshold/1",
            "blank/1",
        ),
        "shape": ("select/1", "concat/1", "stack/1", "dense/1", "sparse/1", "constant/1", "item/1", "many/1"),
        "functions": ("map/1",),
        "calls": ("call/1",),
        "power": ("power/1",),
        "quantile": ("quantile/1", "quantile_inverse/1"),
        "bins": ("bins/1",),
        "spline": ("spline/1",),
        "products": ("products/1",),
        "centering": ("center/1",),
        "rounds": ("rounds/1",),
        "linear": ("linear/1",),
        "contributions": ("contributions/1",),
        "trees": ("trees/1", "leaves/1", "float32/1"),
        "float32_sums": (
            "float32_trees/1",
            "float32_sigmoid/1",
            "float32_exp/1",
            "float32_softmax/1",
            "float32_pair/1",
            "stored/1",
        ),
        "paths": ("paths/1",),
        "links": ("sigmoid_pair/1", "pair/1", "softmax/1", "share/1"),
        "decisions": ("argmax/1", "exceeds/1", "label/1"),
        "text": ("words/1", "characters/1", "listed/1", "count/1"),
        "hashing": ("hash/1", "hash_record/1"),
        "records": ("dictionary/1",),
        "labels": ("cut/1", "whole/1"),
        "norms": ("normalize/1", "sublinear/1"),
        "densities": ("gaussians/1", "ellipsoids/1", "spheres/1", "lognormalize/1", "logsumexp/1"),
        "categories": ("category_scores/1",),
        "voting": ("take/1", "average/1", "median/1"),
        "binary": ("duel/1", "code/1", "highest/1", "bits/1"),
        "network": ("relu/1",),
        "calibration": ("interpolate/1", "logits/1"),
        "kernels": ("kernel/1", "sparse_kernel/1"),
        "bisection": ("bisect/1",),
        "ordered": ("ordered/1",),
        "target_statistics": ("hashed/1", "statistics/1"),
        "donors": ("donors/1",),
        "covariances": ("covariance/1", "times/1", "laplace/1"),
        "density": ("density/1",),
        "quadratic": ("mahalanobis/1",),
        "sampling": ("above/1", "additive_chi2/1"),
        "points": ("distances/1", "within/1"),
        "nearest": ("neighbours/1",),
        "neighbours": ("nearest/1", "tally/1", "mean/1", "scatter/1", "outlier_factor/1"),
        "factors": ("descend/1",),
        "multiplicative": ("multiply/1",),
        "topics": ("topics/1",),
        "pursuit": ("pursue/1", "shrink/1", "sides/1"),
        "embeddings": ("mix/1",),
        "pairwise": ("machine/1", "machines/1", "votes/1", "rank/1", "couple/1"),
    }.items()
    for name in names
}


class Wire:
    """What flows from one node to the next.

    kind: values (tuple of str, bool, int, float, None), vector (list of floats), sparse (dict of column -> float),
    tokens (list of str), record (an open object), neighbours (list of (distance, index)), index (position in the
    classes), label (one JSON value) or many (a list of answers). width: the number of columns.
    nan, infinite: whether a number in it may be NaN or infinite.
    """

    __slots__ = ("infinite", "kind", "nan", "width")

    def __init__(self, kind: str, width: int, nan: bool = False, infinite: bool = False) -> None:
        self.kind = kind
        self.width = width
        self.nan = nan
        self.infinite = infinite


class Node:
    """One operation of a model: its inputs' wires, its parameters (JSON values), its arrays, and the sizes they bind.

    functions: gives the user's own functions by name. Asking runs their source, so only what calls one asks, when built.
    """

    __slots__ = ("arrays", "functions", "inputs", "op", "params", "sizes")

    def __init__(
        self,
        op: str,
        inputs: tuple[Wire, ...],
        params: dict[str, Any],
        arrays: dict[str, Tensor | None],
        functions: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.op = op
        self.inputs = inputs
        self.params = params
        self.arrays = arrays
        self.functions = functions
        self.sizes: dict[str, int] = {}

    def __getitem__(self, name: str) -> Any:
        """A parameter's value, or an array as nested lists (None when it is null)."""
        if name in self.params:
            return self.params[name]
        tensor = self.arrays[name]
        return None if tensor is None else tensor.tolist()

    def expect(self, condition: bool, what: str) -> None:
        """Refuse a model whose structure does not hold together."""
        if not condition:
            raise ArtifactError(f"model.json: operation {self.op} wants {what}")


class Operation:
    """A declaration, and the factory that turns a checked node into a closure.

    build: Node -> closure over one value per input.
    takes: per input the kinds it may have ("vector|sparse"); a last entry that ends in "*" may repeat.
    gives: the kind of the output; "same" is the kind of the first input, "kind" the one that a parameter names.
    width: of the output: a size's name, a parameter's name, a number, or a function of the node.
    params: name -> what it must be (see PARAMETERS), or a tuple of the values it may have.
    arrays: name -> "DTYPE|DTYPE size size"; a "?" behind the dtype: may be null. The size "n" is the first input's
        width; any other name binds at first sight and must agree afterwards; a number must be met.
    check: raises ArtifactError (through Node.expect) for what the declaration cannot say.
    nan, infinite: whether the output may hold such a number; None: if an input may.
    """

    __slots__ = ("arrays", "build", "check", "gives", "infinite", "nan", "params", "takes", "width")

    def __init__(
        self,
        build: Callable[[Node], Step],
        takes: tuple[str, ...],
        gives: str,
        width: str | int | Callable[[Node], int],
        params: Mapping[str, str | tuple[object, ...]] | None = None,
        arrays: Mapping[str, str] | None = None,
        check: Callable[[Node], None] | None = None,
        nan: bool | Callable[[Node], bool] | None = None,
        infinite: bool | None = None,
    ) -> None:
        self.build = build
        self.takes = takes
        self.gives = gives
        self.width = width
        self.params = params or {}
        self.arrays = arrays or {}
        self.check = check
        self.nan = nan
        self.infinite = infinite


SCALARS = {str, int, float, bool, type(None)}


def _is_list_of(types: set[type]) -> Callable[[object], bool]:
    # one set instead of a call per item: a vocabulary has 200,000
    return lambda value: type(value) is list and types.issuperset(map(type, value))


def _is_list_of_lists_of(types: set[type]) -> Callable[[object], bool]:
    is_list = _is_list_of(types)
    return lambda value: type(value) is list and all(map(is_list, value))


# what a declaration's parameter may be called; scalars are JSON scalars: category keys and class labels
PARAMETERS: dict[str, Callable[[object], bool]] = {
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "int?": lambda value: value is None or type(value) is int,
    "str": lambda value: type(value) is str,
    "str?": lambda value: value is None or type(value) is str,
    "scalar": lambda value: type(value) in SCALARS,
    "ints": _is_list_of({int}),
    "strings": _is_list_of({str}),
    "strings?": lambda value: value is None or _is_list_of({str})(value),
    "scalars": _is_list_of(SCALARS),
    "lists of ints": _is_list_of_lists_of({int}),
    "lists of scalars": _is_list_of_lists_of(SCALARS),
}


def find(name: str) -> Operation:
    """The declaration of an operation; an unknown one is an ArtifactError that names it."""
    family = FAMILY.get(name) if type(name) is str else None
    if family is None:
        base = str(name).partition("/")[0]
        known = [other for other in FAMILY if other.partition("/")[0] == base]
        raise ArtifactError(
            f"model.json: no operation {name!r} in this version of leanfn"
            + (f"; it has {', '.join(known)}" if known else "")
            + "\nInstall the leanfn that exported the artifact, or export it again"
        )
    module = __import__(f"{__package__}.{family}", fromlist=["OPERATIONS"])
    operation: Operation = module.OPERATIONS[name]
    return operation


def check(operation: Operation, node: Node) -> Wire:
    """Hold a node against its declaration and return the wire it gives. Nothing is built.

    Raises ArtifactError for wrong inputs, parameters, dtypes, shapes or widths.
    """
    _check_inputs(operation, node)
    _check_params(operation, node)
    _check_arrays(operation, node)
    if operation.check is not None:
        operation.check(node)
    inputs = node.inputs
    width = operation.width
    if callable(width):
        width = width(node)
    elif isinstance(width, str):
        width = node.sizes[width] if width in node.sizes else node.params[width]
    kind = node.params["kind"] if operation.gives == "kind" else operation.gives
    if kind == "same":
        kind = inputs[0].kind
    node.expect(
        0 <= width <= (DENSE_LIMIT if kind == "vector" else WIDTH_LIMIT),
        f"a {kind} of fewer than {width} columns",
    )
    nan = operation.nan
    if nan is None:
        nan = any([wire.nan for wire in inputs])
    elif callable(nan):
        nan = nan(node)
    infinite = any([wire.infinite for wire in inputs]) if operation.infinite is None else operation.infinite
    return Wire(kind, width, nan, infinite)


def _check_inputs(operation: Operation, node: Node) -> None:
    takes, inputs = operation.takes, node.inputs
    if takes and takes[-1].endswith("*"):
        takes = takes[:-1] + (takes[-1][:-1],) * (len(inputs) - len(takes) + 1)
    node.expect(
        len(takes) == len(inputs)
        and all(wire.kind in kinds.split("|") for kinds, wire in zip(takes, inputs)),
        f"inputs of kind {', '.join(operation.takes)}; it has {', '.join(wire.kind for wire in inputs)}",
    )
    if inputs:
        node.sizes["n"] = inputs[0].width


def _check_params(operation: Operation, node: Node) -> None:
    params = node.params
    node.expect(
        params.keys() == operation.params.keys(),
        f"parameters {sorted(operation.params)}; it has {sorted(params)}",
    )
    for name, wanted in operation.params.items():
        if isinstance(wanted, tuple):
            node.expect(params[name] in wanted, f"{name} to be one of {wanted}; it is {params[name]!r}")
        else:
            node.expect(PARAMETERS[wanted](params[name]), f"{name} to be {wanted}")


def _check_arrays(operation: Operation, node: Node) -> None:
    node.expect(
        node.arrays.keys() == operation.arrays.keys(),
        f"arrays {sorted(operation.arrays)}; it has {sorted(node.arrays)}",
    )
    sizes = node.sizes
    for name, wanted in operation.arrays.items():
        dtypes, *dimensions = wanted.split()
        tensor = node.arrays[name]
        if tensor is None:
            node.expect(dtypes.endswith("?"), f"an array {name}")
            continue
        node.expect(
            tensor.dtype in dtypes.rstrip("?").split("|"), f"{name} as {dtypes}; it is {tensor.dtype}"
        )
        node.expect(
            len(tensor.shape) == len(dimensions),
            f"{name} of {len(dimensions)} dimensions; it has {tensor.shape}",
        )
        for dimension, found in zip(dimensions, tensor.shape):
            size = int(dimension) if dimension.isdigit() else sizes.setdefault(dimension, found)
            node.expect(size == found, f"{name} of shape ({', '.join(dimensions)}); it has {tensor.shape}")
