"""The sklearn engine's model: the pipeline itself, without what only training needs."""

import copy
import io
from importlib.metadata import packages_distributions, version
from typing import Any

from leanfn.errors import Refusal

from .candidate import Candidate
from .original import Original, parts_of

SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")
# fitted attributes that no method for new rows reads
TRAINING_ONLY = (
    "cv_results_",
    "oob_score_",
    "oob_decision_function_",
    "oob_prediction_",
    "train_score_",
    "oob_scores_",
)
ROWS_LIMIT = 500  # a pipeline takes milliseconds a row


def build(original: Original) -> Candidate:
    """The trimmed pipeline, pickled by joblib, and what must be installed to run it."""
    model = trim(original.model)
    modules = sorted({type(part).__module__.partition(".")[0] for part in parts_of(model)})
    own = [name for name in modules if name not in packages_distributions()]
    if own:
        raise Refusal(
            f"the model is of classes that no installed package has: {', '.join(own)}\n"
            "  wanted: classes that a function can install\n"
            "Make them a package and name it in the requirements, or use the package's own classes"
        )
    requirements = requirements_of(modules, needs_pandas=original.needs_frame)
    document = {
        "model": model,
        "columns": [
            (column.name, column.type, str(column.dtype), column.null) for column in original.columns
        ],
        "kind": original.kind,
        "frame": original.needs_frame,
        "requirements": requirements,
    }
    members = {"pipeline.joblib": _pickle(document)}
    from leanfn.engines import sklearn

    return Candidate(
        engine="sklearn",
        methods=original.methods,
        members=members,
        compile=sklearn.load(members.__getitem__),
        requirements=requirements,
        training_rows=[],
        rows=ROWS_LIMIT,
    )


def trim(model: Any) -> Any:
    """A copy without what only training needs: a search becomes its best estimator, training scores go."""
    model = copy.deepcopy(model)
    while type(model).__name__ in SEARCHES and hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    for part in list(parts_of(model)):
        for name in TRAINING_ONLY:
            if name in vars(part):
                delattr(part, name)
        if hasattr(part, "steps"):
            part.steps = [
                (name, trim(step) if type(step).__name__ in SEARCHES else step) for name, step in part.steps
            ]
    return model


def requirements_of(modules: list[str], needs_pandas: bool) -> list[str]:
    """The distributions behind the modules, pinned to the versions that fitted the model."""
    distributions = packages_distributions()
    names = {distribution for module in modules for distribution in distributions.get(module, ())}
    names |= {"scikit-learn", "numpy", "scipy", "joblib"} | ({"pandas"} if needs_pandas else set())
    return sorted(f"{name}=={version(name)}" for name in names - {"leanfn"})


def _pickle(document: dict[str, Any]) -> bytes:
    import joblib

    buffer = io.BytesIO()
    joblib.dump(document, buffer, compress=("zlib", 6))
    return buffer.getvalue()
