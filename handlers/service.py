"""The one handler: a request in, a response out, the same on every cloud, whatever somebody sends.

No request changes what the next one gets: the model is loaded once, and nothing else is kept.
"""

from __future__ import annotations

import os
from _thread import allocate_lock  # threading costs a cold start more than the lock is worth
from time import perf_counter

from leanfn.errors import HookError, InvalidRows, LeanfnError, MethodError
from leanfn.http import Refused, problem
from leanfn.platforms import BODY_LIMIT, RESPONSE_LIMIT

from .access import Access
from .log import places, trace
from .routes import find

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leanfn.artifact import Artifact
    from leanfn.http import Request, Response

VERSION_HEADER = "x-model-version"
ID_HEADER = "x-request-id"
PATH_SHOWN = 200  # characters of a path in the log


class NoModel(Exception):
    """Raised when the model could not be loaded; HTTP 503."""


class Service:
    """Request -> Response. `load` is called at the first request that needs the model, under a lock: once.

    environ: LEANFN_LOAD=eager loads at once, LEANFN_PAGE=off answers browsers as it answers others; LEANFN_CORS and
    LEANFN_API_KEY_SHA256 are described in access.py.
    """

    def __init__(self, load: Callable[[], Artifact], environ: Mapping[str, str] = os.environ) -> None:
        self._load = load
        self._lock = allocate_lock()
        self._artifact: Artifact | None = None
        self._failure: BaseException | None = None
        self._attempts = 0
        self._access = Access(environ)
        self._has_page = environ.get("LEANFN_PAGE") != "off"
        self._cold = True
        if environ.get("LEANFN_LOAD") == "eager":
            self._attempt()  # a failure is told by /health, and tried again

    def model(self) -> Artifact:
        """The loaded artifact; NoModel when loading it did not work, this time."""
        artifact = self._artifact or self._attempt()
        if artifact is None:
            raise NoModel from self._failure
        return artifact

    def _attempt(self) -> Artifact | None:
        """Load, or wait for the thread that does: who waited shares its outcome, or a failing load would pile up."""
        attempts = self._attempts
        with self._lock:
            if self._artifact is None and attempts == self._attempts:
                try:
                    self._artifact = self._load().warm()
                except (Exception, SystemExit) as error:
                    self._failure = error
                self._attempts += 1
            return self._artifact

    def __call__(self, request: Request) -> Response:
        start = perf_counter()
        cold, self._cold = self._cold, False
        name = request.id or os.urandom(16).hex()
        record = request.record
        record.update(request_id=name, method=request.method, path=request.path[:PATH_SHOWN])
        try:
            response = self._answer(request)
        except (Exception, SystemExit) as error:  # a hook may call sys.exit: the runtime must not die of it
            response = _refusal(error, request, name)
        if request.method == "HEAD":
            response.body = b""
        headers = response.headers
        headers["x-content-type-options"] = "nosniff"
        headers["cache-control"] = "no-store"
        headers[ID_HEADER] = name
        artifact = self._artifact
        if artifact is not None:
            headers[VERSION_HEADER] = record["version"] = artifact.version
            record["name"] = artifact.name
        self._access.mark(request, headers)
        if "traceparent" in request.headers:
            trace(request.headers["traceparent"], record)
        record["status"] = response.status
        record["cold"] = cold
        record["ms"] = round((perf_counter() - start) * 1000, 3)
        return response

    def _answer(self, request: Request) -> Response:
        methods = find(request.path)
        if methods is None:
            raise Refused(404, "no such page", "GET / says what there is")
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            allowed = ", ".join([*methods, *(["HEAD"] if "GET" in methods else []), "OPTIONS"])
            if method == "OPTIONS":
                return self._access.preflight(request, allowed)
            return problem(405, "this page takes other methods", {"allow": allowed}, detail=allowed)
        if method == "GET" and request.path == "/" and self._has_page:
            accept = request.headers.get("accept", "")
            if "text/" in accept:  # else it is no browser, and the page is not even imported
                from .page import is_wanted, page

                if is_wanted(accept):
                    return page()  # whoever asks: it holds nothing that a key would open
        self._access.check(request)
        if len(request.body) > BODY_LIMIT:
            raise Refused(413, "the body is too large", f"at most {BODY_LIMIT} bytes")
        response = methods[method](self.model, request)
        if len(response.body) > RESPONSE_LIMIT:
            raise Refused(413, "the answer would be too large", "send fewer rows at a time")
        return response


def _refusal(error: BaseException, request: Request, name: str) -> Response:
    """What is told of an error: all of it when the sender can do something about it, else nothing but an id."""
    members: dict[str, object] = {}
    headers: dict[str, str] = {}
    if isinstance(error, Refused):
        status, title, headers = error.status, error.title, error.headers
        members["detail"] = error.detail
    elif isinstance(error, InvalidRows):
        status, title = 422, "the model cannot read these rows"
        members.update(detail=str(error), errors=error.problems, count=error.count)
    elif isinstance(error, MethodError):
        status, title = 400, "this model does not do that"
        members["detail"] = str(error)
    else:
        request.record["error"] = type(error).__name__
        request.record["at"] = places(error)
        members["request_id"] = name
        if isinstance(error, NoModel):
            status, title, headers = 503, "the model could not be loaded", {"retry-after": "1"}
            cause = error.__cause__
            # What leanfn says of an artifact holds nothing of a request; of other errors only the kind is told.
            text = str(cause) if isinstance(cause, LeanfnError) else type(cause).__name__
            request.record["error"], members["detail"] = text, text.partition("\n")[0]
        else:
            status = 500
            title = (
                f"the hook {error.hook} went wrong"
                if isinstance(error, HookError)
                else "something went wrong here"
            )
    if request.path.startswith("/v2"):
        members["error"] = f"{title}: {members['detail']}" if "detail" in members else title
    return problem(status, title, headers, **members)
