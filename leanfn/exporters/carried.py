"""Which estimator runs on which engine: what the lean engine lowers, what skl2onnx converts, and all on sklearn."""

import warnings
from dataclasses import dataclass

from .lean.lowering import carried as lowered


@dataclass(frozen=True, slots=True)
class Carried:
    """An estimator's engines. lean: what it does there (transform, predict), nothing where it is refused; onnx:
    whether there is a converter (its answers are proved at export), None where skl2onnx is not installed."""

    estimator: str
    lean: tuple[str, ...]
    onnx: bool | None

    def words(self) -> list[tuple[str, str]]:
        """Each engine with what it says of the estimator."""
        converter = {
            True: "a converter, proved at export",
            False: "no converter",
            None: "unknown: pip install 'leanfn[onnx]'",
        }
        return [
            ("lean", ", ".join(self.lean) or "refused"),
            ("onnx", converter[self.onnx]),
            ("sklearn", "the estimator itself"),
        ]


def carried() -> dict[str, Carried]:
    """Every estimator of scikit-learn that answers for a new row, by its name."""
    from sklearn.utils import all_estimators

    lean, onnx = lowered(), _converted()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = {name: kind for name, kind in all_estimators() if _answers(kind)}
    return {
        name: Carried(name, lean.get(name, ()), None if onnx is None else name in onnx)
        for name in sorted(found.keys() | lean.keys())
    }


def _answers(kind: type) -> bool:
    """Whether a class has a method for new rows; those behind a condition are there on the class too."""
    return any(
        hasattr(kind, method) for method in ("predict", "transform", "decision_function", "score_samples")
    )


def _converted() -> set[str] | None:
    """The names of the classes that skl2onnx has a converter for."""
    try:
        from skl2onnx import _supported_operators as supported
    except ImportError:
        return None
    return {kind.__name__ for kind in supported.sklearn_operator_name_map if isinstance(kind, type)}
