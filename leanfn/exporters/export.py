"""From a fitted model to a certified artifact: build, prove, write; the first engine that proves itself is taken."""

import re
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from leanfn.artifact import Artifact, load
from leanfn.errors import ExportError
from leanfn.manifest import canonical

from . import describe, prove
from .hooked import Hooked
from .ladder import Climb, climb
from .lean import build as lean
from .original import Original
from .rows import proof_rows
from .write import write

Engine = Literal["auto", "lean", "onnx", "sklearn"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
RESERVED = ("probabilities", "explanation", "warnings")
TASKS = {
    "classifier": "classification",
    "regressor": "regression",
    "clusterer": "clustering",
    "outlier_detector": "outlier detection",
}


def export(
    model: Any,
    X: Any,
    *,
    name: str,
    out: str | Path = "artifacts",
    y: Any = None,
    engine: str = "auto",
    output: str | Sequence[str] = "prediction",
    labels: Mapping[Any, str] | None = None,
    metrics: Mapping[str, Any] | None = None,
    hooks: str | Path | None = None,
    real_examples: bool = False,
    compare: bool = False,
    tell: Callable[[Climb], object] = lambda _: None,
) -> Artifact:
    """Make an artifact of a fitted model, proved to answer as the model does, and return it loaded.

    Args:
        model: a fitted scikit-learn estimator or pipeline.
        X: a sample of the rows it takes (n rows): a DataFrame, an array, texts, objects. Training rows are best:
            the proof replays them, the signature states their ranges, none of them ships.
        name: of the artifact, and of its folder below `out`.
        y: the sample's true answers, when metrics are to be computed of them ("score" in the manifest).
        engine: "lean", "onnx", "sklearn", or "auto": the first of them that proves itself, takes at most 5 ms for
            a row and fits every cloud.
        output: the answer's name, or one name per output.
        labels: class -> what users read, one to one, for classifiers.
        metrics: numbers of the training to keep in the manifest.
        hooks: a Python file with preprocess(record) -> record and/or postprocess(answer, record) -> answer. With a
            preprocess, X holds raw records.
        real_examples: ship rows of X as examples, where otherwise each column is shuffled on its own.
        compare: try the engines below the one taken too, for their figures.
        tell: is handed what each engine said and cost, before anything is written or raised.

    Raises ExportError for arguments that do not fit the model, Refusal when no asked engine carries it, and
    CertificateError when an engine's answers differ from the model's; nothing is written then.
    """
    _check_name(name)
    hooked = None
    if hooks is not None:
        hooked = Hooked(Path(hooks), X)
    original = Original(model, X if hooked is None else hooked.sample)
    original.check()
    task = _task(model)
    pairs = _label_pairs(task, original.model, labels)
    outputs = _output(output)
    notes = lean.notes(original)
    signature = describe.describe(original, notes)
    found = climb(original, signature, notes, engine, compare=compare)
    tell(found)
    candidate, certificate = found.winner()
    public, examples = signature, None
    members = {**candidate.members, "certificate.json": canonical(certificate.document())}
    if hooked is not None:
        members["hooks.py"] = hooked.source
        public = hooked.public(signature)
        examples = hooked.examples(original, public, signature, candidate.methods)
    if examples is None:
        rows = proof_rows(original, signature.fields, notes)
        examples = prove.examples(candidate, original, signature, rows, real_examples)
    members["examples.json"] = canonical(examples)
    folder = Path(out) / name
    write(
        folder,
        members,
        name=name,
        engine=candidate.engine,
        task=task,
        methods=candidate.methods,
        explains=candidate.explains,
        classes=_classes(original.model),
        labels=pairs,
        output=outputs,
        signature=public.document(),
        model_signature=signature.document() if public is not signature else None,
        requirements=candidate.requirements,
        training_rows=candidate.training_rows,
        metrics={**_score(model, X, y), **(metrics or {})} if hooked is None else dict(metrics or {}),
        made_with=_made_with(),
    )
    return _loaded(folder)


def _loaded(folder: Path) -> Artifact:
    """The written artifact; its code is trusted here, where it was made."""
    from leanfn import manifest as manifests
    from leanfn.trust import trust

    manifest = manifests.read(folder)
    if manifest.code:
        trust(manifest.digest)
    return load(folder)


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name):
        raise ExportError(
            f"{name!r} is no name for an artifact\n  wanted: letters, digits, '-' and '_', at most 63, the first a letter or digit"
        )


def _task(model: Any) -> str:
    kind = getattr(model, "_estimator_type", None)
    try:
        from sklearn.utils import get_tags

        kind = get_tags(model).estimator_type
    except (ImportError, AttributeError, TypeError):  # before scikit-learn 1.6
        pass
    if kind in TASKS:
        return TASKS[kind]
    return "transformation" if not hasattr(model, "predict") else "prediction"


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _classes(model: Any) -> list[Any] | None:
    classes = getattr(model, "classes_", None)
    if classes is None:
        return None
    return [_plain(item) for item in classes] if isinstance(classes, list) else list(_plain(classes))


def _label_pairs(task: str, model: Any, labels: Mapping[Any, str] | None) -> list[list[Any]] | None:
    if labels is None:
        return None
    classes = _classes(model)
    if task != "classification" or classes is None or any(isinstance(item, list) for item in classes):
        raise ExportError(
            f"labels are for the classes of one output\n  wanted: a classifier\n  found:  {task}"
        )
    named = {_plain(cls): str(label) for cls, label in labels.items()}
    if set(named) != set(classes) or len(set(named.values())) != len(classes):
        raise ExportError(
            f"labels do not name the classes one to one\n  wanted: a label for each of {classes}\n  found:  {dict(labels)}"
        )
    return [[cls, named[cls]] for cls in classes]


def _output(output: str | Sequence[str]) -> str | list[str]:
    names = [output] if isinstance(output, str) else list(output)
    bad = [name for name in names if name in RESERVED or not name]
    if bad or len(set(names)) != len(names) or not names:
        raise ExportError(
            f"{output!r} is no name for the answer\n  wanted: a name that is none of {', '.join(RESERVED)}, once per output"
        )
    return output if isinstance(output, str) else names


def _score(model: Any, X: Any, y: Any) -> dict[str, float]:
    if y is None or not hasattr(model, "score"):
        return {}
    return {"score": float(model.score(X, y))}


def _made_with() -> dict[str, str]:
    versions = {}
    for name in ("leanfn", "scikit-learn"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
