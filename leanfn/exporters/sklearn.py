"""The sklearn engine's model: the pipeline itself, without what only training needs, and what it takes to load it."""

import io
import math
from collections.abc import Iterator
from importlib.metadata import packages_distributions, version
from typing import Any

from leanfn.engines import sklearn as engine
from leanfn.errors import Refusal
from leanfn.manifest import canonical
from leanfn.signature import Signature

from .boosters import NativeBooster
from .candidate import Candidate
from .onnx_model import OnnxModel
from .original import Column, Original
from .own_code import own_code
from .trimming import training_rows_of, trim

ROWS_LIMIT = 500  # a pipeline takes milliseconds a row
LIBRARIES = ("scikit-learn", "numpy", "scipy", "joblib")


def build(original: Original, signature: Signature) -> Iterator[Candidate]:
    """The trimmed pipeline, pickled by joblib; should trimming have cost an answer, the pipeline as it is."""
    del signature  # scikit-learn refuses rows by itself
    if isinstance(original.model, OnnxModel):
        raise Refusal("the sklearn engine runs estimators of scikit-learn's kind, not a graph of ONNX")
    if isinstance(original.model, NativeBooster):
        raise Refusal("the sklearn engine runs estimators of scikit-learn's kind, not a booster of its own")
    for model in (trim(original.model), original.model):
        yield _candidate(original, model)


def _candidate(original: Original, model: Any) -> Candidate:
    code = own_code(model)
    requirements = requirements_of(code.modules, needs_pandas=original.needs_frame)
    document = {
        "columns": [_column(column) for column in original.columns],
        "kind": original.kind,
        "frame": original.needs_frame,
        "requirements": requirements,
        "module": code.name,
    }
    members = {"model.json": canonical(document), "pipeline.joblib": _pickle(model)}
    if code.source is not None:
        members["functions.py"] = code.source
    return Candidate(
        engine="sklearn",
        methods=original.methods,
        members=members,
        compile=engine.load(members.__getitem__),
        requirements=requirements,
        training_rows=training_rows_of(model),
        rows=ROWS_LIMIT,
    )


def _column(column: Column) -> dict[str, Any]:
    """A column as the engine lays it out. null: NaN or None, whichever stands for a missing value."""
    categories = getattr(column.dtype, "categories", None)
    return {
        "name": column.name,
        "type": column.type,
        "dtype": str(column.dtype),
        "null": "NaN" if isinstance(column.null, float) and math.isnan(column.null) else None,
        "categories": None if categories is None else [_plain(item) for item in categories],
    }


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def requirements_of(modules: set[str], needs_pandas: bool) -> list[str]:
    """The distributions behind the modules, pinned to the versions that fitted the model."""
    distributions = packages_distributions()
    names = {name for module in modules for name in distributions.get(module, ())}
    names |= set(LIBRARIES) | ({"pandas"} if needs_pandas else set())
    return sorted(f"{name}=={version(name)}" for name in names - {"leanfn"})


def _pickle(model: Any) -> bytes:
    import joblib

    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=("zlib", 6))
    return buffer.getvalue()
