"""What there is to ask: a path and a method lead to a function from the artifact and the request to a response."""

from __future__ import annotations

from leanfn.http import answer

from .predict import predict

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response

    Route = Callable[[Artifact, Request], Response]


def health(artifact: Artifact, _: Request) -> Response:
    return answer(200, {"status": "ok", **_identity(artifact)})


def version(artifact: Artifact, _: Request) -> Response:
    from leanfn import __version__

    return answer(200, {**_identity(artifact), "leanfn": __version__})


def _identity(artifact: Artifact) -> dict[str, str]:
    return {"name": artifact.name, "version": artifact.version, "engine": artifact.engine}


ROUTES: dict[str, dict[str, Route]] = {
    "/": {"POST": predict},
    "/predict": {"POST": predict},
    "/health": {"GET": health},
    "/version": {"GET": version},
}


def find(path: str) -> dict[str, Route] | None:
    """The methods that a path takes; None for a path that is not here."""
    return ROUTES.get(path) or ROUTES.get(path.rstrip("/"))
