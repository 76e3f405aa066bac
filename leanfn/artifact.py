"""An artifact, ready to answer: rows in, answers out, whichever engine runs it."""

from __future__ import annotations

import os

from leanfn import manifest as manifests
from leanfn import signature as signatures
from leanfn.errors import ArtifactError, HookError, InvalidRows, MethodError, RowError, TrustError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import Any

    from leanfn.certificate import Certificate
    from leanfn.hooks import Hooks
    from leanfn.manifest import Manifest
    from leanfn.signature import Details, Signature, Values

    Run = Callable[[Any], Any]

# engine -> the module that loads it: load(read member) -> a function from a method's name to a function of one row's values
ENGINES = {
    "lean": "leanfn.engines.lean.engine",
    "onnx": "leanfn.engines.onnx",
    "sklearn": "leanfn.engines.sklearn",
}

REPLACEMENT = 0.1  # seconds: longer than two renames take
NOT_FINITE = "the model's answer is not a finite number, given as null"


class Artifact:
    """A loaded artifact. Methods are built at their first call and kept.

    name, engine, version, methods and path say what it is; signature says what rows it takes.
    """

    def __init__(self, manifest: Manifest) -> None:
        if manifest.engine not in ENGINES:
            raise ArtifactError(
                f"{manifest.folder} runs on an engine this version does not have\n"
                f"  wanted: {manifest.engine}\n  found:  {', '.join(ENGINES)}"
            )
        self.manifest = manifest
        self.signature: Signature = signatures.read(manifest.signature)
        self._hooks: Hooks | None = None
        self._compile: Callable[[str], Run] | None = None
        self._runs: dict[str, Run] = {}
        self._labels = dict(manifest.labels or ())

    @property
    def path(self) -> Path:
        from pathlib import Path

        return Path(self.manifest.folder)

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def engine(self) -> str:
        return self.manifest.engine

    @property
    def version(self) -> str:
        """16 hex digits over all that decides its answers."""
        return self.manifest.version

    @property
    def methods(self) -> list[str]:
        """The estimator's own methods that the artifact carries."""
        return self.manifest.methods

    def __repr__(self) -> str:
        return f"<leanfn artifact {self.name}, engine {self.engine}, version {self.version}>"

    def _repr_html_(self) -> str:
        from leanfn.card import card

        return card(self)

    def warm(self) -> Artifact:
        """Read the model and build what `predict` needs; without it the first call does."""
        self.run(self.answering)
        return self

    @property
    def answering(self) -> str:
        """The method whose answers `predict` gives."""
        for method in ("predict", "transform"):
            if method in self.methods:
                return method
        return self.methods[0]

    def run(self, method: str) -> Run:
        """The function from one row's values (as the model's signature reads them) to the method's answer."""
        if method not in self._runs:
            if method not in self.methods and not (method == "explain" and self.manifest.explains):
                raise MethodError(f"{self.name} has no {method}; it has {', '.join(self.methods)}")
            if self._compile is None:
                self._hooks = self._load_hooks()
                module = __import__(ENGINES[self.engine], fromlist=["load"])
                self._compile = module.load(self.manifest.read)
            assert self._compile is not None
            self._runs[method] = self._compile(method)
        return self._runs[method]

    def _load_hooks(self) -> Hooks | None:
        if "hooks.py" not in self.manifest.members:
            return None
        from leanfn.hooks import Hooks

        return Hooks(self.manifest)

    def call(self, method: str, rows: Sequence[Any]) -> list[Any]:
        """The method's answer for each row, row-major; probabilities of several outputs are row, output, class.

        Raises InvalidRows for rows that the signature refuses or the model has no answer for.
        """
        run = self.run(method)
        answers = []
        for number, values in enumerate(self._read_all(rows)):
            try:
                answers.append(run(values))
            except RowError as error:
                raise signatures.at_row(number, signatures.refused(error)) from error
        return answers

    def _read_all(self, rows: Sequence[Any]) -> list[Values]:
        self.run(self.answering)
        return (
            self.signature.read_all(rows)[0]
            if self._hooks is None
            else [self._hooks.read(row) for row in rows]
        )

    def predict(self, rows: Any, probabilities: bool = False, explain: bool = False) -> Any:
        """One answer for one record, a list of answers for a list of records (or a DataFrame).

        An answer is {output: value}, with "probabilities" by label and an "explanation" by field when asked for, and
        "warnings" when the row is suspicious. Raises InvalidRows with all that is wrong with the rows, MethodError for
        probabilities or explanations that the model does not have.
        """
        if hasattr(rows, "to_dict") and hasattr(rows, "columns"):
            rows = rows.to_dict("records")
        if isinstance(rows, (list, tuple)):
            return self.answer_all(rows, probabilities, explain)
        return self.answer(rows, probabilities, explain)

    def answer_all(
        self, rows: Sequence[Any], probabilities: bool = False, explain: bool = False
    ) -> list[dict[str, Any]]:
        """An answer per row; InvalidRows points into the list and tells every row's problems."""
        answers = []
        refusals: list[InvalidRows] = []
        for number, row in enumerate(rows):
            try:
                answers.append(self.answer(row, probabilities, explain))
            except InvalidRows as error:
                signatures.gather(refusals, number, error)
        if refusals:
            raise signatures.joined(refusals)
        return answers

    def answer(self, row: Any, probabilities: bool = False, explain: bool = False) -> dict[str, Any]:
        """One row's answer."""
        run = self._runs.get("predict") or self.run(self.answering)
        values, warnings = self.signature.read(row)
        hooks = self._hooks
        if hooks is not None:
            values = hooks.preprocess(row, values)
        try:
            value = run(values)
        except RowError as error:
            if hooks is not None and hooks.changes_rows:
                raise HookError(
                    "the model has no answer for what the hook preprocess returned", "preprocess"
                ) from error
            raise signatures.refused(error) from error
        if value.__class__ is float and value - value != 0.0:  # NaN or infinite
            value, warnings = None, [*warnings, {"pointer": "", "detail": NOT_FINITE}]
        answer = self.dress(value, warnings)
        if probabilities:
            answer["probabilities"] = self.by_label(self.run("predict_proba")(values))
        if explain:
            from leanfn.explanation import explained

            answer["explanation"] = explained(self, values, value, warnings)
        if warnings:
            answer["warnings"] = warnings
        return answer if hooks is None else hooks.postprocess(answer, row)

    def dress(self, value: Any, warnings: Details) -> dict[str, Any]:
        """The estimator's answer as callers read it: by the outputs' names, a class by its label."""
        output = self.manifest.output
        labels = self._labels
        if isinstance(output, str):
            if isinstance(value, list):
                return {output: without_nan(value, warnings)}
            return {output: labels.get(value, value) if labels else value}
        return dict(zip(output, without_nan(value, warnings)))

    def by_label(self, shares: Any) -> Any:
        """Probabilities by the labels of their classes; one such mapping per output when there are several."""
        classes = self.manifest.classes
        if classes is None:
            return shares
        if isinstance(classes[0], list):  # several outputs
            # a chain gives of each output the probability of its second class alone
            pairs = [share if isinstance(share, list) else [1.0 - share, share] for share in shares]
            return [self._named(own, pair) for own, pair in zip(classes, pairs)]
        return self._named(classes, shares)

    def _named(self, classes: Sequence[Any], shares: Sequence[float]) -> dict[str, float]:
        return {label_text(self._labels.get(cls, cls)): share for cls, share in zip(classes, shares)}

    def verify(self) -> Certificate:
        """Replay the examples that the artifact carries; CertificateError where an answer differs."""
        from leanfn.certificate import verify

        return verify(self)


