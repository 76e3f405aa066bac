"""The user's own preprocess and postprocess: code that ships with an artifact and runs only where it is trusted."""

from __future__ import annotations

from leanfn import signature as signatures
from leanfn.errors import HookError, InvalidRows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from leanfn.manifest import Manifest
    from leanfn.signature import Values

NAMES = ("preprocess", "postprocess")


class Hooks:
    """preprocess(record) -> record, and postprocess(answer, record) -> answer; either may be absent."""

    def __init__(self, manifest: Manifest) -> None:
        functions = functions_of(manifest.read("hooks.py"))
        self._preprocess = functions.get("preprocess")
        self._postprocess = functions.get("postprocess")
        self._public = signatures.read(manifest.signature)
        self._model = signatures.read(manifest.model_signature or manifest.signature)

    @property
    def changes_rows(self) -> bool:
        return self._preprocess is not None

    def read(self, row: Any) -> Values:
        """A raw row as the values that the model takes."""
        return self.preprocess(row, self._public.read(row)[0])

    def preprocess(self, row: Any, values: Values) -> Values:
        """The model's values for a row that the public signature has read; HookError where the hook fails."""
        if self._preprocess is None:
            return values
        public = self._public
        record = (
            row if public.kind == "record" else dict(zip([field.name for field in public.fields], values))
        )
        made = call("preprocess", self._preprocess, dict(record))
        try:
            return self._model.read(made)[0]
        except InvalidRows as error:
            raise HookError(
                f"the hook preprocess returned a row the model does not take: {error}", "preprocess"
            ) from error

    def postprocess(self, answer: dict[str, Any], row: Any) -> Any:
        """The answer as the hook gives it."""
        return answer if self._postprocess is None else call("postprocess", self._postprocess, answer, row)


def call(name: str, hook: Callable[..., Any], *arguments: Any) -> Any:
    """A hook's result; whatever it raises becomes a HookError that names the hook and no more."""
    try:
        return hook(*arguments)
    except (Exception, SystemExit) as error:
        raise HookError(f"the hook {name} raised {type(error).__name__}", name) from error


def functions_of(source: bytes) -> dict[str, Callable[..., Any]]:
    """The hooks that a hooks.py defines."""
    namespace: dict[str, Any] = {"__name__": "leanfn_hooks"}
    exec(compile(source, "hooks.py", "exec"), namespace)
    return {name: namespace[name] for name in NAMES if callable(namespace.get(name))}
