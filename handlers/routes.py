"""What there is to ask: a path and a method lead to a function from the model and the request to a response.

`model` is a function, so that what can be answered without the model is, even where it cannot be loaded.
"""

from __future__ import annotations

from leanfn.http import answer

from .predict import predict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response

    Model = Callable[[], Artifact]
    Route = Callable[[Model, Request], Response]


def about(model: Model, _: Request) -> Response:
    """What this is and where to look."""
    artifact = model()
    return answer(
        200,
        {
            **_identity(artifact),
            "explanation": artifact.manifest.explains is not None,
            "links": {
                "predict": "/predict",
                "signature": "/signature",
                "openapi": "/openapi.json",
                "health": "/health",
                "version": "/version",
                "open inference protocol": f"/v2/models/{artifact.name}",
            },
        },
    )


def health(model: Model, _: Request) -> Response:
    return answer(200, {"status": "ok", **_identity(model())})


def version(model: Model, _: Request) -> Response:
    from leanfn import __version__

    return answer(200, {**_identity(model()), "leanfn": __version__})


def signature(model: Model, _: Request) -> Response:
    """What a row looks like and what the answer will."""
    artifact = model()
    manifest = artifact.manifest
    labels = dict(manifest.labels or ())
    classes = manifest.classes
    return answer(
        200,
        {
            **artifact.signature.document(),
            "output": manifest.output,
            "task": manifest.task,
            "answers": classes and [labels.get(cls, cls) if labels else cls for cls in classes],
            "probabilities": "predict_proba" in artifact.methods,
            "explanation": manifest.explains is not None,
        },
    )


def openapi(model: Model, _: Request) -> Response:
    from .openapi import document

    return answer(200, document(model()))


def _identity(artifact: Artifact) -> dict[str, str]:
    return {"name": artifact.name, "version": artifact.version, "engine": artifact.engine}


ROUTES: dict[str, dict[str, Route]] = {
    "/": {"GET": about, "POST": predict},
    "/predict": {"POST": predict},
    "/health": {"GET": health},
    "/version": {"GET": version},
    "/signature": {"GET": signature},
    "/openapi.json": {"GET": openapi},
}


def find(path: str) -> dict[str, Route] | None:
    """The methods that a path takes; None for a path that is not here."""
    methods = ROUTES.get(path)
    if methods is None and len(path) > 1:
        if path[-1] == "/" and path[-2] != "/":
            return find(path[:-1])
        if path == "/v2" or path.startswith("/v2/"):
            from . import inference

            return inference.find(path)
    return methods