def label_text(label: Any) -> str:
    """A class as an object's member name."""
    return label if isinstance(label, str) else signatures.show(label)


def without_nan(value: Any, warnings: Details) -> Any:
    """Nested lists with null for every number that JSON has no word for; told once, in the warnings."""
    if isinstance(value, list):
        return [without_nan(item, warnings) for item in value]
    if value.__class__ is float and value - value != 0.0:
        if not warnings or warnings[-1]["detail"] != NOT_FINITE:
            warnings.append({"pointer": "", "detail": NOT_FINITE})
        return None
    return value


def load(path: str | os.PathLike[str], digest: str | None = None) -> Artifact:
    """The artifact in a folder.

    digest: of the only artifact that is welcome; then the code in it (a pickle, hooks) is trusted as well. Without
    it, code runs only when the artifact was made or trusted on this machine.

    Raises ArtifactError for a folder that holds no artifact of this version, TrustError for code nobody trusted.
    """
    manifest = _read(path)
    if digest is not None and manifest.digest != digest:
        raise ArtifactError(
            f"{manifest.folder} is another artifact\n  wanted: digest {digest}\n  found:  digest {manifest.digest}"
        )
    if manifest.code and digest is None:
        from leanfn.trust import is_trusted

        if not is_trusted(manifest.digest):
            raise TrustError(
                f"{manifest.folder} holds code that runs when it is loaded: {', '.join(manifest.code)}\n"
                "  it was made on another machine, and nobody here has trusted it\n"
                f"If you know where it comes from: leanfn trust {manifest.folder}"
            )
    return Artifact(manifest)


def _read(path: str | os.PathLike[str]) -> Manifest:
    """The manifest; an export that replaces the folder leaves a moment without one, so a second look is taken."""
    try:
        return manifests.read(path)
    except ArtifactError:
        from time import sleep

        sleep(REPLACEMENT)
        return manifests.read(path)
